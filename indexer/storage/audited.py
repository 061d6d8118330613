"""How far the files of the library were compared with what was read of them, byte by byte."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import apsw

from indexer.storage.database import transaction
from indexer.storage.ledger import AWAY, path_of


@dataclass(frozen=True, slots=True)
class AuditedFile:
    """A file as it was when it was read."""

    id: int
    path: Path
    size: int
    mtime_ns: int
    sha256: bytes


class Audited:
    """The place in the ledger where the audit stands, over the connection of the one writer.

    Identifiers only grow, so that whoever goes through them in order always comes to the file whose
    last check is the oldest; whatever the clock says.
    """

    def __init__(self, db: apsw.Connection, path: Path) -> None:
        self._db = db
        self._path = path

    def last(self) -> int:
        """Return the file that was looked at last; 0 before the first."""
        row: Any = self._db.execute("SELECT value FROM library WHERE key = 'audited'").fetchone()
        return int(row[0]) if row else 0

    def keep_last(self, id_: int) -> None:
        """Go on behind this file after the next start."""
        with transaction(self._db, self._path):
            self._db.execute("INSERT OR REPLACE INTO library VALUES ('audited', ?)", (id_,))

    def after(self, id_: int) -> AuditedFile | None:
        """Return the next file that was read and is there; None behind the last one."""
        row: Any = self._db.execute(
            f"""SELECT files.id, path, size, mtime_ns, substr(identity, 1, 32) FROM files
                JOIN contents ON contents.id = content_id
                WHERE files.id > ? AND files.state != 'waiting' AND NOT {AWAY}
                ORDER BY files.id LIMIT 1""",
            (id_,),
        ).fetchone()
        return AuditedFile(row[0], path_of(row[1]), *row[2:]) if row else None

    def queue(self, id_: int) -> None:
        """Have a file read again whose bytes are others."""
        with transaction(self._db, self._path):
            self._db.execute("UPDATE files SET state = 'waiting' WHERE id = ?", (id_,))
            self._db.execute("DELETE FROM attempts WHERE file_id = ?", (id_,))
