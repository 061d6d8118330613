"""How many questions are refused that a library answers, and how many that it does not.

From a set in SQuAD's layout: every second article is the library, and the questions about it and
about the other articles are asked; then the same with the halves exchanged. `--beside` adds the
documents of other sets, but for articles of the same name.
"""

from __future__ import annotations

import argparse
import json
import random
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import Path

from app.ask import PASSAGES
from app.library import open_embedder, open_searcher
from app.paths import Profile
from app.settings import Settings
from benchmarks import sets
from benchmarks.report import Figure, add_json_option, figure, show
from benchmarks.retrieval import index
from indexer.search.searcher import Searcher
from indexer.types import Embedder

Asked = tuple[str, str]  # question, name of its article


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, prog="python -m benchmarks.gate")
    parser.add_argument("set", type=Path, help="a folder with articles and questions.jsonl")
    parser.add_argument(
        "--beside", type=Path, action="append", default=[], metavar="SET", help="(may be repeated)"
    )
    parser.add_argument("--questions", type=int, default=400, metavar="N", help="of a half (400)")
    parser.add_argument("--words", action="store_true", help="search by words alone")
    parser.add_argument("--profile", type=Path, metavar="DIR", help="keep the libraries in DIR")
    add_json_option(parser)
    parsed = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory(prefix="pocket-llm-") as scratch:
        root = (parsed.profile or Path(scratch)).absolute()
        figures = _measure(parsed.set, parsed.beside, root, parsed.questions, words=parsed.words)
    show(f"gate {parsed.set.name}", figures, as_json=parsed.json)
    return 0


def _measure(
    folder: Path, beside: Sequence[Path], root: Path, count: int, *, words: bool
) -> list[Figure]:
    articles = sorted((folder / "articles").iterdir())
    halves = (articles[::2], articles[1::2])
    asked = _choose(folder / "questions.jsonl", count)
    figures = []
    refused: list[float] = []
    refused_others: list[float] = []
    milliseconds: list[float] = []
    for number, half in enumerate(halves):
        profile = Profile(root / str(number))
        profile.create()
        embedder = None if words else open_embedder(profile, Settings())
        _fill(profile, embedder, half, {path.name for path in articles}, beside)
        own = {path.name for path in half}
        with closing(open_searcher(profile, embedder)) as searcher:
            figures.append(figure(f"half {number + 1}: chunks", searcher.folder_states()[1]))
            for text, article in asked:
                is_refused, spent = _is_refused(searcher, text)
                milliseconds.append(spent)
                (refused if article in own else refused_others).append(is_refused)
    return [
        *figures,
        figure(f"answerable, refused ({len(refused)})", _mean(refused), "", "<= 0.05"),
        figure(f"others, refused ({len(refused_others)})", _mean(refused_others), "", ">= 0.94"),
        figure("median time of the gate", sorted(milliseconds)[len(milliseconds) // 2], "ms"),
    ]


def _fill(
    profile: Profile,
    embedder: Embedder | None,
    half: Sequence[Path],
    known: set[str],
    beside: Sequence[Path],
) -> None:
    """Index one half of the articles, and the documents of other sets that are none of them."""
    documents = profile.root / "articles"
    documents.mkdir(exist_ok=True)
    for path in half:
        shutil.copy(path, documents)
    for other in beside:
        source = sets.load(other, profile.root / other.name).documents
        for path in source.rglob("*"):
            if path.is_file() and path.name not in known:
                target = documents / other.name / path.name
                target.parent.mkdir(exist_ok=True)
                shutil.copy(path, target)
    index(profile, embedder, documents, words_only=embedder is None)


def _choose(path: Path, count: int) -> list[Asked]:
    """Return questions from all over the set, the same ones each time."""
    with path.open(encoding="utf-8") as file:
        asked = list(_answerable(map(json.loads, file)))
    chance = random.Random(0)  # noqa: S311 -- no secret
    return chance.sample(asked, min(count, len(asked)))


def _answerable(lines: Iterator[dict[str, str]]) -> Iterator[Asked]:
    for line in lines:
        if not line.get("unanswerable"):
            yield line["question"], Path(line["article_file"]).name


def _is_refused(searcher: Searcher, question: str) -> tuple[bool, float]:
    hits = searcher.search(question, PASSAGES)
    evidence = searcher.evidence(question, hits)
    began = time.perf_counter()
    answerable = searcher.may_answer(question, hits, evidence)
    return not answerable, 1000 * (time.perf_counter() - began)


def _mean(refused: Sequence[float]) -> float:
    return sum(refused) / len(refused) if refused else 0.0


if __name__ == "__main__":
    sys.exit(main())
