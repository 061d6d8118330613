"""Passages that say the same in several documents are one hit: drafts, templates, quoted mails."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path

from indexer.text.words import folded_words
from indexer.types import Hit

# Of the runs of three words of two passages, how many are in both: three words changed in a
# hundred leave 0.83.
_LIKENESS = 0.8
_RUN = 3
# A shorter passage has to be the same: a heading with another word is another heading.
_FEW_WORDS = 12
# Texts of which one is so much shorter are not compared: it saves nine tenths of the work.
_LENGTHS = 0.7


@dataclass(frozen=True, slots=True)
class _Print:
    words: tuple[str, ...]
    runs: frozenset[tuple[str, ...]]
    numbers: tuple[str, ...]


def fold(hits: Iterable[Hit], k: int) -> list[Hit]:
    """Return the best k hits with their ranks; the same text in another document is no further hit.

    It is named by the hit that it repeats. Passages with other numbers are never the same: a bill
    or a report differs from the one before by little else.
    """
    kept: list[Hit] = []
    also: list[list[Path]] = []
    prints: dict[int, _Print] = {}

    def alike(one: Hit, other: Hit) -> bool:
        shorter, longer = sorted((len(one.text), len(other.text)))
        if one.path == other.path or shorter < _LENGTHS * longer:
            return False
        for hit in (one, other):
            if hit.chunk not in prints:
                prints[hit.chunk] = _print(hit.text)
        return _alike(prints[one.chunk], prints[other.chunk])

    for hit in hits:
        same = next((at for at, other in enumerate(kept) if alike(other, hit)), None)
        if same is not None:
            also[same] += [path for path in (hit.path, *hit.also) if path not in also[same]]
        elif len(kept) < k:
            kept.append(hit)
            also.append(list(hit.also))
        else:
            break
    return [replace(hit, rank=at + 1, also=tuple(also[at])) for at, hit in enumerate(kept)]


def _print(text: str) -> _Print:
    words = tuple(folded_words(text))
    runs = frozenset(zip(*(words[at:] for at in range(_RUN)), strict=False))
    numbers = sorted(word for word in words if not word.isalpha())
    return _Print(words, runs, tuple(numbers))


def _alike(one: _Print, other: _Print) -> bool:
    if one.numbers != other.numbers:
        return False
    if min(len(one.words), len(other.words)) < _FEW_WORDS:
        return one.words == other.words
    shared = len(one.runs & other.runs)
    return shared >= _LIKENESS * (len(one.runs) + len(other.runs) - shared)
