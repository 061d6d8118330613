"""What was learned of one kind of label: who suggests, how sure it must be, and why it says so."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from indexer.learning.features import Columns, Document, dense_row, word_hash, words_of
from indexer.learning.linear import Linear, probabilities

# So sure has a suggestion to be, that nine of ten are right: what comes later is a little unlike
# what was held out. Of the later documents of 20 Newsgroups 0.87 were right with a bound of 0.9,
# with this one 0.90, as of Reuters R52 (docs/benchmarks.md).
PRECISION = 0.93
# One-sided bound of Wilson's interval at 80 %: ten right ones of ten are enough, nine are not.
_SURE = 0.84
_LEVELS = 64  # steps that a calibration is kept in
_MOST_SUGGESTED = 3
_MOST_WORDS = 5


class Kind(StrEnum):
    """What is learned."""

    FOLDERS = "folders"  # a document is in one of them
    TAGS = "tags"  # a document has any number of them


class Judge(StrEnum):
    """Who competes: a linear model over words, one over embeddings, and both scores together."""

    WORDS = "words"
    MEANING = "meaning"
    BOTH = "both"


@dataclass(frozen=True, slots=True)
class Calibration:
    """How often a suggestion is right that is made with at least so much probability."""

    levels: NDArray[np.float32]  # probabilities, ascending
    precision: NDArray[np.float32]  # lower bounds, ascending

    @classmethod
    def of(cls, probability: Sequence[float], right: Sequence[bool]) -> Calibration:
        """Learn from suggestions on documents that their model had not seen."""
        order = np.argsort(-np.array(probability, np.float32), kind="stable")
        levels = np.array(probability, np.float32)[order]
        hits = np.cumsum(np.array(right, np.float64)[order])
        count = np.arange(1, len(order) + 1)
        bounds = _wilson(hits / count, count)
        # Where several are equally probable, all of them are suggested or none.
        last = np.append(levels[1:] != levels[:-1], True)[: len(levels)]
        levels, bounds = levels[last][::-1], bounds[last][::-1]
        bounds = np.maximum.accumulate(bounds) if len(bounds) else bounds
        if len(levels) > _LEVELS:
            kept = np.linspace(0, len(levels) - 1, _LEVELS).astype(int)
            # The first level that is sure enough decides what is suggested at all.
            kept = np.union1d(kept, np.flatnonzero(bounds >= PRECISION)[:1])
            levels, bounds = levels[kept], bounds[kept]
        return cls(levels, bounds.astype(np.float32))

    def confidence(self, probability: float) -> float:
        """Return how sure a suggestion of this probability is, from 0 to 1."""
        at = int(np.searchsorted(self.levels, np.float32(probability), side="right")) - 1
        return float(self.precision[at]) if at >= 0 else 0.0


@dataclass(frozen=True, slots=True)
class Evaluation:
    """How a model did on documents that it had not seen."""

    documents: int
    labels: int
    accuracy: dict[str, float]  # by judge: the share of documents whose best label is theirs
    judge: Judge
    suggested: float  # the share of documents for which anything is suggested
    precision: float  # of what is suggested; 0 where nothing is
    skipped: float  # the share of multiplications that sparsity saved
    seconds: float  # of processor time


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A label for a document, how sure it is, and the words that speak for it most."""

    kind: Kind
    label: str
    confidence: float
    words: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Model:
    """What was learned; `labels` are folders as paths, or tags."""

    kind: Kind
    labels: tuple[str, ...]
    columns: Columns
    words: Linear
    meaning: Linear | None
    calibration: Calibration
    evaluation: Evaluation

    @property
    def exclusive(self) -> bool:
        """Whether a document has one label only."""
        return self.kind is Kind.FOLDERS

    def suggest(self, document: Document, text: str, known: Sequence[str] = ()) -> list[Suggestion]:
        """Return what is sure enough, surest first; nothing where the document says too little.

        `known` are the labels that it has: of folders, a suggestion of that one is none.
        """
        scores = self._scores(document)
        if scores is None:
            return []
        shares = probabilities(scores, exclusive=self.exclusive)
        best = np.argsort(-shares, kind="stable")[: 1 if self.exclusive else len(shares)]
        found: list[Suggestion] = []
        for at in best:
            confidence = self.calibration.confidence(float(shares[at]))
            if confidence < PRECISION or len(found) == _MOST_SUGGESTED:
                break
            if self.labels[at] not in known:
                words = self._reasons(document, text, int(at))
                found.append(Suggestion(self.kind, self.labels[at], confidence, words))
        return found

    def _scores(self, document: Document) -> NDArray[np.float32] | None:
        row = self.columns.row(document.words)
        by_word = self.words.scores(row) if len(row.columns) else None
        by_meaning = None
        if self.meaning is not None and document.meaning is not None:
            by_meaning = self.meaning.scores(dense_row(document.meaning))
        return combine(self.evaluation.judge, by_word, by_meaning)

    def _reasons(self, document: Document, text: str, label: int) -> tuple[str, ...]:
        """Return the document's own words that raise a label most, above the others."""
        row = self.columns.row(document.words)
        weights = self.words.weights[row.columns]
        gain = row.values * (weights[:, label] - weights.mean(axis=1))
        best = [at for at in np.argsort(-gain)[:_MOST_WORDS] if gain[at] > 0]
        hashes = [int(self.columns.hashes[row.columns[at]]) for at in best]
        spelled: dict[int, str] = {}
        for word in words_of(text):
            spelled.setdefault(word_hash(word), word)
        return tuple(spelled[each] for each in hashes if each in spelled)


def combine(
    judge: Judge, by_word: NDArray[np.float32] | None, by_meaning: NDArray[np.float32] | None
) -> NDArray[np.float32] | None:
    """Return the scores of a judge; None where it has nothing to judge by.

    Both together are the mean of their scores, a product of probabilities: with 1,000 documents
    0.78 on 20 Newsgroups, where words give 0.76 and embeddings 0.72.
    """
    if judge is Judge.WORDS:
        return by_word
    if judge is Judge.MEANING:
        return by_meaning
    if by_word is None or by_meaning is None:
        return None
    return (by_word + by_meaning) / np.float32(2)


def _wilson(share: NDArray[np.float64], count: NDArray[np.int64]) -> NDArray[np.float64]:
    """Return the lower bound of a share that was seen in so many trials (Wilson, 1927)."""
    z = _SURE
    middle = share + z * z / (2 * count)
    spread = z * np.sqrt(share * (1 - share) / count + z * z / (4 * count**2))
    bound: NDArray[np.float64] = (middle - spread) / (1 + z * z / count)
    return bound
