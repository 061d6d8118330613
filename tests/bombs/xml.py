"""XML that grows without end when it is read as it asks for, or takes in what is elsewhere.

The same three declarations in each format that is made of XML.
"""

from __future__ import annotations

from collections.abc import Callable

from tests.bombs.lure import MARK, Lure
from tests.bombs.packed import zip_of


def _laughs(_: Lure) -> str:
    """Return a declaration of ten entities, each ten times the one before it."""
    lines = ["<!ENTITY a0 'ha'>"]
    lines += [f"<!ENTITY a{n} '{f'&a{n - 1};' * 10}'>" for n in range(1, 10)]
    return f"<!DOCTYPE x [{''.join(lines)}<!ENTITY e '&a9;'>]>"


def _quadratic(_: Lure) -> str:
    """Return a declaration of one long entity; the text names it again and again."""
    return f"<!DOCTYPE x [<!ENTITY e '{'ha' * 50_000}'>]>"


def _external(lure: Lure) -> str:
    """Return a declaration that asks for a file and an address in each way that there is."""
    return (
        f"<?xml-stylesheet href='{lure.address}/style' type='text/xsl'?>"
        f"<!DOCTYPE x SYSTEM '{lure.address}/dtd' [<!ENTITY e SYSTEM '{lure.secret.as_uri()}'>"
        f"<!ENTITY web SYSTEM '{lure.address}/entity'><!ENTITY % far SYSTEM '{lure.address}/far'>"
        f"%far;]>"
    )


KINDS = {"laughs": _laughs, "quadratic": _quadratic, "external": _external}
_TIMES = {"laughs": 1, "quadratic": 50_000, "external": 1}
_NAMES = 'xmlns:xi="http://www.w3.org/2001/XInclude"'


def _entities(kind: str, lure: Lure) -> str:
    web = "&web;" if kind == "external" else ""
    include = f"<xi:include {_NAMES} href='{lure.secret.as_uri()}' parse='text'/>" if web else ""
    return "&e;" * _TIMES[kind] + web + include


def _plain_xml(kind: str, lure: Lure) -> bytes:
    head = KINDS[kind](lure)
    return f"<?xml version='1.0'?>{head}<x><p>{MARK}</p>{_entities(kind, lure)}</x>".encode()


def _html_of(kind: str, lure: Lure) -> bytes:
    reach = "".join(
        f"<{tag} {attribute}='{where}'></{tag}>"
        for tag, attribute in (("iframe", "src"), ("img", "src"), ("object", "data"))
        for where in (lure.address, lure.secret.as_uri())
    )
    return (
        f"{KINDS[kind](lure)}<html><base href='{lure.address}'>"
        f"<meta http-equiv=refresh content='0;url={lure.address}'><body><p>{MARK}</p>{reach}"
        f"{_entities(kind, lure)}</body></html>"
    ).encode()


def _word(kind: str, lure: Lure) -> bytes:
    word = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
    office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    head = KINDS[kind](lure)

    def text(content: str) -> str:
        return f"<w:p><w:r><w:t>{content}</w:t></w:r></w:p>"

    relations = (
        "<Relationships xmlns='http://schemas.openxmlformats.org/package/2006/relationships'>{}"
        "</Relationships>"
    )
    first = f"<Relationship Id='r1' Type='{office}/officeDocument' Target='word/document.xml'/>"
    outer = "".join(
        f"<Relationship Id='r{n}' Type='{office}/{what}' Target='{where}' {mode}/>"
        for n, (what, where, mode) in enumerate(
            (
                ("header", lure.secret.as_uri(), "TargetMode='External'"),
                ("footnotes", f"{lure.address}/notes", "TargetMode='External'"),
                ("attachedTemplate", f"{lure.address}/template", "TargetMode='External'"),
                ("comments", f"../../../../../..{lure.secret}", ""),
            )
        )
    )
    return zip_of(
        {
            "_rels/.rels": f"{head}{relations.format(first)}".encode(),
            "word/_rels/document.xml.rels": relations.format(outer).encode(),
            "word/document.xml": (
                f"{head}<w:document xmlns:w='{word}'><w:body>{text(MARK)}"
                f"{text(_entities(kind, lure))}</w:body></w:document>"
            ).encode(),
        }
    )


def _workbook(kind: str, lure: Lure) -> bytes:
    main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    package = "http://schemas.openxmlformats.org/package/2006/relationships"
    head = KINDS[kind](lure)

    def relation(what: str, target: str) -> bytes:
        return (
            f"<Relationships xmlns='{package}'><Relationship Id='r1' Type='{office}/{what}' "
            f"Target='{target}'/></Relationships>"
        ).encode()

    return zip_of(
        {
            "_rels/.rels": relation("officeDocument", "xl/workbook.xml"),
            "xl/_rels/workbook.xml.rels": relation("worksheet", "worksheets/sheet1.xml"),
            "xl/workbook.xml": (
                f"<workbook xmlns='{main}' xmlns:r='{office}'><sheets>"
                f"<sheet name='{MARK}' sheetId='1' r:id='r1'/></sheets></workbook>"
            ).encode(),
            "xl/worksheets/sheet1.xml": (
                f"{head}<worksheet xmlns='{main}'><sheetData><row r='1'>"
                f"<c r='A1' t='inlineStr'><is><t>{MARK}</t></is></c>"
                f"<c r='B1' t='inlineStr'><is><t>{_entities(kind, lure)}</t></is></c></row>"
                "</sheetData></worksheet>"
            ).encode(),
        }
    )


def _open_text(kind: str, lure: Lure) -> bytes:
    base = "urn:oasis:names:tc:opendocument:xmlns"
    return zip_of(
        {
            "mimetype": b"application/vnd.oasis.opendocument.text",
            "META-INF/manifest.xml": f"{KINDS[kind](lure)}<manifest/>".encode(),
            "content.xml": (
                f"{KINDS[kind](lure)}<o:document-content xmlns:o='{base}:office:1.0' "
                f"xmlns:t='{base}:text:1.0'><o:body><o:text><t:p>{MARK}</t:p>"
                f"<t:p>{_entities(kind, lure)}</t:p></o:text></o:body></o:document-content>"
            ).encode(),
        }
    )


def _book(kind: str, lure: Lure) -> bytes:
    head = KINDS[kind](lure)
    return zip_of(
        {
            "mimetype": b"application/epub+zip",
            "META-INF/container.xml": (
                f"{head}<container xmlns='urn:oasis:names:tc:opendocument:xmlns:container'>"
                "<rootfiles><rootfile full-path='a.opf' "
                "media-type='application/oebps-package+xml'/></rootfiles></container>"
            ).encode(),
            "a.opf": (
                f"{head}<package xmlns='http://www.idpf.org/2007/opf'><manifest>"
                "<item id='a' href='a.xhtml' media-type='application/xhtml+xml'/>"
                f"<item id='b' href='{lure.secret.as_uri()}' media-type='application/xhtml+xml'/>"
                f"<item id='c' href='{lure.address}/c' media-type='application/xhtml+xml'/>"
                "</manifest><spine><itemref idref='a'/><itemref idref='b'/><itemref idref='c'/>"
                "</spine></package>"
            ).encode(),
            "a.xhtml": _html_of(kind, lure),
        }
    )


FORMATS: dict[str, Callable[[str, Lure], bytes]] = {
    "xml": _plain_xml,
    "svg": _plain_xml,
    "html": _html_of,
    "docx": _word,
    "xlsx": _workbook,
    "odt": _open_text,
    "epub": _book,
}
