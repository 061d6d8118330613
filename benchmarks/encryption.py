"""What encryption costs: the same folder in a plain and in an encrypted library, in turns.

Each round indexes the folder by word into both, opens both, and asks both the same questions, each
library in a process of its own; figures of the encrypted one stand beside the plain one's.
"""

from __future__ import annotations

import argparse
import json
import random
import re
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from contextlib import closing
from pathlib import Path

from app.library import open_engine
from app.paths import Profile
from benchmarks.measure import cpu_seconds, run_module
from benchmarks.report import Figure, add_json_option, figure, show
from indexer.engine import pending
from indexer.search.searcher import Searcher
from indexer.storage.converting import encrypt_library
from indexer.storage.key_file import new_key
from indexer.types import Mode

_QUESTIONS = 200
_OPENINGS = 50
_WORDS = 6  # of a question
_PASSPHRASE = "four words of a dinner"  # noqa: S105 -- opens what is thrown away


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, prog="python -m benchmarks.encryption")
    parser.add_argument("folder", type=Path, help="the documents")
    parser.add_argument("--rounds", type=int, default=3, metavar="N", help="repetitions (3)")
    parser.add_argument("--index-into", type=Path, help=argparse.SUPPRESS)  # what a child does
    parser.add_argument("--encrypted", action="store_true", help=argparse.SUPPRESS)
    add_json_option(parser)
    parsed = parser.parse_args(arguments)
    if parsed.index_into:
        profile = Profile(parsed.index_into)
        print(json.dumps(_measure(parsed.folder.absolute(), profile, encrypted=parsed.encrypted)))
        return 0
    with tempfile.TemporaryDirectory(prefix="pocket-llm-") as scratch:
        figures = _compare(parsed.folder, Path(scratch), parsed.rounds)
    show("encryption", figures, as_json=parsed.json)
    return 0


def _compare(folder: Path, scratch: Path, rounds: int) -> list[Figure]:
    runs: dict[bool, list[dict[str, float]]] = {False: [], True: []}
    for number in range(rounds):
        for encrypted, found in runs.items():
            command = [str(folder), "--index-into", str(scratch / f"{number}-{encrypted}")]
            command += ["--encrypted"] if encrypted else []
            found.append(run_module("benchmarks.encryption", command).result)
    plain, other = runs.values()

    def each(key: str, found: list[dict[str, float]]) -> list[float]:
        return [run[key] for run in found]

    figures = [
        figure("chunks", each("chunks", plain)),
        figure("library", each("megabytes", plain), "MB"),
    ]
    for key, unit in _TIMES.items():
        ratios = [a / b for a, b in zip(each(key, other), each(key, plain), strict=True)]
        figures += [figure(f"{key}, plain", each(key, plain), unit)]
        figures += [figure(f"{key}, encrypted / plain", ratios)]
    return [*figures, figure("encrypting a whole library", each("convert", plain), "s")]


# Processor time, not that of the clock.
_TIMES = {"indexing": "s", "indexing, the writer alone": "s", "opening": "ms", "searching": "ms"}


def _measure(folder: Path, profile: Profile, *, encrypted: bool) -> dict[str, float]:
    """Index a folder by word, and search in it."""
    profile.create()
    if encrypted:
        encrypt_library(profile.database, new_key(), _PASSPHRASE, lambda _: None)
    whole, writer = cpu_seconds(), time.process_time()
    with closing(open_engine(profile, None)) as engine:
        engine.reconcile(engine.add(folder))
        for _ in pending(engine, words_only=True):
            pass
        writer = time.process_time() - writer
    whole = cpu_seconds() - whole
    opening = _median_ms(
        lambda _: Searcher(profile.database, profile.caches).close(), [""] * _OPENINGS
    )
    with closing(Searcher(profile.database, profile.caches)) as searcher:
        searching = _median_ms(
            lambda question: searcher.search(question, 10, mode=Mode.WORDS), _questions(folder)
        )
        chunks = searcher.folder_states()[1]
    megabytes = profile.database.stat().st_size / 2**20
    began = time.perf_counter()
    if not encrypted:
        encrypt_library(profile.database, new_key(), _PASSPHRASE, lambda _: None)
    return {
        "indexing": whole,
        "indexing, the writer alone": writer,
        "opening": opening,
        "searching": searching,
        "chunks": chunks,
        "megabytes": megabytes,
        "convert": time.perf_counter() - began,
    }


def _questions(folder: Path) -> list[str]:
    """Return a few words of some of the documents, the same ones for each library."""
    draw = random.Random(0)  # noqa: S311 -- no secret
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    questions = []
    for path in draw.sample(files, min(_QUESTIONS, len(files))):
        words = re.findall(r"\w{3,}", path.read_text("utf-8", "ignore"))
        if words:
            questions.append(" ".join(draw.choices(words, k=_WORDS)))
    return questions


def _median_ms(work: Callable[[str], object], items: Sequence[str]) -> float:
    times = []
    for item in items:
        began = time.process_time()
        work(item)
        times.append(time.process_time() - began)
    return 1000 * statistics.median(times)


if __name__ == "__main__":
    sys.exit(main())
