"""Keeps what stands at the top or bottom of page after page out of the text.

A title or a page number that is repeated on every page would be found on every page, and cuts the
sentence that goes on overleaf. Pages stream: each is compared with some before and some behind it.
"""

from __future__ import annotations

import re
import time
from collections import Counter, deque
from collections.abc import Iterator
from dataclasses import dataclass
from operator import attrgetter
from typing import NamedTuple

from indexer.readers.pdf.layout import Line
from indexer.types import UnreadPage

_WINDOW = 5  # pages on each side that a page is compared with
_SECONDS = 3.0  # that pages may be waited for: a reader that is silent for long is ended
_EDGE = 4  # lines at the top and at the bottom that may be repeated
_MOST_KNOWN = 5_000
_LONGEST = 300  # characters of a line that are compared
_SHARE = 0.4  # of the pages: left and right ones may have different lines
_NAMING = 5  # letters: what has fewer is the number of a page, in words or not

_BASE = attrgetter("base")
_NUMBER = re.compile(r"\d{1,6}")
_ROMAN = re.compile(r"[ivxlc]{1,7}", re.IGNORECASE)
_ROMAN_VALUES = {"i": 1, "v": 5, "x": 10, "l": 50, "c": 100}


@dataclass(frozen=True, slots=True)
class ReadPage:
    """A page as its lines, with what is written into its fields and comments."""

    number: int
    lines: tuple[Line, ...]
    notes: tuple[str, ...] = ()
    label: str | None = None  # the number in its running lines, if it is not its own


class _Mark(NamedTuple):
    """A line at an edge, with its numbers taken out."""

    key: str
    numbers: tuple[int, ...]
    line: Line

    @property
    def names(self) -> bool:
        """Whether this is more than the number of a page."""
        return sum(map(str.isalpha, self.key)) >= _NAMING


class _Marks(NamedTuple):
    """The lines at the edges of a page."""

    all: list[_Mark]
    by_key: dict[str, _Mark]


class _Known:
    """What has stood at the edges of the document so far."""

    def __init__(self) -> None:
        self._counts: Counter[str] = Counter()
        self._pages = 0
        self._kept: set[str] = set()

    def add(self, marks: _Marks) -> None:
        """Count the lines of one more page."""
        self._pages += bool(marks.all)
        if len(self._counts) < _MOST_KNOWN:
            self._counts.update(marks.by_key.keys())

    def says_nothing_new(self, mark: _Mark) -> bool:
        """Tell whether a running line has been left in once, and is that of the whole document.

        The title of a chapter above its pages is worth being found on each of them.
        """
        if mark.key not in self._kept:
            self._kept.add(mark.key)
            return False
        return self._counts[mark.key] >= _SHARE * self._pages


def without_running_lines(
    pages: Iterator[ReadPage | UnreadPage],
) -> Iterator[ReadPage | UnreadPage]:
    """Yield pages without their running lines; what names the document stays where it is first."""
    behind: deque[tuple[int, dict[str, _Mark]]] = deque(maxlen=_WINDOW)
    ahead: deque[tuple[ReadPage | UnreadPage, _Marks]] = deque()
    known = _Known()
    ended = False
    while True:
        began = time.monotonic()
        while not ended and len(ahead) <= _WINDOW and time.monotonic() - began < _SECONDS:
            page = next(pages, None)
            if page is None:
                ended = True
            else:
                marks = _marks(page) if isinstance(page, ReadPage) else _Marks([], {})
                known.add(marks)
                ahead.append((page, marks))
        if not ahead:
            if ended:
                return
            continue
        page, marks = ahead.popleft()
        if isinstance(page, ReadPage):
            near = [
                *behind,
                *((each.number, its.by_key) for each, its in ahead if isinstance(each, ReadPage)),
            ]
            dropped, label = _running(page.number, marks.all, near, known)
            behind.append((page.number, marks.by_key))
            kept = tuple(line for line in page.lines if id(line) not in dropped)
            # What stands alone is the content.
            yield ReadPage(page.number, kept or page.lines, page.notes, label)
        else:
            yield page


def _running(
    number: int, marks: list[_Mark], near: list[tuple[int, dict[str, _Mark]]], known: _Known
) -> tuple[set[int], str | None]:
    """Return the ids of those lines of a page that its neighbours have, and its printed number."""
    dropped = set()
    label = None
    others = [other for other, _ in near]
    for mark in marks:
        key = mark.key
        same = {
            other: its[key]
            for other, its in near
            if key in its and _is_same(mark, its[key], other - number)
        }
        if not same or not _is_usual(number, list(same), others):
            continue
        label = label or _printed(number, mark, same)
        if mark.names and not known.says_nothing_new(mark):
            continue
        dropped.add(id(mark.line))
    return dropped, label


def _printed(number: int, mark: _Mark, same: dict[int, _Mark]) -> str | None:
    """Return the number in a running line that counts the pages, unless it is the page's own."""
    for place, printed in enumerate(mark.numbers):
        if all(its.numbers[place] - printed == other - number for other, its in same.items()):
            is_roman = not _NUMBER.search(mark.line.text)
            return None if printed == number and not is_roman else _written(mark, place)
    return None


def _written(mark: _Mark, place: int) -> str:
    """Return a number of a running line as it stands there."""
    found = _NUMBER.findall(mark.line.text)
    return str(found[place]) if found else mark.line.text.strip().lower()


def _is_usual(number: int, same: list[int], others: list[int]) -> bool:
    """Tell whether enough pages have a line: half of all, or most of the left or right ones."""
    if len(others) < 3:
        return bool(same) and len(same) == len(others)
    if len(same) * 2 >= len(others) and len(same) > 1:
        return True
    like = sum((other - number) % 2 == 0 for other in others)
    return like > 1 and len(same) * 5 >= like * 4


def _is_same(one: _Mark, other: _Mark, pages: int) -> bool:
    """Tell whether two lines are the same but for the page's number."""
    if abs(one.line.base - other.line.base) > max(one.line.size, 3.0):
        return False
    if len(one.numbers) != len(other.numbers):  # a "#" may be one of the line's own
        return False
    steps = {b - a for a, b in zip(one.numbers, other.numbers, strict=True)}
    if not steps <= {0, pages}:
        return False
    # The head of a table that goes on is worth repeating; a footer in three parts has a number.
    return one.line.cells < 3 or pages in steps


def _marks(page: ReadPage) -> _Marks:
    lines = sorted(page.lines, key=_BASE, reverse=True)
    edges = lines if len(lines) <= 2 * _EDGE else [*lines[:_EDGE], *lines[-_EDGE:]]
    marks = [mark for line in edges if (mark := _mark(line)).key]
    return _Marks(marks, {mark.key: mark for mark in marks})


def _mark(line: Line) -> _Mark:
    text = " ".join(line.text[:_LONGEST].split())
    if _ROMAN.fullmatch(text):
        return _Mark("#", (_roman(text.lower()),), line)
    numbers = _NUMBER.findall(text)
    key = _NUMBER.sub("#", text) if numbers else text
    return _Mark(key.casefold(), tuple(map(int, numbers)), line)


def _roman(text: str) -> int:
    values = [_ROMAN_VALUES[sign] for sign in text]
    following = [*values[1:], 0]
    return sum(-a if a < b else a for a, b in zip(values, following, strict=True))
