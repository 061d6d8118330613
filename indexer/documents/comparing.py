"""How two documents differ: what was added, removed, moved and changed, sentence by sentence.

By difflib over sentences; those that took each other's place are paired where they share most of
their words, and then compared word by word, so that a number that is another one stands out.
"""

from __future__ import annotations

import re
from collections.abc import Generator, Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from enum import StrEnum
from typing import cast

from indexer.documents.texts import Place
from indexer.sets.lexicon import MONTHS
from indexer.text.words import CJK, normalise

# Words that two sentences share for one to be the other's new form, as a share of the longer.
_ALIKE = 0.5
# Sentences that are paired with each other at once, where many took the place of many.
_AT_ONCE = 100
# Beyond it, lines that come again and again would make difflib quadratic.
_MANY = 5_000
_WORD = re.compile(rf"[{CJK}]|\d+(?:[.,:/'-]\d+)*|[^\W\d_]+(?:['’-][^\W\d_]+)*|[^\w\s]")


class Difference(StrEnum):
    """What became of a sentence."""

    ADDED = "added"
    REMOVED = "removed"
    CHANGED = "changed"
    MOVED = "moved"


@dataclass(frozen=True, slots=True)
class Replacement:
    """Words of a sentence and those that stand in their place; "" where there are none."""

    old: str
    new: str

    @property
    def is_value(self) -> bool:
        """Whether it is a number or a date that is another one."""
        words = _WORD.findall(f"{self.old} {self.new}")
        return any(word[0].isdigit() or word.lower() in MONTHS for word in words)


@dataclass(frozen=True, slots=True)
class Change:
    """A sentence that is not in both documents as it is, or not at its place."""

    difference: Difference
    old: Place | None
    new: Place | None
    replaced: tuple[Replacement, ...] = ()

    @property
    def values(self) -> tuple[Replacement, ...]:
        """The numbers and dates that are others."""
        return tuple(item for item in self.replaced if item.is_value)


@dataclass(frozen=True, slots=True)
class Comparison:
    """All that differs, in the order of the documents, and how many sentences do not."""

    changes: tuple[Change, ...]
    same: int

    def count(self, difference: Difference) -> int:
        """Return how many sentences were added, removed, changed or moved."""
        return sum(change.difference is difference for change in self.changes)


def compare(old: Sequence[Place], new: Sequence[Place]) -> Comparison:
    """Return how one document's sentences differ from another's."""
    steps = compare_in_steps(old, new)
    while True:
        try:
            next(steps)
        except StopIteration as end:
            return cast(Comparison, end.value)


def compare_in_steps(
    old: Sequence[Place], new: Sequence[Place]
) -> Generator[int, None, Comparison]:
    """Compare two documents; yield how many of the sentences of both were, from time to time."""
    olds, news = [_key(place) for place in old], [_key(place) for place in new]
    matcher = SequenceMatcher(None, olds, news, autojunk=max(len(olds), len(news)) > _MANY)
    changes: list[Change] = []
    same = 0
    for tag, first, last, start, end in matcher.get_opcodes():
        if tag == "equal":
            same += last - first
            continue
        done = first + start
        for left, right in _parts(old[first:last], new[start:end]):
            changes += _between(left, right)
            done += len(left) + len(right)
            yield done
    return Comparison(tuple(_moved(changes)), same)


def _key(place: Place) -> str:
    return " ".join(normalise(place.text).split()).casefold()


def _words(text: str) -> list[str]:
    return _WORD.findall(normalise(text))


def _parts(
    old: Sequence[Place], new: Sequence[Place]
) -> Iterator[tuple[Sequence[Place], Sequence[Place]]]:
    """Yield sentences that took each other's place in parts that are small enough to be paired."""
    count = -(-max(len(old), len(new)) // _AT_ONCE)
    for part in range(count):
        yield (
            old[len(old) * part // count : len(old) * (part + 1) // count],
            new[len(new) * part // count : len(new) * (part + 1) // count],
        )


def _between(old: Sequence[Place], new: Sequence[Place]) -> Iterator[Change]:
    """Yield what became of sentences that stand between two places that are the same."""
    at_old = at_new = 0
    for left, right in _pairs(old, new):
        yield from (Change(Difference.REMOVED, each, None) for each in old[at_old:left])
        yield from (Change(Difference.ADDED, None, each) for each in new[at_new:right])
        at_old, at_new = left + 1, right + 1
        replaced = tuple(_replacements(old[left].text, new[right].text))
        if replaced:
            yield Change(Difference.CHANGED, old[left], new[right], replaced)
    yield from (Change(Difference.REMOVED, each, None) for each in old[at_old:])
    yield from (Change(Difference.ADDED, None, each) for each in new[at_new:])


def _pairs(old: Sequence[Place], new: Sequence[Place]) -> list[tuple[int, int]]:
    """Return which sentences are forms of each other: in order, with most words shared in all."""
    lefts, rights = ([_words(place.text.casefold()) for place in side] for side in (old, new))
    alike = [[_likeness(left, right) for right in rights] for left in lefts]
    # The best sum over pairs that do not cross.
    best = [[0.0] * (len(rights) + 1) for _ in range(len(lefts) + 1)]
    for left in range(len(lefts) - 1, -1, -1):
        for right in range(len(rights) - 1, -1, -1):
            both = alike[left][right]
            best[left][right] = max(
                best[left + 1][right],
                best[left][right + 1],
                both + best[left + 1][right + 1] if both >= _ALIKE else 0.0,
            )
    pairs: list[tuple[int, int]] = []
    left = right = 0
    while left < len(lefts) and right < len(rights):
        both = alike[left][right]
        if both >= _ALIKE and best[left][right] == both + best[left + 1][right + 1]:
            pairs.append((left, right))
            left, right = left + 1, right + 1
        elif best[left][right] == best[left + 1][right]:
            left += 1
        else:
            right += 1
    return pairs


def _likeness(left: list[str], right: list[str]) -> float:
    if min(len(left), len(right)) < _ALIKE * max(len(left), len(right)):
        return 0.0  # by their lengths alone they cannot be
    rest = list(right)
    shared = 0
    for word in left:
        if word in rest:
            rest.remove(word)
            shared += 1
    return shared / max(len(left), len(right), 1)


def _replacements(old: str, new: str) -> Iterator[Replacement]:
    olds, news = list(_WORD.finditer(old)), list(_WORD.finditer(new))
    left, right = ([normalise(match[0]).casefold() for match in side] for side in (olds, news))
    matcher = SequenceMatcher(None, left, right, autojunk=False)
    for tag, first, last, start, end in matcher.get_opcodes():
        if tag != "equal":
            yield Replacement(_span(old, olds[first:last]), _span(new, news[start:end]))


def _span(text: str, words: Sequence[re.Match[str]]) -> str:
    return " ".join(text[words[0].start() : words[-1].end()].split()) if words else ""


def _moved(changes: Sequence[Change]) -> Iterator[Change]:
    """Yield the changes with a sentence that was removed here and added there as one."""
    removed: dict[str, list[Place]] = {}
    for change in changes:
        if change.difference is Difference.REMOVED and change.old is not None:
            removed.setdefault(_key(change.old), []).append(change.old)
    pairs: dict[int, Place] = {}
    gone: set[int] = set()
    for change in changes:
        if change.difference is Difference.ADDED and change.new is not None:
            places = removed.get(_key(change.new))
            if places:
                place = places.pop(0)
                pairs[id(change.new)] = place
                gone.add(id(place))
    for change in changes:
        if change.difference is Difference.REMOVED and id(change.old) in gone:
            continue
        stood = pairs.get(id(change.new)) if change.new is not None else None
        yield Change(Difference.MOVED, stood, change.new) if stood is not None else change
