"""How containers give away which office program's document they hold, whatever the name says.

A zip is judged by its directory, the container of the older Office by its streams, XML by its
first element. What is told is the value of a Kind.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from indexer.readers.source import Source

_IN_ZIP: tuple[tuple[str, str], ...] = (
    ("word/document", "docx"),
    ("xl/workbook.bin", "xls"),
    ("xl/workbook.xml", "xlsx"),
    ("ppt/presentation", "pptx"),
    ("META-INF/manifest.xml", "odf"),
    ("index.apxl", "iwork"),
    ("Index/Document.iwa", "iwork"),
)
_IN_OLE: tuple[tuple[str, str], ...] = (
    ("WordDocument", "doc"),
    ("Workbook", "xls"),
    ("Book", "xls"),
    ("PowerPoint Document", "ppt"),
    ("__properties_version1.0", "outlook"),
)
_PACKAGED = {"doc": "docx", "xls": "xlsx", "ppt": "pptx"}  # what their encrypted successors are
_ALL = frozenset({*_PACKAGED, *_PACKAGED.values(), "odf", "outlook"})
_FIRST_ELEMENT = re.compile(rb"\s*(?:<[?!][^>]*>\s*)*<([\w-]*:?[\w-]+)(?=[\s>])([^>]*)", re.ASCII)
_IN_XML: tuple[tuple[bytes, bytes, str], ...] = (
    (b"wordDocument", b"http://schemas.microsoft.com/office/word/2003/wordml", "docx"),
    (b"document", b"urn:oasis:names:tc:opendocument:xmlns:office:1.0", "odf"),
)


def kind_in_zip(names: Iterable[str]) -> str | None:
    """Return what a zip's directory tells."""
    names = list(names)
    for start, kind in _IN_ZIP:
        if any(name.startswith(start) for name in names):
            return kind if kind != "odf" or "content.xml" in names else None
    return None


def kind_in_ole(source: Source, known: str | None) -> str | None:
    """Return what the streams of an old container tell; `known` is the name's kind.

    An encrypted package is of the kind that its name says; its reader tells that it is encrypted.
    """
    import olefile

    try:
        with olefile.OleFileIO(source.file) as ole:
            streams = {entry[0].lower() for entry in ole.listdir() if entry}
    except Exception:  # noqa: BLE001 (whatever it raises, the container is damaged)
        streams = set()
    if "encryptedpackage" in streams:
        return _PACKAGED.get(known or "", known or "docx")
    found = next((kind for name, kind in _IN_OLE if name.lower() in streams), None)
    # Without the stream that it lives by, its reader says that it is damaged.
    return found or (known if known in _ALL else None)


def kind_in_xml(head: bytes) -> str | None:
    """Return what the first element of an XML file tells."""
    first = _FIRST_ELEMENT.match(head.removeprefix(b"\xef\xbb\xbf"))
    if first:
        for name, namespace, kind in _IN_XML:
            if first.group(1).rpartition(b":")[2] == name and namespace in first.group(2):
                return kind
    return None
