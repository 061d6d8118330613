"""The events of a web page's elements as lines."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

from indexer.readers.office.numbering import counted
from indexer.readers.sheet import Sheet
from indexer.types import Page

DROPPED = frozenset(
    "script style noscript template nav svg math-error iframe embed canvas audio video "  # noqa: SIM905
    "head datalist".split()
)
_BLOCKS = frozenset(
    "address article aside blockquote body center dd details dialog dir div dl dt fieldset "  # noqa: SIM905
    "figcaption figure footer form header hr html legend li main menu ol optgroup option p pre "
    "search section summary ul table caption tbody thead tfoot tr h1 h2 h3 h4 h5 h6".split()
)
# These end a line even inside a table's cell; the other blocks are only a space there.
_STRONG = frozenset("h1 h2 h3 h4 h5 h6 table tr ul ol li pre caption".split())  # noqa: SIM905
_HEADINGS = {"h1": 1, "h2": 2, "h3": 3, "h4": 4, "h5": 5, "h6": 6}
_HIDDEN_STYLE = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.IGNORECASE)
# How the items of a list are counted, by its type; else in plain numbers.
_FORMS = {"a": "lowerLetter", "A": "upperLetter", "i": "lowerRoman", "I": "upperRoman"}
# A cell that stands beside several rows is said with each of them, unless it is a text.
_LONGEST_CARRIED = 100
_MOST_SPANNED = 1000
_MOST_CARRIED = 1_000_000  # characters said again in this way; a hostile table has no end


@dataclass(slots=True)
class _Table:
    """Where an open table is being read."""

    in_cell: bool = False
    column: int = 0
    start: int = -1  # of the open cell among the pieces of the line; -1 where it has several lines
    rows: int = 1  # beside which it stands
    columns: int = 1
    carried: dict[int, tuple[int, str]] = field(default_factory=dict)  # column -> rows left, text


@dataclass(slots=True)
class _List:
    """An open list."""

    form: str | None = None  # None where it is not counted
    next: int = 1
    step: int = 1


class Lines:
    """Turns the events of a parser into lines."""

    def __init__(self) -> None:
        self._pages: list[Page] = []
        self._sheet = Sheet()
        self._line: list[str] = []
        self._dropped = 0  # how many elements deep inside something that is not shown
        self._tables: list[_Table] = []  # open ones, innermost last
        self._lists: list[_List] = []
        self._label = ""  # what stands before the next line
        self._carried = 0
        self._pre = 0
        self._level = 0
        self._in_title = False
        self._title: list[str] = []

    def enter(self, tag: str, attributes: Any) -> bool:
        """Begin an element; False if its content is not shown and need not be sent."""
        if tag == "title" and self._dropped <= 1:
            self._in_title = True
            return True
        if self._dropped:
            self._dropped += 1
            return True
        if tag in DROPPED or (attributes and _is_hidden(attributes)):
            self._dropped = 1
            return tag == "head"
        if tag == "br":
            self._break("br")
        elif tag in ("td", "th"):
            self._begin_cell(attributes)
        elif tag in _BLOCKS:
            self._break(tag)
            if tag == "table":
                self._tables.append(_Table())
            elif tag == "tr" and self._tables:
                self._tables[-1].column = 0
            elif tag in ("ul", "ol", "menu", "dir"):
                self._lists.append(_list(attributes) if tag == "ol" else _List())
            elif tag == "pre":
                self._pre += 1
            elif tag in _HEADINGS:
                self._level = _HEADINGS[tag]
            elif tag == "li":
                self._label = self._item(attributes)
        return True

    def text(self, data: str) -> None:
        """Take text as it stands in the document."""
        if self._in_title:
            self._title.append(data)
        elif self._dropped:
            return
        elif self._pre:
            first, *rest = data.split("\n")
            self._line.append(first)
            for line in rest:
                self._end_line()
                self._line.append(line)
        else:
            self._line.append(data)

    def leave(self, tag: str) -> None:
        """End an element."""
        if tag == "title" and self._in_title:
            self._in_title = False
            return
        if self._dropped:
            self._dropped -= 1
            return
        if tag in ("td", "th"):
            self._end_cell()
        elif tag in _BLOCKS:
            if tag == "tr" and self._tables:
                self._carry(self._tables[-1])
            self._break(tag)
            if tag == "table" and self._tables:
                self._tables.pop()
            elif tag in ("ul", "ol", "menu", "dir") and self._lists:
                self._lists.pop()
            elif tag == "li":
                self._label = ""
            elif tag == "pre":
                self._pre = max(0, self._pre - 1)
            elif tag in _HEADINGS:
                self._level = 0

    def finish(self) -> tuple[str, list[Page]]:
        """Return the title and the pages."""
        self._end_line()
        pages = [*self._pages, self._sheet.take()]
        return " ".join("".join(self._title).split()), pages

    def _item(self, attributes: Any) -> str:
        """Return what stands before an item of the innermost list."""
        if not self._lists or (form := self._lists[-1].form) is None:
            return "- "
        inner = self._lists[-1]
        value = _number(attributes, "value", inner.next)
        inner.next = value + inner.step
        return f"{counted(value, form)}. "

    def _begin_cell(self, attributes: Any) -> None:
        if not self._tables:
            if self._line:
                self._line.append(" | ")
            return
        table = self._tables[-1]
        self._carry(table)
        if self._line:
            self._line.append(" | ")
        table.in_cell = True
        table.start = len(self._line)
        table.rows = min(max(1, _number(attributes, "rowspan", 1)), _MOST_SPANNED)
        table.columns = min(max(1, _number(attributes, "colspan", 1)), _MOST_SPANNED)

    def _end_cell(self) -> None:
        if not self._tables or not self._tables[-1].in_cell:
            return
        table = self._tables[-1]
        table.in_cell = False
        if table.rows > 1 and table.start >= 0:
            text = " ".join("".join(self._line[table.start :]).split())
            if text and len(text) <= _LONGEST_CARRIED and self._carried < _MOST_CARRIED:
                self._carried += len(text) * table.rows
                table.carried[table.column] = (table.rows - 1, text)
        table.column += table.columns

    def _carry(self, table: _Table) -> None:
        """Say what stands at this place of the row from a row above."""
        while table.column in table.carried:
            left, text = table.carried.pop(table.column)
            self._line += [" | ", text] if self._line else [text]
            if left > 1:
                table.carried[table.column] = (left - 1, text)
            table.column += 1

    def _break(self, tag: str) -> None:
        if self._tables and self._tables[-1].in_cell and tag not in _STRONG:
            self._line.append(" ")
        else:
            self._end_line()

    def _end_line(self) -> None:
        if not self._line:
            return
        joined = "".join(self._line)
        self._line = []
        for table in self._tables:
            table.start = -1
        line = joined.rstrip() if self._pre else " ".join(joined.split()).strip("| ")
        if line:
            line, self._label = self._label + line, ""
            self._sheet.add(line, self._level)
            if self._sheet.full:
                self._pages.append(self._sheet.take())


def _list(attributes: Any) -> _List:
    form = _FORMS.get((attributes or {}).get("type") or "", "decimal")
    step = -1 if attributes and "reversed" in attributes and "start" in attributes else 1
    return _List(form, _number(attributes, "start", 1), step)


def _number(attributes: Any, name: str, usual: int) -> int:
    value = ((attributes or {}).get(name) or "").strip()
    return int(value) if value.isdecimal() and len(value) < 7 else usual


def _is_hidden(attributes: Any) -> bool:
    style = attributes.get("style")
    return "hidden" in attributes or bool(style and _HIDDEN_STYLE.search(style))
