"""Documents of Apple's iWork (Pages, Numbers, Keynote), as far as they can be read without it.

Their own form of today is not documented. Many hold a preview, which is a PDF of the whole; those
of 2009 and before are XML, of which the paragraphs and the texts of cells are read.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from indexer.errors import Unsupported
from indexer.readers import damaged, encrypted, reader_of
from indexer.readers.archives.members import MAX_BYTES, TooLarge, load_from
from indexer.readers.kinds.names import UNREAD, Kind
from indexer.readers.office.elements import Elements
from indexer.readers.office.package import BROKEN, Parts, attribute, package
from indexer.readers.sheet import Sheet
from indexer.readers.source import Source
from indexer.types import DocumentInfo, Page, ReaderItem, UnreadPage

WHAT = "iWork document"
NO_PREVIEW = "It is an iWork document without a preview."
_PREVIEW = "quicklook/preview.pdf"
_DOCUMENTS = ("index.xml", "index.apxl")
_LOCKED = (".iwpv2", ".iwph")  # by what the password is tried, and its hint
_REST_DAMAGED = "The rest of this document is damaged."


def read_iwork(source: Source) -> Iterator[ReaderItem]:
    """Read the preview of a document, or its XML. Raises Unreadable, Unsupported."""
    with package(source, WHAT) as parts:
        if any(name.rpartition("/")[2] in _LOCKED for name in parts.names):
            raise encrypted(WHAT, source.path, unlockable=False)
        for name in sorted(parts.names):
            if name.lower().endswith(_PREVIEW):
                yield from _preview(parts, name, source)
                return
        for name in _DOCUMENTS:
            if name in parts:
                yield from _lines(parts, name, source)
                return
    raise Unsupported(UNREAD, NO_PREVIEW, source.path)


def _preview(parts: Parts, name: str, source: Source) -> Iterator[ReaderItem]:
    try:
        with parts.open(name) as file:
            data = load_from(file.read, MAX_BYTES)
    except (*BROKEN, TooLarge):
        raise damaged(WHAT, source.path) from None
    for item in reader_of(Kind.PDF)(replace(source, name="Preview.pdf", data=data)):
        if isinstance(item, DocumentInfo):
            yield replace(item, kind=Kind.IWORK.value)
        elif isinstance(item, UnreadPage):
            yield Page("", item.number)  # a picture, which OCR would not find in this file
        else:
            yield item


def _lines(parts: Parts, name: str, source: Source) -> Iterator[ReaderItem]:
    yield DocumentInfo(Kind.IWORK.value)
    lines = _Lines()
    try:
        for _ in parts.parse(name, lines):
            if lines.sheet.full:
                yield lines.sheet.take()
    except NotImplementedError:
        # A password turns the parts into something that no zip knows how to expand.
        raise encrypted(WHAT, source.path, unlockable=False) from None
    except BROKEN:
        if not lines.sheet:
            raise damaged(WHAT, source.path) from None
        yield lines.sheet.take()
        yield UnreadPage(None, _REST_DAMAGED)
        return
    yield lines.sheet.take()


class _Lines(Elements):
    """Turns the elements of a document of 2009 into lines."""

    # Prototypes are what new tables of the document would look like.
    skipped = frozenset(
        {"stylesheet", "ghost-text", "metadata", "version-history", "tabular-prototypes"}
    )
    whole = frozenset()
    forgotten = frozenset({"p", "ct", "n", "stylesheet"})

    def __init__(self) -> None:
        super().__init__()
        self.sheet = Sheet()
        self._in_workbook = False

    def start(self, name: str, element: Any) -> None:
        """Take the name of a sheet or a table."""
        if name == "workspace":
            self._in_workbook = True
            self.sheet.announce(attribute(element, "workspace-name"))
        elif name == "tabular-model":
            # Numbers lists its tables, Pages and Keynote show only what stands above one.
            seen = self._in_workbook or attribute(element, "name-is-visible") != "false"
            if seen and (title := " ".join(attribute(element, "name").split())):
                self.sheet.add(title, 2)

    def end(self, name: str, element: Any) -> None:
        """Take a paragraph or a cell."""
        line = ""
        if name == "p":
            line = _text(element)
        elif name == "ct":
            line = attribute(element, "s")
        elif name == "n":
            line = attribute(element, "v")
        if line := " ".join(line.split()):
            self.sheet.add(line)


def _text(paragraph: Any) -> str:
    """Return a paragraph's text without what stands where nobody has written yet."""
    pieces = [paragraph.text or ""]
    for each in paragraph:
        if not str(each.tag).endswith("}ghost-text"):
            pieces.append(_text(each))
        pieces.append(each.tail or "")
    return "".join(pieces)
