"""The file that a library's vectors are searched from: a cache that can be thrown away.

The vectors in SQLite are the truth. A file is written beside its place, synced and renamed, under a
name that is used once, since on Windows one that is mapped cannot be replaced. Afterwards rows that
were removed are filled with zeros, and nothing else is changed.

The order is that in which it is written: head, rows (float16), their signs, a checksum for each
row, one for each block of signs, the ids in rising order, and the description of all that. Rows are
read from a memory map, and compared with their checksums whenever they are; signs and ids when the
file is opened, in 0.1 s for a million.
"""

from __future__ import annotations

import json
import mmap
import os
import struct
import zlib
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from io import BufferedRandom, BufferedReader
from itertools import pairwise
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from indexer.vectors.arrays import Halves, Ids, Places, Signs, Sums

_HEAD = b"pocket-llm vectors 3\n".ljust(64)
_END = struct.Struct("<II8s")  # the description's length and checksum, and what every file ends in
_LAST = b"vectors\n"
_SIGN_ROWS = 8192  # one checksum each
_SYNC_BYTES = 64 << 20  # written between two syncs, so that none takes long
_ZEROS = 1 << 20


@dataclass(frozen=True, slots=True)
class Layout:
    """What a file says of itself, and where its parts begin."""

    generation: int  # the last change of the library's vectors that it knows
    mark: str  # tells library and encoder from all others, at this generation
    count: int
    dimensions: int
    ids_sum: int

    @property
    def row_bytes(self) -> int:
        """Of a row."""
        return 2 * self.dimensions

    @property
    def sign_bytes(self) -> int:
        """Of a row's signs."""
        return -(-self.dimensions // 8)

    @property
    def rows_at(self) -> int:
        """Where the rows begin."""
        return len(_HEAD)

    @property
    def signs_at(self) -> int:
        """Where their signs begin."""
        return self.rows_at + self.count * self.row_bytes

    @property
    def sums_at(self) -> int:
        """Where the rows' checksums begin."""
        return self.signs_at + self.count * self.sign_bytes

    @property
    def sign_sums_at(self) -> int:
        """Where the checksums of the blocks of signs begin."""
        return self.sums_at + 4 * self.count

    @property
    def ids_at(self) -> int:
        """Where the ids begin."""
        return self.sign_sums_at + 4 * -(-self.count // _SIGN_ROWS)

    @property
    def end(self) -> int:
        """Where the ids end."""
        return self.ids_at + 8 * self.count


def read_layout(path: Path) -> Layout | None:
    """Read what a file says of itself; None if it is missing or not whole."""
    try:
        with path.open("rb") as file:
            return _layout_of(file)
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _layout_of(file: BufferedReader | BufferedRandom) -> Layout | None:
    """Raise OSError, or ValueError, KeyError and TypeError where it says nothing that can be."""
    size = os.fstat(file.fileno()).st_size
    if size < len(_HEAD) + _END.size or file.read(len(_HEAD)) != _HEAD:
        return None
    file.seek(size - _END.size)
    length, checksum, last = _END.unpack(file.read(_END.size))
    if last != _LAST or length > size - _END.size - len(_HEAD):
        return None
    file.seek(size - _END.size - length)
    described = file.read(length)
    if zlib.crc32(described) != checksum:
        return None
    values: dict[str, Any] = json.loads(described)
    layout = Layout(**values)
    return layout if layout.end == size - _END.size - length else None


def row_sums(rows: Halves) -> Sums:
    """Return the checksum of each row."""
    return np.fromiter(
        (zlib.crc32(row.data) for row in np.ascontiguousarray(rows)), "<u4", len(rows)
    )


def signs_of(rows: Halves) -> Signs:
    """Return the signs of rows (n, dimensions), a bit each."""
    return np.packbits(rows > 0, axis=1)


class CacheFile:
    """A file that was found whole in its ids; its rows are read when they are needed."""

    def __init__(self, layout: Layout, data: mmap.mmap) -> None:
        self.generation = layout.generation
        self.mark = layout.mark
        self.dimensions = layout.dimensions
        count = layout.count
        self.ids: Ids = np.frombuffer(data, "<i8", count, layout.ids_at).astype(np.int64)
        self._sums: Sums = np.frombuffer(data, "<u4", count, layout.sums_at)
        rows = np.frombuffer(data, "<f2", count * layout.dimensions, layout.rows_at)
        self._rows: Halves = rows.reshape(count, layout.dimensions)
        signs = np.frombuffer(data, np.uint8, count * layout.sign_bytes, layout.signs_at)
        self._signs: Signs = signs.reshape(count, layout.sign_bytes)
        blocks = -(-count // _SIGN_ROWS)
        self._sign_sums: Sums = np.frombuffer(data, "<u4", blocks, layout.sign_sums_at)

    @classmethod
    def open(cls, path: Path) -> CacheFile | None:
        """Open a file; None if it is missing or of no use."""
        try:
            with path.open("rb") as file:
                layout = _layout_of(file)
                if layout is None or not layout.count:
                    return None
                opened = cls(layout, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ))
        except (OSError, ValueError, KeyError, TypeError):
            return None
        return opened if zlib.crc32(opened.ids.astype("<i8").data) == layout.ids_sum else None

    def __len__(self) -> int:
        return len(self.ids)

    def rows(self, places: Places | slice) -> tuple[Halves, NDArray[np.bool_]]:
        """Return copies of rows, and which of them are as they were written."""
        rows = np.array(self._rows[places], np.float16)
        return rows, row_sums(rows) == self._sums[places]

    def signs(self) -> tuple[Signs, list[slice]]:
        """Return a copy of all signs, and the blocks of it that are not as they were written."""
        signs = self._signs.copy()
        blocks = [slice(at, at + _SIGN_ROWS) for at in range(0, len(signs), _SIGN_ROWS)]
        sums = [zlib.crc32(signs[block].data) for block in blocks]
        return signs, [
            block
            for block, is_, was in zip(blocks, sums, self._sign_sums, strict=True)
            if is_ != was
        ]


class CacheWriter:
    """Writes a file part by part; it has its name when `finish` was called, or never.

    Methods raise OSError.
    """

    def __init__(self, path: Path, dimensions: int) -> None:
        self._path = path
        self._temporary = path.with_name(f"{path.name}.{os.getpid()}.tmp")
        self._dimensions = dimensions
        self._ids: list[Ids] = []
        self._signs: list[Signs] = []
        self._sums: list[Sums] = []
        self._unsynced = 0
        self._file = self._temporary.open("wb")
        self._file.write(_HEAD)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        with suppress(OSError):  # of what is thrown away
            self._file.close()
        self._temporary.unlink(missing_ok=True)

    def add(self, ids: Ids, rows: Halves) -> None:
        """Write rows (n, dimensions) under ids (n,), which are above all before."""
        self._ids.append(ids)
        self._signs.append(signs_of(rows))
        self._sums.append(row_sums(rows))
        self._unsynced += self._file.write(np.ascontiguousarray(rows, "<f2").data)
        if self._unsynced > _SYNC_BYTES:
            self._sync()

    def finish(self, generation: int, mark: str) -> None:
        """Write the rest, and give the file its name."""
        ids = np.concatenate([np.empty(0, np.int64), *self._ids]).astype("<i8")
        width = -(-self._dimensions // 8)
        signs = np.concatenate([np.empty((0, width), np.uint8), *self._signs])
        sign_sums = [
            zlib.crc32(signs[at : at + _SIGN_ROWS].data) for at in range(0, len(ids), _SIGN_ROWS)
        ]
        for part in (signs, *self._sums, np.array(sign_sums, "<u4"), ids):
            self._file.write(part.data)
        described = json.dumps(
            {
                "generation": generation,
                "mark": mark,
                "count": len(ids),
                "dimensions": self._dimensions,
                "ids_sum": zlib.crc32(ids.data),
            }
        ).encode()
        self._file.write(described + _END.pack(len(described), zlib.crc32(described), _LAST))
        self._sync()
        self._file.close()
        self._temporary.replace(self._path)

    def _sync(self) -> None:
        self._file.flush()
        os.fsync(self._file.fileno())
        self._unsynced = 0


def blank(path: Path, ids: Ids) -> None:
    """Fill all that a file holds of these ids with zeros. Raises OSError.

    Whoever has it open, or opens it, finds by the checksums that these rows are not there.
    """
    with path.open("r+b") as file:
        try:
            layout = _layout_of(file)
        except (ValueError, KeyError, TypeError):
            layout = None
        if layout is None:
            _fill(file, 0, os.fstat(file.fileno()).st_size)
        else:
            file.seek(layout.ids_at)
            held = np.frombuffer(file.read(8 * layout.count), "<i8")
            for first, last in _runs(np.flatnonzero(np.isin(held, ids))):
                for at, size in (
                    (layout.rows_at, layout.row_bytes),
                    (layout.signs_at, layout.sign_bytes),
                    (layout.sums_at, 4),
                ):
                    _fill(file, at + first * size, (last - first) * size)
        file.flush()
        os.fsync(file.fileno())


def _runs(places: Places) -> Iterator[tuple[int, int]]:
    """Yield the first of each run of neighbours, and the one behind its last."""
    if len(places):
        cuts = np.flatnonzero(np.diff(places) > 1) + 1
        for first, behind in pairwise([0, *cuts.tolist(), len(places)]):
            yield int(places[first]), int(places[behind - 1]) + 1


def _fill(file: BufferedRandom, at: int, size: int) -> None:
    file.seek(at)
    while size > 0:
        size -= file.write(bytes(min(size, _ZEROS)))


def discard(path: Path) -> None:
    """Remove a file; one that somebody has mapped on Windows is filled with zeros instead."""
    try:
        path.unlink(missing_ok=True)
    except OSError:
        with suppress(OSError), path.open("r+b") as file:
            _fill(file, 0, os.fstat(file.fileno()).st_size)


def cache_files(folder: Path) -> list[Path]:
    """Return every cache of vectors, and what a killed process has left of one."""
    return list(folder.glob("*.vectors*"))


def remove_caches(folder: Path) -> None:
    """Remove all of them."""
    for path in cache_files(folder):
        discard(path)
