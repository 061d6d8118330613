"""What the owner taught, in a search: which passages gain or lose, and what phrases mean.

Only the lessons whose questions are like the one that is asked are looked at closer, so that a
hundred thousand of them cost a search some milliseconds.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from operator import itemgetter
from typing import TYPE_CHECKING, Any

import apsw
import numpy as np
from numpy.typing import NDArray

from indexer.search import ranking
from indexer.search.vocabulary import Vocabulary
from indexer.storage.database import id_list
from indexer.storage.lessons import (
    Found,
    Kind,
    Lesson,
    chunks_at,
    last_change,
    lessons_by_id,
    phrases_among,
)
from indexer.text.words import STOP_WORDS, folded_words, has_cjk
from indexer.types import TaughtBy
from indexer.vectors.library import Encoder

if TYPE_CHECKING:
    # FAISS takes a fifth of a search by word to import, which has no use for it.
    from indexer.vectors.index import VectorIndex

# Lessons that are looked at closer, the most alike first: a word's idf takes 0.05 ms. SciFact needs
# no more than 20.
_MOST = 50
# Words of a question that are looked through for phrases, and of a phrase.
_ASKED_WORDS = 64
_PHRASE_WORDS = 8
_PART_ROWS = 8192


@dataclass(frozen=True, slots=True)
class Meant:
    """A question with what its phrases mean: as its words are looked for, and as it is embedded."""

    words: str
    embedded: str


@dataclass(frozen=True, slots=True)
class Taught:
    """What lessons add to a chunk's score, and the one that does."""

    gain: float
    by: TaughtBy


class Lessons:
    """The lessons of a library, over a connection opened for reading."""

    def __init__(self, db: apsw.Connection, vocabulary: Vocabulary) -> None:
        self._db = db
        self._vocabulary = vocabulary
        self._vectors: _QuestionVectors | None = None
        self._seen = -1
        self._any = False
        self._idf: dict[str, float] = {}
        self._idf_of = -1  # chunks, when they were counted

    def _refresh(self) -> bool:
        """Look whether anything was taught or taken back; tell whether there is any lesson."""
        latest = last_change(self._db)
        if latest != self._seen:
            self._any = self._db.execute("SELECT EXISTS (SELECT 1 FROM lessons)").get == 1
            self._seen = latest
        return self._any

    def meant(self, question: str) -> Meant:
        """Return a question with what its phrases mean to the owner.

        The encoder is told only of phrases that the library does not hold: what documents explain
        it knows by them, and SciFact's claims with an abbreviation fall from 66.2 to 63.7 if it is
        told all of 249 (nDCG@10; 66.2 if only the words are).
        """
        if not self._refresh():
            return Meant(question, question)
        words = folded_words(question)[:_ASKED_WORDS]
        phrases = {
            " ".join(words[start : start + length])
            for length in range(1, _PHRASE_WORDS + 1)
            for start in range(len(words) - length + 1)
        }
        lessons = [
            lesson
            for lesson in phrases_among(self._db, sorted(phrases))
            # "NO means nitric oxide" says nothing about "no".
            if not _is_common(lesson.words) or lesson.text in question
        ]
        new = [lesson for lesson in lessons if not self._is_held(lesson.words)]
        return Meant(*(_with_meanings(question, told) for told in (lessons, new)))

    def _is_held(self, words: str) -> bool:
        stem, holds = self._vocabulary.stem, self._vocabulary.holds
        return all(holds(stem(word)) for word in words.split())

    def taught(
        self,
        question: str,
        vector: NDArray[np.float32] | None,
        encoder: Encoder | None,
        left_out: Collection[int] = (),
    ) -> dict[int, Taught]:
        """Return what chunks gain (or lose, below 0) by what was taught for questions like this.

        By the vector of the question where there is one, else by its words; so are lessons found
        that have no vector yet. Those that are `left_out` say nothing.
        """
        if not self._refresh():
            return {}
        alike: dict[int, float] = {}
        strengths: dict[int, float] = {}
        without: set[int] | None = None  # lessons that only the words find; None: all
        if vector is not None and encoder is not None:
            if self._vectors is None or not self._vectors.are_of(encoder):
                self._vectors = _QuestionVectors(self._db, encoder)
            alike, without = self._vectors.like(vector, self._seen)
            words = self.likeness_in_words(question, alike)
            strengths = {
                lesson: ranking.lesson_strength(cosine, words.get(lesson))
                for lesson, cosine in alike.items()
            }
        if without is None or without:
            by_words = self._like_by_words(question, without)
            strengths |= {
                lesson: ranking.lesson_strength(None, share) for lesson, share in by_words.items()
            }
        counting = [
            lesson for lesson, strength in strengths.items() if strength and lesson not in left_out
        ]
        best = sorted(counting, key=lambda lesson: -strengths[lesson])[:_MOST]
        return self._effects(lessons_by_id(self._db, best), strengths)

    def likeness_in_words(self, question: str, lessons: Iterable[int]) -> dict[int, float]:
        """Return how like the questions of lessons are by their words, as `_like_by_words` does.

        Those that are written in signs and letters, or in letters and signs, share no words.
        """
        wanted = self._vocabulary.question(question)
        square = sum(idf**2 for idf in wanted.values())
        asked_in_cjk = has_cjk(question)
        rows: Any = self._db.execute(
            "SELECT lesson_id, stem FROM lesson_stems "
            f"WHERE lesson_id IN ({id_list(lessons)}) ORDER BY lesson_id"
        )
        found = {}
        for lesson, group in groupby(rows, key=itemgetter(0)):
            stems = [stem for _, stem in group]
            if square and any(map(has_cjk, stems)) == asked_in_cjk:
                shared = sum(wanted[stem] ** 2 for stem in stems if stem in wanted)
                found[lesson] = shared / math.sqrt(square * (self._sum_of_squares(stems) or 1.0))
        return found

    def _like_by_words(self, question: str, among: set[int] | None) -> dict[int, float]:
        """Return the lessons whose questions share the weightiest words, by cosine of squared idf.

        SciFact by words alone, after 809 lessons, nDCG@10 of questions whose document was taught:
        87.8, with idf as it is 86.8, as Dice's coefficient 86.4; the others 66.8 each time.
        """
        wanted = self._vocabulary.question(question)
        square = sum(idf**2 for idf in wanted.values())
        ids, weights = [np.empty(0, np.int64)], [np.empty(0)]
        for stem, idf in wanted.items():
            rows: list[Any] = self._db.execute(
                "SELECT lesson_id FROM lesson_stems WHERE stem = ?", (stem,)
            ).fetchall()
            ids.append(np.array(rows, np.int64).reshape(-1))
            weights.append(np.full(len(rows), idf**2))
        lessons, places = np.unique(np.concatenate(ids), return_inverse=True)
        shared = np.bincount(places, np.concatenate(weights), len(lessons))
        if among is not None:
            shared[~np.isin(lessons, list(among))] = 0
        # A cosine of c needs a share of c * c in the weight of the question.
        enough = np.flatnonzero(shared > ranking.LESSON_LIKENESS**2 * square)
        best = enough[np.argsort(-shared[enough], kind="stable")][:_MOST]
        return {
            lesson: float(share / np.sqrt(square * (self._square(lesson) or 1.0)))
            for lesson, share in zip(lessons[best].tolist(), shared[best], strict=True)
        }

    def _square(self, lesson: int) -> float:
        rows: Any = self._db.execute("SELECT stem FROM lesson_stems WHERE lesson_id = ?", (lesson,))
        return self._sum_of_squares([stem for (stem,) in rows])

    def _sum_of_squares(self, stems: Sequence[str]) -> float:
        if self._idf_of != (chunks := self._vocabulary.chunks()):
            self._idf_of, self._idf = chunks, {}
        for stem in stems:
            if stem not in self._idf:
                self._idf[stem] = self._vocabulary.chunk_idf(stem)
        return sum(self._idf[stem] ** 2 for stem in stems)

    def _effects(
        self, lessons: Iterable[Lesson], strengths: Mapping[int, float]
    ) -> dict[int, Taught]:
        """Return what each chunk gains by lessons, which come the last first."""
        said: set[tuple[str, int]] = set()
        best: dict[int, dict[Kind, tuple[float, Lesson]]] = {}
        for lesson in lessons:
            strength = strengths[lesson.id]
            if lesson.place is None:
                continue
            for chunk in meant_chunks(lesson, chunks_at(self._db, lesson.place)):
                # Of two that were taught for one question, the later one holds.
                if (lesson.words, chunk) in said:
                    continue
                said.add((lesson.words, chunk))
                by_kind = best.setdefault(chunk, {})
                if strength > by_kind.get(lesson.kind, (0.0, lesson))[0]:
                    by_kind[lesson.kind] = (strength, lesson)
        effects: dict[int, Taught] = {}
        for chunk, by_kind in best.items():
            gain = ranking.lesson_gain(
                *(by_kind[kind][0] if kind in by_kind else 0.0 for kind in (Kind.ANSWERS, Kind.NOT))
            )
            lesson = by_kind[Kind.ANSWERS if gain > 0 else max(by_kind)][1]
            effects[chunk] = Taught(gain, TaughtBy(lesson.id, lesson.text))
        return effects


def _with_meanings(question: str, lessons: Sequence[Lesson]) -> str:
    return " ".join([question, *dict.fromkeys(lesson.meaning or "" for lesson in lessons)])


def _is_common(words: str) -> bool:
    return all(word in STOP_WORDS for word in words.split())


def meant_chunks(lesson: Lesson, found: Sequence[Found]) -> list[int]:
    """Return the chunks that a lesson is about, of those that its place reaches into.

    What answers is the one that has most of it. What does not is all of the passage that was shown,
    since each of its chunks would bring it back.
    """
    if not found:
        return []
    best = max(found, key=lambda item: item.shared).chunk
    if lesson.kind is Kind.ANSWERS:
        return [best]
    return [item.chunk for item in found if 2 * item.shared > item.length or item.chunk == best]


class _QuestionVectors:
    """One encoder's vectors of the lessons' questions, kept in step with the database."""

    def __init__(self, db: apsw.Connection, encoder: Encoder) -> None:
        self._db = db
        self._name = encoder.name
        self._dimensions = encoder.dimensions
        self._index: VectorIndex | None = None
        self._seen = -1
        self._without: set[int] = set()

    def are_of(self, encoder: Encoder) -> bool:
        """Tell whether these are the vectors of an encoder."""
        return (self._name, self._dimensions) == (encoder.name, encoder.dimensions)

    def like(self, vector: NDArray[np.float32], latest: int) -> tuple[dict[int, float], set[int]]:
        """Return the lessons most like a question with their cosines, and those without vector."""
        if latest != self._seen:
            self._catch_up(latest)
        assert self._index is not None
        ids, cosines = self._index.search(vector, _MOST)
        return dict(zip(ids.tolist(), cosines.tolist(), strict=True)), self._without

    def _catch_up(self, latest: int) -> None:
        from indexer.vectors.index import VectorIndex

        some = which = ""
        if self._index is None:
            self._index = VectorIndex(self._dimensions)
        else:
            changed: list[Any] = self._db.execute(
                "SELECT DISTINCT lesson_id FROM lesson_log WHERE seq > ? AND seq <= ?",
                (self._seen, latest),
            ).fetchall()
            lessons = [row[0] for row in changed]
            self._index.remove(np.array(lessons, np.int64))
            self._without.difference_update(lessons)
            some = f"AND lesson_id IN ({id_list(lessons)})"
            which = f"AND id IN ({id_list(lessons)})"
        rows: Any = self._db.execute(
            "SELECT lesson_id, vector FROM lesson_vectors "
            f"WHERE encoder_id = (SELECT id FROM encoders WHERE name = ?) {some}",
            (self._name,),
        )
        while part := [row for _, row in zip(range(_PART_ROWS), rows, strict=False)]:
            halves = np.frombuffer(b"".join(row[1] for row in part), "<f2")
            self._index.add(
                np.array([row[0] for row in part], np.int64),
                halves.reshape(-1, self._dimensions).astype(np.float32),
            )
        without: list[Any] = self._db.execute(
            f"""SELECT id FROM lessons WHERE kind != 'means' {which} AND NOT EXISTS
                (SELECT 1 FROM lesson_vectors WHERE lesson_id = lessons.id
                 AND encoder_id = (SELECT id FROM encoders WHERE name = ?))""",
            (self._name,),
        ).fetchall()
        self._without.update(row[0] for row in without)
        self._seen = latest
