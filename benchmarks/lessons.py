"""What lessons are worth: how questions are answered after others were taught.

Of each taught question the right passage of its document is a lesson. Questions whose document was
taught by another question stand apart from those for which nothing was: an average of both would
hide what lessons cost. A set is one of `benchmarks.retrieval`; beside it `teach.jsonl` may hold the
questions to teach ({"text": ..., "docs": [names of files without their endings]}), else every
second question is taught and the others are asked.
"""

from __future__ import annotations

import argparse
import json
import random
import shutil
import sys
import tempfile
import time
from collections.abc import Iterable, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from app.library import open_embedder, open_searcher
from app.paths import Profile
from app.settings import Settings
from benchmarks import sets
from benchmarks.metrics import by_best, ndcg
from benchmarks.report import Figure, add_json_option, figure, show
from benchmarks.retrieval import index
from benchmarks.sets import Question
from indexer.lessons.teaching import encoder_of, place_of, stems_of, teacher
from indexer.search.pointing import pointed_at
from indexer.search.searcher import Searcher
from indexer.search.vocabulary import Vocabulary
from indexer.storage.database import open_for_reading, open_for_writing
from indexer.storage.lessons import Kind, NewLesson, all_lessons, put_lesson, put_vectors
from indexer.types import Embedder, Mode

_DEPTH = 50
_STEPS = "10,100,300"


@dataclass(frozen=True, slots=True)
class Example:
    """A question with the names of the files that are right, without their endings."""

    text: str
    documents: dict[str, int]


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, prog="python -m benchmarks.lessons")
    parser.add_argument("set", type=Path, help="a folder with documents and questions")
    parser.add_argument("--profile", type=Path, metavar="DIR", help="keep the index in DIR")
    parser.add_argument("--steps", default=_STEPS, help=f"lessons to measure at ({_STEPS}, all)")
    parser.add_argument(
        "--many", type=int, default=0, metavar="N",
        help="time a search beside N lessons on words of the documents, with random vectors",
    )  # fmt: skip
    parser.add_argument("--mode", choices=list(Mode), default=Mode.HYBRID)
    add_json_option(parser)
    parsed = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory(prefix="pocket-llm-") as folder:
        root = (parsed.profile or Path(folder)).absolute()
        root.mkdir(parents=True, exist_ok=True)
        evaluation = sets.load(parsed.set, root)
        profile = Profile(root)
        profile.create()
        mode = Mode(parsed.mode)
        embedder = None if mode is Mode.WORDS else open_embedder(profile, Settings())
        index(profile, embedder, evaluation.documents, words_only=mode is Mode.WORDS)
        taught, asked = divide(parsed.set / "teach.jsonl", evaluation.questions)
        steps = [int(step) for step in parsed.steps.split(",") if step]
        steps = [step for step in steps if step < len(taught)] + [len(taught)]
        figures = _measure(profile, embedder, evaluation.documents, taught, asked, steps, mode)
        if parsed.many:
            figures += _time_among(profile, embedder, [each.text for each in asked], parsed.many)
    show(f"lessons {evaluation.name}", figures, as_json=parsed.json)
    return 0


def divide(file: Path, questions: Sequence[Question]) -> tuple[list[Example], list[Example]]:
    """Return the questions to teach, in an order without meaning, and those to ask."""
    examples = [Example(question.text, _documents(question)) for question in questions]
    if file.exists():
        lines = [json.loads(line) for line in file.read_text("utf-8").splitlines()]
        taught = [Example(line["text"], dict.fromkeys(line["docs"], 1)) for line in lines]
        asked = examples
    else:
        taught, asked = examples[::2], examples[1::2]
    random.Random(0).shuffle(taught)  # noqa: S311 -- no secret
    return taught, asked


def _documents(question: Question) -> dict[str, int]:
    found = dict(question.relevance)
    if question.paragraph is not None:
        found[question.paragraph.file.stem] = 1
    return found | {path.stem: 1 for path, _ in question.pages}


def _measure(
    profile: Profile,
    embedder: Embedder | None,
    documents: Path,
    taught: Sequence[Example],
    asked: Sequence[Example],
    steps: Sequence[int],
    mode: Mode,
) -> list[Figure]:
    files = {path.stem: path for path in documents.rglob("*") if path.is_file()}
    database = profile.database
    with closing(open_for_reading(database)) as db:
        old = [lesson.id for lesson in all_lessons(db)]
    with teacher(database, embedder) as owner:
        owner.forget(old)
    with closing(open_searcher(profile, embedder)) as searcher:
        before = [_rank(searcher, example, mode) for example in asked]
        places = _places(profile, searcher, taught, files)
        figures = [figure("lessons 0: nDCG@10, all", _mean(n for n, _, _ in before))]
        figures += [figure("lessons 0: P@1, all", _mean(p for _, p, _ in before))]
        done = 0
        for step in steps:
            began = time.process_time()
            with teacher(database, embedder) as owner:
                lessons = [lesson for part in places[done:step] for lesson in part]
                owner.teach(lessons)
            figures.append(
                figure(
                    f"lessons {step}: teaching one",
                    (time.process_time() - began) * 1000 / max(1, len(lessons)), "CPU ms",
                )
            )  # fmt: skip
            done = step
            known = {name for example in taught[:step] for name in example.documents}
            after = [_rank(searcher, example, mode) for example in asked]
            of_taught = [bool(known & example.documents.keys()) for example in asked]
            lifted = [found for _, _, found in after]
            for name, chosen in (
                ("all", [True] * len(asked)),
                ("document taught", of_taught),
                ("document not taught", [not item for item in of_taught]),
                (
                    "no lesson applies",
                    [not (a or b) for a, b in zip(of_taught, lifted, strict=True)],
                ),
            ):
                figures += _compare(f"lessons {step}", name, chosen, before, after)
    return figures


def _places(
    profile: Profile, searcher: Searcher, taught: Sequence[Example], files: dict[str, Path]
) -> list[list[NewLesson]]:
    """Return the lessons of each example, found before anything is taught."""
    lessons: list[list[NewLesson]] = []
    with closing(open_for_reading(profile.database)) as db:
        for example in taught:
            own = []
            for name in example.documents:
                hit = pointed_at(db, searcher, example.text, files[name]) if name in files else None
                if hit is not None:
                    place = place_of(db, hit.chunk)
                    own.append(NewLesson(Kind.ANSWERS, example.text, place=place))
            lessons.append(own)
    return lessons


def _rank(searcher: Searcher, example: Example, mode: Mode) -> tuple[float, float, bool]:
    """Return nDCG@10, P@1, and whether a lesson lifted any of the first ten passages."""
    hits = searcher.search(example.text, _DEPTH, mode=mode)
    ranked = by_best(hit.path.stem for hit in hits)
    first = float(bool(ranked) and ranked[0] in example.documents)
    return ndcg(ranked, example.documents), first, any(hit.taught for hit in hits[:10])


def _compare(
    step: str,
    name: str,
    chosen: Sequence[bool],
    before: Sequence[tuple[float, float, bool]],
    after: Sequence[tuple[float, float, bool]],
) -> list[Figure]:
    if not any(chosen):
        return []
    old = [item for item, take in zip(before, chosen, strict=True) if take]
    new = [item for item, take in zip(after, chosen, strict=True) if take]
    return [
        figure(f"{step}: questions, {name}", len(new)),
        figure(f"{step}: nDCG@10, {name}, before", _mean(n for n, _, _ in old)),
        figure(f"{step}: nDCG@10, {name}", _mean(n for n, _, _ in new)),
        figure(f"{step}: P@1, {name}, before", _mean(p for _, p, _ in old)),
        figure(f"{step}: P@1, {name}", _mean(p for _, p, _ in new)),
    ]


def _time_among(
    profile: Profile, embedder: Embedder | None, asked: Sequence[str], count: int
) -> list[Figure]:
    """Return what searches take in a copy of the library with many lessons, with and without."""
    figures = []
    with tempfile.TemporaryDirectory(prefix="pocket-llm-") as folder:
        copy = Profile(Path(folder))
        copy.create()
        shutil.copy(profile.database, copy.database)
        _fill(copy.database, embedder, count)
        modes = (Mode.WORDS,) if embedder is None else (Mode.HYBRID, Mode.WORDS)
        with closing(open_searcher(copy, embedder)) as searcher:
            for mode in modes:
                for lessons in (False, True, False, True):  # the first pair is to warm up
                    times = []
                    for question in asked:
                        began = time.process_time()
                        searcher.search(question, mode=mode, lessons=lessons)
                        times.append((time.process_time() - began) * 1000)
                    name = f"{mode}, {count if lessons else 'no'} lessons: median search"
                    figures.append(figure(name, sorted(times)[len(times) // 2], "CPU ms"))
                del figures[-4:-2]
    return figures


def _fill(database: Path, embedder: Embedder | None, count: int) -> None:
    chance = random.Random(0)  # noqa: S311 -- no secret
    vectors = np.random.default_rng(0)
    with closing(open_for_writing(database)) as db:
        rows: list[Any] = db.execute("SELECT id, text FROM pages LIMIT 2000").fetchall()
        words = [word for _, text in rows for word in text.split()]
        chunks: list[Any] = db.execute("SELECT id FROM chunks").fetchall()
        vocabulary = Vocabulary(db)
        encoder = encoder_of(db, embedder) if embedder is not None else 0
        with db:
            for _ in range(count):
                text = " ".join(chance.sample(words, 9))
                place = place_of(db, chance.choice(chunks)[0])
                lesson = NewLesson(Kind.ANSWERS, f"what {text}", place=place)
                id_ = put_lesson(db, lesson, stems_of(vocabulary, lesson))
                if embedder is not None:
                    row = vectors.standard_normal(embedder.dimensions)
                    put_vectors(db, encoder, [id_], [row / np.linalg.norm(row)])


def _mean(values: Iterable[float]) -> float:
    kept = list(values)
    return sum(kept) / len(kept) if kept else 0.0


if __name__ == "__main__":
    sys.exit(main())
