"""Whether a number, date or name of a statement stands in its own place in a passage.

A passage may hold every value of a statement and still say something else, since the value belongs
to another thing there. Each value is compared by the words beside it: if another value of the
passage stands between the same words, and this one does not, it was put in that one's place.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from models.facts import (
    CJK,
    MONTHS,
    NUMBER,
    NUMERALS,
    STOP,
    WORD,
    capitals_say_nothing,
    number_of,
    stem,
)
from models.sentences import split_sentences

# Words beside a value that are compared on each side, and how far one may have moved.
_REACH = 5
_SHIFT = 1
_ACROSS = 0.5
_STOP_WEIGHT = 0.4
# Of another value's place, and by how much it must fit better than the value's own.
RIVAL_FIT = 0.5
RIVAL_MARGIN = 0.15
# What may stand in the place of what.
_RIVALS = {
    "number": ("number",),
    "month": ("month",),
    "name": ("name", "first"),
    "first": ("name", "first"),
}
_TOKEN = re.compile(f"{CJK.pattern[:-1]}|{NUMBER.pattern}|{WORD.pattern}")


@dataclass(frozen=True, slots=True)
class _Token:
    """A word, or a run of capitalised ones, or a number, as it is compared."""

    kind: str  # "word", "number", "month", "name", or "first": a word that may be a name
    stems: frozenset[str]
    weight: float


Row = tuple[_Token, ...]
Place = tuple[int, int]  # sentence and token


def misplaced(statement: str, passage: str) -> bool:
    """Whether the passage has another value where a statement has one."""
    rows = _rows(passage)
    known = {each for row in rows for token in row for each in token.stems}
    values = [
        (row, at)
        for row in _rows(statement)
        for at, token in enumerate(row)
        if token.kind in _RIVALS and not (token.kind == "first" and token.stems & known)
    ]
    own = [_best_place(row, at, rows) for row, at in values]
    taken = {place for place, _ in own}
    return any(
        _fits_better(row, at, fit, rows, taken)
        for (row, at), (_, fit) in zip(values, own, strict=True)
    )


def _fits_better(
    row: Row, at: int, own: float, rows: Sequence[Row], taken: Collection[Place | None]
) -> bool:
    """Whether another value fits into the place of one, and is not meant by another."""
    least = max(RIVAL_FIT, own + RIVAL_MARGIN)
    return any(
        rival.kind in _RIVALS[row[at].kind]
        and not rival.stems & row[at].stems
        and (number, place) not in taken
        and _touches(row, at, other, place)
        and _fit(row, at, other, place) >= least
        for number, other in enumerate(rows)
        for place, rival in enumerate(other)
    )


def _best_place(row: Row, at: int, rows: Sequence[Row]) -> tuple[Place | None, float]:
    """Return where in a passage a value stands between the likest words, and how like they are."""
    best: Place | None = None
    best_fit = -1.0
    for number, other in enumerate(rows):
        for place, same in enumerate(other):
            if same.stems & row[at].stems and (fit := _fit(row, at, other, place)) > best_fit:
                best, best_fit = (number, place), fit
    return best, max(best_fit, 0.0)


def _fit(row: Row, at: int, other: Row, place: int) -> float:
    """Return how much of the words around two values is the same, 0..1.

    One half is the words beside them, the nearer ones more, those on the other side half; the
    other half is what the passage's sentence holds of all other words of the statement.
    """
    same = whole = 0.0
    for side in (-1, 1):
        ours, theirs = _beside(row, at, side), _beside(other, place, side)
        for some, more, across in (
            (ours, theirs, _beside(other, place, -side)),
            (theirs, ours, _beside(row, at, -side)),
        ):
            for distance, token in enumerate(some):
                weight = token.weight / (distance + 1)
                whole += weight
                near = more[max(0, distance - _SHIFT) : distance + _SHIFT + 1]
                if any(token.stems & each.stems for each in near):
                    same += weight
                elif any(token.stems & each.stems for each in across):
                    same += _ACROSS * weight
    others = [token for token in row if token.weight == 1.0 and token is not row[at]]
    held = frozenset().union(*(token.stems for token in other))
    share = sum(bool(token.stems & held) for token in others) / len(others) if others else 0.0
    return (same / whole + share) / 2 if whole else share / 2


def _touches(row: Row, at: int, other: Row, place: int) -> bool:
    """Whether a word right beside two values is the same."""
    return any(
        0 <= at + side < len(row)
        and 0 <= place + side < len(other)
        and row[at + side].stems & other[place + side].stems
        for side in (-1, 1)
    )


def _beside(row: Row, at: int, side: int) -> Sequence[_Token]:
    return row[at + 1 : at + 1 + _REACH] if side > 0 else row[max(0, at - _REACH) : at][::-1]


@lru_cache(maxsize=1024)
def _rows(text: str) -> tuple[Row, ...]:
    return tuple(tuple(_tokens(sentence)) for sentence in split_sentences(text))


def _tokens(sentence: str) -> Iterator[_Token]:
    plain = unicodedata.normalize("NFKC", sentence)
    found = list(_TOKEN.finditer(plain))
    no_names = capitals_say_nothing([each[0] for each in found])
    at = 0
    while at < len(found):
        word = found[at][0]
        if word[0].isdigit():
            yield _Token("number", frozenset({number_of(word)}), 1.0)
        elif word in MONTHS:
            yield _Token("month", frozenset({stem(word.casefold())}), 1.0)
        elif CJK.match(word):
            yield _Token("word", frozenset({word}), 1.0)
        elif not no_names and _is_capital(word):
            last = at
            while last + 1 < len(found) and _goes_on(plain, found[last], found[last + 1]):
                last += 1
            alone = last == at == 0  # the first word of a sentence has a capital anyway
            stems = frozenset(stem(each[0].casefold()) for each in found[at : last + 1])
            yield _Token("first" if alone else "name", stems, 1.0)
            at = last
        else:
            lower = word.casefold()
            stems = frozenset({stem(lower)})
            if number := NUMERALS.get(stem(lower)):
                yield _Token("number", stems | {number}, 1.0)
            else:
                yield _Token("word", stems, _STOP_WEIGHT if lower in STOP else 1.0)
        at += 1


def _is_capital(word: str) -> bool:
    return word[0].isupper() and word.casefold() not in STOP and word not in MONTHS


def _goes_on(text: str, one: re.Match[str], other: re.Match[str]) -> bool:
    return _is_capital(other[0]) and text[one.end() : other.start()] in (" ", "-", ". ")
