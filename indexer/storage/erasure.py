"""Erasing what its owner has taken out: gone from every byte of the library, also after a kill.

A mark is set in the transaction that takes something out, and is cleared when no byte of it is
left; whoever opens the library for writing goes on where a killed process was. Deleting rows is
not enough, although SQLite overwrites what it frees:

- FTS5's own secure-delete rewrites a page for every word, at 40 ms a document, and keeps words
  that separate its pages. Deleting plainly and merging all into one segment takes 2 ms a document,
  and up to 0.1 s for each 1,000 chunks that stay, and leaves none of them.
- Where SQLite spreads the rows of a page over its neighbours, copies stay between the list of rows
  and the rows. They belong to nothing and are filled with zeros here, a page at a time: VACUUM
  would take the library's size in memory.
- The write-ahead log, the copies made before a migration, and the caches hold them too.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator
from contextlib import suppress
from enum import IntEnum
from pathlib import Path
from typing import Any

import apsw

from indexer.storage.encryption import PLAIN

log = logging.getLogger(__name__)

_SETTINGS = "INSERT INTO {0} ({0}, rank) VALUES ('secure-delete', {1})"
_WORDS = {"chunk_words": "body", "document_words": "name"}  # a column of each
_BLOCK = 256  # pages that are looked at with one reading
_PATIENCE_MS = 500  # a search that reads at this moment keeps the write-ahead log for a while
# Types of pages that hold rows, with the length of their head. All others begin with the number of
# another page, whose first byte is 0 in a file of less than 128 GB.
_HEADS = {2: 12, 5: 12, 10: 8, 13: 8}
_KEPT_SECONDS = 7 * 24 * 3600


class What(IntEnum):
    """What is being erased; documents are in the full text, too."""

    CHATS = 1
    LESSONS = 1
    DOCUMENTS = 2


def begin(db: apsw.Connection, what: What) -> None:
    """Note that something is being erased. Call inside the transaction that takes it out."""
    db.execute(
        "INSERT INTO library VALUES ('erasing', ?1) "
        "ON CONFLICT (key) DO UPDATE SET value = max(value, ?1)",
        (int(what),),
    )
    if what is What.DOCUMENTS:
        for table in _WORDS:
            db.execute(_SETTINGS.format(table, 0))


def unfinished(db: apsw.Connection) -> What | None:
    """Return what was taken out and may still stand somewhere."""
    row: Any = db.execute("SELECT value FROM library WHERE key = 'erasing'").fetchone()
    return What(row[0]) if row else None


def finish(db: apsw.Connection, path: Path, what: What) -> bool:
    """Remove what is left of everything that was taken out; False if a search was in the way.

    To be called when the rows are deleted; the caches are their owner's to remove.
    """
    if what is What.DOCUMENTS:
        _merge_words(db)
    for backup in path.parent.glob(f"{path.name}.before-*"):
        backup.unlink(missing_ok=True)
    patience = int(db.execute("PRAGMA busy_timeout").get)
    db.set_busy_timeout(_PATIENCE_MS)
    try:
        if _is_alone(db, path):
            _fill_gaps(db, path)
            db.execute("DELETE FROM library WHERE key = 'erasing' AND value <= ?", (what,))
            db.execute("COMMIT")
            return True
    finally:
        if db.in_transaction:
            db.execute("ROLLBACK")
        db.set_busy_timeout(patience)
    log.info("the write-ahead log is in use; erasing goes on later")
    return False


def _merge_words(db: apsw.Connection) -> None:
    with db:
        for table, column in _WORDS.items():
            # A single segment counts as merged already; with this row there are two.
            db.execute(f"INSERT INTO {table} (rowid, {column}) VALUES (-1, 'erased')")
            db.execute(f"INSERT INTO {table} ({table}) VALUES ('optimize')")
            db.execute(_SETTINGS.format(table, 1))
            db.execute(
                f"INSERT INTO {table} ({table}, rowid, {column}) VALUES ('delete', -1, 'erased')"
            )


def remove_old_backups(path: Path) -> None:
    """Remove the copies that were made before a migration, when it has proved good for a week."""
    for backup in path.parent.glob(f"{path.name}.before-*"):
        with suppress(OSError):
            if time.time() - backup.stat().st_mtime > _KEPT_SECONDS:
                backup.unlink()


def _is_alone(db: apsw.Connection, path: Path) -> bool:
    """Fold the write-ahead log into the library, and begin a transaction while it is empty."""
    folded: Any = db.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    if folded[0]:
        return False
    try:
        db.execute("BEGIN IMMEDIATE")
    except apsw.BusyError:
        return False
    log_file = path.with_name(f"{path.name}-wal")
    return not log_file.exists() or not log_file.stat().st_size


def _fill_gaps(db: apsw.Connection, path: Path) -> None:
    """Fill what lies between the list of rows and the rows with zeros, in every page.

    Nobody else writes meanwhile, and nobody reads these bytes; a kill leaves a whole library. The
    file is opened through SQLite, since closing it otherwise would let go of SQLite's locks.
    """
    flags = apsw.SQLITE_OPEN_MAIN_DB | apsw.SQLITE_OPEN_READWRITE
    file = apsw.VFSFile("", str(path), [flags, 0])
    try:
        if file.xRead(len(PLAIN), 0) != PLAIN:
            return  # encrypted: no page can be told from another, and none can be read
        size = int(db.execute("PRAGMA page_size").get)
        filled = 0
        for start, pages in _blocks(file, size):
            for at in range(0, len(pages), size):
                first, last = _gap(pages, at, size, 100 if start + at == 0 else 0)
                if last > first and pages.count(0, first, last) < last - first:
                    file.xWrite(bytes(last - first), start + first)
                    filled += 1
        if filled:
            file.xSync(apsw.SQLITE_SYNC_FULL)
    finally:
        file.xClose()
    # What this connection still holds of those pages would be written back with the next change.
    db.release_memory()


def _blocks(file: apsw.VFSFile, size: int) -> Iterator[tuple[int, bytes]]:
    end = file.xFileSize()
    for start in range(0, end, size * _BLOCK):
        yield start, file.xRead(min(size * _BLOCK, end - start), start)


def _gap(pages: bytes, at: int, size: int, offset: int) -> tuple[int, int]:
    """Return where the gap of the page at `at` begins and ends; the same twice without one.

    The layout is that of a b-tree page in SQLite's description of its file format.
    """
    head = _HEADS.get(pages[at + offset])
    if head is None:
        return 0, 0
    count = int.from_bytes(pages[at + offset + 3 : at + offset + 5], "big")
    rows = int.from_bytes(pages[at + offset + 5 : at + offset + 7], "big") or 65536
    first = offset + head + 2 * count
    if not first <= rows <= size:
        return 0, 0
    return at + first, at + rows
