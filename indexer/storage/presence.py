"""Which files were there when they were last looked for; those that were not may still be kept."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import IntEnum
from pathlib import Path
from typing import TYPE_CHECKING, Any

import apsw

from indexer.storage import erasure
from indexer.storage.database import id_list, transaction
from indexer.storage.ledger import under

if TYPE_CHECKING:
    from indexer.storage.store import Folder


class Presence(IntEnum):
    """Whether a file was there when it was last looked for."""

    THERE = 0
    HELD = 1  # it went with many others: its owner is asked whether it was deleted
    UNFOUND = 2  # when it was to be read; the next look decides
    AWAY = 3  # it lay on a volume, inside of a folder of the library, that is not there now


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of the place of a folder."""

    online: bool
    identity: str  # as folders/identity.py writes it; "" until it was first looked at
    volumes: dict[str, str]  # mounted inside of it, by their place


class Presences:
    """Which files are there, over the connection of the one writer."""

    def __init__(self, db: apsw.Connection, path: Path) -> None:
        self._db = db
        self._path = path

    def known(self, folder: Folder) -> Known:
        """Return what is known of a folder."""
        row: Any = self._db.execute(
            "SELECT online, identity, volumes FROM folders WHERE id = ?", (folder.id,)
        ).fetchone()
        online, identity, volumes = row
        return Known(bool(online), identity, json.loads(volumes))

    def keep(self, folder: Folder, known: Known) -> None:
        """Keep what is known of a folder now, if it is something else."""
        if self.known(folder) != known:
            with transaction(self._db, self._path):
                self._db.execute(
                    "UPDATE folders SET online = ?, identity = ?, volumes = ? WHERE id = ?",
                    (int(known.online), known.identity, json.dumps(known.volumes), folder.id),
                )

    def sample(self, folder: Folder, count: int) -> dict[bytes, int]:
        """Return some files of a folder with their sizes, from all over it; none if it has none."""
        rows: list[Any] = self._db.execute(
            "SELECT path, size FROM files WHERE folder_id = ? AND NOT presence "
            "AND state NOT IN ('skipped', 'failed') ORDER BY id * 2654435761 % 4294967296 LIMIT ?",
            (folder.id, count),
        ).fetchall()
        return dict(rows)

    def count(self, folder: Folder) -> int:
        """Return how many files of a folder were there when they were last looked for."""
        query = "SELECT count(*) FROM files WHERE folder_id = ? AND NOT presence"
        return int(self._db.execute(query, (folder.id,)).get)

    def mark(self, ids: Iterable[int], presence: Presence) -> None:
        """Remember whether files were there. Call inside a transaction."""
        self._db.executemany(
            "UPDATE files SET presence = ? WHERE id = ?", ((presence, id_) for id_ in ids)
        )

    def elsewhere(self, ids: Sequence[int]) -> set[int]:
        """Return those of some files that stand in another place by now, by size and time."""
        rows: list[Any] = self._db.execute(
            f"""SELECT id FROM files WHERE id IN ({id_list(ids)})
                AND (size, mtime_ns, suffix) IN (SELECT size, mtime_ns, suffix FROM files
                    WHERE NOT presence AND id NOT IN ({id_list(ids)}))"""
        ).fetchall()
        return {id_ for (id_,) in rows}

    def held(self) -> list[int]:
        """Return the files that their owner is asked about."""
        rows: list[Any] = self._db.execute(
            "SELECT id FROM files WHERE presence AND presence = ?", (Presence.HELD,)
        ).fetchall()
        return [id_ for (id_,) in rows]

    def forget(self, paths: Sequence[Path]) -> int:
        """Remove the files at or under `paths` that are not there; return how many."""
        clause, values = under(paths)
        with transaction(self._db, self._path):
            erasure.begin(self._db, erasure.What.DOCUMENTS)
            self._db.execute(f"DELETE FROM files WHERE presence AND {clause}", values)
            return self._db.changes()
