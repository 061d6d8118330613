"""One encoder's vectors of a library, ready to be searched and kept in step with the database."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import apsw
import numpy as np

from indexer.storage.encryption import is_encrypted
from indexer.vectors.arrays import PART_ROWS, Floats, Halves, Ids, Vectors
from indexer.vectors.cache import CacheFile, discard
from indexer.vectors.tables import VectorTable

if TYPE_CHECKING:
    # FAISS takes a fifth of a search by word to import, which has no use for it.
    from indexer.vectors.compact import CompactIndex
    from indexer.vectors.index import VectorIndex

# So many are searched exactly, and are held in memory for that.
_EXACT_ROWS = 50_000


class Encoder(Protocol):
    """What is known of an encoder, be it loaded or not."""

    @property
    def name(self) -> str:
        """What identifies its vectors."""

    @property
    def dimensions(self) -> int:
        """Of each vector."""


class LibraryVectors:
    """Searches the vectors of one encoder, over a connection opened for reading."""

    def __init__(self, db: apsw.Connection, caches: Path, encoder: Encoder) -> None:
        self._table = VectorTable(db, encoder.name, encoder.dimensions)
        self._caches = caches
        # Vectors tell much of the text: of an encrypted library there is no copy outside of it.
        # 100,000 are read out of it in 0.2 s.
        self._cached = not is_encrypted(Path(db.filename))
        self._dimensions = encoder.dimensions
        self._index: VectorIndex | CompactIndex | None = None
        self._generation = 0
        self._file_generation = 0

    def search(self, query: Floats, k: int, allowed: Ids | None = None) -> tuple[Ids, Floats]:
        """Return ids and cosines of the best k chunks, best first, among `allowed` if given."""
        self._refresh()
        if self._index is None:
            return np.empty(0, np.int64), np.empty(0, np.float32)
        return self._index.search(query, k, allowed)

    def _refresh(self) -> None:
        """Bring the vectors to the library's present state."""
        if not self._table.encoder:
            return
        latest = self._table.latest()
        if self._index is None or self._better_file():
            self._load(latest)
        if latest > self._generation:
            self._catch_up(latest)

    def _better_file(self) -> bool:
        """Whether much of what is in memory is in a newer file by now."""
        from indexer.vectors.compact import CompactIndex

        if not isinstance(self._index, CompactIndex) or self._index.in_memory < PART_ROWS:
            return False
        caches = self._table.caches(self._caches) if self._cached else []
        return bool(caches) and self._generation >= caches[0][0] > self._file_generation

    def _load(self, latest: int) -> None:
        from indexer.vectors.compact import CompactIndex
        from indexer.vectors.index import VectorIndex

        file = self._open_file() if self._cached else None
        self._file_generation = file.generation if file else 0
        if file is not None and len(file) > _EXACT_ROWS:
            self._index = CompactIndex(self._dimensions, self._read, file)
            self._generation = file.generation
            return
        self._index = VectorIndex(self._dimensions)
        if file is None:
            for ids, rows in self._table.all():
                self._add(ids, rows)
            self._generation = latest
            return
        rows, good = file.rows(slice(None))
        self._add(file.ids[good], rows[good])
        for part in self._table.read(file.ids[~good].tolist()):
            self._add(*part)
        self._generation = file.generation

    def _open_file(self) -> CacheFile | None:
        for _, path in self._table.caches(self._caches):
            file = CacheFile.open(path)
            if (
                file is not None
                and file.dimensions == self._dimensions
                and file.mark == self._table.mark(file.generation)
            ):
                return file
        return None

    def _catch_up(self, latest: int) -> None:
        assert self._index is not None
        chunks = self._table.changed(self._generation, latest)
        # First out, then in again what has a vector now: the order of changes does not matter.
        self._index.remove(np.array(chunks, np.int64))
        for part in self._table.read(chunks):
            self._add(*part)
        self._generation = latest

    def _add(self, ids: Ids, rows: Halves) -> None:
        from indexer.vectors.compact import CompactIndex
        from indexer.vectors.index import VectorIndex

        assert self._index is not None
        if isinstance(self._index, VectorIndex) and len(self._index) + len(ids) > _EXACT_ROWS:
            exact, self._index = self._index, CompactIndex(self._dimensions, self._read)
            for part in exact.parts():
                self._index.add(*part)
        self._index.add(ids, rows)

    def _read(self, ids: Ids) -> Vectors:
        parts = list(self._table.read(ids.tolist()))
        parts.append((np.empty(0, np.int64), np.empty((0, self._dimensions), np.float16)))
        found, rows = zip(*parts, strict=True)
        return np.concatenate(found), np.concatenate(rows)

    def wrong_in_cache(self) -> int:
        """Return how many vectors are not as in the library, when all is loaded as for a search.

        A cache file that is not used is no fault: it is made again.
        """
        self._refresh()
        if self._index is None:
            return 0
        right = surplus = 0
        for ids, rows in self._index.parts():
            order = np.argsort(ids)
            true_ids, true_rows = self._read(ids)
            at = order[np.searchsorted(ids, true_ids, sorter=order)]
            same = np.all(rows[at] == true_rows, axis=1)
            right += int(same.sum())
            surplus += len(ids) - len(true_ids)
        return surplus + self._table.count() - right

    def discard_caches(self) -> None:
        """Remove the caches of these vectors, so that they are made again."""
        self._index = None
        for _, path in self._table.caches(self._caches):
            discard(path)
