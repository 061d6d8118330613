"""Presentations: the zip's slides, streamed; each slide is a page.

Shapes are taken in the file's order, which is the order in which they are read aloud and were
mostly written; the title first. A library that hands out shapes leaves charts, diagrams and
comments behind, and refuses a presentation of which one part is damaged.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping
from itertools import chain
from typing import Any

from indexer.readers import damaged
from indexer.readers.archives.members import read_members
from indexer.readers.kinds.names import Kind
from indexer.readers.office.drawing import lines_of_drawings, paragraph
from indexer.readers.office.elements import Elements
from indexer.readers.office.embedded import embedded
from indexer.readers.office.package import BROKEN, Parts, attribute, local, package
from indexer.readers.office.pictures import related_pictures
from indexer.readers.rows import Rows
from indexer.readers.sheet import Sheet
from indexer.readers.source import Source
from indexer.types import DocumentInfo, ReaderItem, UnreadPage

log = logging.getLogger(__name__)

WHAT = "presentation"
_TITLES = ("title", "ctrTitle")
_NUMBER = "sldNum"  # a placeholder that says something else on each slide
_REPEATED = ("ftr", "hdr", "dt")
_LONGEST_TITLE = 100  # characters of a first line that serves as one


def read_slides(source: Source) -> Iterator[ReaderItem]:
    """Read a presentation (pptx, pptm, ppsx, potx): a page a slide, its title as heading.

    Notes and comments follow their slide's text, files inside it the last slide. Raises Unreadable.
    """
    with package(source, WHAT) as parts:
        try:
            main = parts.related("", "officeDocument") or ["ppt/presentation.xml"]
            slides = _slides(parts, main[0])
        except BROKEN:
            raise damaged(WHAT, source.path) from None
        yield DocumentInfo(Kind.SLIDES.value, parts.title(), len(slides))
        told: set[str] = set()  # footers
        for number, name in enumerate(slides, 1):
            slide = _Slide(told, parts.addresses(name) if name else {})
            try:
                if name is None:
                    raise KeyError
                for _ in parts.parse(name, slide):
                    pass
                sheet = slide.sheet()
                for line in _beside(parts, name, told):
                    sheet.add(line)
            except BROKEN as error:
                log.info("a slide could not be read: %s", type(error).__name__)
                sheet = slide.sheet()
                if sheet:
                    yield sheet.take(number)
                yield UnreadPage(number, "This slide is damaged.")
            else:
                yield sheet.take(number)
        known = [name for name in slides if name is not None]
        inside = chain(embedded(parts, known, source), related_pictures(parts, known, source))
        yield from read_members(source, inside)


def _slides(parts: Parts, main: str) -> list[str | None]:
    """Return the slides' parts in the order in which they are shown; None for a missing one."""
    known = parts.relations(main, "slide")
    order = [
        known.get(value)
        for element in parts.parse(main)
        if local(element) == "sldId"
        for key, value in element.attrib.items()
        if key.endswith("}id")
    ]
    return order or list(known.values())


def _beside(parts: Parts, slide: str, told: set[str]) -> Iterator[str]:
    """Yield the lines that belong to a slide but stand in parts of their own."""
    yield from lines_of_drawings(parts, slide)
    for name in parts.related(slide, "notesSlide"):
        notes = _Slide(told, parts.addresses(name))
        for _ in parts.parse(name, notes):
            pass
        yield from notes.lines
    for name in parts.related(slide, "comments"):
        for element in parts.parse(name):
            # A comment's text is an element of its own, or since 2018 paragraphs.
            line = paragraph(element) if local(element) == "p" else element.text
            if local(element) in ("p", "text") and line:
                yield " ".join(line.split())


class _Slide(Elements):
    """Turns the elements of a slide into lines."""

    skipped = frozenset({"Fallback"})
    whole = frozenset({"p"})
    forgotten = frozenset({"p", "sp", "graphicFrame"})

    def __init__(self, told: set[str], addresses: Mapping[str, str]) -> None:
        super().__init__()
        self.lines: list[str] = []
        self._addresses = addresses  # of links, by their identifiers
        self._told = told
        self._title: list[str] = []
        self._role = ""  # of the open shape, where it is a placeholder
        self._rows: Rows | None = None
        self._row: list[str] = []
        self._cell: list[str] | None = None

    def sheet(self) -> Sheet:
        """Return the lines, with the title first; a short first line where there is none."""
        sheet = Sheet()
        title = " ".join(" ".join(self._title).split())
        if not title and self.lines and len(self.lines[0]) <= _LONGEST_TITLE:
            title = " ".join(self.lines.pop(0).split())
        if title:
            sheet.add(title, 1)
        for line in self.lines:
            sheet.add(line)
        return sheet

    def start(self, name: str, element: Any) -> None:
        """Take the beginning of an element."""
        if name in ("sp", "graphicFrame"):
            self._role = ""
        elif name == "ph":
            self._role = attribute(element, "type")
        elif name == "tbl":
            self._rows = Rows(self.lines.append, columns=3, between=" | ")
        elif name == "tr":
            self._row = []
        elif name == "tc":
            self._cell = []

    def end(self, name: str, element: Any) -> None:
        """Take the end of an element."""
        if name == "p":
            is_title = self._role in _TITLES
            self._paragraph(paragraph(element, {} if is_title else self._addresses))
        elif name == "tc" and self._cell is not None:
            self._row.append(" ".join(" ".join(self._cell).split()))
            self._cell = None
        elif name == "tr" and self._rows is not None:
            self._rows.add(enumerate(self._row))
        elif name == "tbl":
            self._rows = None

    def _paragraph(self, line: str) -> None:
        if not line or self._role == _NUMBER:
            return
        if self._cell is not None:
            self._cell.append(line)
        elif self._role in _TITLES:
            self._title.append(line)
        elif self._role not in _REPEATED:
            self.lines.append(line)
        elif line not in self._told:
            self._told.add(line)
            self.lines.append(line)
