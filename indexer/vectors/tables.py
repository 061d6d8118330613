"""One encoder's vectors in SQLite, and the log of what became of them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import apsw
import numpy as np

from indexer.storage.database import id_list
from indexer.vectors.arrays import PART_ROWS, Vectors


class VectorTable:
    """Reads the vectors of one encoder, of which the library may know nothing yet."""

    def __init__(self, db: apsw.Connection, name: str, dimensions: int) -> None:
        self._db = db
        self._name = name
        self._dimensions = dimensions
        self._encoder = 0

    @property
    def encoder(self) -> int:
        """The encoder's number; 0 as long as it has none."""
        if not self._encoder:
            row: Any = self._db.execute(
                "SELECT id FROM encoders WHERE name = ?", (self._name,)
            ).fetchone()
            self._encoder = int(row[0]) if row else 0
        return self._encoder

    def count(self) -> int:
        """Return how many vectors there are."""
        query = "SELECT vectors FROM encoders WHERE id = ?"
        return int(self._db.execute(query, (self.encoder,)).get or 0)

    def latest(self) -> int:
        """Return the number of the latest change, of whatever encoder."""
        query = "SELECT seq FROM sqlite_sequence WHERE name = 'vector_log'"
        return int(self._db.execute(query).get or 0)

    def mark(self, generation: int) -> str | None:
        """Return what only this library's change of that number has; None if there is none.

        An older copy of the library that was put back counts on with other changes.
        """
        row: Any = self._db.execute(
            "SELECT mark FROM vector_log WHERE seq = ?", (generation,)
        ).fetchone()
        return f"{self._name} {row[0]}" if row else None

    def cache_path(self, folder: Path, generation: int) -> Path:
        """Return where the cache is that knows all changes up to this one."""
        return folder / f"{self.cache_prefix()}{generation}.vectors"

    def caches(self, folder: Path) -> list[tuple[int, Path]]:
        """Return the caches that have the right names, with their generations, latest first."""
        found = []
        name = self.cache_prefix()
        for path in folder.glob(f"{name}*.vectors"):
            generation = path.name.removeprefix(name).removesuffix(".vectors")
            if generation.isdecimal():
                found.append((int(generation), path))
        return sorted(found, reverse=True)

    def cache_prefix(self) -> str:
        """Return what the names of all caches of these vectors begin with."""
        library = str(self._db.execute("SELECT value FROM library WHERE key = 'id'").get)
        return f"{library}.{self.encoder}."

    def changed(self, after: int, until: int) -> list[int]:
        """Return the chunks whose vectors came or went after one change and until another."""
        return self._logged(after, until, "")

    def removed(self, after: int, until: int) -> list[int]:
        """Return those whose vectors went."""
        return self._logged(after, until, "AND NOT added")

    def _logged(self, after: int, until: int, which: str) -> list[int]:
        rows: list[Any] = self._db.execute(
            "SELECT DISTINCT chunk_id FROM vector_log "
            f"WHERE seq > ? AND seq <= ? AND encoder_id = ? {which} ORDER BY chunk_id",
            (after, until, self.encoder),
        ).fetchall()
        return [row[0] for row in rows]

    def read(self, chunks: Sequence[int]) -> Iterator[Vectors]:
        """Yield the vectors of those of these chunks that have one, a part at a time."""
        for at in range(0, len(chunks), PART_ROWS):
            some = id_list(chunks[at : at + PART_ROWS])
            yield self._arrays(f"AND chunk_id IN ({some}) ORDER BY chunk_id")

    def all(self) -> Iterator[Vectors]:
        """Yield all vectors by chunk, a part at a time, each as it is when it is read.

        100,000 vectors of 384 take 0.2 s of processor time.
        """
        last = -1
        while True:
            ids, rows = self._arrays(f"AND chunk_id > {last} ORDER BY chunk_id LIMIT {PART_ROWS}")
            if not len(ids):
                return
            yield ids, rows
            last = int(ids[-1])

    def _arrays(self, which: str) -> Vectors:
        found: list[Any] = self._db.execute(
            f"SELECT chunk_id, vector FROM vectors WHERE encoder_id = ? {which}", (self.encoder,)
        ).fetchall()
        ids = np.array([row[0] for row in found], np.int64)
        rows = np.frombuffer(b"".join([row[1] for row in found]), "<f2").astype(np.float16)
        return ids, rows.reshape(-1, self._dimensions)
