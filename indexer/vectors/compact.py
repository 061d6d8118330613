"""Search among many vectors: by their signs first, exactly among the nearest by these.

A row's signs are 48 bytes where the row itself is 768, so that a million are gone through in
milliseconds, and need 48 MB. The rows stay in the cache file, of which only what is compared is
read; those that are newer than it, or have no file, are in memory.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator

import faiss
import numpy as np
from numpy.typing import NDArray

from indexer.vectors.arrays import PART_ROWS, Floats, Halves, Ids, Places, Signs, Vectors
from indexer.vectors.cache import CacheFile, signs_of
from indexer.vectors.index import best

log = logging.getLogger(__name__)

# Rows that are compared exactly.
_NEAREST = 4000
# A search among so few compares them all.
_FEW = 8192
_BLOCK_ROWS = 32768  # in memory

# What the library has for ids: those that it has still, and their rows.
Source = Callable[[Ids], Vectors]


class CompactIndex:
    """Inner products over L2-normalised rows, some of which may be in a file."""

    def __init__(self, dimensions: int, source: Source, file: CacheFile | None = None) -> None:
        self.dimensions = dimensions
        self._source = source
        self._file = file
        self._in_file = len(file) if file else 0
        self._ids: Ids = file.ids if file else np.empty(0, np.int64)
        self._signs: Signs = np.empty((0, -(-dimensions // 8)), np.uint8)
        self._alive: NDArray[np.bool_] = np.ones(self._in_file, np.bool_)
        self._count = self._in_file  # of the places that are used in these three
        self._dead = 0
        self._blocks: list[Halves] = []  # the rows behind those of the file
        self._mended: dict[int, Halves] = {}  # rows of the file that are damaged there, by place
        if file:
            self._signs, damaged = file.signs()
            for block in damaged:
                places = np.arange(block.start, min(block.stop, self._in_file))
                self._signs[block] = signs_of(self._rows(places))

    def __len__(self) -> int:
        return self._count - self._dead

    @property
    def in_memory(self) -> int:
        """How many rows are held in memory, or are removed and still gone through."""
        return self._count - self._in_file + self._dead

    def add(self, ids: Ids, vectors: Halves) -> None:
        """Add rows (n, dimensions) under ids (n,) that are not in use."""
        count = self._count + len(ids)
        if count > len(self._ids):
            self._grow(max(count, self._count + self._count // 8 + PART_ROWS))
        new = slice(self._count, count)
        self._ids[new] = ids
        self._signs[new] = signs_of(vectors)
        self._alive[new] = True
        while len(self._blocks) * _BLOCK_ROWS < count - self._in_file:
            self._blocks.append(np.empty((_BLOCK_ROWS, self.dimensions), np.float16))
        self._put(np.arange(self._count, count), vectors)
        self._count = count

    def _put(self, places: Places, rows: Halves) -> None:
        """Write rows to places in memory."""
        blocks, offsets = np.divmod(places - self._in_file, _BLOCK_ROWS)
        for block in np.unique(blocks):
            of_it = blocks == block
            self._blocks[block][offsets[of_it]] = rows[of_it]

    def _grow(self, capacity: int) -> None:
        more = capacity - len(self._ids)
        self._ids = np.concatenate([self._ids, np.empty(more, np.int64)])
        self._signs = np.concatenate(
            [self._signs, np.empty((more, self._signs.shape[1]), np.uint8)]
        )
        self._alive = np.concatenate([self._alive, np.zeros(more, np.bool_)])

    def remove(self, ids: Ids) -> None:
        """Remove rows; unknown ids are no error."""
        places = self._places(ids)
        self._alive[places] = False
        self._dead += len(places)
        if self._file is None and 5 * self._dead > self._count:
            self._close_ranks()

    def _close_ranks(self) -> None:
        """Move the last rows into the places of those that were removed, when all is in memory."""
        left = len(self)
        free = np.flatnonzero(~self._alive[:left])
        moved = np.flatnonzero(self._alive[left : self._count]) + left
        for at in range(0, len(free), PART_ROWS):
            to, from_ = free[at : at + PART_ROWS], moved[at : at + PART_ROWS]
            self._put(to, self._rows(from_))
            self._ids[to] = self._ids[from_]
            self._signs[to] = self._signs[from_]
        self._alive[:left] = True
        self._count, self._dead = left, 0
        del self._blocks[-(-left // _BLOCK_ROWS) :]

    def _places(self, ids: Ids) -> Places:
        """Return where those of these ids are that are here."""
        held = self._ids[: self._in_file]  # in order
        at = np.searchsorted(held, ids)
        at = at[at < len(held)]
        in_file = np.unique(at[np.isin(held[at], ids)])
        behind = np.flatnonzero(np.isin(self._ids[self._in_file : self._count], ids))
        places = np.concatenate([in_file, behind + self._in_file])
        alive: Places = places[self._alive[places]]
        return alive

    def search(self, query: Floats, k: int, allowed: Ids | None = None) -> tuple[Ids, Floats]:
        """Return ids and cosines of the best k rows for a query (dimensions,), best first.

        `allowed` restricts the search to these ids; among few of them it is exact.
        """
        if allowed is None:
            places = self._nearest_alive(query, max(k, _NEAREST))
        else:
            places = self._places(allowed)
            if len(places) > _FEW:
                near = _nearest(self._signs[places], query, max(k, _NEAREST))
                places = places[near]
        rows = self._rows(places)
        found, cosines = best(rows, query, k)
        return self._ids[places[found]], cosines

    def _nearest_alive(self, query: Floats, count: int) -> Places:
        wanted = min(count, len(self))
        asked = wanted + min(self._dead, wanted // 4)
        while True:
            near = _nearest(self._signs[: self._count], query, asked)
            near = near[self._alive[near]]
            if len(near) >= wanted:
                return near[:wanted]
            asked *= 4  # what was removed was near

    def _rows(self, places: Places) -> Halves:
        """Return rows; those that are damaged in the file as the library has them."""
        rows = np.empty((len(places), self.dimensions), np.float16)
        inside = places < self._in_file
        if self._file is not None and inside.any():
            rows[inside], good = self._file.rows(places[inside])
            if not good.all():
                at = np.flatnonzero(inside)[~good]
                rows[at] = self._mend(places[at])
        behind = np.flatnonzero(~inside)
        blocks, offsets = np.divmod(places[behind] - self._in_file, _BLOCK_ROWS)
        for block in np.unique(blocks):
            of_it = blocks == block
            rows[behind[of_it]] = self._blocks[block][offsets[of_it]]
        return rows

    def _mend(self, places: Places) -> Halves:
        """Return rows as the library has them; of those that it has no more, zeros."""
        unknown = np.array([place for place in places if int(place) not in self._mended], np.int64)
        if len(unknown):
            log.warning("damaged vectors of the cache are read from the library")
            ids, rows = self._source(self._ids[unknown])
            of = dict(zip(ids.tolist(), rows, strict=True))
            nothing = np.zeros(self.dimensions, np.float16)
            for place in unknown.tolist():
                self._mended[place] = of.get(int(self._ids[place]), nothing)
        return np.stack([self._mended[place] for place in places.tolist()])

    def parts(self) -> Iterator[Vectors]:
        """Yield ids (n,) and rows (n, dimensions) of all, a part at a time."""
        for first in range(0, self._count, PART_ROWS):
            places = np.arange(first, min(first + PART_ROWS, self._count))
            places = places[self._alive[places]]
            yield self._ids[places], self._rows(places)


def _nearest(signs: Signs, query: Floats, count: int) -> Places:
    """Return the places of the rows whose signs differ least from the query's."""
    asked = signs_of(query[np.newaxis].astype(np.float32))
    _, places = faiss.knn_hamming(asked, signs, min(count, len(signs)), variant="mc")
    found: Places = places[0]
    return found[found >= 0]
