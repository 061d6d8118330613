"""The questions that a library asks itself, and what became of them each time."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import astuple, dataclass, fields, replace
from typing import Any

import apsw

from indexer.storage import lessons

_DAY_NS = 24 * 3600 * 10**9


@dataclass(frozen=True, slots=True)
class Change:
    """The questions that a measurement asked and the one before it too, and what became other."""

    both: int = 0
    gained: int = 0
    lost: int = 0

    @property
    def is_worse(self) -> bool:
        """Whether more was lost than chance explains: McNemar's test at one side, 5 %."""
        return self.lost - self.gained > 1.64 * math.sqrt(self.lost + self.gained)


@dataclass(frozen=True, slots=True)
class Stamp:
    """What tells whether a library has become another one for whoever searches it."""

    encoder: str  # "" if only the words are asked
    chunks: int
    last_chunk: int  # that there ever was
    last_lesson_change: int

    def differs_notably(self, before: Stamp) -> bool:
        """Whether there is another encoder, a tenth of other passages, or another lesson."""
        new = self.last_chunk - before.last_chunk
        gone = before.chunks + new - self.chunks
        return (
            self.encoder != before.encoder
            or self.last_lesson_change != before.last_lesson_change
            or 10 * max(new, gone) > before.chunks
        )


@dataclass(frozen=True, slots=True)
class Measured:
    """How well a library found at one time; the numbers are of questions.

    `taught` are some of those that lessons were taught for. All of them find what they were taught
    by their own lessons; held out, these say nothing, and what is found shows how far the others
    carry.
    """

    at_ns: int  # since 1970
    chunks: int
    encoder: str  # "" if only the words were asked
    lessons: int
    questions: int
    first: int  # whose passage stood first
    five: int  # ... among the first five
    five_by_words: int
    five_untaught: int  # ... as if nothing had been taught
    taught: int
    taught_five: int
    taught_five_held_out: int
    taught_five_untaught: int
    last_chunk: int
    last_lesson_change: int
    compared: int = 0  # with the measurement before
    gained: int = 0
    lost: int = 0

    @property
    def change(self) -> Change:
        """What became other since the measurement before."""
        return Change(self.compared, self.gained, self.lost)

    @property
    def stamp(self) -> Stamp:
        """What the library was then."""
        return Stamp(self.encoder, self.chunks, self.last_chunk, self.last_lesson_change)


_COLUMNS = ", ".join(field.name for field in fields(Measured))


def stamp(db: apsw.Connection, encoder: str) -> Stamp:
    """Return what a library is now."""
    chunks: Any = db.execute("SELECT value FROM library WHERE key = 'chunks'").get
    last: Any = db.execute("SELECT seq FROM sqlite_sequence WHERE name = 'chunks'").get
    return Stamp(encoder, int(chunks), int(last or 0), lessons.last_change(db))


def is_due(db: apsw.Connection, encoder: str, now_ns: int) -> bool:
    """Tell whether to measure: never yet, or on another day, in what has become another library."""
    current = stamp(db, encoder)
    last = next(iter(history(db, 1)), None)
    if last is None:
        return current.chunks > 0
    # A clock that was put back must not put it off for years.
    rested = not 0 <= now_ns - last.at_ns < _DAY_NS
    return rested and current.differs_notably(last.stamp)


def put_questions(db: apsw.Connection, rows: Iterable[tuple[int, str, str, str]]) -> None:
    """Keep questions: chunk, source, text, expected. Call inside a transaction."""
    db.executemany(
        "INSERT INTO own_questions (chunk_id, source, text, expected) VALUES (?, ?, ?, ?)", rows
    )


def questions(db: apsw.Connection) -> list[tuple[int, int, str, str, str]]:
    """Return the questions that are kept: id, chunk, source, text, expected."""
    rows: list[Any] = db.execute(
        "SELECT id, chunk_id, source, text, expected FROM own_questions ORDER BY id"
    ).fetchall()
    return rows


def put_measured(
    db: apsw.Connection, measured: Measured, asked: Sequence[int], found: Sequence[int]
) -> Measured:
    """Keep a measurement, and which questions found their passage; return it with the change.

    Call inside a transaction.
    """
    db.execute("UPDATE own_questions SET found_before = found, found = NULL")
    db.executemany("UPDATE own_questions SET found = 0 WHERE id = ?", ((id_,) for id_ in asked))
    db.executemany("UPDATE own_questions SET found = 1 WHERE id = ?", ((id_,) for id_ in found))
    row: Any = db.execute(
        """SELECT count(*), coalesce(sum(found > found_before), 0),
                  coalesce(sum(found < found_before), 0)
           FROM own_questions WHERE found IS NOT NULL AND found_before IS NOT NULL"""
    ).fetchone()
    compared = replace(measured, compared=row[0], gained=row[1], lost=row[2])
    values = astuple(compared)
    marks = ", ".join("?" * len(values))
    db.execute(f"INSERT INTO measurements ({_COLUMNS}) VALUES ({marks})", values)
    return compared


def history(db: apsw.Connection, most: int) -> list[Measured]:
    """Return the last measurements, the latest first."""
    rows: list[Any] = db.execute(
        f"SELECT {_COLUMNS} FROM measurements ORDER BY id DESC LIMIT ?", (most,)
    ).fetchall()
    return [Measured(*row) for row in rows]
