"""Makes the small documents that the readers' tests read."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path

import docx
import pypdf
from pypdf.generic import (
    ArrayObject,
    DictionaryObject,
    NameObject,
    NumberObject,
    TextStringObject,
)

Placed = tuple[float, float, float, str]  # from the left, from the bottom, size, text


def pdf(
    pages: Sequence[str], title: str | None = None, outline: Sequence[tuple[str, int]] = ()
) -> bytes:
    """Return a PDF with a page of text each, and an outline of (title, page from 1)."""
    written = _pages(
        [
            b"BT /F1 12 Tf 14 TL 72 700 Td "
            + b"".join(b"(%s) Tj T* " % line.encode("latin-1") for line in text.split("\n"))
            + b"ET"
            for text in pages
        ]
    )
    if title is None and not outline:
        return written
    writer = pypdf.PdfWriter(clone_from=io.BytesIO(written))
    if title is not None:
        writer.add_metadata({"/Title": title})
    for name, page in outline:
        writer.add_outline_item(title=name, page_number=page - 1)
    return _written(writer)


def placed_pdf(pages: Sequence[Sequence[Placed]], turned: int = 0) -> bytes:
    """Return a PDF that shows texts at places of its pages, written in this order.

    `turned` by 90 the page is a landscape one: its texts run up the sheet.
    """
    matrix = b"0 1 -1 0 612 0" if turned else b"1 0 0 1 0 0"
    return _pages(
        [
            b"q %s cm BT " % matrix
            + b"".join(
                b"/F1 %g Tf 1 0 0 1 %g %g Tm (%s) Tj " % (size, left, base, text.encode("latin-1"))
                for left, base, size, text in texts
            )
            + b"ET Q"
            for texts in pages
        ],
        turned,
    )


_FONT = b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>"


def mapped_pdf(letters: Sequence[str], body: bytes) -> bytes:
    """Return a PDF whose font says that its codes from 1 on are these letters."""
    codes = b"".join(
        b"<%02x> <%s>\n" % (code, text.encode("utf-16-be").hex().encode())
        for code, text in enumerate(letters, 1)
    )
    cmap = (
        b"/CIDInit /ProcSet findresource begin 12 dict begin begincmap\n"
        b"/CMapName /Letters def /CMapType 2 def\n"
        b"1 begincodespacerange <00> <ff> endcodespacerange\n"
        b"%d beginbfchar\n%sendbfchar\nendcmap end end" % (len(letters), codes)
    )
    widths = b" ".join([b"600"] * len(letters))
    font = (
        b"<< /Type /Font /Subtype /TrueType /BaseFont /Letters /FirstChar 1 /LastChar %d "
        b"/Widths [%s] /ToUnicode 4 0 R >>" % (len(letters), widths)
    )
    stream = b"<< /Length %d >>\nstream\n%s\nendstream" % (len(cmap), cmap)
    return _pages([body], more={3: font, 4: stream})


def drawn_pdf(letters: Sequence[str], body: bytes) -> bytes:
    """Return a PDF that draws its letters one by one; its codes from 1 on have these names."""
    names = b" ".join(b"/" + name.encode() for name in letters)
    widths = b" ".join([b"600"] * len(letters))
    font = (
        b"<< /Type /Font /Subtype /Type3 /FontBBox [0 0 600 700] /FontMatrix [.001 0 0 .001 0 0] "
        b"/FirstChar 1 /LastChar %d /Widths [%s] /CharProcs << >> /Resources << >> "
        b"/Encoding << /Type /Encoding /Differences [1 %s] >> >>" % (len(letters), widths, names)
    )
    return _pages([body], more={3: font})


def _pages(
    bodies: Sequence[bytes], turned: int = 0, more: Mapping[int, bytes] | None = None
) -> bytes:
    content = {1: b"<< /Type /Catalog /Pages 2 0 R >>", 3: _FONT, **(more or {})}
    kids = []
    for index, body in enumerate(bodies):
        page, stream = 10 + 2 * index, 11 + 2 * index
        content[stream] = b"<< /Length %d >>\nstream\n%s\nendstream" % (len(body), body)
        content[page] = (
            b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Rotate %d /Contents %d 0 R "
            b"/Resources << /Font << /F1 3 0 R >> >> >>" % (turned, stream)
        )
        kids.append(b"%d 0 R" % page)
    content[2] = b"<< /Type /Pages /Count %d /Kids [%s] >>" % (len(kids), b" ".join(kids))
    out, offsets = bytearray(b"%PDF-1.4\n"), {}
    for number in sorted(content):
        offsets[number] = len(out)
        out += b"%d 0 obj\n%s\nendobj\n" % (number, content[number])
    at = len(out)
    out += b"xref\n0 1\n0000000000 65535 f \n"
    for number, offset in offsets.items():
        out += b"%d 1\n%010d 00000 n \n" % (number, offset)
    out += b"trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (max(content) + 1, at)
    return bytes(out)


def pictured_pdf(pages: Sequence[str]) -> bytes:
    """Return a PDF with a picture on each page and a text below it; "" is none."""
    picture = b"q 300 0 0 300 72 400 cm BI /W 1 /H 1 /CS /G /BPC 8 ID \x80 EI Q "
    return _pages(
        [
            picture + b"BT /F1 12 Tf 72 300 Td <%s> Tj ET" % text.encode("latin-1").hex().encode()
            for text in pages
        ]
    )


def add_fields(writer: pypdf.PdfWriter, values: Mapping[str, str]) -> None:
    """Add a form with text fields to the first page of a document."""
    fields = []
    for place, (name, value) in enumerate(values.items()):
        field = DictionaryObject(
            {
                NameObject("/Type"): NameObject("/Annot"),
                NameObject("/Subtype"): NameObject("/Widget"),
                NameObject("/FT"): NameObject("/Tx"),
                NameObject("/T"): TextStringObject(name),
                NameObject("/V"): TextStringObject(value),
                NameObject("/Rect"): ArrayObject(
                    map(NumberObject, (72, 500 - 30 * place, 200, 520 - 30 * place))
                ),
            }
        )
        fields.append(writer._add_object(field))
        writer.pages[0].setdefault(NameObject("/Annots"), ArrayObject()).append(fields[-1])
    form = DictionaryObject({NameObject("/Fields"): ArrayObject(fields)})
    writer.root_object[NameObject("/AcroForm")] = writer._add_object(form)


def encrypted_pdf(pages: Sequence[str], user_password: str) -> bytes:
    """Return a PDF that opens with `user_password`; "" means with none."""
    writer = pypdf.PdfWriter(clone_from=io.BytesIO(pdf(pages)))
    writer.encrypt(user_password, "owner", algorithm="RC4-128")
    return _written(writer)


def labelled_pdf(pages: Sequence[str], roman: int) -> bytes:
    """Return a PDF whose first pages are numbered in Roman letters; the others begin anew at 1."""
    writer = pypdf.PdfWriter(clone_from=io.BytesIO(pdf(pages)))
    writer.set_page_label(0, roman - 1, style="/r")
    writer.set_page_label(roman, len(pages) - 1, style="/D", start=1)
    return _written(writer)


def locked_attachments_pdf(text: str, name: str, password: str) -> bytes:
    """Return a PDF of which only the attached file is encrypted."""
    writer = pypdf.PdfWriter(clone_from=io.BytesIO(pdf([text])))
    writer.add_attachment(name, b"cannot be read")
    plain = _written(writer)
    writer.encrypt(password, algorithm="AES-256")
    trailer = pypdf.PdfReader(io.BytesIO(_written(writer))).trailer
    lock = trailer["/Encrypt"].get_object()
    lock[NameObject("/EFF")] = lock["/StmF"]
    lock[NameObject("/StmF")] = lock[NameObject("/StrF")] = NameObject("/Identity")
    written = io.BytesIO()
    lock.write_to_stream(written)
    return plain.replace(
        b"trailer\n<<", b"trailer\n<< /ID [<00> <00>] /Encrypt %s" % written.getvalue()
    )


def _written(writer: pypdf.PdfWriter) -> bytes:
    stream = io.BytesIO()
    writer.write(stream)
    return stream.getvalue()


def word(path: Path) -> None:
    """Write a Word document with headings, a table between paragraphs, a note and a header."""
    document = docx.Document()
    document.core_properties.title = "Yearly report"
    document.add_heading("The harbour", 1)
    document.add_paragraph("Ships come\tand go.")
    table = document.add_table(2, 2)
    for row, texts in enumerate((("Ship", "Tons"), ("Anna", "900"))):
        for column, text in enumerate(texts):
            table.cell(row, column).text = text
    document.add_heading("The crew", 2)
    document.add_paragraph("Twelve people.")
    document.sections[0].header.paragraphs[0].text = "Port authority"
    document.save(str(path))


def zipped(path: Path, parts: dict[str, bytes]) -> None:
    """Write a zip of these parts."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)


def unzipped(path: Path) -> dict[str, bytes]:
    """Return the parts of a zip."""
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def word_parts(body: str) -> dict[str, bytes]:
    """Return the parts of the smallest Word document around a body's XML."""
    kind = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument"
    return {
        "_rels/.rels": (
            '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
            f'<Relationship Id="r1" Type="{kind}" Target="word/document.xml"/></Relationships>'
        ).encode(),
        "word/document.xml": (
            '<w:document xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main" '
            'xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006">'
            f"<w:body>{body}</w:body></w:document>"
        ).encode(),
    }
