"""What 8 bits cost in quality: a set's questions and passages by our encoder and by the float one.

All passages and questions are embedded by both, each in a process of its own, and documents ranked
by the cosine of their best passage alone. The float encoder is sentence-transformers on torch,
which takes minutes for ten thousand passages.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

import numpy as np
import psutil
from numpy.typing import NDArray

from app.library import open_engine
from app.paths import Profile
from benchmarks import sets
from benchmarks.indexing import embedded_texts, save_texts
from benchmarks.measure import run_module
from benchmarks.metrics import by_best, ndcg
from benchmarks.report import Figure, add_json_option, figure, show
from benchmarks.sets import Question
from indexer.engine import pending
from indexer.storage.database import open_for_reading

Vectors = NDArray[np.float32]


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, prog="python -m benchmarks.quantization")
    parser.add_argument(
        "set", type=Path, help="a folder with corpus.jsonl, queries.jsonl, qrels.tsv"
    )
    add_json_option(parser)
    parsed = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory(prefix="pocket-llm-") as folder:
        figures = _measure(parsed.set, Path(folder))
    show(f"quantization {parsed.set.name}", figures, as_json=parsed.json)
    return 0


def _measure(folder: Path, scratch: Path) -> list[Figure]:
    profile = Profile(scratch / "profile")
    profile.create()
    evaluation = sets.load(folder, scratch)
    with closing(open_engine(profile, None)) as engine:
        engine.reconcile(engine.add(evaluation.documents))
        for _ in pending(engine, words_only=True):
            pass
    texts = embedded_texts(profile)
    questions = [question for question in evaluation.questions if question.relevance]
    save_texts([*texts, *(question.text for question in questions)], scratch / "texts.jsonl")
    vectors: dict[str, Vectors] = {}
    for name in ("ours", "torch"):
        command = [name, str(scratch / "texts.jsonl"), "--vectors", str(scratch / f"{name}.npy")]
        command += ["--threads", str(psutil.cpu_count(logical=False) or 1)]
        command += ["--profile", str(profile.root)]
        run_module("benchmarks.encoders", command)
        vectors[name] = np.load(scratch / f"{name}.npy")
    owners = _documents_of_chunks(profile)
    scores = {
        name: _ndcg(found[: len(texts)], found[len(texts) :], owners, questions)
        for name, found in vectors.items()
    }
    cosines = (vectors["ours"] * vectors["torch"]).sum(axis=1)
    return [
        figure("passages", len(texts)),
        figure("questions", len(questions)),
        figure(
            "mean cosine of both, passages", float(cosines[: len(texts)].mean()), "", ">= 0.995"
        ),
        figure("mean cosine of both, questions", float(cosines[len(texts) :].mean())),
        figure("nDCG@10 by meaning alone, int8", scores["ours"]),
        figure("nDCG@10 by meaning alone, float", scores["torch"]),
        figure("int8 below float, points", (scores["torch"] - scores["ours"]) * 100, "", "<= 0.5"),
    ]


def _documents_of_chunks(profile: Profile) -> list[str]:
    """Return the stem of each chunk's file, in the order of embedded_texts."""
    with closing(open_for_reading(profile.database)) as db:
        rows = db.execute(
            """SELECT (SELECT path FROM files WHERE files.content_id = chunks.content_id)
               FROM chunks ORDER BY chunks.id"""
        )
        return [Path(bytes(path).decode("utf-8", "replace")).stem for (path,) in rows]


def _ndcg(
    passages: Vectors, asked: Vectors, owners: Sequence[str], questions: Sequence[Question]
) -> float:
    """Return the mean nDCG@10 of documents ranked by their best passage."""
    total = 0.0
    for vector, question in zip(asked, questions, strict=True):
        order = np.argsort(-(passages @ vector), kind="stable")
        total += ndcg(by_best(owners[at] for at in order[:200]), question.relevance)
    return total / len(questions)


if __name__ == "__main__":
    sys.exit(main())
