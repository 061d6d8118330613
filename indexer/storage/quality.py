"""The questions that a library asks itself, and what became of them each time."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import apsw


@dataclass(frozen=True, slots=True)
class Measured:
    """How well a library found at one time; the numbers are of questions."""

    at_ns: int  # since 1970
    chunks: int
    encoder: str  # "" if only the words were asked
    lessons: int
    questions: int
    first: int  # whose passage stood first
    five: int  # ... among the first five
    five_by_words: int
    five_untaught: int  # ... as if nothing had been taught


@dataclass(frozen=True, slots=True)
class Change:
    """The questions that both of two measurements asked, and what became other."""

    both: int
    gained: int
    lost: int

    @property
    def is_worse(self) -> bool:
        """Whether more was lost than chance explains: McNemar's test at one side, 5 %."""
        return self.lost - self.gained > 1.64 * math.sqrt(self.lost + self.gained)


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


def put_measured(db: apsw.Connection, measured: Measured, found: Sequence[int]) -> None:
    """Keep a measurement, and which questions found their passage. Call inside a transaction."""
    db.execute(
        "INSERT INTO measurements (at_ns, chunks, encoder, lessons, questions, first, five, "
        "five_by_words, five_untaught) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            measured.at_ns, measured.chunks, measured.encoder, measured.lessons,
            measured.questions, measured.first, measured.five, measured.five_by_words,
            measured.five_untaught,
        ),
    )  # fmt: skip
    db.execute("UPDATE own_questions SET found_before = found, found = 0")
    db.executemany("UPDATE own_questions SET found = 1 WHERE id = ?", ((id_,) for id_ in found))


def history(db: apsw.Connection, most: int) -> list[Measured]:
    """Return the last measurements, the latest first."""
    rows: list[Any] = db.execute(
        "SELECT at_ns, chunks, encoder, lessons, questions, first, five, five_by_words, "
        "five_untaught FROM measurements ORDER BY id DESC LIMIT ?",
        (most,),
    ).fetchall()
    return [Measured(*row) for row in rows]


def last_change(db: apsw.Connection) -> Change:
    """Compare the last measurement with the one before it, question by question."""
    row: Any = db.execute(
        """SELECT count(*), coalesce(sum(found > found_before), 0),
                  coalesce(sum(found < found_before), 0)
           FROM own_questions WHERE found IS NOT NULL AND found_before IS NOT NULL"""
    ).fetchone()
    return Change(*row)
