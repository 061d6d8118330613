"""One encoder's vectors of a library in memory, kept in step with the database."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import apsw
import numpy as np
from numpy.typing import NDArray

from indexer.storage.database import id_list
from indexer.storage.encryption import is_encrypted

if TYPE_CHECKING:
    # FAISS takes a fifth of a search by word to import, which has no use for it.
    from indexer.vectors.index import VectorIndex

_PART_ROWS = 4096

_Vectors = tuple[NDArray[np.int64], NDArray[np.float32]]  # chunks (n,) and their rows


def cache_path(folder: Path, library: str, encoder: int) -> Path:
    """Return where the cache of one library's vectors by one encoder is."""
    return folder / f"{library}.{encoder}.vectors"


def cache_files(folder: Path) -> list[Path]:
    """Return every cache of vectors, and what a killed process has left of one."""
    return list(folder.glob("*.vectors*"))


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
        self._db = db
        self._caches = caches
        # Vectors tell much of the text: of an encrypted library there is no copy outside of it.
        # 100,000 are read out of it in 0.2 s.
        self._cached = not is_encrypted(Path(db.filename))
        self._name = encoder.name
        self._dimensions = encoder.dimensions
        self._index: VectorIndex | None = None
        self._generation = 0
        self._encoder = 0

    def search(
        self, query: NDArray[np.float32], k: int, allowed: NDArray[np.int64] | None = None
    ) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
        """Return ids and cosines of the best k chunks, best first, among `allowed` if given."""
        self._refresh()
        if self._index is None:
            return np.empty(0, np.int64), np.empty(0, np.float32)
        return self._index.search(query, k, allowed)

    def _refresh(self) -> None:
        """Bring the vectors in memory to the library's present state."""
        if not self._encoder:
            row: Any = self._db.execute(
                "SELECT id FROM encoders WHERE name = ?", (self._name,)
            ).fetchone()
            if row is None:
                return
            self._encoder = row[0]
        latest = self._latest_change()
        if self._index is None:
            self._load(latest)
        elif latest > self._generation:
            self._catch_up(latest)

    def _latest_change(self) -> int:
        row: Any = self._db.execute(
            "SELECT seq FROM sqlite_sequence WHERE name = 'vector_log'"
        ).fetchone()
        return int(row[0]) if row else 0

    @property
    def cache(self) -> Path:
        """Where the vectors are saved."""
        library = str(self._db.execute("SELECT value FROM library WHERE key = 'id'").get)
        return cache_path(self._caches, library, self._encoder)

    def _mark(self, generation: int) -> str | None:
        """Return what only this library's change of that number has; None if there is none.

        An older copy of the library that was put back counts on with other changes.
        """
        row: Any = self._db.execute(
            "SELECT mark FROM vector_log WHERE seq = ?", (generation,)
        ).fetchone()
        return f"{self._name} {row[0]}" if row else None

    def _load(self, latest: int) -> None:
        from indexer.vectors.index import VectorIndex, load

        cached = load(self.cache, self._dimensions) if self._cached else None
        index = VectorIndex(self._dimensions)
        self._index = index
        if cached is None or cached.mark != self._mark(cached.generation):
            for ids, rows in self._all_vectors():
                index.add(ids, rows)
            self._generation = latest
            return
        index.add(cached.ids, cached.vectors)
        index.add(*self._read_vectors(cached.damaged.tolist()))
        self._generation = cached.generation
        self._catch_up(latest)

    def _catch_up(self, latest: int) -> None:
        assert self._index is not None
        changed: list[Any] = self._db.execute(
            "SELECT DISTINCT chunk_id FROM vector_log "
            "WHERE seq > ? AND seq <= ? AND encoder_id = ?",
            (self._generation, latest, self._encoder),
        ).fetchall()
        chunks = [row[0] for row in changed]
        # First out, then in again what has a vector now: the order of changes does not matter.
        self._index.remove(np.array(chunks, np.int64))
        self._index.add(*self._read_vectors(chunks))
        self._generation = latest

    def _read_vectors(self, chunks: Sequence[int]) -> _Vectors:
        return self._arrays(list(self._rows(f"AND chunk_id IN ({id_list(chunks)})")))

    def _all_vectors(self) -> Iterator[_Vectors]:
        """Read the whole library a part at a time.

        100,000 vectors of 384 take 0.43 s of processor time and 270 MB in all; at once it was
        0.56 and 510.
        """
        rows = self._rows("")
        while part := list(islice(rows, _PART_ROWS)):
            yield self._arrays(part)

    def _rows(self, which: str) -> Iterator[Any]:
        return self._db.execute(
            f"SELECT chunk_id, vector FROM vectors WHERE encoder_id = ? {which} ORDER BY chunk_id",
            (self._encoder,),
        )

    def _arrays(self, rows: Sequence[Any]) -> _Vectors:
        ids = np.array([row[0] for row in rows], np.int64)
        halves = np.frombuffer(b"".join([row[1] for row in rows]), "<f2")
        return ids, halves.reshape(-1, self._dimensions).astype(np.float32)

    def wrong_in_cache(self) -> int:
        """Return how many vectors are not as in the library, when all is loaded as for a search.

        A cache file that is not used is no fault: it is made again.
        """
        self._refresh()
        if self._index is None:
            return 0
        ids, rows = self._index.rows()
        true_ids, true_rows = self._arrays(list(self._rows("")))
        order = np.argsort(ids, kind="stable")
        ids, rows = ids[order], rows[order]
        if np.array_equal(ids, true_ids):
            return int(np.any(rows != true_rows, axis=1).sum())
        return len(np.setxor1d(ids, true_ids)) or abs(len(ids) - len(true_ids))

    def save(self) -> None:
        """Write the vectors to their cache file, if they have one. Raises OSError."""
        if not self._cached:
            return
        from indexer.vectors.index import save

        self._refresh()
        if self._index is None:
            return
        mark = self._mark(self._generation)
        if mark is not None:
            save(self.cache, self._generation, mark, *self._index.rows())
