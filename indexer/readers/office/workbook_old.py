"""Spreadsheets of the older Excel (xls) and binary ones (xlsb), through calamine."""

from __future__ import annotations

import logging
import os
import struct
import zipfile
import zlib
from collections.abc import Iterator
from typing import Any, BinaryIO

from indexer.errors import Unreadable
from indexer.readers import damaged, encrypted
from indexer.readers.kinds.names import Kind
from indexer.readers.office.cells import written
from indexer.readers.office.compound import compound
from indexer.readers.office.package import MAX_EXPANDED, Bound
from indexer.readers.rows import Rows
from indexer.readers.sheet import Sheet
from indexer.readers.source import Source
from indexer.types import DocumentInfo, ReaderItem, UnreadPage

log = logging.getLogger(__name__)

WHAT = "spreadsheet"
_LONGEST_CELL = 32_767  # characters; Excel's own bound
# calamine makes room of 32 bytes for each cell between the first and the last, twice, and aborts
# the process where it cannot: a reader had no room for the 16.8 million that an xls can have. An
# xlsb may have a thousand times more. In an xls the first of the two is as large as the sheet says
# that it is, if that is more; most that say too much do so by damage.
_MOST_CELLS = 14_000_000
_MOST_CLAIMED = 17_000_000
_SHEET, _CLAIM = 0x0809, 0x0200  # what follows in an xls is another one; how large it claims to be
_LOCKED = 0x002F  # what follows is encrypted
_LISTED, _END = 0x0085, 0x000A  # where a sheet is; the list or a sheet ends
_MOST_SHEETS = 1_000
_OLD_CELLS = frozenset((0x06, 0xBD, 0xD6, 0xFD, 0x0203, 0x0204, 0x0205, 0x0206, 0x027E, 0x0406))
_ROW = 0  # what follows are its cells
_CELLS = range(1, 12)


def read_old_workbook(source: Source) -> Iterator[ReaderItem]:
    """Read a spreadsheet (xls, xlsb): each sheet, hidden or not, with its name as heading.

    Formulas stand with the value that they had, dates in ISO form. Raises Unreadable, MemoryError.
    """
    import python_calamine as calamine

    _measure(source)
    try:
        book = calamine.CalamineWorkbook.from_object(source.file)
    except calamine.PasswordError:
        raise encrypted(WHAT, source.path) from None
    except BaseException as error:  # noqa: BLE001 (a panic of Rust is no Exception)
        raise _converted(error, source) from None
    yield DocumentInfo(Kind.XLS.value)
    sheet = Sheet()
    given = unread = False
    for name in book.sheet_names:
        sheet.announce(name)
        try:
            for _ in _rows(book.get_sheet_by_name(name), Rows(sheet.add)):
                if sheet.full:
                    given = True
                    yield sheet.take()
        except calamine.WorksheetNotFound:
            continue  # a sheet of macros or with a chart alone
        except BaseException as error:  # noqa: BLE001
            _converted(error, source)
            unread = True
    if unread and not sheet and not given:
        raise damaged(WHAT, source.path)
    yield sheet.take()
    if unread:
        yield UnreadPage(None, "A part of this spreadsheet is damaged.")


def _rows(cells: Any, rows: Rows) -> Iterator[None]:
    for row in cells.iter_rows():
        values = [
            (column, written(value)[:_LONGEST_CELL])
            for column, value in enumerate(row)
            if value != ""
        ]
        if values:
            rows.add(values)
        else:
            rows.gap()
        yield


def _converted(error: BaseException, source: Source) -> Unreadable:
    """Return the error for what calamine raised; raise what is not its own.

    A panic of Rust is no Exception, and would end the process.
    """
    if not isinstance(error, Exception) and type(error).__name__ != "PanicException":
        raise error
    log.info("a spreadsheet could not be read: %s", type(error).__name__)
    return damaged(WHAT, source.path)


def _measure(source: Source) -> None:
    """Raise MemoryError or Unreadable for a spreadsheet that no memory would hold."""
    bound = Bound(source.path, WHAT)
    with source.open() as file:
        zipped = file.read(2) == b"PK"
        size = file.seek(0, os.SEEK_END)
    if not zipped:
        with compound(source, WHAT) as streams:
            if streams.longest() > size:  # calamine would make room for it
                raise damaged(WHAT, source.path)
            for name in ("Workbook", "Book"):
                if name in streams:
                    room, claimed = old_room(streams.read(name))
                    if claimed > _MOST_CLAIMED:
                        raise damaged(WHAT, source.path)
                    if room + max(room, claimed) > 2 * _MOST_CELLS:
                        raise MemoryError
        return
    try:
        with zipfile.ZipFile(source.file) as archive:
            if any(info.flag_bits & 1 for info in archive.infolist()):
                raise encrypted(WHAT, source.path)
            if sum(info.file_size for info in archive.infolist()) > MAX_EXPANDED:
                raise bound.exceeded()
            for name in archive.namelist():
                if name.startswith("xl/worksheets/") and name.endswith(".bin"):
                    with archive.open(name) as part:
                        if _room(part, bound) > _MOST_CELLS:
                            raise MemoryError
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, IndexError):
        raise damaged(WHAT, source.path) from None


class _Cells:
    """The corners of what a sheet holds."""

    def __init__(self) -> None:
        self._top = self._left = 1 << 32
        self._bottom = self._right = -1

    def add(self, row: int, column: int) -> None:
        """Take a cell's place."""
        self._top, self._bottom = min(self._top, row), max(self._bottom, row)
        self._left, self._right = min(self._left, column), max(self._right, column)

    @property
    def room(self) -> int:
        """How many cells there are between the first and the last."""
        return max(0, self._bottom - self._top + 1) * max(0, self._right - self._left + 1)


def old_room(data: bytes) -> tuple[int, int]:
    """Return the largest room that a sheet of an xls takes, and claims to ([MS-XLS] 2.1.4).

    Sheets are looked for in their order, and where the list of them says that they are: in a file
    that is damaged or hostile calamine finds others there.
    """
    room = claimed = 0
    places = [0]
    for number, place in enumerate(places):
        found = _room_from(data, place, places if number == 0 else None)
        if found is None:
            return 0, 0  # calamine opens it no further, and what follows means nothing
        room, claimed = max(room, found[0]), max(claimed, found[1])
    return room, claimed


def _room_from(data: bytes, at: int, places: list[int] | None) -> tuple[int, int] | None:
    """Return the same for the records from a place on, None if they are encrypted.

    Those of all sheets follow where `places` takes where the sheets are, else those of one.
    """
    most = claimed = 0
    cells = _Cells()
    is_list = places is not None
    while at + 8 <= len(data):
        kind, size, row, column = struct.unpack_from("<4H", data, at)
        if is_list and kind == _LOCKED:
            return None
        if is_list and kind == _LISTED and places is not None and len(places) < _MOST_SHEETS:
            places.append(row | column << 16)
        elif kind == _END:
            if places is None:
                break
            is_list = False
        elif kind == _SHEET:
            cells = _Cells()
        elif kind == _CLAIM:
            claimed = max(claimed, _claimed(data[at + 4 : at + 4 + size]))
        elif kind in _OLD_CELLS:
            cells.add(row, column)
            most = max(most, cells.room)
        at += 4 + size
    return most, claimed


def _claimed(data: bytes) -> int:
    """Return how many cells a sheet of an xls claims to have ([MS-XLS] 2.4.90)."""
    corners = struct.Struct("<2I2H" if len(data) >= 14 else "<4H")
    if len(data) < corners.size:
        return 0
    top, bottom, left, right = corners.unpack_from(data)
    if 0 < bottom < top:
        return _MOST_CLAIMED + 1  # calamine counts its rows below zero, which are billions
    return int((max(0, bottom - top) + 1) * (max(left, right) + 1))


def _room(part: Any, bound: Bound) -> int:
    """Return the room that a sheet of an xlsb takes ([MS-XLSB] 2.1.4)."""
    cells = _Cells()
    row = 0
    while (kind := _number(part, 2)) is not None:
        size = _number(part, 4) or 0
        bound.spend(size)
        data = part.read(size)
        value = int.from_bytes(data[:4], "little")
        if kind == _ROW:
            row = value
        elif kind in _CELLS:
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
