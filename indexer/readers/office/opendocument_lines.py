"""The elements of an OpenDocument file as lines and pages."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from indexer.readers.office.links import LinkedText
from indexer.readers.office.package import attribute, forget, local
from indexer.readers.rows import Rows
from indexer.readers.sheet import Sheet
from indexer.types import Page

# Deleted text, what programs keep for themselves, and pictures.
_SKIPPED = frozenset(
    {"tracked-changes", "forms", "scripts", "settings", "binary-data", "meta", "page-thumbnail"}
)
_MARGINS = frozenset(f"{at}{on}" for at in ("header", "footer") for on in ("", "-left", "-first"))
_FIELDS = frozenset({"page-number", "page-count", "sheet-name"})  # different on each page
_SILENT = _FIELDS | {"note-citation", "ruby-text", "desc", "title", "creator"}
_TABLES = frozenset({"table", "table-row", "table-cell"})
_WHITE = re.compile(r"[ \t\r\n]+")
_WORD = re.compile(r"[^\W\d_]{2,}|[^\W\d_a-zA-Z]")
_COLUMNS = 16_384
_COPIES = 64  # of one value in neighbouring cells; more are a background, not a table


class Lines:
    """Takes the events of content and styles; gives pages."""

    def __init__(self, *, paged: bool) -> None:
        self.given = False  # whether there was a page yet
        self._paged = paged
        self._pages: list[Page] = []
        self._number = 0
        self._sheet = Sheet()
        self._margins: list[str] = []
        self._open: dict[str, int] = {}  # how many of these elements are open
        self._outline = 0  # of the frame that is open, where it holds a page's title
        self._rows: list[Rows] = []
        self._spreadsheet = False
        self._cells: list[tuple[int, str]] = []
        self._column = 0
        self._cell: list[str] = []
        self._notes: list[str] = []  # comments on the cells of the open row

    def ready(self) -> Iterator[Page]:
        """Give the pages that are complete."""
        if not self._paged and self._sheet.full:
            self._pages.append(self._sheet.take())
        pages, self._pages = self._pages, []
        self.given = self.given or bool(pages)
        yield from pages

    def rest(self) -> Iterator[Page]:
        """Give what is left, with the headers and footers at its end."""
        if self._paged:
            yield from self.ready()
            for line in self._margins:
                self._sheet.add(line)
            if self._sheet:
                yield self._sheet.take(max(self._number, 1))
            return
        for line in self._margins:
            self._sheet.add(line)
        yield from self.ready()
        if self._sheet or not self.given:
            yield self._sheet.take()

    def take(self, events: Any) -> None:
        """Take a parser's events."""
        for event, element in events:
            name = local(element)
            if event == "start":
                self._start(name, element)
            else:
                self._end(name, element)

    def _is_open(self, name: str) -> bool:
        return self._open.get(name, 0) > 0

    def _is_nested(self, name: str) -> bool:
        """Tell whether an element belongs to a table inside a cell, whose text is the cell's."""
        return name in _TABLES and self._open.get("table-cell", 0) > (name == "table-cell")

    def _start(self, name: str, element: Any) -> None:
        if name in _SKIPPED:
            name = "skipped"
        elif name in _MARGINS:
            name = "margin"
        elif name in ("p", "h"):
            name = "block"
        self._open[name] = self._open.get(name, 0) + 1
        if self._is_open("skipped") or self._is_open("block") or self._is_nested(name):
            return
        if name == "spreadsheet":
            self._spreadsheet = True
        elif name == "frame":
            self._outline = 1 if attribute(element, "class") == "title" else 0
        elif name == "table":
            if self._spreadsheet:
                self._sheet.announce(attribute(element, "name"))
                self._rows.append(Rows(self._sheet.add))
            else:
                self._rows.append(Rows(self._sheet.add, columns=3, between=" | "))
        elif name == "table-row":
            self._cells, self._column = [], 0
        elif name in ("table-cell", "covered-table-cell"):
            self._cell = []

    def _end(self, name: str, element: Any) -> None:
        kind = "skipped" if name in _SKIPPED else "margin" if name in _MARGINS else name
        kind = "block" if name in ("p", "h") else kind
        aside = self._is_open("skipped") or self._is_nested(name)
        self._open[kind] -= 1
        if aside or self._is_open("block"):
            return
        if kind == "block":
            self._block(name, element)
            forget(element)
        elif name in ("table-cell", "covered-table-cell"):
            self._end_of_cell(element)
        elif name == "table-row":
            self._end_of_row()
            forget(element)
        elif name == "table" and self._rows:
            self._rows.pop()
        elif name == "footer-decl" and element.text:
            self._margin(element.text, False)
        elif name == "page":
            self._number += 1
            self._pages.append(self._sheet.take(self._number))
            forget(element)
        elif kind in ("skipped", "list-item", "list", "frame"):
            forget(element)

    def _block(self, name: str, element: Any) -> None:
        text = LinkedText()
        after: list[str] = []
        fields = _walk(element, text, after)
        is_heading = name == "h" or self._outline > 0
        first = text.plain() if is_heading else text.whole()
        lines = [line for line in (first.strip(), *after) if line]
        if self._is_open("margin"):
            for line in lines:
                self._margin(line, fields)
        elif self._is_open("master-styles"):
            return
        elif self._rows and self._is_open("table-row"):
            (self._notes if self._is_open("annotation") else self._cell).extend(lines)
        else:
            depth = attribute(element, "outline-level") if name == "h" else ""
            level = int(depth) if depth.isdecimal() and len(depth) < 3 else int(name == "h")
            for line in lines:
                level = level or self._outline
                self._sheet.add(" ".join(line.split()) if level else line, level)
                level = 0

    def _margin(self, line: str, fields: bool) -> None:
        # "Page 3" is no text, nor is an empty date; the number was left out already.
        words = len(_WORD.findall(line))
        if line not in self._margins and words > (1 if fields else 0):
            self._margins.append(line)

    def _end_of_cell(self, element: Any) -> None:
        value = " ".join(" ".join(self._cell).split())
        if value and (date := attribute(element, "date-value")):
            value = date.removesuffix("T00:00:00").replace("T", " ")
        repeated = attribute(element, "number-columns-repeated")
        count = int(repeated) if repeated.isdecimal() and len(repeated) < 8 else 1
        if value:
            last = min(self._column + min(count, _COPIES), _COLUMNS)
            self._cells += [(column, value) for column in range(self._column, last)]
        self._column = min(self._column + count, _COLUMNS)
        self._cell = []

    def _end_of_row(self) -> None:
        if self._rows:
            if self._cells:
                self._rows[-1].add(self._cells)
            elif self._spreadsheet:
                self._rows[-1].gap()
        for line in self._notes:
            self._sheet.add(line)
        self._cells, self._notes = [], []


def _walk(element: Any, text: LinkedText, after: list[str], address: str = "") -> bool:
    """Collect a paragraph's text, and what hangs on it: notes, comments, text boxes.

    `address` is that of the link which the element is or stands in. Returns whether there are
    fields that are different on each page.
    """
    fields = False
    if element.text:
        text.add(_WHITE.sub(" ", element.text), address)
    for child in element:
        name = local(child)
        if name == "s":
            count = attribute(child, "c")
            text.add(" " * min(int(count) if count.isdecimal() else 1, 100), address)
        elif name in ("tab", "line-break"):
            text.add("\t" if name == "tab" else "\n", address)
        elif name in ("p", "h"):
            inner = LinkedText()
            later: list[str] = []
            fields |= _walk(child, inner, later)
            after += [inner.whole().strip(), *later]
        elif name in ("note", "annotation", "frame", "custom-shape", "table"):
            fields |= _walk(child, LinkedText(), after)
        elif name in _FIELDS:
            fields = True
        elif name not in _SILENT and name not in _SKIPPED:
            inside = attribute(child, "href") if name == "a" else address
            fields |= _walk(child, text, after, inside)
        if child.tail:
            text.add(_WHITE.sub(" ", child.tail), address)
    return fields
