"""The ledger: which file stands in which state and why, for whoever reads the library."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import apsw

from indexer.chats import KnownFile
from indexer.types import UNLOCKABLE, Coverage, FileStatus, State

# A page waits for OCR as long as it may be tried: twice.
WAITS = "unread_pages.page_id IS NOT NULL AND unread_pages.failures < 2"


# Whether a file is not there although what was read of it is kept.
AWAY = (
    "(files.presence IN (1, 3) "
    "OR NOT (SELECT online FROM folders WHERE folders.id = files.folder_id))"
)

# Whether a root is a single file, be it there or deleted (folders/identity.py).
IS_FILE = """(identity LIKE 'a file%'
    OR EXISTS (SELECT 1 FROM files WHERE files.path = folders.path))"""


def ledger(
    db: apsw.Connection,
    clause: str = "1",
    values: Sequence[apsw.SQLiteValue] = (),
    *,
    offset: int = 0,
    limit: int = -1,
) -> Iterator[FileStatus]:
    """Yield the ledger's lines, by path, for files that fulfil an SQL clause; all by default."""
    for path, state, reason, pages, chunks, away in db.execute(
        f"""SELECT path, files.state, files.reason, contents.pages,
                   (SELECT count(*) FROM chunks WHERE chunks.content_id = files.content_id),
                   {AWAY}
            FROM files LEFT JOIN contents ON contents.id = files.content_id
            WHERE {clause} ORDER BY path LIMIT ? OFFSET ?""",
        (*values, limit, offset),
    ):
        yield FileStatus(path_of(path), State(state), reason, pages, chunks, bool(away))


def state_counts(db: apsw.Connection) -> list[tuple[str, int]]:
    """Return how many files are in each state that occurs."""
    rows: list[Any] = db.execute("SELECT state, count(*) FROM files GROUP BY state").fetchall()
    return rows


def coverage(
    db: apsw.Connection, clause: str = "1", values: Sequence[apsw.SQLiteValue] = ()
) -> Coverage:
    """Return how many of the files that fulfil an SQL clause can be searched."""
    rows = db.execute(f"SELECT state, count(*) FROM files WHERE {clause} GROUP BY state", values)
    count = Counter({State(state): number for state, number in rows})
    waiting = count[State.WAITING]
    unread = count[State.FAILED] + count[State.QUARANTINED]
    files = count.total() - count[State.SKIPPED]
    pages = db.execute(
        f"""SELECT count(*) FROM unread_pages WHERE {WAITS} AND EXISTS
            (SELECT 1 FROM files WHERE files.content_id = unread_pages.content_id AND {clause})""",
        values,
    ).get
    searched = files - waiting - unread
    return Coverage(files, searched, waiting, unread, count[State.PARTIAL], int(pages))


def pages_waiting(db: apsw.Connection) -> int:
    """Return how many pages wait for OCR."""
    return int(db.execute(f"SELECT count(*) FROM unread_pages WHERE {WAITS}").get)


def passwords_wanted(db: apsw.Connection) -> int:
    """Return how many files are encrypted and could be read by a password."""
    clause = "state IN ('failed', 'partial') AND substr(reason, -length(?1)) = ?1"
    return int(db.execute(f"SELECT count(*) FROM files WHERE {clause}", (UNLOCKABLE,)).get)


@dataclass(frozen=True, slots=True)
class FolderStates:
    """A folder (or single file) of the library and how many of its files are in each state."""

    path: Path
    online: bool
    is_file: bool
    counts: dict[State, int]
    pages: int = 0  # that wait for OCR
    held: int = 0  # files that went at once: were they deleted?


def folder_states(db: apsw.Connection) -> tuple[list[FolderStates], int]:
    """Return the folders, in the order in which they were added, and how many chunks there are."""
    counts: dict[int, dict[State, int]] = {}
    rows: list[Any] = db.execute(
        "SELECT folder_id, state, count(*) FROM files GROUP BY folder_id, state"
    ).fetchall()
    for folder, state, count in rows:
        counts.setdefault(folder, {})[State(state)] = count
    waiting: list[Any] = db.execute(
        f"""SELECT folder_id, count(DISTINCT unread_pages.id) FROM unread_pages
            JOIN files ON files.content_id = unread_pages.content_id
            WHERE {WAITS} GROUP BY folder_id"""
    ).fetchall()
    pages: dict[int, int] = dict(waiting)
    went: list[Any] = db.execute(
        "SELECT folder_id, count(*) FROM files WHERE presence AND presence = 1 GROUP BY folder_id"
    ).fetchall()
    held: dict[int, int] = dict(went)
    folders: list[Any] = db.execute(
        f"""SELECT id, path, online, {IS_FILE} FROM folders WHERE NOT removing ORDER BY id"""
    ).fetchall()
    states = [
        FolderStates(
            path_of(path),
            bool(online),
            bool(is_file),
            counts.get(id_, {}),
            pages.get(id_, 0),
            held.get(id_, 0),
        )
        for id_, path, online, is_file in folders
    ]
    return states, count_chunks(db)


def count_chunks(db: apsw.Connection) -> int:
    """Return how many chunks there are, in no time: triggers keep the count."""
    return int(db.execute("SELECT value FROM library WHERE key = 'chunks'").get)


def known_files(db: apsw.Connection, ids: Sequence[int]) -> list[KnownFile]:
    """Return those of some files that are in the library, where they are now."""
    found = (db.execute(f"SELECT id, path, {AWAY} FROM files WHERE id = ?", (id_,)) for id_ in ids)
    return [KnownFile(id_, path_of(path), bool(away)) for rows in found for id_, path, away in rows]


def under(paths: Sequence[Path]) -> tuple[str, list[apsw.SQLiteValue]]:
    """Return an SQL clause (and its values) for files that are, or lie inside, one of `paths`."""
    if not paths:
        return "1", []
    clauses: list[str] = []
    values: list[apsw.SQLiteValue] = []
    for path in paths:
        exact = os.fsencode(path)
        inside = exact.rstrip(os.fsencode(os.sep)) + os.fsencode(os.sep)
        # A range, so that the index on path serves and no character is a wildcard.
        clauses.append("(path = ? OR (path > ? AND path < ?))")
        values += [exact, inside, inside[:-1] + bytes([inside[-1] + 1])]
    return f"({' OR '.join(clauses)})", values


def path_of(raw: bytes) -> Path:
    """Return the path that is stored as the file system's bytes."""
    return Path(os.fsdecode(raw))
