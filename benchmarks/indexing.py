"""How fast a folder becomes searchable, and what it costs beside embedding alone.

Each round indexes the folder anew, indexes it again with nothing changed, and embeds the same
chunks alone, each in a process of its own; then a sample of the chunks is embedded by our encoder
and by sentence-transformers on torch, in turns.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
import tempfile
import time
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

import numpy as np
import psutil

from app.library import open_embedder, open_engine
from app.paths import Profile
from app.settings import Settings
from benchmarks.measure import Ran, cpu_seconds, run_module
from benchmarks.report import Figure, add_json_option, figure, show
from indexer.engine import pending
from indexer.storage.database import open_for_reading
from indexer.text.titles import embedded_text


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, prog="python -m benchmarks.indexing")
    parser.add_argument("folder", type=Path, help="the documents")
    parser.add_argument("--rounds", type=int, default=2, metavar="N", help="repetitions (2)")
    parser.add_argument(
        "--sample", type=int, default=500, metavar="N", help="chunks for torch; 0 without it (500)"
    )
    parser.add_argument("--index-into", type=Path, help=argparse.SUPPRESS)  # what a child does
    add_json_option(parser)
    parsed = parser.parse_args(arguments)
    if parsed.index_into:
        print(json.dumps(_index(parsed.folder.absolute(), Profile(parsed.index_into))))
        return 0
    with tempfile.TemporaryDirectory(prefix="pocket-llm-") as folder:
        figures = _measure(parsed.folder, Path(folder), parsed.rounds, parsed.sample)
    show("indexing", figures, as_json=parsed.json)
    return 0


def _index(folder: Path, profile: Profile) -> dict[str, float]:
    """Index as `add` does, and return what it took."""
    profile.create()
    embedder = open_embedder(profile, Settings())
    assert embedder is not None, "the starter encoder is not prepared"
    wall, cpu = time.perf_counter(), cpu_seconds()
    with closing(open_engine(profile, embedder)) as engine:
        engine.reconcile(engine.add(folder))
        waiting = engine.progress().files
        for _ in pending(engine, words_only=True):
            pass
        words_wall, words_cpu = time.perf_counter() - wall, cpu_seconds() - cpu
        embedded = engine.progress().chunks
        for _ in pending(engine):
            pass
    return {
        "files": waiting,
        "embedded": embedded,
        "words_seconds": words_wall,
        "words_cpu_seconds": words_cpu,
        "seconds": time.perf_counter() - wall,
        "cpu_seconds": cpu_seconds() - cpu,
    }


def _measure(folder: Path, scratch: Path, rounds: int, sample: int) -> list[Figure]:
    first: list[Ran] = []
    again: list[Ran] = []
    pure: list[Ran] = []
    texts = scratch / "texts.jsonl"
    for number in range(rounds):
        profile = scratch / f"profile-{number}"
        command = [str(folder), "--index-into", str(profile)]
        first.append(run_module("benchmarks.indexing", command))
        again.append(run_module("benchmarks.indexing", command))
        if not texts.exists():
            save_texts(embedded_texts(Profile(profile)), texts)
        pure.append(
            run_module("benchmarks.encoders", ["ours", str(texts), "--profile", str(profile)])
        )
    figures = _indexing_figures(first, again, pure)
    return figures + (_torch_figures(texts, scratch, rounds, sample) if sample else [])


def _indexing_figures(first: list[Ran], again: list[Ran], pure: list[Ran]) -> list[Figure]:
    def each(key: str, runs: list[Ran]) -> list[float]:
        return [float(run.result[key]) for run in runs]

    def ratio(above: list[float], below: list[float]) -> list[float]:
        return [a / b for a, b in zip(above, below, strict=True)]

    whole, alone = each("seconds", first), each("seconds", pure)
    whole_cpu, alone_cpu = each("cpu_seconds", first), each("cpu_seconds", pure)
    words = each("words_seconds", first)
    after_words = [a - b for a, b in zip(whole, words, strict=True)]
    return [
        figure("files", each("files", first)),
        figure("chunks", each("embedded", first)),
        figure("searchable by word: files/s", ratio(each("files", first), words), "/s"),
        figure("searchable by word: time", words, "s"),
        figure("searchable by word: processor time", each("words_cpu_seconds", first), "s"),
        figure("searchable by word: share of the whole", ratio(words, whole), "", "<= 0.15"),
        figure("whole: time", whole, "s"),
        figure("whole: processor time", whole_cpu, "s"),
        figure("whole: chunks/s to vectors", ratio(each("embedded", first), after_words), "/s"),
        figure("embedding alone: time", alone, "s"),
        figure("embedding alone: processor time", alone_cpu, "s"),
        figure("whole / embedding alone", ratio(whole, alone), "", "<= 1.3"),
        figure("the same in processor time", ratio(whole_cpu, alone_cpu), "", "<= 1.3"),
        figure("after words / embedding alone", ratio(after_words, alone)),
        figure("nothing changed: time", each("seconds", again), "s"),
        figure("nothing changed / first", ratio(each("seconds", again), whole), "", "< 0.03"),
        figure(
            "nothing changed / first, with the process's start",
            ratio([run.seconds for run in again], [run.seconds for run in first]),
        ),
        figure("nothing changed: embedded", each("embedded", again), "", "0"),
        figure("memory: index process", [run.own_bytes / 2**20 for run in first], "MB"),
        figure("memory: readers together", [run.children_bytes / 2**20 for run in first], "MB"),
    ]


def _torch_figures(texts: Path, scratch: Path, rounds: int, sample: int) -> list[Figure]:
    few = scratch / "sample.jsonl"
    lines = texts.read_text(encoding="utf-8").splitlines()
    chosen = random.Random(0).sample(lines, min(sample, len(lines)))  # noqa: S311 -- no secret
    few.write_text("\n".join(chosen) + "\n", encoding="utf-8")
    threads = psutil.cpu_count(logical=False) or 1
    speeds: dict[str, list[float]] = {"ours": [], "torch": []}
    for _ in range(rounds):
        for name, speed in speeds.items():
            vectors = str(scratch / f"{name}.npy")
            command = [name, str(few), "--threads", str(threads), "--vectors", vectors]
            command += ["--profile", str(scratch / "profile-0")]
            result = run_module("benchmarks.encoders", command).result
            speed.append(result["texts"] / result["seconds"])
    ours, theirs = (np.load(scratch / f"{name}.npy") for name in speeds)
    return [
        figure(f"int8, {threads} threads: chunks/s", speeds["ours"], "/s"),
        figure(f"sentence-transformers, {threads} threads: chunks/s", speeds["torch"], "/s"),
        figure(
            "int8 / sentence-transformers",
            [a / b for a, b in zip(speeds["ours"], speeds["torch"], strict=True)],
        ),
        figure("int8 to float: mean cosine", float((ours * theirs).sum(axis=1).mean())),
        figure("int8 to float: least cosine", float((ours * theirs).sum(axis=1).min())),
    ]


def embedded_texts(profile: Profile) -> list[str]:
    """Return what the encoder saw of each chunk of a library."""
    with closing(open_for_reading(profile.database)) as db:
        rows = db.execute(
            """SELECT contents.title, heading, substr(pages.text, start + 1, end - start)
               FROM chunks JOIN contents ON contents.id = chunks.content_id
               JOIN pages ON pages.id = chunks.page_id ORDER BY chunks.id"""
        )
        return [embedded_text(*row) for row in rows]


def save_texts(texts: Sequence[str], path: Path) -> None:
    """Write a JSON string a line, as `encoders.py` reads them."""
    with path.open("w", encoding="utf-8") as file:
        file.writelines(json.dumps(text) + "\n" for text in texts)


if __name__ == "__main__":
    sys.exit(main())
