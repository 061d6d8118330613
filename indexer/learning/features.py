"""A text as a sparse row: which words it holds, told by a hash, and how often.

Hashes, not words: a model that was trained holds no text of the documents that it was trained on.
"""

from __future__ import annotations

import zlib
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from indexer.text.words import STOP_WORDS, folded_words

# A document says what it is about where it begins.
TEXT_CHARACTERS = 20_000


@dataclass(frozen=True, slots=True)
class Row:
    """What is not zero of a row: the columns in ascending order, and their values."""

    columns: NDArray[np.int64]
    values: NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Document:
    """A document as it is learned from."""

    words: Row  # the columns are hashes of words
    meaning: NDArray[np.float32] | None  # (dimensions,), L2-normalised; None without vectors


def word_hash(word: str) -> int:
    """Return the column of a word."""
    return zlib.crc32(word.encode("utf-8", "surrogatepass"))


def words_of(text: str) -> list[str]:
    """Return the words of a text that say what it is about, in order."""
    return [word for word in folded_words(text[:TEXT_CHARACTERS]) if word not in STOP_WORDS]


def count_words(text: str) -> Row:
    """Return a text as the logarithms of its words' counts.

    Pairs of words were tried beside them: four times the columns, and on 20 Newsgroups, Reuters
    R52 and R8 between 1.1 points less and 0.2 more (docs/benchmarks.md has the sets).
    """
    counts = Counter(word_hash(word) for word in words_of(text))
    columns = np.fromiter(counts, np.int64, len(counts))
    values = np.log1p(np.fromiter(counts.values(), np.float32, len(counts)))
    order = np.argsort(columns)
    return Row(columns[order], values[order])


@dataclass(frozen=True, slots=True)
class Columns:
    """The words that a model knows, with how telling each of them is."""

    hashes: NDArray[np.int64]  # in ascending order
    weights: NDArray[np.float32]

    @classmethod
    def of(cls, rows: Sequence[Row], most: int) -> Columns:
        """Take the words of these rows; the most frequent `most` where they are more.

        A word's weight is ln((1 + n) / (1 + df)): none for what each document holds. Beside the
        usual one that is larger by 1 it gains 1.2 points on 20 Newsgroups and loses 0.2 on Reuters.
        """
        every = np.concatenate([row.columns for row in rows]) if rows else np.empty(0, np.int64)
        hashes, frequency = np.unique(every, return_counts=True)
        if len(hashes) > most:
            kept = np.sort(np.argsort(-frequency, kind="stable")[:most])
            hashes, frequency = hashes[kept], frequency[kept]
        weights = np.log((1 + len(rows)) / (1 + frequency)).astype(np.float32)
        return cls(hashes, weights)

    def row(self, words: Row) -> Row:
        """Return a row over these columns, of length 1; words that are not known are left out."""
        if not len(self.hashes):
            return Row(np.empty(0, np.int64), np.empty(0, np.float32))
        at = np.minimum(np.searchsorted(self.hashes, words.columns), len(self.hashes) - 1)
        known = self.hashes[at] == words.columns
        columns = at[known]
        values = words.values[known] * self.weights[columns]
        length = float(np.sqrt(values @ values))
        return Row(columns, values / np.float32(length) if length else values)


def dense_row(vector: NDArray[np.float32]) -> Row:
    """Return a row in which nothing is left out."""
    return Row(np.arange(len(vector), dtype=np.int64), vector)
