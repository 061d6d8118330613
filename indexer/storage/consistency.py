"""Compares what a library holds of one thing with what it holds of another, and mends it.

Nothing here should ever find anything: each commit is whole. It is what shows that, after kills
and failing disks, and what an owner has who does not trust a disk any more.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

import apsw
import numpy as np

from indexer.errors import LibraryDamaged
from indexer.storage.database import in_words, open_for_reading, transaction
from indexer.storage.lessons import BAD_LESSONS, STEMLESS
from indexer.storage.store import Store
from indexer.storage.tags import BAD_TAGS
from indexer.types import State

_STATES = ", ".join(f"'{state}'" for state in State)
_LACKS_VECTOR = """EXISTS (SELECT 1 FROM chunks WHERE chunks.content_id = files.content_id
    AND NOT EXISTS (SELECT 1 FROM vectors WHERE chunk_id = chunks.id AND encoder_id =
        (SELECT value FROM library WHERE key = 'encoder')))"""
_NORM_TOLERANCE = 0.02  # of float16 rows: half a thousandth a value
_ROWS = 8192

# A file that stands where its state does not allow it is read again.
_BAD_FILES = f"""files.state NOT IN ({_STATES})
    OR files.state IN ('skipped', 'failed', 'quarantined') AND files.reason = ''
    OR files.state IN ('words', 'indexed', 'partial') AND files.content_id IS NULL
    OR files.state IN ('indexed', 'partial', 'empty') AND files.content_id IS NOT NULL
        AND files.state != (SELECT state FROM contents WHERE contents.id = files.content_id)"""
# Part of a document: a page or piece of it is missing, or is another's.
_HALF = """SELECT id FROM contents
    WHERE state = 'indexed' AND NOT EXISTS (SELECT 1 FROM chunks WHERE content_id = contents.id)
    UNION SELECT chunks.content_id FROM chunks LEFT JOIN pages ON pages.id = chunks.page_id
    WHERE pages.id IS NULL OR pages.content_id != chunks.content_id
        OR chunks.start < 0 OR chunks.start >= chunks.end OR chunks.end > length(pages.text)"""


@dataclass(frozen=True, slots=True)
class Check:
    """What was compared, and how much of it is wrong: a number only, no names."""

    name: str
    wrong: int


def ended_badly(database: Path) -> bool:
    """Tell whether the last process left something to do; ask before anybody opens the library."""
    log = database.with_name(f"{database.name}-wal")
    return log.exists() and log.stat().st_size > 0


def quick_check(database: Path) -> None:
    """Look for damage that SQLite sees, without stopping the writer. Raises LibraryDamaged."""
    with in_words(database), closing(open_for_reading(database)) as db:
        if db.execute("PRAGMA quick_check(1)").get != "ok":
            raise apsw.CorruptError


class Checker:
    """Compares the tables of a library; its owner holds the library's lock."""

    def __init__(self, store: Store, db: apsw.Connection) -> None:
        """Take the writer and its connection."""
        self._store = store
        self._db = db

    def check(self) -> Iterator[Check]:
        """Compare one thing after the other. Raises LibraryDamaged if the file itself is."""
        for name, wrong in self._comparisons():
            with in_words(self._store.path):
                yield Check(name, wrong())

    def repair(self) -> None:
        """Mend what `check` finds wrong; what has to be read again is queued.

        Raises LibraryDamaged if the file itself is damaged: see storage/rescue.py.
        """
        with in_words(self._store.path):
            self._db.execute("REINDEX")
        if self._damage():
            raise LibraryDamaged(
                "The library's database is damaged.",
                "`doctor --repair` saves what is yours in it and reads your documents again.",
                self._store.path,
            )
        with transaction(self._db, self._store.path):
            for table, rowid in self._dangling():
                self._db.execute(f"DELETE FROM {table} WHERE rowid = ?", (rowid,))
            self._db.executemany("DELETE FROM vectors WHERE id = ?", self._bad_vectors())
            self._db.execute(f"DELETE FROM lessons WHERE {BAD_LESSONS}")
            self._db.executemany(
                "DELETE FROM lesson_vectors WHERE id = ?", self._bad_vectors("lesson_vectors")
            )
            self._db.execute(f"DELETE FROM tags WHERE {BAD_TAGS}")
            # A content whose sum is nobody's is read again, and erased when that is done.
            self._db.execute(f"UPDATE contents SET identity = randomblob(32) WHERE id IN ({_HALF})")
            self._read_again(f"content_id IN ({_HALF}) OR {_BAD_FILES}")
            self._db.execute(
                f"UPDATE files SET state = 'words' WHERE state IN ('indexed', 'partial') "
                f"AND {_LACKS_VECTOR}"
            )
            self._db.execute("INSERT OR REPLACE INTO library SELECT 'chunks', count(*) FROM chunks")
            self._db.execute(
                "UPDATE encoders SET vectors = "
                "(SELECT count(*) FROM vectors WHERE encoder_id = encoders.id)"
            )
            # Before orphans are erased: of a table that lacks words none can be taken out.
            for table in ("chunk_words", "document_words"):
                if self._wrong_words(table):
                    self._db.execute(f"INSERT INTO {table} ({table}) VALUES ('rebuild')")
            self._close_holes()
        with self._store.transaction():
            for content in self._store.naming.wrong():
                self._store.naming.collect(content)
        while self._store.contents.erase_orphans():
            pass

    def _comparisons(self) -> Iterator[tuple[str, Callable[[], int]]]:
        yield "damaged places", self._damage
        yield "references into nothing", lambda: len(self._dangling())
        yield "files in a state that cannot be", lambda: self._count("files", _BAD_FILES)
        yield "indexed files without all vectors", lambda: self._count("files", _INDEXED_BARE)
        yield "contents of no file", lambda: self._count("contents", _ORPHANS)
        yield "half documents", lambda: self._count(f"({_HALF})", "1")
        yield (
            "tables of words",
            lambda: self._wrong_words("chunk_words") + self._wrong_words("document_words"),
        )
        yield "names of documents", lambda: len(self._store.naming.wrong())
        yield "vectors", lambda: len(self._bad_vectors())
        yield "counts", self._wrong_counts
        yield (
            "lessons",
            lambda: (
                self._count("lessons", BAD_LESSONS)
                + self._count(f"({STEMLESS})", "1")
                + len(self._bad_vectors("lesson_vectors"))
            ),
        )
        yield "tags", lambda: self._count("tags", BAD_TAGS)
        yield "conversations with holes", lambda: self._count("turns", _HOLES)

    def _count(self, table: str, clause: str) -> int:
        return int(self._db.execute(f"SELECT count(*) FROM {table} WHERE {clause}").get)

    def _damage(self) -> int:
        rows: list[Any] = self._db.execute("PRAGMA integrity_check").fetchall()
        return 0 if rows == [("ok",)] else len(rows)

    def _dangling(self) -> list[tuple[str, int]]:
        rows: list[Any] = self._db.execute("PRAGMA foreign_key_check").fetchall()
        return [(table, rowid) for table, rowid, *_ in rows if rowid is not None]

    def _wrong_words(self, table: str) -> int:
        """Compare a full-text table with the text itself; 1 if they differ."""
        try:
            self._db.execute(f"INSERT INTO {table} ({table}, rank) VALUES ('integrity-check', 1)")
        except apsw.CorruptError:
            return 1
        return 0

    def _bad_vectors(self, table: str = "vectors") -> list[tuple[int]]:
        """Return the rows of vectors that are not of their encoder's form, or not of length 1."""
        bad: list[tuple[int]] = []
        encoders: list[Any] = self._db.execute("SELECT id, dimensions FROM encoders").fetchall()
        for encoder, dimensions in encoders:
            cursor: Iterator[Any] = self._db.execute(
                f"SELECT id, vector FROM {table} WHERE encoder_id = ?", (encoder,)
            )
            while rows := list(islice(cursor, _ROWS)):
                bad += [(id_,) for id_, blob in rows if len(blob) != 2 * dimensions]
                whole = [(id_, blob) for id_, blob in rows if len(blob) == 2 * dimensions]
                halves = np.frombuffer(b"".join(blob for _, blob in whole), "<f2")
                norms = np.linalg.norm(halves.reshape(-1, dimensions).astype(np.float32), axis=1)
                wrong = ~(np.abs(norms - 1) < _NORM_TOLERANCE)  # NaN is wrong as well
                bad += [(whole[at][0],) for at in np.flatnonzero(wrong)]
        return bad

    def _wrong_counts(self) -> int:
        chunks = "key = 'chunks' AND value = (SELECT count(*) FROM chunks)"
        vectors = "vectors != (SELECT count(*) FROM vectors WHERE encoder_id = encoders.id)"
        return int(not self._count("library", chunks)) + self._count("encoders", vectors)

    def _close_holes(self) -> None:
        """Leave of a turn what is there; passages of which a part is missing are none."""
        rows: list[Any] = self._db.execute(
            f"SELECT question, answer, passages, id FROM turns WHERE {_HOLES}"
        ).fetchall()
        self._db.executemany(
            "UPDATE turns SET question = ?, answer = ?, passages = ? WHERE id = ?",
            (
                (question.replace("\0", ""), answer.replace("\0", ""),
                 "[]" if "\0" in passages else passages, id_)
                for question, answer, passages, id_ in rows
            ),
        )  # fmt: skip

    def _read_again(self, clause: str) -> None:
        chosen = f"SELECT id FROM files WHERE {clause}"
        self._db.execute(f"DELETE FROM attempts WHERE file_id IN ({chosen})")
        self._db.execute(f"UPDATE files SET state = 'waiting' WHERE id IN ({chosen})")


_INDEXED_BARE = f"""state IN ('indexed', 'partial') AND {_LACKS_VECTOR}
    AND EXISTS (SELECT 1 FROM library WHERE key = 'encoder')"""
# Zeros in the rest of a long answer are nothing that SQLite sees, and `append_turn` writes none.
_HOLES = " OR ".join(
    f"instr(CAST({column} AS BLOB), x'00')" for column in ("question", "answer", "passages")
)
_ORPHANS = "NOT EXISTS (SELECT 1 FROM files WHERE files.content_id = contents.id)"
