"""How much memory calamine asks for to read a spreadsheet, found out before it does.

It makes room for each cell between a sheet's first and its last, and aborts the process where it
cannot: two cells in a file of five kilobytes are enough. Of an xls it reads all sheets at once, so
what it does there is followed record by record ([MS-XLS] 2.1.4).
"""

from __future__ import annotations

import os
import struct
import zipfile
import zlib
from dataclasses import dataclass
from typing import Any, BinaryIO

from indexer.readers import damaged, encrypted
from indexer.readers.office.compound import compound
from indexer.readers.office.package import MAX_EXPANDED, Bound
from indexer.readers.source import Source

# Bytes, measured with calamine 0.37: a cell of a sheet as it is kept, one that is on its way there
# (the sheet's claim makes room for these), and the formula of a cell, which it reads as well.
_CELL, _PENDING, _FORMULA = 32, 40, 24
_MOST = 896_000_000  # bytes; a reader has 1 GiB
_LAST_COLUMN = 255
_LARGEST = 65_536 * (_LAST_COLUMN + 1)  # cells of a sheet; an xls has no room for more
_GROWTH = 2  # how much of a list that grows may be empty

_PAIR = struct.Struct("<2H").unpack_from  # a record's kind and size, or a cell's row and column
_LOCKED = 0x002F  # what follows is encrypted
_LISTED, _END = 0x0085, 0x000A  # where a sheet is; the list or a sheet ends
_CLAIM = 0x0200  # how large a sheet claims to be
_FORMULAS, _RESULT, _SEVERAL, _LABEL = 0x0006, 0x0207, 0x00BD, 0x0204
_CELLS = frozenset((_FORMULAS, _SEVERAL, _LABEL, 0x00FD, 0x0203, 0x0205, 0x027E))
_ROW = 0  # what follows are its cells, in an xlsb
_BINARY_CELLS = range(1, 12)


def measure(source: Source, what: str) -> None:
    """Raise MemoryError or Unreadable for a spreadsheet that no memory would hold."""
    with source.open() as file:
        zipped = file.read(2) == b"PK"
        size = file.seek(0, os.SEEK_END)
    if zipped:
        _measure_binary(source, what)
        return
    with compound(source, what) as streams:
        if streams.longest() > size:  # calamine would make room for it
            raise damaged(what, source.path)
        # calamine takes the first of the name, be it that of an object that was inserted.
        for name in (*streams.everywhere("Workbook"), *streams.everywhere("Book")):
            asked = of_stream(streams.read(name))
            if asked.locked:
                raise encrypted(what, source.path)
            if asked.impossible:
                raise damaged(what, source.path)
            if asked.memory > _MOST:
                raise MemoryError


@dataclass(frozen=True, slots=True)
class Asked:
    """What an xls asks for."""

    memory: int = 0  # bytes, the most at once
    impossible: bool = False  # by a sheet that is larger than any can be
    locked: bool = False


def of_stream(stream: bytes) -> Asked:
    """Return what calamine asks for: to read all sheets of an xls, then for a copy of each.

    A place may be listed more than once, and a sheet may run into the next.
    """
    places = _places(stream)
    if places is None:
        return Asked(locked=True)
    sheets: dict[int, _Sheet] = {}
    kept = most = largest = 0
    for place in places:
        if place not in sheets:
            sheets[place] = _sheet(stream, place)
        sheet = sheets[place]
        if max(sheet.claimed, sheet.cells.room) > _LARGEST:
            return Asked(most, impossible=True)
        most = max(most, kept + sheet.pending + sheet.kept)
        kept += sheet.kept
        largest = max(largest, sheet.cells.room * _CELL)
    return Asked(max(most, kept + largest))


class _Corners:
    """The corners of what a sheet holds."""

    def __init__(self) -> None:
        self._top = self._left = 1 << 32
        self._bottom = self._right = -1

    def add(self, row: int, column: int) -> None:
        """Take a cell's place."""
        if not self._top <= row <= self._bottom:
            self._top, self._bottom = min(self._top, row), max(self._bottom, row)
        if not self._left <= column <= self._right:
            self._left, self._right = min(self._left, column), max(self._right, column)

    @property
    def room(self) -> int:
        """How many cells there are between the first and the last."""
        return max(0, self._bottom - self._top + 1) * max(0, self._right - self._left + 1)


class _Sheet:
    """What a sheet of an xls asks for."""

    def __init__(self) -> None:
        self.cells = _Corners()
        self.formulas = _Corners()
        self.claimed = 0  # cells
        self.count = 0  # cells that have a record
        self.formula_count = 0
        self.letters = 0  # bytes that records claim for their texts

    @property
    def kept(self) -> int:
        """How many bytes it takes until the end."""
        return self.cells.room * _CELL + self.formulas.room * _FORMULA + self.letters

    @property
    def pending(self) -> int:
        """How many bytes more it takes while it is read."""
        pending = max(self.claimed, _GROWTH * self.count)
        return (pending + _GROWTH * self.formula_count) * _PENDING


def _places(stream: bytes) -> list[int] | None:
    """Return where the sheets of an xls are by the list of them; None if it is encrypted."""
    places: list[int] = []
    at = 0
    while at + 4 <= len(stream):
        kind, size = _PAIR(stream, at)
        content = stream[at + 4 : at + 4 + size]
        if kind == _LOCKED and any(content):
            return None
        if kind == _LISTED and len(content) >= 4:
            places.append(int.from_bytes(content[:4], "little"))
        elif kind == _END:
            break
        at += 4 + size
    return places


def _sheet(stream: bytes, at: int) -> _Sheet:
    """Return what the sheet from a place on asks for, as far as its records go."""
    sheet = _Sheet()
    formula = (0, 0)  # whose result is a text, which comes after it
    while at + 4 <= len(stream):
        kind, size = _PAIR(stream, at)
        at += 4
        if kind == _END or at + size > len(stream):
            break
        if kind in _CELLS and size >= 4:
            row, column = _PAIR(stream, at)
            sheet.cells.add(row, column)
            sheet.count += 1
            if kind == _SEVERAL and size >= 12:
                more = size // 6 - 2
                sheet.cells.add(row, column + more)
                sheet.count += more
            elif kind == _FORMULAS:
                formula = (row, column)
                sheet.formulas.add(row, column)
                sheet.formula_count += 1
            elif kind == _LABEL and size >= 8:
                sheet.letters += struct.unpack_from("<6xH", stream, at)[0]
        elif kind == _RESULT and size >= 2:
            sheet.cells.add(*formula)
            sheet.count += 1
            sheet.letters += struct.unpack_from("<H", stream, at)[0]
        elif kind == _CLAIM:
            sheet.claimed = max(sheet.claimed, _claimed(stream[at : at + size]))
        at += size
    return sheet


def _claimed(data: bytes) -> int:
    """Return how many cells a sheet of an xls claims to have ([MS-XLS] 2.4.90).

    The last row and column are those behind the last. calamine 0.37 was asked: rows that end before
    they begin are counted below zero, in 32 bits; columns that do, or begin where none are, from 0.
    """
    if len(data) not in (10, 14):
        return 0  # calamine reads no further
    top, bottom, left, right = struct.unpack_from("<4H" if len(data) == 10 else "<2I2H", data)
    if not bottom or not right:
        return 1
    columns = right - left if left <= min(right, _LAST_COLUMN) else right
    return int((bottom - top) % (1 << 32)) * int(columns)


def _measure_binary(source: Source, what: str) -> None:
    bound = Bound(source.path, what)
    try:
        with zipfile.ZipFile(source.file) as archive:
            if any(info.flag_bits & 1 for info in archive.infolist()):
                raise encrypted(what, source.path)
            if sum(info.file_size for info in archive.infolist()) > MAX_EXPANDED:
                raise bound.exceeded()
            for name in archive.namelist():
                if name.startswith("xl/worksheets/") and name.endswith(".bin"):
                    with archive.open(name) as part:
                        if 2 * _CELL * _room(part, bound) > _MOST:
                            raise MemoryError
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, IndexError):
        raise damaged(what, source.path) from None


def _room(part: Any, bound: Bound) -> int:
    """Return how many cells a sheet of an xlsb makes room for ([MS-XLSB] 2.1.4)."""
    cells = _Corners()
    row = 0
    while (kind := _number(part, 2)) is not None:
        size = _number(part, 4) or 0
        bound.spend(size)
        data = part.read(size)
        value = int.from_bytes(data[:4], "little")
        if kind == _ROW:
            row = value
        elif kind in _BINARY_CELLS:
            cells.add(row, value)
    return cells.room


def _number(part: BinaryIO, longest: int) -> int | None:
    """Read a number of seven bits a byte; None at the end."""
    value = 0
    for place in range(longest):
        byte = part.read(1)
        if not byte:
            return None
        value |= (byte[0] & 0x7F) << (7 * place)
        if byte[0] < 0x80:
            break
    return value
