"""How well questions find what answers them, by word, by meaning and by both.

Documents are ranked by their best passage (nDCG@10). A paragraph counts as hit when a passage
covers at least half of its characters, a page when a passage stands on it. Evidence counts when
the quoted sentences hold one of the set's answers.
"""

from __future__ import annotations

import argparse
import random
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

from app.library import open_embedder, open_engine, open_searcher
from app.paths import Profile
from app.settings import Settings
from benchmarks import sets
from benchmarks.metrics import by_best, covers, first_hit, hit_rate, holds_answer, ndcg
from benchmarks.report import Figure, add_json_option, figure, show
from benchmarks.sets import Question
from indexer.engine import pending
from indexer.search.searcher import Searcher
from indexer.types import Embedder, Hit, Mode, Scope

# Passages that are looked at: enough for ten documents or pages of several passages each.
_DEPTH = 50
_PLACES = (1, 5, 10)


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, prog="python -m benchmarks.retrieval")
    parser.add_argument("set", type=Path, help="a folder with documents and questions")
    parser.add_argument(
        "--profile", type=Path, metavar="DIR", help="keep the index in DIR, and use what is there"
    )
    parser.add_argument("--limit", type=int, metavar="N", help="ask N of the questions only")
    parser.add_argument(
        "--mode", action="append", choices=list(Mode), help="only this (may be repeated)"
    )
    add_json_option(parser)
    parsed = parser.parse_args(arguments)
    modes = [Mode(mode) for mode in parsed.mode or Mode]
    with tempfile.TemporaryDirectory(prefix="pocket-llm-") as folder:
        root = (parsed.profile or Path(folder)).absolute()
        root.mkdir(parents=True, exist_ok=True)
        evaluation = sets.load(parsed.set, root)
        profile = Profile(root)
        profile.create()
        embedder = open_embedder(profile, Settings())
        index(profile, embedder, evaluation.documents, words_only=modes == [Mode.WORDS])
        questions = _choose(evaluation.questions, parsed.limit)
        figures = [figure("questions", len(questions))]
        with closing(open_searcher(profile, embedder)) as searcher:
            for mode in modes:
                figures += _evaluate(searcher, questions, mode)
    show(f"retrieval {evaluation.name}", figures, as_json=parsed.json)
    return 0


def index(
    profile: Profile, embedder: Embedder | None, documents: Path, *, words_only: bool
) -> None:
    """Bring a profile's library up to date with a folder of documents."""
    with closing(open_engine(profile, embedder)) as engine:
        engine.reconcile(engine.add(documents))
        for _ in pending(engine, words_only=words_only):
            pass


def _choose(questions: Sequence[Question], limit: int | None) -> list[Question]:
    if limit is None or limit >= len(questions):
        return list(questions)
    # The same ones each time, from all over the set.
    return random.Random(0).sample(questions, limit)  # noqa: S311 -- no secret


def _evaluate(searcher: Searcher, questions: Sequence[Question], mode: Mode) -> list[Figure]:
    documents: list[float] = []
    paragraphs: list[int | None] = []
    pages: defaultdict[str, list[int | None]] = defaultdict(list)
    evidence: list[int | None] = []
    milliseconds: list[float] = []
    until_evidence: list[float] = []
    worked: list[float] = []  # until then, on all cores
    for question in questions:
        scope = Scope(paths=(question.inside,)) if question.inside else Scope()
        began, processor = time.perf_counter(), time.process_time()
        hits = searcher.search(question.text, _DEPTH, scope, mode)
        milliseconds.append((time.perf_counter() - began) * 1000)
        if question.relevance:
            ranked = by_best(hit.path.stem for hit in hits)
            documents.append(ndcg(ranked, question.relevance))
        if question.paragraph:
            paragraphs.append(first_hit(hits, lambda hit, of=question: _on_paragraph(hit, of)))  # type: ignore[misc]
        if question.pages:
            found = by_best((hit.path, hit.page) for hit in hits)
            pages[question.group].append(first_hit(found, lambda at, of=question: at in of.pages))  # type: ignore[misc]
        if question.answers and mode is Mode.HYBRID:
            quotes = [item.quote for item in searcher.evidence(question.text, hits)]
            until_evidence.append((time.perf_counter() - began) * 1000)
            worked.append((time.process_time() - processor) * 1000)
            evidence.append(
                first_hit(quotes, lambda text, of=question: holds_answer(text, of.answers))  # type: ignore[misc]
            )
    figures = []
    if documents:
        figures.append(figure(f"{mode}: nDCG@10", sum(documents) / len(documents)))
    figures += _hits(f"{mode}: paragraph hit", paragraphs)
    for group, places in sorted(pages.items()):
        figures += _hits(f"{mode}: page hit, {group or 'all'} ({len(places)})", places)
    figures += _hits("evidence holds the answer", evidence, (1, 3))
    if until_evidence:
        figures.append(figure("median first evidence", _median(until_evidence), "ms"))
        figures.append(figure("the same, processor time", _median(worked), "ms"))
    return [
        *figures,
        figure(f"{mode}: median search", _median(milliseconds), "ms"),
    ]


def _median(milliseconds: Sequence[float]) -> float:
    return sorted(milliseconds)[len(milliseconds) // 2]


def _on_paragraph(hit: Hit, question: Question) -> bool:
    place = question.paragraph
    assert place is not None
    return hit.path == place.file and covers((hit.start, hit.end), (place.start, place.end))


def _hits(name: str, places: Sequence[int | None], depths: Sequence[int] = _PLACES) -> list[Figure]:
    return [figure(f"{name}@{k}", hit_rate(places, k)) for k in depths if places]


if __name__ == "__main__":
    sys.exit(main())
