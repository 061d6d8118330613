"""Teaching a library: a lesson is one short transaction beside whoever indexes.

The next search sees it, in whatever process: there is nothing to train.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import apsw
from numpy.typing import NDArray

from indexer.errors import IndexerError
from indexer.search.passages import LONGEST_PASSAGE, whole_paragraphs
from indexer.search.vocabulary import Vocabulary
from indexer.storage import erasure
from indexer.storage.contents import Contents
from indexer.storage.database import in_words, open_for_writing, transaction
from indexer.storage.lessons import (
    Kind,
    NewLesson,
    Place,
    delete_lessons,
    put_lesson,
    put_vectors,
    words_of,
)
from indexer.text.words import has_cjk
from indexer.types import Embedder

# More than any encoder reads of a question.
_LONGEST_TEXT = 4000
_AT_ONCE = 200  # lessons in a transaction, and questions that are embedded before it


class Teacher:
    """Writes lessons over a connection of its own."""

    def __init__(self, db: apsw.Connection, path: Path, embedder: Embedder | None) -> None:
        self._db = db
        self._path = path
        self._embedder = embedder
        self._vocabulary = Vocabulary(db)

    def answers(self, question: str, chunk: int) -> int:
        """Teach that a passage answers a question; return the lesson. Raises IndexerError."""
        return self.teach([NewLesson(Kind.ANSWERS, question, place=self._place(chunk))])[0]

    def answers_not(self, question: str, chunk: int) -> int:
        """Teach that a passage, with its whole paragraphs, does not. Raises IndexerError."""
        place = self._place(chunk, whole=True)
        return self.teach([NewLesson(Kind.NOT, question, place=place)])[0]

    def means(self, phrase: str, meaning: str) -> int:
        """Teach that a phrase means another; return the lesson. Raises IndexerError."""
        if not words_of(meaning):
            raise _wordless()
        return self.teach([NewLesson(Kind.MEANS, phrase, meaning[:_LONGEST_TEXT])])[0]

    def teach(self, lessons: Iterable[NewLesson]) -> list[int]:
        """Teach many lessons; return their numbers, of what is known already its own.

        Raises IndexerError, before the first of them, if one has no word in it.
        """
        return [id_ for part in self.teaching(lessons) for id_ in part]

    def teaching(self, lessons: Iterable[NewLesson]) -> Iterator[list[int]]:
        """Teach many lessons a part at a time, as `teach`, and yield the numbers of each part."""
        waiting = [_cleaned(lesson) for lesson in lessons]
        if not all(words_of(lesson.text) for lesson in waiting):
            raise _wordless()
        for start in range(0, len(waiting), _AT_ONCE):
            part = waiting[start : start + _AT_ONCE]
            vectors = [self._vector(lesson) for lesson in part]
            with transaction(self._db, self._path):
                ids = [
                    put_lesson(self._db, lesson, stems_of(self._vocabulary, lesson))
                    for lesson in part
                ]
                self._put_vectors(ids, vectors)
            yield ids

    def forget(self, lessons: Sequence[int], *, wholly: bool = True) -> bool:
        """Take lessons back, every byte of them; False if there is none of them.

        Where somebody else is erasing, or reading at this moment, or with `wholly` False, the
        engine does the last of it.
        """
        with transaction(self._db, self._path):
            found = delete_lessons(self._db, lessons)
            if found:
                erasure.begin(self._db, erasure.What.LESSONS)
        if wholly and erasure.unfinished(self._db) is erasure.What.LESSONS:
            erasure.finish(self._db, self._path, erasure.What.LESSONS)
        return found > 0

    def _put_vectors(self, ids: Sequence[int], vectors: Sequence[NDArray[Any] | None]) -> None:
        made = [(id_, row) for id_, row in zip(ids, vectors, strict=True) if row is not None]
        if not made or self._embedder is None:
            return
        encoder = encoder_of(self._db, self._embedder)
        put_vectors(self._db, encoder, [id_ for id_, _ in made], [row for _, row in made])

    def _vector(self, lesson: NewLesson) -> NDArray[Any] | None:
        if self._embedder is None or lesson.kind is Kind.MEANS:
            return None
        return question_vector(self._embedder, lesson.text)

    def _place(self, chunk: int, *, whole: bool = False) -> Place:
        place = place_of(self._db, chunk, whole=whole)
        if place is None:
            raise IndexerError(
                "This passage is not in the library any more.",
                "Search again, and teach what is found now.",
            )
        return place


@contextmanager
def teacher(database: Path, embedder: Embedder | None) -> Iterator[Teacher]:
    """Open a library for teaching. Raises IndexerError."""
    with in_words(database), closing(open_for_writing(database)) as db:
        yield Teacher(db, database, embedder)


def place_of(db: apsw.Connection, chunk: int, *, whole: bool = False) -> Place | None:
    """Return what a chunk is told by, or the whole paragraphs around it; None if it is gone."""
    row: Any = db.execute(
        """SELECT contents.identity, pages.text, start, end,
                  (SELECT count(*) FROM pages AS others
                   WHERE others.content_id = pages.content_id AND others.id <= pages.id)
           FROM chunks JOIN pages ON pages.id = page_id
           JOIN contents ON contents.id = chunks.content_id WHERE chunks.id = ?""",
        (chunk,),
    ).fetchone()
    if row is None:
        return None
    identity, text, start, end, page = row
    if whole:
        # As a search shows it.
        first = max(0, start - LONGEST_PASSAGE)
        around = text[first : end + LONGEST_PASSAGE]
        left, right = whole_paragraphs(around, start - first, end - first)
        start, end = first + left, first + right
    return Place(identity, page, start, end, passage_sum(text[start:end]))


def passage_sum(text: str) -> bytes:
    """Return what a passage is known by again, without its text."""
    return hashlib.sha256(text.encode("utf-8", "replace")).digest()


def stems_of(vocabulary: Vocabulary, lesson: NewLesson) -> set[str]:
    """Return the stems of a question; a phrase is found as it is written."""
    return set() if lesson.kind is Kind.MEANS else vocabulary.question_stems(lesson.text)


def question_vector(embedder: Embedder, question: str) -> NDArray[Any] | None:
    """Return a question's vector; None from an encoder that does not read it."""
    if has_cjk(question) and not embedder.reads_cjk:
        return None
    return embedder.embed_query(question)


def encoder_of(db: apsw.Connection, embedder: Embedder) -> int:
    """Return the id under which an encoder's vectors are kept. Call inside a transaction."""
    return Contents(db, Path(db.filename)).encoder_id(embedder.name, embedder.dimensions)


def _cleaned(lesson: NewLesson) -> NewLesson:
    text, meaning = (
        None if value is None else value.replace("\0", "").strip()[:_LONGEST_TEXT]
        for value in (lesson.text, lesson.meaning)
    )
    return replace(lesson, text=text or "", meaning=meaning)


def _wordless() -> IndexerError:
    return IndexerError("There is no word in this.", "Write the question or phrase in words.")
