"""Measures a library by questions of its own, the same ones each time as long as they last."""

from __future__ import annotations

import time
from collections.abc import Callable, Generator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from random import Random

import apsw

from indexer.quality.held_out import HeldOut, held_out
from indexer.quality.questions import OwnQuestion, Source, draw
from indexer.search.searcher import Searcher
from indexer.storage import quality
from indexer.storage.database import in_words, open_for_writing, transaction
from indexer.storage.lessons import count_lessons
from indexer.storage.quality import Measured
from indexer.types import Embedder, Hit, Mode

# 200 tell 80 % from 88; asked three times each they take some 10 s.
QUESTIONS = 200
_FIVE = 5
_DRAWN_AT_ONCE = 20  # in some 10 ms

Tell = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Progress:
    """How many questions of how many were asked."""

    done: int
    total: int


Measuring = Generator[Progress, None, Measured | None]


def measure(database: Path, caches: Path, embedder: Embedder | None, tell: Tell) -> Measured | None:
    """Ask a library its own questions, and keep what it found; None if it has no passages.

    `tell` is given how many questions of how many are asked; an exception of it ends everything,
    and nothing is kept. Raises IndexerError.
    """
    run = measuring(database, caches, embedder)
    with closing(run):
        while True:
            try:
                progress = next(run)
            except StopIteration as end:
                found: Measured | None = end.value
                return found
            tell(progress.done, progress.total)


def measuring(database: Path, caches: Path, embedder: Embedder | None) -> Measuring:
    """Measure as `measure` does, and yield after each search; closing it keeps nothing."""
    encoder = embedder.name if embedder is not None else ""
    with in_words(database), closing(open_for_writing(database)) as db:
        began = quality.stamp(db, encoder)
        for _ in _draw(db, database):
            yield Progress(0, 0)
        own = [
            (id_, OwnQuestion(chunk, Source(source), text, expected))
            for id_, chunk, source, text, expected in quality.questions(db)
        ]
        if not own:
            return None
        lessons = count_lessons(db)
        taught = yield from _sample(db)
        with closing(Searcher(database, caches, embedder)) as searcher:
            asking = _Asking(searcher, len(own) + len(taught), any_lessons=lessons > 0)
            ranks = yield from asking.own([question for _, question in own])
            of_taught = yield from asking.taught(taught)
        measured = Measured(
            time.time_ns(), began.chunks, encoder, lessons, len(own),
            sum(rank.hybrid == 1 for rank in ranks), sum(rank.hybrid > 0 for rank in ranks),
            sum(rank.by_words > 0 for rank in ranks), sum(rank.untaught > 0 for rank in ranks),
            len(taught), *of_taught, began.last_chunk, began.last_lesson_change,
        )  # fmt: skip
        found = [id_ for (id_, _), rank in zip(own, ranks, strict=True) if rank.hybrid]
        with transaction(db, database):
            return quality.put_measured(db, measured, [id_ for id_, _ in own], found)


def _draw(db: apsw.Connection, database: Path) -> Generator[None, None, None]:
    """Have as many questions as are wanted, or as the library can be asked."""
    while True:
        kept = quality.questions(db)
        wanted = min(QUESTIONS - len(kept), _DRAWN_AT_ONCE)
        if wanted <= 0:
            return
        random = Random(len(kept))  # noqa: S311 -- no secret
        new = draw(db, wanted, random, {row[1] for row in kept})
        with transaction(db, database):
            quality.put_questions(
                db, ((each.chunk, each.source, each.text, each.expected) for each in new)
            )
        if len(new) < wanted:
            return
        yield


def _sample(db: apsw.Connection) -> Generator[Progress, None, list[HeldOut]]:
    run = held_out(db)
    while True:
        try:
            next(run)
        except StopIteration as end:
            found: list[HeldOut] = end.value
            return found
        yield Progress(0, 0)


@dataclass(frozen=True, slots=True)
class _Ranks:
    """The place of the first passage that answers among the first five; 0 if none does."""

    hybrid: int
    by_words: int
    untaught: int


class _Asking:
    """Asks, and yields how far it is after each search."""

    def __init__(self, searcher: Searcher, total: int, *, any_lessons: bool) -> None:
        self._searcher = searcher
        self._any_lessons = any_lessons
        self._total = total
        self._done = 0

    def own(self, questions: list[OwnQuestion]) -> Generator[Progress, None, list[_Ranks]]:
        """Ask with all, by words alone, and without lessons."""
        ranks = []
        search = self._searcher.search
        for question in questions:
            hybrid = _rank(question, search(question.text, _FIVE))
            yield self._progress
            by_words = _rank(question, search(question.text, _FIVE, mode=Mode.WORDS))
            yield self._progress
            untaught = hybrid
            if self._any_lessons:
                untaught = _rank(question, search(question.text, _FIVE, lessons=False))
                yield self._progress
            self._done += 1
            ranks.append(_Ranks(hybrid, by_words, untaught))
        return ranks

    def taught(self, questions: list[HeldOut]) -> Generator[Progress, None, tuple[int, int, int]]:
        """Return how many find what was taught: with all lessons, without their own, with none."""
        whole = without_own = untaught = 0
        search = self._searcher.search
        for question in questions:
            whole += _rank(question, search(question.text, _FIVE)) > 0
            yield self._progress
            own = question.lessons
            hits = search(question.text, _FIVE, without_lessons=own)
            without_own += _rank(question, hits) > 0
            yield self._progress
            untaught += _rank(question, search(question.text, _FIVE, lessons=False)) > 0
            self._done += 1
            yield self._progress
        return whole, without_own, untaught

    @property
    def _progress(self) -> Progress:
        return Progress(self._done, self._total)


def _rank(question: OwnQuestion | HeldOut, hits: list[Hit]) -> int:
    return next((hit.rank for hit in hits if question.is_answered_by(hit)), 0)
