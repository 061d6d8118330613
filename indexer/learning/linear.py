"""Logistic regression over sparse rows, trained by AdaGrad on the columns that a row touches.

scikit-learn would do it, but brings 195 MB (itself and SciPy) into a frozen program of 610, takes
1.1 s and 100 MB to import, and is not more accurate (docs/benchmarks.md).
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from indexer.learning.features import Row

# More of them change nothing: on 20 Newsgroups 5 give 0.730, 10 give 0.733.
EPOCHS = 10
# Steps of 0.5 and 2 are worse by a point on one of 20 Newsgroups and Reuters R52.
WORDS_RATE = 1.0
# Of 0.1, 0.3 and 1 the best on 20 Newsgroups; on R52 all are within half a point.
MEANING_RATE = 0.3
_BEGINNING = 1e-2  # of AdaGrad's sums: the first step of a weight is not the largest
SLICE_SECONDS = 0.1  # of work, before whoever drives it may have something better to do

Labels = tuple[int, ...]


@dataclass
class Meter:
    """The multiplications of training, and those that rows without zeros left out would take."""

    done: int = 0
    dense: int = 0

    @property
    def skipped(self) -> float:
        """The share that sparsity saved."""
        return 1 - self.done / self.dense if self.dense else 0.0


@dataclass(slots=True)
class Linear:
    """A score a label for each row; (columns, labels) weights and (labels,) of a bias."""

    weights: NDArray[np.float32]
    bias: NDArray[np.float32]

    def scores(self, row: Row) -> NDArray[np.float32]:
        """Return (labels,): the logarithms of odds, up to a constant where labels exclude."""
        scores: NDArray[np.float32] = row.values @ self.weights[row.columns] + self.bias
        return scores


def probabilities(scores: NDArray[np.float32], *, exclusive: bool) -> NDArray[np.float32]:
    """Return how probable each label is, alone or among all of them."""
    if not exclusive:
        odds: NDArray[np.float32] = np.exp(-np.clip(scores, -30, 30))
        return np.float32(1) / (1 + odds)
    powers = np.exp(scores - scores.max(axis=-1, keepdims=True))
    shares: NDArray[np.float32] = powers / powers.sum(axis=-1, keepdims=True)
    return shares


def targets(labels: Labels, count: int, *, exclusive: bool) -> NDArray[np.float32]:
    """Return what the probabilities of a document with these labels should be."""
    wanted = np.zeros(count, np.float32)
    wanted[list(labels)] = 1 / len(labels) if exclusive and labels else 1
    return wanted


def train(
    rows: Sequence[Row],
    labels: Sequence[Labels],
    shape: tuple[int, int],
    *,
    exclusive: bool,
    rate: float,
    meter: Meter,
) -> Iterator[Linear]:
    """Train on rows of `shape[0]` columns for `shape[1]` labels; yield what there is until now.

    Yields some ten times a second, and at the end. AdaGrad: Duchi, Hazan and Singer, 2011.
    """
    columns, count = shape
    model = Linear(np.zeros(shape, np.float32), np.zeros(count, np.float32))
    sums = np.full(shape, _BEGINNING, np.float32)
    bias_sums = np.full(count, _BEGINNING, np.float32)
    wanted = [targets(each, count, exclusive=exclusive) for each in labels]
    order = np.random.default_rng(0)
    due = time.monotonic() + SLICE_SECONDS
    for _ in range(EPOCHS):
        for at in order.permutation(len(rows)):
            touched, values = rows[at].columns, rows[at].values
            weights = model.weights[touched]
            error = probabilities(values @ weights + model.bias, exclusive=exclusive) - wanted[at]
            slope = values[:, None] * error
            known = sums[touched] + slope * slope
            sums[touched] = known
            model.weights[touched] = weights - rate * slope / np.sqrt(known)
            bias_sums += error * error
            model.bias -= rate * error / np.sqrt(bias_sums)
            # Scores, slopes, their squares and the step: four for each weight that is touched.
            meter.done += 4 * len(touched) * count
            meter.dense += 4 * columns * count
            if time.monotonic() >= due:
                yield model
                due = time.monotonic() + SLICE_SECONDS
    yield model
