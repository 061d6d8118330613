"""How searching, adding and removing go in libraries of up to a million chunks.

Text and vectors are drawn, since a million real ones take hours to embed: words by Zipf's law, the
most common of them English stop words, vectors of documents about some subject, or real ones of
another library with something added. Questions are words and the vector of a chunk, changed. The
encoder's own time is in none of the figures but the last: the whole path, through a worker.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from contextlib import closing
from pathlib import Path

import numpy as np
import psutil
from numpy.typing import NDArray

from app.paths import Profile
from benchmarks.drawn_library import ENCODER, Drawn, Questions
from benchmarks.measure import run_module
from benchmarks.report import Figure, add_json_option, figure, show
from benchmarks.whole_path import first_evidence
from indexer.search.searcher import Searcher
from indexer.storage.database import open_for_reading
from indexer.storage.store import Store
from indexer.types import Mode
from indexer.vectors.keeping import CacheKeeper
from indexer.vectors.library import LibraryVectors
from indexer.vectors.tables import VectorTable

_SIZES = (1_000, 10_000, 100_000, 1_000_000)
_QUESTIONS = 200
_TYPED = 110  # that go the whole path, ten of them to warm up
_CHANGED = 1_000  # chunks that are added and removed
_BEST = (10, 300)


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, prog="python -m benchmarks.scale")
    parser.add_argument(
        "--chunks", type=int, action="append", metavar="N", help="(may be repeated)"
    )
    parser.add_argument("--profile", type=Path, metavar="DIR", help="keep the libraries in DIR")
    parser.add_argument("--like", type=Path, metavar="DATABASE", help="a library of real vectors")
    parser.add_argument("--child", choices=list(_PARTS), help=argparse.SUPPRESS)
    add_json_option(parser)
    parsed = parser.parse_args(arguments)
    if parsed.child:
        profile = Profile(parsed.profile)
        print(json.dumps(_PARTS[parsed.child](profile, Questions.load(parsed.profile))))
        return 0
    with tempfile.TemporaryDirectory(prefix="pocket-llm-") as scratch:
        for chunks in parsed.chunks or _SIZES:
            root = (parsed.profile or Path(scratch)).absolute() / str(chunks)
            figures = _measure(Profile(root), chunks, parsed.like)
            show(f"scale {chunks}", figures, as_json=parsed.json)
    return 0


def _measure(profile: Profile, chunks: int, like: Path | None) -> list[Figure]:
    figures = []
    if not profile.database.exists():
        profile.create()
        began = time.process_time()
        drawn = Drawn(like)
        drawn.fill(profile, chunks)
        drawn.questions(_QUESTIONS).save(profile.root)
        figures.append(figure("making the library", time.process_time() - began, "s"))
    for part in _PARTS:
        ran = run_module("benchmarks.scale", ["--profile", str(profile.root), "--child", part])
        for name, (values, unit, aim) in ran.result.items():
            figures.append(figure(name, values, unit, aim))
    return figures


Found = dict[str, tuple[list[float] | float, str, str]]  # values, unit, aim


def _save(profile: Profile, questions: Questions) -> Found:
    del questions
    steps = []
    began = time.process_time()
    with closing(CacheKeeper(profile.database, profile.caches, ENCODER)) as keeper:
        while True:
            step = time.perf_counter()
            if not keeper.step():
                break
            steps.append(time.perf_counter() - step)
    return {
        "saving the vectors' cache": (time.process_time() - began, "s", ""),
        "its longest step": (max(steps, default=0.0), "s", ""),
        "library": (profile.database.stat().st_size / 2**20, "MB", ""),
    }


def _start(profile: Profile, questions: Questions) -> Found:
    began, worked = time.perf_counter(), time.process_time()
    with closing(Searcher(profile.database, profile.caches, questions)) as searcher:
        searcher.search(questions.texts[0])
        return {
            "start until something is found": (time.perf_counter() - began, "s", "<= 3"),
            "the same, processor time": (time.process_time() - worked, "s", ""),
        }


def _search(profile: Profile, questions: Questions) -> Found:
    found: Found = {}
    with closing(open_for_reading(profile.database)) as db:
        vectors = LibraryVectors(db, profile.caches, ENCODER)
        vectors.search(questions.vectors[0], 300)
        found |= _times("vectors alone", lambda at: vectors.search(questions.vectors[at], 300))
    with closing(Searcher(profile.database, profile.caches, questions)) as searcher:
        for mode in Mode:
            name = "whole search" if mode is Mode.HYBRID else f"search by {mode}"
            found |= _times(name, lambda at: searcher.search(questions.texts[at], mode=mode))  # noqa: B023 -- called at once
        common = questions.common
        found |= _times("whole search, common words", lambda at: searcher.search(common[at]))
    found["private memory"] = (_private_bytes() / 2**20, "MB", "<= 1200")
    return found


def _times(name: str, search: Callable[[int], object]) -> Found:
    seconds, worked = [], time.process_time()
    for at in range(_QUESTIONS):
        began = time.perf_counter()
        search(at)
        seconds.append(1000 * (time.perf_counter() - began))
    worked = time.process_time() - worked
    return {
        f"{name}, p50": (float(np.quantile(seconds, 0.5)), "ms", ""),
        f"{name}, p95": (float(np.quantile(seconds, 0.95)), "ms", ""),
        f"{name}, processor time": (1000 * worked / _QUESTIONS, "ms", ""),
    }


def _private_bytes() -> int:
    """Return the memory that no file stands behind, where the system tells it."""
    status = Path("/proc/self/status")
    if status.exists():
        for line in status.read_text("ascii", "replace").splitlines():
            if line.startswith("RssAnon:"):
                return int(line.split()[1]) * 1024
    return int(psutil.Process().memory_full_info().uss)


def _recall(profile: Profile, questions: Questions) -> Found:
    with closing(open_for_reading(profile.database)) as db:
        exact = _exact(VectorTable(db, ENCODER.name, ENCODER.dimensions), questions.vectors)
        vectors = LibraryVectors(db, profile.caches, ENCODER)
        ours = [vectors.search(vector, max(_BEST))[0] for vector in questions.vectors]
    found: Found = {}
    for k in _BEST:
        shares = [
            len(set(one[:k].tolist()) & set(true[:k].tolist())) / len(true[:k])
            for one, true in zip(ours, exact, strict=True)
        ]
        found[f"recall@{k} of exact"] = (sum(shares) / len(shares), "", "")
    return found


def _exact(table: VectorTable, vectors: NDArray[np.float32]) -> list[NDArray[np.int64]]:
    """Return the ids of the rows that are nearest to each vector, by comparing them all."""
    ids = np.empty((len(vectors), 0), np.int64)
    cosines = np.empty((len(vectors), 0), np.float32)
    for some, rows in table.all():
        ids = np.hstack([ids, np.broadcast_to(some, (len(vectors), len(some)))])
        cosines = np.hstack([cosines, vectors @ rows.astype(np.float32).T])
        best = np.argsort(-cosines, axis=1)[:, : max(_BEST)]
        ids = np.take_along_axis(ids, best, axis=1)
        cosines = np.take_along_axis(cosines, best, axis=1)
    return list(ids)


def _change(profile: Profile, questions: Questions) -> Found:
    drawn = Drawn(None, seed=1)
    with (
        closing(Searcher(profile.database, profile.caches, questions)) as searcher,
        closing(Store(profile.database)) as store,
        closing(CacheKeeper(profile.database, profile.caches, ENCODER)) as keeper,
    ):
        searcher.search(questions.texts[0])
        files: list[int] = []

        def remove() -> None:
            with store.transaction():
                store.forget_files(files)
            searcher.search(questions.texts[0])

        def erase() -> None:
            while store.contents.erase_orphans():
                keeper.blank()

        return {
            **_once(
                f"adding {_CHANGED} chunks with words and vectors",
                lambda: files.extend(drawn.add(store, profile.root / "added", _CHANGED)),
                "<= 2",
            ),
            **_once("a search after that", lambda: searcher.search(questions.texts[0])),
            **_once("removing them, and a search", remove, "<= 2"),
            **_once("erasing their words and vectors", erase),
            **_once("another search", lambda: searcher.search(questions.texts[0])),
        }


def _whole_path(profile: Profile, questions: Questions) -> Found:
    milliseconds, worked = first_evidence(profile, questions.texts[:_TYPED])
    return {
        "first evidence, whole path, p50": (float(np.quantile(milliseconds, 0.5)), "ms", "<= 150"),
        "first evidence, whole path, p95": (float(np.quantile(milliseconds, 0.95)), "ms", ""),
        "first evidence, whole path, processor time": (worked, "ms", ""),
    }


def _once(name: str, work: Callable[[], object], aim: str = "") -> Found:
    began, worked = time.perf_counter(), time.process_time()
    work()
    worked = time.process_time() - worked
    return {
        name: (time.perf_counter() - began, "s", aim),
        f"{name}, processor time": (worked, "s", ""),
    }


_PARTS = {
    "save": _save,
    "start": _start,
    "search": _search,
    "recall": _recall,
    "whole path": _whole_path,
    "change": _change,
}

if __name__ == "__main__":
    sys.exit(main())
