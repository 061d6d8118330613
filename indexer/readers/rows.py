"""Rows of tables as lines, one way for all formats: what a cell means stands in its own line."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping

Cells = Mapping[int, str]  # the values of a row that are not empty, by column

_YEAR = re.compile(r"(?:FY ?)?(?:19|20)\d\d")
_PREAMBLE = 5  # rows that may stand above the header: a title, a date, an empty line
_LONGEST_LINE = 100_000  # characters; a row that is longer becomes several lines


class Rows:
    """Turns the rows of one table into lines of "header: value; header: value".

    Rows may be ragged: a value without a header stands alone. Without a header row a line is
    "value; value".
    """

    def __init__(
        self, add: Callable[[str], None], *, columns: int = 2, between: str = "; "
    ) -> None:
        """Take where lines go; a header has `columns` names or more, else `between` joins values.

        Two columns in a letter are more often a name beside its value than a list with a header.
        """
        self._add = add
        self._columns = columns
        self._between = between
        self._header: Cells = {}
        self._above = 0  # rows before the header that may still come
        self.gap()

    def gap(self) -> None:
        """Note that what follows may be another table, with a header of its own."""
        self._above = _PREAMBLE + 1

    def add(self, row: Iterable[tuple[int, str]]) -> None:
        """Take the next row as (column, value); values are one line each."""
        cells = {column: value for column, value in row if value}
        header = self._header
        if self._above:
            self._above -= 1
            if len(cells) < 2:
                self._write(list(cells.values()))
                return
            self._above = 0
            if is_header(cells.values(), self._columns):
                self._header = cells
                self._add(self._between.join(cells.values()))
                return
        if header:
            self._begin_beside(cells)
        parts: list[str] = []
        length = 0
        for column, value in cells.items():
            name = header.get(column)
            part = f"{name}: {value}" if name else value
            parts.append(part)
            length += len(part)
            if length > _LONGEST_LINE:
                self._write(parts)
                parts, length = [], 0
        self._write(parts)

    def _begin_beside(self, cells: Cells) -> None:
        """Take the header of another table that begins on the right, past an empty column."""
        first = max(self._header) + 2
        names = {column: value for column, value in cells.items() if column >= first}
        if names and max(names) - min(names) < len(names) and is_header(names.values()):
            self._header = {**self._header, **names}

    def _write(self, parts: list[str]) -> None:
        if parts:
            self._add(("; " if self._header else self._between).join(parts))


def is_header(names: Iterable[str], columns: int = 2) -> bool:
    """Tell whether a first row names its columns: words or years, none twice, no other numbers."""
    names = list(names)
    if len(names) < columns or len(set(names)) < len(names):
        return False
    words = [name for name in names if not _YEAR.fullmatch(name)]
    # A single year may be a value; two or more beside each other are names of columns.
    if len(names) - len(words) == 1 or not words:
        words = names
    return not any(name[0].isdigit() or name[0] in "-+.$€£" or len(name) > 100 for name in words)
