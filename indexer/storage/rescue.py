"""A damaged library's own things saved into a new one: what no document could bring back.

Documents are read again from the disk. What their owner wrote is not: conversations, lessons, tags,
selections, and which folders the library is of. The damaged file stays aside, and nothing of it is
deleted.
"""

from __future__ import annotations

import json
import os
import re
import shutil
from collections.abc import Callable, Iterable, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import apsw

from indexer.storage.carving import Value, carve
from indexer.storage.database import connect, open_for_writing, transaction
from indexer.storage.lessons import Kind
from indexer.storage.lock import take_lock

_Row = dict[str, Any]

# What an absolute path of this or another system begins with.
_PATH = re.compile(rb"/|[A-Za-z]:[\\/]|\\\\")
_LEAST_NS = 10**18  # a clock of 2001
_TITLE_CHARACTERS = 80
_SHA256_BYTES = 32
_NAMED = re.compile(r'"chunk":\s*(\d{1,18})')  # in the details of a turn


def _is_folder(values: Sequence[Value]) -> bool:
    return (
        len(values) >= 3
        and isinstance(values[1], bytes)
        and _PATH.match(values[1]) is not None
        and values[2] in (0, 1)
    )


def _is_chat(values: Sequence[Value]) -> bool:
    return (
        len(values) >= 3
        and isinstance(values[0], str)
        and isinstance(values[1], str)
        and isinstance(values[2], int)
        and values[2] > _LEAST_NS
    )


def _is_turn(values: Sequence[Value]) -> bool:
    return (
        len(values) >= 5
        and isinstance(values[0], int)
        and all(isinstance(value, str) for value in values[1:5])
        and str(values[4]).startswith("[")
    )


def _is_lesson(values: Sequence[Value]) -> bool:
    return (
        len(values) >= 11
        and isinstance(values[0], int)
        and values[1] in set(Kind)
        and isinstance(values[2], str)
        and isinstance(values[3], str)
        and (isinstance(values[5], bytes) if values[1] != Kind.MEANS else values[5] is None)
        and isinstance(values[10], int)
    )


def _is_tag(values: Sequence[Value]) -> bool:
    return (
        len(values) >= 4
        and isinstance(values[0], int)
        and isinstance(values[1], bytes)
        and len(values[1]) == _SHA256_BYTES
        and isinstance(values[2], str)
        and isinstance(values[3], int)
        and values[3] > _LEAST_NS
    )


def _is_selection(values: Sequence[Value]) -> bool:
    return (
        len(values) >= 2
        and isinstance(values[0], str)
        and isinstance(values[1], str)
        and values[1].startswith('{"paths":')
    )


# The tables that hold what is the owner's, and how a row of each is told from all others.
_OWN: dict[str, Callable[[Sequence[Value]], bool]] = {
    "folders": _is_folder,
    "chats": _is_chat,
    "turns": _is_turn,
    "lessons": _is_lesson,  # their stems and vectors are made again
    "tags": _is_tag,
    "selections": _is_selection,
}


@dataclass(frozen=True, slots=True)
class Rescued:
    """What was saved, and where the damaged file is now."""

    aside: Path
    folders: int
    chats: int
    turns: int
    lessons: int
    tags: int
    selections: int


def rescue(database: Path) -> Rescued:
    """Put a damaged library aside and begin a new one with what is its owner's.

    Killed at any moment, it can be called again. Raises LibraryBusy, IndexerError or OSError.
    """
    lock = take_lock(database)
    try:
        ready = database.with_name(f"{database.name}.rescued")
        if not ready.exists():
            part = database.with_name(f"{database.name}.rescuing")
            _remove(part)
            _save(database, part)
            part.replace(ready)
        with closing(open_for_writing(ready)) as db:
            counts = [db.execute(f"SELECT count(*) FROM {table}").get for table in _OWN]
        return Rescued(_exchange(database, ready), *map(int, counts))
    finally:
        lock.release()


def _save(database: Path, part: Path) -> None:
    """Write a new library with what is left of a damaged one."""
    with closing(open_for_writing(part)) as db:
        columns = {table: _columns(db, table) for table in _OWN}
        saved = {table: _salvage(database, table, columns[table]) for table in _OWN}
        saved["folders"] = [row for row in saved["folders"] if not row.get("removing")]
        saved["chats"] += _untitled(saved["chats"], saved["turns"])
        with transaction(db, part):
            for table, rows in saved.items():
                for row in rows:
                    names = [name for name in row if name in columns[table]]
                    marks = ", ".join("?" * len(names))
                    db.execute(
                        f"INSERT OR IGNORE INTO {table} ({', '.join(names)}) VALUES ({marks})",
                        [row[name] for name in names],
                    )
            # The conversations name passages of the damaged library, whose numbers stay unused.
            db.execute(
                "INSERT INTO sqlite_sequence (name, seq) VALUES ('chunks', ?)",
                (max(_named_chunks(saved["turns"]), default=0),),
            )
        db.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def _columns(db: apsw.Connection, table: str) -> list[str]:
    return [str(row[1]) for row in db.execute(f"PRAGMA table_info({table})").fetchall()]


def _salvage(database: Path, table: str, columns: Sequence[str]) -> list[_Row]:
    """Return a table's rows, as SQLite reads them from both ends and as they stand in pages."""
    rows: dict[Any, _Row] = {}
    whole = False
    with suppress(apsw.Error), closing(connect(database)) as db:
        # The damaged file stays as it was found.
        db.config(apsw.SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1)
        names = _columns(db, table)
        for order in ("ASC", "DESC"):
            with suppress(apsw.Error):
                for values in db.execute(f"SELECT * FROM {table} ORDER BY 1 {order}"):
                    rows[values[0]] = dict(zip(names, values, strict=True))
                whole = bool(names)
                break
    if not whole:
        for found in filter(_OWN[table], carve(database)):
            # A later column may be younger than the file.
            rows.setdefault(found[0], dict(zip(columns, found, strict=False)))
    return [rows[key] for key in sorted(rows)]


def _untitled(chats: Sequence[_Row], turns: Sequence[_Row]) -> list[_Row]:
    """Return the conversations of which only questions are left, called by the first of them."""
    known = {row["id"] for row in chats}
    first: dict[str, str] = {}
    for row in turns:
        if row["chat_id"] not in known:
            first.setdefault(row["chat_id"], str(row["question"])[:_TITLE_CHARACTERS])
    return [{"id": id_, "title": title, "changed_ns": 0} for id_, title in first.items()]


def _named_chunks(turns: Iterable[_Row]) -> Iterable[int]:
    for turn in turns:
        with suppress(ValueError, TypeError):
            yield from (int(chunk) for _, chunk in json.loads(turn["passages"]))
        yield from map(int, _NAMED.findall(str(turn.get("details", ""))))


def _exchange(database: Path, ready: Path) -> Path:
    """Put the new library into the damaged one's place, which keeps another name."""
    number = 1
    while (aside := database.with_name(f"{database.name}.damaged-{number}")).exists():
        number += 1
    log = database.with_name(f"{database.name}-wal")
    _keep(database, aside)
    if log.exists():
        _keep(log, aside.with_name(f"{aside.name}-wal"))
    # A log beside another file than its own would be taken for that one's.
    log.unlink(missing_ok=True)
    database.with_name(f"{database.name}-shm").unlink(missing_ok=True)
    ready.replace(database)
    return aside


def _keep(path: Path, aside: Path) -> None:
    try:
        os.link(path, aside)
    except OSError:
        shutil.copy2(path, aside)  # FAT has no second names


def _remove(path: Path) -> None:
    for suffix in ("", "-wal", "-shm"):
        path.with_name(path.name + suffix).unlink(missing_ok=True)
