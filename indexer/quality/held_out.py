"""The questions that lessons were taught for, to be asked with their own lessons left out.

With its own lesson a question finds what it was taught, which shows nothing. Without it, only what
the other lessons teach counts: that is what an owner gains who asks something new.
"""

from __future__ import annotations

import hashlib
import heapq
from collections.abc import Generator
from dataclasses import dataclass
from typing import Any

import apsw

from indexer.search.lessons import meant_chunks
from indexer.storage.lessons import Kind, chunks_at, is_overruled, lessons_asked
from indexer.types import Hit

# 100 tell 60 % from 78; asked three times each they take some 10 s at most.
QUESTIONS = 100
_AT_ONCE = 2000  # rows that are read in 5 ms
# Questions are looked at until enough have a passage; those of lessons that rest have none.
_MOST = 4 * QUESTIONS


@dataclass(frozen=True, slots=True)
class HeldOut:
    """A question, its own lessons, and the texts of the passages that they name."""

    text: str
    lessons: frozenset[int]
    expected: tuple[str, ...]

    def is_answered_by(self, hit: Hit) -> bool:
        """Tell whether a passage holds one of those that were taught, be it in another copy."""
        shown = " ".join(hit.text.split())
        return any(text in shown for text in self.expected)


def held_out(db: apsw.Connection) -> Generator[None, None, list[HeldOut]]:
    """Return the questions of a sample of lessons, the same ones as long as these are there.

    They are chosen by hashes of their words, so that a new lesson puts at most one out. Yields
    after each few milliseconds.
    """
    best: list[tuple[int, str]] = []
    last = 0
    while True:
        rows: list[Any] = db.execute(
            "SELECT id, words FROM lessons WHERE id > ? AND kind = 'answers' ORDER BY id LIMIT ?",
            (last, _AT_ONCE),
        ).fetchall()
        if not rows:
            break
        last = rows[-1][0]
        best = heapq.nsmallest(_MOST, {*best, *((_place(words), words) for _, words in rows)})
        yield
    found: list[HeldOut] = []
    for _, words in best:
        if len(found) == QUESTIONS:
            break
        if (question := _question(db, words)) is not None:
            found.append(question)
        yield
    return found


def _place(words: str) -> int:
    return int.from_bytes(hashlib.blake2b(words.encode(), digest_size=8).digest())


def _question(db: apsw.Connection, words: str) -> HeldOut | None:
    lessons = lessons_asked(db, words)
    expected = []
    for lesson in lessons:
        if lesson.kind is not Kind.ANSWERS or lesson.place is None or is_overruled(db, lesson):
            continue
        for chunk in meant_chunks(lesson, chunks_at(db, lesson.place)):
            row: Any = db.execute(
                "SELECT substr(text, start + 1, end - start) FROM chunks "
                "JOIN pages ON pages.id = page_id WHERE chunks.id = ?",
                (chunk,),
            ).fetchone()
            expected.append(" ".join(row[0].split()))
    if not any(expected):
        return None
    own = frozenset(lesson.id for lesson in lessons)
    return HeldOut(lessons[-1].text, own, tuple(text for text in expected if text))
