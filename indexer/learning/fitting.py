"""Learning labels from documents: candidates compete on documents that they have not seen.

All of it is generators that yield some ten times a second, so that whoever drives them can stop.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Generator, Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from indexer.learning.features import Columns, Document, Row, dense_row
from indexer.learning.linear import (
    MEANING_RATE,
    WORDS_RATE,
    Labels,
    Linear,
    Meter,
    probabilities,
    train,
)
from indexer.learning.model import (
    PRECISION,
    Calibration,
    Evaluation,
    Judge,
    Kind,
    Model,
    combine,
)

FOLDS = 3
# A label of fewer documents has none in one of the parts.
FEWEST = FOLDS
# A folder of which fewer are found back is a mixture, such as of all that was downloaded. Nothing
# is learned from it, so that its documents are suggested the folders that they are like.
_MIXED = 0.3
_LEAST_PROBABLE = 0.1  # that a tag has to be to count in the calibration
_ALIKE = 0.5
_BETWEEN = 128  # documents between two steps
_MOST_WEIGHTS = 1 << 22  # 16 MB, and as much while it is trained

_Scores = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Example:
    """A document and the labels that its owner gave it, by their numbers; none: it has no tag."""

    document: Document
    labels: Labels


@dataclass(frozen=True, slots=True)
class _Seen:
    """Scores of documents by models that have not seen them; (documents, labels)."""

    words: _Scores
    meaning: _Scores | None

    def by(self, judge: Judge) -> _Scores | None:
        """Return what a judge says; None if it cannot judge."""
        return combine(judge, self.words, self.meaning)

    def of_labels(self, kept: Sequence[int]) -> _Seen:
        """Return the scores of some labels."""
        meaning = None if self.meaning is None else self.meaning[:, kept]
        return _Seen(self.words[:, kept], meaning)


def fit(
    kind: Kind, labels: Sequence[str], examples: Sequence[Example]
) -> Generator[None, None, Model | None]:
    """Learn; return None where there are not two labels that can be told from each other.

    Yields some ten times a second.
    """
    began = time.process_time()
    meter = Meter()
    labels, examples = _keep(labels, examples, _frequent(labels, examples))
    if kind is Kind.FOLDERS:
        # A folder of one file or two says nothing yet, nor where its files belong.
        examples = [each for each in examples if each.labels]
    if not _enough(kind, labels):
        return None
    seen = yield from _cross(kind, len(labels), examples, meter)
    if kind is Kind.FOLDERS:
        kept = _not_mixed(_chosen(seen, examples)[1], examples, len(labels))
        seen = seen.of_labels(kept)
        labels, examples = _keep(labels, examples, kept)
        if not _enough(kind, labels):
            return None
    judge, scores, accuracy = _chosen(seen, examples)
    shares = probabilities(scores, exclusive=kind is Kind.FOLDERS)
    calibration, suggested, precision = _calibrate(kind, shares, examples)
    learned = _to_learn(kind, examples, shares)
    columns = Columns.of([each.document.words for each in learned], _MOST_WEIGHTS // len(labels))
    words, meaning = yield from _train(kind, columns, len(labels), learned, meter)
    return Model(
        kind, tuple(labels), columns, words, meaning, calibration,
        Evaluation(
            len(examples), len(labels), accuracy, judge, suggested, precision, meter.skipped,
            time.process_time() - began,
        ),
    )  # fmt: skip


def _enough(kind: Kind, labels: Sequence[str]) -> bool:
    # Of one tag it can be learned which documents do not have it.
    return len(labels) >= (2 if kind is Kind.FOLDERS else 1)


def _frequent(labels: Sequence[str], examples: Sequence[Example]) -> list[int]:
    counts = Counter(label for each in examples for label in each.labels)
    return [at for at in range(len(labels)) if counts[at] >= FEWEST]


def _keep(
    labels: Sequence[str], examples: Sequence[Example], kept: Sequence[int]
) -> tuple[list[str], list[Example]]:
    """Leave out labels. Documents without any other stay, as those that are none of the rest."""
    new = {old: at for at, old in enumerate(kept)}
    left = [
        replace(each, labels=tuple(new[label] for label in each.labels if label in new))
        for each in examples
    ]
    return [labels[at] for at in kept], left


def _to_learn(
    kind: Kind, examples: Sequence[Example], seen: _Scores | None = None
) -> list[Example]:
    """Return what is trained on: documents in folders; those with tags, and what is unlike them.

    A document without a tag shows what tags are not about, unless it looks (`seen`) as if it had
    one: its owner may not have come to it.
    """
    if kind is Kind.FOLDERS:
        return [each for each in examples if each.labels]
    alike = np.zeros(len(examples), bool) if seen is None else seen.max(axis=1) >= _ALIKE
    return [each for at, each in enumerate(examples) if each.labels or not alike[at]]


def _parts(examples: Sequence[Example]) -> NDArray[np.int64]:
    """Part the documents so that each label is in each part; (documents,) from 0."""
    order = np.random.default_rng(0).permutation(len(examples))
    counts: Counter[Labels] = Counter()
    parts = np.zeros(len(examples), np.int64)
    for at in order:
        first = examples[at].labels[:1]
        parts[at] = counts[first] % FOLDS
        counts[first] += 1
    return parts


def _cross(
    kind: Kind, count: int, examples: Sequence[Example], meter: Meter
) -> Generator[None, None, _Seen]:
    """Have each part of the documents judged by models that were trained on the others."""
    parts = _parts(examples)
    words = np.zeros((len(examples), count), np.float32)
    meaning: _Scores | None = np.zeros_like(words)
    for part in range(FOLDS):
        others = _to_learn(kind, [each for at, each in enumerate(examples) if parts[at] != part])
        columns = Columns.of([each.document.words for each in others], _MOST_WEIGHTS // count)
        by_word, by_meaning = yield from _train(kind, columns, count, others, meter)
        for at in np.flatnonzero(parts == part).tolist():
            document = examples[at].document
            words[at] = by_word.scores(columns.row(document.words))
            if by_meaning is None or meaning is None or document.meaning is None:
                meaning = None
            else:
                meaning[at] = by_meaning.scores(dense_row(document.meaning))
            if at % _BETWEEN == 0:
                yield
    return _Seen(words, meaning)


def _train(
    kind: Kind, columns: Columns, count: int, examples: Sequence[Example], meter: Meter
) -> Generator[None, None, tuple[Linear, Linear | None]]:
    """Train on words and, where all documents have vectors, on their meaning."""
    exclusive = kind is Kind.FOLDERS
    labels = [each.labels for each in examples]
    rows: list[Row] = []
    for at, each in enumerate(examples):
        rows.append(columns.row(each.document.words))
        if at % _BETWEEN == 0:
            yield
    words = yield from _last(
        train(
            rows, labels, (len(columns.hashes), count),
            exclusive=exclusive, rate=WORDS_RATE, meter=meter,
        )
    )  # fmt: skip
    dense: list[Row] = []
    for each in examples:
        if each.document.meaning is None:
            return words, None
        dense.append(dense_row(each.document.meaning))
    # Nothing of these rows is zero: they are no part of what the meter is about.
    meaning = yield from _last(
        train(
            dense, labels, (len(dense[0].columns), count),
            exclusive=exclusive, rate=MEANING_RATE, meter=Meter(),
        )
    )  # fmt: skip
    return words, meaning


def _last(training: Iterator[Linear]) -> Generator[None, None, Linear]:
    model = None
    for model in training:  # noqa: B007 -- the last one is what is asked for
        yield
    assert model is not None
    return model


def _chosen(seen: _Seen, examples: Sequence[Example]) -> tuple[Judge, _Scores, dict[str, float]]:
    """Return the judge whose best label is a document's own most often, with all that it said."""
    labelled = [at for at, each in enumerate(examples) if each.labels]
    accuracy: dict[str, float] = {}
    scores: dict[Judge, _Scores] = {}
    for judge in Judge:
        said = seen.by(judge)
        if said is not None:
            best = said.argmax(axis=1)
            scores[judge] = said
            accuracy[judge] = float(np.mean([best[at] in examples[at].labels for at in labelled]))
    winner = max(scores, key=lambda judge: accuracy[judge])
    return winner, scores[winner], accuracy


def _not_mixed(scores: _Scores, examples: Sequence[Example], count: int) -> list[int]:
    """Return the folders that are of something, as far as can be told."""
    best = scores.argmax(axis=1)
    held: Counter[int] = Counter()
    found: Counter[int] = Counter()
    for at, each in enumerate(examples):
        held.update(each.labels)
        found.update(label for label in each.labels if best[at] in each.labels)
    return [at for at in range(count) if found[at] >= _MIXED * held[at]]


def _calibrate(
    kind: Kind, shares: _Scores, examples: Sequence[Example]
) -> tuple[Calibration, float, float]:
    """Return the calibration, the share of documents with a suggestion, and how many are right.

    That a document has no tag at all is no sign that a suggestion is wrong: most will not have been
    looked at. It counts as one for tags that more documents have than only have others.
    """
    held = Counter(label for each in examples for label in each.labels)
    tagged = sum(bool(each.labels) for each in examples)
    probable: list[float] = []
    right: list[bool] = []
    of: list[int] = []
    for at, each in enumerate(examples):
        order = np.argsort(-shares[at], kind="stable").tolist()
        for label in order[:1] if kind is Kind.FOLDERS else order:
            if kind is Kind.TAGS and shares[at, label] < _LEAST_PROBABLE:
                break
            if kind is Kind.FOLDERS or each.labels or 2 * held[label] > tagged:
                probable.append(float(shares[at, label]))
                right.append(label in each.labels)
                of.append(at)
    calibration = Calibration.of(probable, right)
    sure = [calibration.confidence(each) >= PRECISION for each in probable]
    documents = {at for at, is_sure in zip(of, sure, strict=True) if is_sure}
    hits = [hit for hit, is_sure in zip(right, sure, strict=True) if is_sure]
    precision = sum(hits) / len(hits) if hits else 0.0
    return calibration, len(documents) / len(examples), precision
