"""Measures a library by questions of its own, the same ones each time as long as they last."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from random import Random

from indexer.quality.questions import OwnQuestion, Source, draw
from indexer.search.searcher import Searcher
from indexer.storage import quality
from indexer.storage.database import in_words, open_for_writing, transaction
from indexer.storage.lessons import count_lessons
from indexer.storage.quality import Change, Measured
from indexer.types import Embedder, Mode

# 200 tell 80 % from 88; asked three times each they take some 10 s.
QUESTIONS = 200
_FIVE = 5

Tell = Callable[[int, int], None]


def measure(
    database: Path, caches: Path, embedder: Embedder | None, tell: Tell
) -> tuple[Measured, Change] | None:
    """Ask a library its own questions, and keep what it found; None if it has no passages.

    `tell` is given how many questions of how many are asked; an exception of it ends everything,
    and nothing is kept. Raises IndexerError.
    """
    with in_words(database), closing(open_for_writing(database)) as db:
        kept = quality.questions(db)
        lacking = QUESTIONS - len(kept)
        if lacking > 0:
            random = Random(len(kept))  # noqa: S311 -- no secret
            new = draw(db, lacking, random, {row[1] for row in kept})
            with transaction(db, database):
                quality.put_questions(
                    db, ((each.chunk, each.source, each.text, each.expected) for each in new)
                )
            kept = quality.questions(db)
        if not kept:
            return None
        measured, found = _ask(database, caches, embedder, kept, count_lessons(db), tell)
        with transaction(db, database):
            quality.put_measured(db, measured, found)
        return measured, quality.last_change(db)


def _ask(
    database: Path,
    caches: Path,
    embedder: Embedder | None,
    kept: list[tuple[int, int, str, str, str]],
    lessons: int,
    tell: Tell,
) -> tuple[Measured, list[int]]:
    first = by_words = untaught = 0
    found: list[int] = []
    with closing(Searcher(database, caches, embedder)) as searcher:
        for done, (id_, chunk, source, text, expected) in enumerate(kept):
            tell(done, len(kept))
            question = OwnQuestion(chunk, Source(source), text, expected)
            rank = _rank(searcher, question)
            first += rank == 1
            if rank:
                found.append(id_)
            by_words += bool(_rank(searcher, question, mode=Mode.WORDS))
            untaught += bool(_rank(searcher, question, lessons=False) if lessons else rank)
        chunks = searcher.folder_states()[1]
    encoder = embedder.name if embedder is not None else ""
    return Measured(
        time.time_ns(), chunks, encoder, lessons, len(kept), first, len(found), by_words, untaught
    ), found


def _rank(
    searcher: Searcher, question: OwnQuestion, *, mode: Mode = Mode.HYBRID, lessons: bool = True
) -> int:
    """Return the place of the first passage that answers among the first five; 0 if none does."""
    hits = searcher.search(question.text, _FIVE, mode=mode, lessons=lessons)
    return next((hit.rank for hit in hits if question.is_answered_by(hit)), 0)
