"""Rows out of the pages of a SQLite file whose schema, trees or head cannot be read any more.

SQLite's own recovery is not part of what is installed. The format is that of
https://sqlite.org/fileformat2.html: pages (1.6), records (2.1), write-ahead log (4).
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from pathlib import Path

from indexer.storage.encryption import RESERVED, decrypt_page, key_of

Value = int | float | str | bytes | None

_PAGE_SIZES = {2**power for power in range(9, 17)}
_USUAL_PAGE = 4096
_HEAD = 100  # bytes of the file before the first page's own head
_INDEX_INTERIOR, _INDEX_LEAF, _TABLE_LEAF = 2, 10, 13
_FRAME_HEAD, _LOG_HEAD = 24, 32
_INTEGERS = {1: 1, 2: 2, 3: 3, 4: 4, 5: 6, 6: 8}
_FLOAT, _ZERO, _ONE, _FIRST_BLOB, _FIRST_TEXT = 7, 8, 9, 12, 13
_LONGEST = 64 << 20  # of one row; a damaged length may claim anything
_MOST_COLUMNS = 100


def carve(database: Path) -> Iterator[list[Value]]:
    """Yield each row that stands whole in a page, whatever its table is.

    The first value of a row with a number of its own is that number. What was removed is not
    found: it was overwritten.
    """
    pages = _Pages(database)
    for number in pages.numbers():
        yield from _rows(pages, number)


class _Pages:
    """The pages as they were last written: to the write-ahead log, or before that to the file."""

    def __init__(self, database: Path) -> None:
        self._data = database.read_bytes()
        self._key = key_of(database)
        size = struct.unpack_from(">H", self._data, 16)[0] if len(self._data) >= _HEAD else 0
        size = 65536 if size == 1 else size
        self.size = size if size in _PAGE_SIZES else _USUAL_PAGE
        reserved = self._data[20] if len(self._data) > 20 and size in _PAGE_SIZES else 0
        self.usable = self.size - (RESERVED if self._key else reserved)
        self._logged: dict[int, bytes] = {}
        log = database.with_name(f"{database.name}-wal")
        if log.exists():
            self._read_log(log.read_bytes())

    def _read_log(self, data: bytes) -> None:
        salt = data[16:24]
        written: dict[int, bytes] = {}
        for at in range(
            _LOG_HEAD, len(data) - _FRAME_HEAD - self.size + 1, self.size + _FRAME_HEAD
        ):
            number, committed = struct.unpack_from(">II", data, at)
            if data[at + 8 : at + 16] != salt:
                break  # of a log that this one has overwritten the beginning of
            written[number] = data[at + _FRAME_HEAD : at + _FRAME_HEAD + self.size]
            if committed:
                self._logged |= written
                written = {}

    def numbers(self) -> list[int]:
        """Return the numbers of all pages, from 1."""
        in_file = range(1, -(-len(self._data) // self.size) + 1)
        return sorted({*in_file, *self._logged})

    def __getitem__(self, number: int) -> bytes:
        page = self._data[(number - 1) * self.size : number * self.size]
        page = self._logged.get(number, page)
        return decrypt_page(page, number, self._key) if self._key else page


def _rows(pages: _Pages, number: int) -> Iterator[list[Value]]:
    page = pages[number]
    start = _HEAD if number == 1 else 0
    if len(page) < start + 12:
        return
    kind = page[start]
    if kind not in (_INDEX_INTERIOR, _INDEX_LEAF, _TABLE_LEAF):
        return
    count = struct.unpack_from(">H", page, start + 3)[0]
    first = start + (12 if kind == _INDEX_INTERIOR else 8)
    if first + 2 * count > len(page):
        return
    for at in struct.unpack_from(f">{count}H", page, first):
        try:
            row = _row(pages, page, at, kind)
        except (IndexError, ValueError, struct.error):
            continue  # this one is damaged
        yield row


def _row(pages: _Pages, page: bytes, at: int, kind: int) -> list[Value]:
    at += 4 if kind == _INDEX_INTERIOR else 0
    length, at = _varint(page, at)
    if not 0 < length <= _LONGEST:
        raise ValueError
    number = 0
    if kind == _TABLE_LEAF:
        number, at = _varint(page, at)
    values = _record(_payload(pages, page, at, length, kind))
    if kind == _TABLE_LEAF and values and values[0] is None:
        values[0] = number
    return values


def _payload(pages: _Pages, page: bytes, at: int, length: int, kind: int) -> bytes:
    """Return a row's bytes, of which all but the first may stand in pages of their own."""
    usable = pages.usable
    most = usable - 35 if kind == _TABLE_LEAF else (usable - 12) * 64 // 255 - 23
    if length <= most:
        return page[at : at + length]
    least = (usable - 12) * 32 // 255 - 23
    here = least + (length - least) % (usable - 4)
    here = here if here <= most else least
    parts = [page[at : at + here]]
    left = length - here
    following = struct.unpack_from(">I", page, at + here)[0]
    while left > 0:
        more = pages[following] if following else b""
        if len(more) < pages.usable:
            raise ValueError
        parts.append(more[4 : min(usable, 4 + left)])
        left -= len(parts[-1])
        following = struct.unpack_from(">I", more)[0]
    return b"".join(parts)


def _record(data: bytes) -> list[Value]:
    end, at = _varint(data, 0)
    types: list[int] = []
    while at < end:
        type_, at = _varint(data, at)
        types.append(type_)
    if at != end or len(types) > _MOST_COLUMNS:
        raise ValueError
    values: list[Value] = []
    for type_ in types:
        value, at = _value(data, at, type_)
        values.append(value)
    if at != len(data):
        raise ValueError
    return values


def _value(data: bytes, at: int, type_: int) -> tuple[Value, int]:
    if type_ >= _FIRST_BLOB:
        raw = data[at : at + (type_ - _FIRST_BLOB) // 2]
        return raw.decode() if type_ % 2 else raw, at + (type_ - _FIRST_BLOB) // 2
    if type_ in _INTEGERS:
        end = at + _INTEGERS[type_]
        return int.from_bytes(data[at:end], "big", signed=True), end
    if type_ == _FLOAT:
        return float(struct.unpack_from(">d", data, at)[0]), at + 8
    if type_ in (_ZERO, _ONE):
        return type_ - _ZERO, at
    if type_ == 0:
        return None, at
    raise ValueError


def _varint(data: bytes, at: int) -> tuple[int, int]:
    value = 0
    for place in range(8):
        byte = data[at + place]
        value = value << 7 | byte & 0x7F
        if byte < 0x80:
            return value, at + place + 1
    value = value << 8 | data[at + 8]
    return value - (1 << 64 if value >> 63 else 0), at + 9
