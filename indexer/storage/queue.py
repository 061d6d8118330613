"""The queue of files to be read, and what became of each attempt.

An attempt is noted before a file is touched, so that what killed a reader or the engine is known
after.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import apsw

from indexer.storage.database import transaction
from indexer.storage.ledger import WAITS, path_of, under
from indexer.storage.presence import Presence, Presences
from indexer.storage.unread import UnreadPages
from indexer.types import State


@dataclass(frozen=True, slots=True)
class WaitingFile:
    """A file to be read; deaths count what happened while it was read before."""

    id: int
    path: Path
    reader_deaths: int
    engine_deaths: int
    stat: tuple[int, int]  # size and mtime_ns in the ledger, when it was taken from the queue


class ReadingQueue:
    """The files that wait, over the connection of the one writer."""

    def __init__(
        self, db: apsw.Connection, path: Path, presences: Presences, unread: UnreadPages
    ) -> None:
        self._db = db
        self._path = path
        self._presences = presences
        self._unread = unread

    def retry(self, paths: Sequence[Path]) -> int:
        """Queue failed and quarantined files (all, or those under `paths`); return how many.

        Of what was read of a file nothing is lost where only OCR wants its password.
        """
        clause, values = under(paths)
        # What waits for OCR is tried without being asked for.
        chosen = (
            f"state IN ('failed', 'quarantined', 'partial') AND {clause} AND NOT EXISTS "
            f"(SELECT 1 FROM unread_pages WHERE content_id = files.content_id AND {WAITS})"
        )
        with transaction(self._db, self._path):
            unlocked = self._unread.unlock(paths)
            self._db.execute(
                f"DELETE FROM attempts WHERE file_id IN (SELECT id FROM files WHERE {chosen})",
                values,
            )
            # A document with text is read again only if nothing stands for its bytes any more.
            self._db.execute(
                f"UPDATE contents SET identity = randomblob(32) "
                f"WHERE state IN ('partial', 'failed') AND id IN "
                f"(SELECT content_id FROM files WHERE {chosen})",
                values,
            )
            self._db.execute(f"UPDATE files SET state = 'waiting' WHERE {chosen}", values)
            return unlocked + self._db.changes()

    def waiting(self, limit: int, exclude: Iterable[int]) -> list[WaitingFile]:
        """Return files to read; those that ended an engine before come last."""
        skip = ",".join(map(str, exclude)) or "0"
        rows = self._db.execute(
            f"""SELECT files.id, path, coalesce(reader_deaths, 0), coalesce(engine_deaths, 0),
                       size, mtime_ns
                FROM files LEFT JOIN attempts ON file_id = files.id
                WHERE state = 'waiting' AND NOT presence AND files.id NOT IN ({skip})
                ORDER BY coalesce(engine_deaths, 0), files.id LIMIT ?""",
            (limit,),
        )
        return [
            WaitingFile(id_, path_of(path), died, killed, (size, mtime_ns))
            for id_, path, died, killed, size, mtime_ns in rows
        ]

    def count_waiting(self) -> int:
        """Return how many files are queued."""
        query = "SELECT count(*) FROM files WHERE state = 'waiting' AND NOT presence"
        return int(self._db.execute(query).get)

    def begin_attempts(self, ids: Iterable[int]) -> None:
        """Note that these files are about to be touched."""
        with transaction(self._db, self._path):
            self._db.executemany(
                # A file may have gone since it was queued, and another have come to its place.
                "INSERT INTO attempts (file_id, open) SELECT id, 1 FROM files WHERE id = ? "
                "ON CONFLICT (file_id) DO UPDATE SET open = 1",
                ((id_,) for id_ in ids),
            )

    def close_attempts(self) -> int:
        """Count a death of the engine for each file that was open; return how many there were."""
        with transaction(self._db, self._path):
            self._db.execute(
                "UPDATE attempts SET engine_deaths = engine_deaths + 1, open = 0 WHERE open"
            )
            return self._db.changes()

    def abandon_attempts(self) -> None:
        """Note that open files were left in good order, with nothing to blame them for."""
        with transaction(self._db, self._path):
            self._db.execute("DELETE FROM attempts WHERE open AND NOT reader_deaths")
            self._db.execute("UPDATE attempts SET open = 0")

    def reader_died(self, file_id: int) -> None:
        """Count that a reader died or hung on a file; it stays in the queue."""
        self._db.execute(
            "UPDATE attempts SET open = 0, reader_deaths = reader_deaths + 1 WHERE file_id = ?",
            (file_id,),
        )

    def requeue(self, file_id: int, size: int, mtime_ns: int) -> None:
        """Send a file that changed while it was read back to the queue."""
        self._db.execute(
            "UPDATE files SET size = ?, mtime_ns = ? WHERE id = ?", (size, mtime_ns, file_id)
        )
        self._db.execute("DELETE FROM attempts WHERE file_id = ?", (file_id,))

    def miss(self, file_id: int) -> None:
        """Note that a file is not there to be read; a comparison decides whether it is gone."""
        self._presences.mark([file_id], Presence.UNFOUND)
        self._db.execute("DELETE FROM attempts WHERE file_id = ?", (file_id,))

    def settle(self, file: WaitingFile, state: State, reason: str, content_id: int | None) -> None:
        """Give a file that waits its state and end its attempt.

        One that was left out by a rule while it was read stays so, and one that a look has found
        changed since it was taken from the queue waits on.
        """
        self._db.execute(
            "UPDATE files SET state = ?, reason = ?, content_id = ? "
            "WHERE id = ? AND state = 'waiting' AND (size, mtime_ns) = (?, ?)",
            (state, reason, content_id, file.id, *file.stat),
        )
        if state is State.QUARANTINED:
            self._db.execute("UPDATE attempts SET open = 0 WHERE file_id = ?", (file.id,))
        else:
            self._db.execute("DELETE FROM attempts WHERE file_id = ?", (file.id,))
