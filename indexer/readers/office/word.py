"""Word documents: the zip's parts, streamed.

Streaming keeps memory small whatever the document expands to, and takes in what a library that
hands out paragraphs and tables leaves behind: content controls, text boxes, notes, headers. Names
are compared without their namespace, so that transitional and strict documents read alike.
"""

from __future__ import annotations

import logging
from collections.abc import Generator, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import chain
from typing import Any

from indexer.readers import damaged
from indexer.readers.archives.members import read_members
from indexer.readers.kinds.names import Kind
from indexer.readers.office.drawing import lines_of_drawings
from indexer.readers.office.elements import Elements
from indexer.readers.office.embedded import embedded
from indexer.readers.office.formulas import linear
from indexer.readers.office.links import LinkedText
from indexer.readers.office.package import BROKEN, Bound, Parts, attribute, package, parse
from indexer.readers.office.pictures import related_pictures
from indexer.readers.office.word_fields import BOXES, FIELDS, LINKS, SIGNS, Link, follow
from indexer.readers.office.word_styles import Styles, outline_level
from indexer.readers.rows import Rows
from indexer.readers.sheet import Sheet
from indexer.readers.source import Source
from indexer.types import DocumentInfo, ReaderItem, UnreadPage

log = logging.getLogger(__name__)

WHAT = "Word document"
_MARK = 64  # bytes in which XML begins
_REST_DAMAGED = "The rest of this document is damaged."

# Related parts that hold text of the document, in the order in which they follow it.
_RELATED = ("footnotes", "endnotes", "comments", "header", "footer")
_PROPERTIES = {"pStyle": "style", "outlineLvl": "outline", "numId": "list", "ilvl": "place"}


def read_docx(source: Source) -> Iterator[ReaderItem]:
    """Read a Word document (docx, docm, dotx; the XML of Word 2003) as one page without number.

    Paragraphs and table rows are lines in the document's order; notes, comments, headers and
    footers follow, then what is embedded. Raises Unreadable.
    """
    with source.open() as file:
        if file.read(_MARK).lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<"):
            yield from _read_flat(source)
            return
    with package(source, WHAT) as parts:
        try:
            main = parts.related("", "officeDocument") or ["word/document.xml"]
            styles = Styles.of(parts, main[0])
            yield DocumentInfo(Kind.DOCX.value, parts.title())
            lines = _WordLines(styles, parts.addresses(main[0]))
            parts.open(main[0]).close()
        except BROKEN:
            raise damaged(WHAT, source.path) from None
        if (yield from _body(parts.parse(main[0], lines), lines, source)):
            yield from _after(parts, main[0], styles, lines, source)


def _read_flat(source: Source) -> Iterator[ReaderItem]:
    """Read a document whose parts are elements of one XML file."""
    bound = Bound(source.path, WHAT)
    with source.open() as file:
        styles = Styles()
        with suppress(*BROKEN):  # is told when the text is read
            styles.define(parse(file, bound))
        file.seek(0)
        yield DocumentInfo(Kind.DOCX.value)
        lines = _WordLines(styles, {})
        if (yield from _body(parse(file, bound, lines), lines, source)):
            yield lines.sheet.take()


def _body(
    blocks: Iterator[Any], lines: _WordLines, source: Source
) -> Generator[ReaderItem, None, bool]:
    """Read the main text; return whether it was whole."""
    try:
        for _ in blocks:
            if lines.sheet.full:
                yield lines.sheet.take()
    except BROKEN as error:
        log.info("a document ended early: %s", type(error).__name__)
        if not lines.sheet:
            raise damaged(WHAT, source.path) from None
        yield lines.sheet.take()
        yield UnreadPage(None, _REST_DAMAGED)
        return False
    return True


def _after(
    parts: Parts, main: str, styles: Styles, lines: _WordLines, source: Source
) -> Iterator[ReaderItem]:
    """Add charts, notes, comments, headers, footers and files; a damaged one is told."""
    unread = False
    for line in lines_of_drawings(parts, main):
        lines.sheet.add(line)
    told: set[str] = set()  # each section has headers of its own, mostly the same
    for relation in _RELATED:
        for part in parts.related(main, relation):
            beside = _WordLines(styles, parts.addresses(part))
            try:
                for _ in parts.parse(part, beside):
                    pass
            except BROKEN as error:
                log.info("a part could not be read: %s", type(error).__name__)
                unread = True
            text = beside.sheet.take().text
            if text and text not in told:
                told.add(text)
                lines.sheet.add(text)
    yield lines.sheet.take()
    inside = chain(embedded(parts, [main], source), related_pictures(parts, [main], source))
    yield from read_members(source, inside)
    if unread:
        yield UnreadPage(None, "A note, comment or header of this document is damaged.")


@dataclass(slots=True)
class _Paragraph:
    """A paragraph that is not complete yet."""

    text: LinkedText = field(default_factory=LinkedText)
    links: list[Link] = field(default_factory=list)  # open ones
    style: str = ""
    outline: str = ""
    list: str = ""  # of which it is an item, by itself
    place: str = ""  # its level there


_Cell = list[tuple[str, int]]  # its lines with their levels as headings


class _WordLines(Elements):
    """Turns the elements of a Word part into lines."""

    skipped = frozenset({"Fallback", "moveFrom", "del", "pPrChange"})
    whole = frozenset({"oMath"})
    forgotten = frozenset({"p", "tbl", "tr", "tc", "r", "oMath"})

    def __init__(self, styles: Styles, addresses: Mapping[str, str]) -> None:
        super().__init__()
        self.sheet = Sheet()
        self._styles = styles
        self._addresses = addresses  # of links, by their identifiers
        self._paragraphs: list[_Paragraph] = []  # open ones; text boxes nest
        self._cells: list[_Cell] = []  # lines of the open table cells, innermost last
        self._rows: list[list[_Cell | None]] = []  # None where there is no cell of its own
        self._tables: list[Rows] = []
        self._spans: list[int] = []  # columns of these cells

    def start(self, name: str, element: Any) -> None:
        """Take the beginning of an element."""
        if name == "p":
            self._paragraphs.append(_Paragraph())
        elif name == "tbl":
            self._tables.append(Rows(self._line, columns=3, between=" | "))
        elif name == "tr":
            self._rows.append([])
        elif name == "tc":
            self._cells.append([])
            self._spans.append(1)
        elif name == "gridBefore" and self._rows:
            self._rows[-1] += [None] * _columns(element)
        elif name == "gridSpan" and self._spans:
            self._spans[-1] = _columns(element)
        elif not self._paragraphs:
            return
        elif name in _PROPERTIES:
            setattr(self._paragraphs[-1], _PROPERTIES[name], attribute(element, "val"))
        elif name in LINKS:
            address = LINKS[name](element, self._addresses)
            self._paragraphs[-1].links.append(Link(address=address))

    def end(self, name: str, element: Any) -> None:
        """Take the end of an element."""
        if name == "p" and self._paragraphs:
            self._paragraph(self._paragraphs.pop())
        elif name == "tc" and self._cells:
            cell = self._cells.pop()
            span = self._spans.pop()
            if self._rows:
                self._rows[-1] += [cell] + [None] * (span - 1)
        elif name == "tr" and self._rows:
            self._row(self._rows.pop())
        elif name == "tbl" and self._tables:
            self._tables.pop()
        elif self._paragraphs:
            self._piece(self._paragraphs[-1], name, element)

    def _piece(self, paragraph: _Paragraph, name: str, element: Any) -> None:
        links = paragraph.links
        if name == "t":
            text = element.text or ""
            text = BOXES.get(text.strip(), text)
        elif name == "oMath":
            text = linear(element)
        elif name in FIELDS:
            text = FIELDS[name](element)
        elif name in SIGNS:
            text = SIGNS[name]
        else:
            if name in LINKS and links:
                links.pop()
            elif name == "instrText" and links:
                links[-1].instruction.append(element.text or "")
            elif name == "fldChar":
                follow(attribute(element, "fldCharType"), links)
            return
        paragraph.text.add(text, links[-1].address if links else "")

    def _row(self, row: list[_Cell | None]) -> None:
        cells = [cell for cell in row if cell is not None]
        if len(cells) == 1:
            # A title across the table, or a table that only makes a frame: its lines stay lines.
            for line, level in cells[0]:
                self._line(line, level)
        elif self._tables:
            texts = (" ".join(" ".join(line for line, _ in cell or ()).split()) for cell in row)
            self._tables[-1].add(enumerate(texts))

    def _paragraph(self, paragraph: _Paragraph) -> None:
        level = outline_level(paragraph.outline) or self._styles.level(paragraph.style)
        line = (paragraph.text.plain() if level else paragraph.text.whole()).strip()
        label = self._styles.label(paragraph.style, paragraph.list, paragraph.place)
        self._line(f"{label} {line}" if label and line else line, level)

    def _line(self, line: str, level: int = 0) -> None:
        if not line:
            return
        if self._cells:
            self._cells[-1].append((line, level))
        else:
            self.sheet.add(" ".join(line.split()) if level else line, level)


def _columns(element: Any) -> int:
    """Return how many columns a cell takes; Word has 63 at most."""
    value = attribute(element, "val")
    return min(max(int(value), 1), 63) if value.isdecimal() and len(value) < 3 else 1
