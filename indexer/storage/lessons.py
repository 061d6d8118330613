"""What the owner taught, kept in the library: its tables, and nothing of what they mean.

A passage is told by the content that it stands in, its place there, and the SHA-256 of its text; so
a lesson holds on when a file is moved or read again, and no document's text is kept for it. Where
two lessons say the contrary about one question and passage, both stay and the later one counts:
taking that back brings the earlier one into force again.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import apsw
import numpy as np
from numpy.typing import NDArray

from indexer.storage.database import id_list
from indexer.text.words import folded_words


class Kind(StrEnum):
    """What a lesson says."""

    ANSWERS = "answers"  # this passage answers that question
    NOT = "not"  # this passage does not
    MEANS = "means"  # when I say the one, I mean the other


@dataclass(frozen=True, slots=True)
class Place:
    """Where a passage stands, whatever its file is called."""

    content: bytes  # the identity of its content
    page: int  # the place among the content's pages, from 1
    start: int
    end: int
    passage: bytes  # the SHA-256 of its text


@dataclass(frozen=True, slots=True)
class NewLesson:
    """Something to be taught; `taught_ns` is None for now.

    `specialist` is the one that brings it (storage/specialists.py); None: its owner teaches it.
    """

    kind: Kind
    text: str  # the question, or the phrase
    meaning: str | None = None
    place: Place | None = None
    taught_ns: int | None = None
    specialist: int | None = None


@dataclass(frozen=True, slots=True)
class Lesson:
    """A lesson as it is kept."""

    id: int
    kind: Kind
    text: str
    words: str
    meaning: str | None
    place: Place | None
    taught_ns: int


@dataclass(frozen=True, slots=True)
class Found:
    """A chunk that a place reaches into, and by how many characters."""

    chunk: int
    shared: int
    length: int


_COLUMNS = "id, kind, text, words, meaning, content, page, start, end, passage, taught_ns"


# A damaged one says nothing until it is mended.
_WHOLE = "kind IN ('answers', 'not', 'means')"
# Lessons that say nothing, or of no passage: no program writes them.
BAD_LESSONS = """kind NOT IN ('answers', 'not', 'means') OR words = ''
    OR instr(CAST(text AS BLOB), x'00') OR instr(CAST(words AS BLOB), x'00')
    OR kind = 'means' AND (meaning IS NULL OR content IS NOT NULL)
    OR kind != 'means' AND NOT coalesce(length(content) > 32 AND length(passage) = 32
                                        AND page > 0 AND start >= 0 AND start < end, 0)"""
# Whose question no words find; the next step of the engine mends that.
STEMLESS = """SELECT id FROM lessons WHERE kind != 'means'
    AND NOT EXISTS (SELECT 1 FROM lesson_stems WHERE lesson_id = lessons.id)"""


def words_of(text: str) -> str:
    """Return a question or phrase as it is compared with others."""
    return " ".join(folded_words(text))


def put_lesson(db: apsw.Connection, new: NewLesson, stems: Iterable[str]) -> int:
    """Enter a lesson and return its id; that of the last one about the same if that holds as well.

    Call inside a transaction.
    """
    words = words_of(new.text)
    last = _last_about(db, words, new)
    now = time.time_ns()
    if last is not None:
        if last.kind is new.kind:
            _note_origin(db, last.id, new.specialist, is_new=False)
            return last.id
        if (new.taught_ns or now) < last.taught_ns:
            return last.id
        now = max(now, last.taught_ns + 1)
    place = new.place
    db.execute(
        f"INSERT INTO lessons ({_COLUMNS}) VALUES (NULL, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            *(new.kind, new.text, words, new.meaning),
            *(
                (place.content, place.page, place.start, place.end, place.passage)
                if place
                else (None,) * 5
            ),
            new.taught_ns or now,
        ),
    )
    lesson = db.last_insert_rowid()
    put_stems(db, lesson, stems)
    _note_origin(db, lesson, new.specialist, is_new=True)
    return lesson


def _note_origin(db: apsw.Connection, lesson: int, specialist: int | None, *, is_new: bool) -> None:
    """Note who has taught a lesson: one that its owner ever did stays the owner's."""
    if specialist is None:
        db.execute("DELETE FROM specialist_lessons WHERE lesson_id = ?", (lesson,))
        return
    db.execute(
        """INSERT INTO specialist_lessons (specialist_id, lesson_id) SELECT ?1, ?2
           WHERE (?3 OR EXISTS (SELECT 1 FROM specialist_lessons WHERE lesson_id = ?2))
               AND NOT EXISTS (SELECT 1 FROM specialist_lessons
                               WHERE specialist_id = ?1 AND lesson_id = ?2)""",
        (specialist, lesson, is_new),
    )


def put_stems(db: apsw.Connection, lesson: int, stems: Iterable[str]) -> None:
    """Enter the stems by which a lesson's question is found."""
    db.executemany(
        "INSERT INTO lesson_stems (lesson_id, stem) VALUES (?, ?)",
        [(lesson, stem) for stem in sorted(set(stems))],
    )


def put_vectors(
    db: apsw.Connection, encoder: int, lessons: Sequence[int], vectors: Sequence[NDArray[Any]]
) -> None:
    """Save the vectors of lessons' questions; of those that are gone none."""
    db.executemany(
        "INSERT OR IGNORE INTO lesson_vectors (lesson_id, encoder_id, vector) "
        "SELECT id, ?2, ?3 FROM lessons WHERE id = ?1",
        [
            (lesson, encoder, np.asarray(vector).astype("<f2").tobytes())
            for lesson, vector in zip(lessons, vectors, strict=True)
        ],
    )


def delete_lessons(db: apsw.Connection, ids: Iterable[int]) -> int:
    """Delete lessons; return how many there were."""
    db.execute(f"DELETE FROM lessons WHERE id IN ({id_list(ids)})")
    return db.changes()


def count_lessons(db: apsw.Connection) -> int:
    """Return how many lessons there are."""
    return int(db.execute("SELECT count(*) FROM lessons").get)


def all_lessons(db: apsw.Connection) -> Iterator[Lesson]:
    """Yield all lessons in the order in which they came."""
    for row in db.execute(f"SELECT {_COLUMNS} FROM lessons WHERE {_WHOLE} ORDER BY id"):
        yield _lesson(row)


def lessons_by_id(db: apsw.Connection, ids: Iterable[int]) -> list[Lesson]:
    """Return lessons, the last first; those that are gone are left out."""
    return _select(db, f"id IN ({id_list(ids)}) ORDER BY taught_ns DESC, id DESC")


def phrases_among(db: apsw.Connection, words: Sequence[str]) -> list[Lesson]:
    """Return what phrases mean that are among these, as `words_of` writes them."""
    marks = ", ".join("?" * len(words))
    return _select(db, f"words IN ({marks}) AND kind = 'means' ORDER BY id", words)


def lessons_asked(db: apsw.Connection, words: str) -> list[Lesson]:
    """Return what was taught for a question, as `words_of` writes it, the first first."""
    return _select(db, "words = ? AND kind != 'means' ORDER BY taught_ns, id", (words,))


def lessons_of(db: apsw.Connection, content: bytes) -> list[Lesson]:
    """Return the lessons about passages of a content."""
    return _select(db, "content = ? ORDER BY id", (content,))


def move_lesson(db: apsw.Connection, lesson: int, place: Place) -> None:
    """Bind a lesson to where its passage stands now."""
    db.execute(
        "UPDATE lessons SET content = ?, page = ?, start = ?, end = ?, passage = ? WHERE id = ?",
        (place.content, place.page, place.start, place.end, place.passage, lesson),
    )


def is_overruled(db: apsw.Connection, lesson: Lesson) -> bool:
    """Tell whether a later lesson says the contrary."""
    last = _last_about(db, lesson.words, lesson)
    return last is not None and last.id != lesson.id


def chunks_at(db: apsw.Connection, place: Place) -> list[Found]:
    """Return the chunks that a place reaches into, however its page is cut now.

    None where the content is not in the library: the lesson rests.
    """
    rows: list[Any] = db.execute(
        """SELECT id, min(end, ?4) - max(start, ?3), end - start FROM chunks
           WHERE page_id = (SELECT id FROM pages
                            WHERE content_id = (SELECT id FROM contents WHERE identity = ?1)
                            ORDER BY id LIMIT 1 OFFSET ?2)
             AND start < ?4 AND end > ?3 ORDER BY id""",
        (place.content, place.page - 1, place.start, place.end),
    ).fetchall()
    return [Found(*row) for row in rows]


def last_change(db: apsw.Connection) -> int:
    """Return a number that grows with each change of the lessons or their vectors."""
    row: Any = db.execute("SELECT seq FROM sqlite_sequence WHERE name = 'lesson_log'").fetchone()
    return int(row[0]) if row else 0


def _last_about(db: apsw.Connection, words: str, about: NewLesson | Lesson) -> Lesson | None:
    """Return the last lesson about the same question and passage, or phrase and meaning."""
    for other in reversed(_select(db, "words = ? ORDER BY taught_ns, id", (words,))):
        if about.place is None or other.place is None:
            if about.place is other.place and _same_meaning(about, other):
                return other
        elif _same_passage(about.place, other.place):
            return other
    return None


def _same_meaning(one: NewLesson | Lesson, other: Lesson) -> bool:
    return words_of(one.meaning or "") == words_of(other.meaning or "")


def _same_passage(one: Place, other: Place) -> bool:
    """Whether two places are one passage, which may have been cut in other ways."""
    if one.content != other.content or one.page != other.page:
        return False
    shared = min(one.end, other.end) - max(one.start, other.start)
    return 2 * shared > min(one.end - one.start, other.end - other.start)


def _select(db: apsw.Connection, clause: str, values: Sequence[Any] = ()) -> list[Lesson]:
    rows: list[Any] = db.execute(
        f"SELECT {_COLUMNS} FROM lessons WHERE {_WHOLE} AND {clause}", values
    ).fetchall()
    return [_lesson(row) for row in rows]


def _lesson(row: Any) -> Lesson:
    id_, kind, text, words, meaning, content, page, start, end, passage, taught = row
    place = None if content is None else Place(content, page, start, end, passage)
    return Lesson(id_, Kind(kind), text, words, meaning, place, taught)
