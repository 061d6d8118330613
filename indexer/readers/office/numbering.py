"""The numbers that Word gives to headings and list items by itself.

Contracts and manuals are cited by them ("2.3"), and they stand in no paragraph's text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from indexer.readers.office.package import attribute, local

_LEVELS = 9
_PLACE = re.compile(r"%([1-9])")
_ROMAN = (
    (1000, "m"), (900, "cm"), (500, "d"), (400, "cd"), (100, "c"), (90, "xc"), (50, "l"),
    (40, "xl"), (10, "x"), (9, "ix"), (5, "v"), (4, "iv"), (1, "i"),
)  # fmt: skip
_UNNUMBERED = frozenset({"bullet", "none", ""})


@dataclass(slots=True)
class _Level:
    """How the items of a level are numbered."""

    start: int = 1
    form: str = ""  # "decimal", "lowerLetter", ...
    text: str = ""  # "%1.%2)"


@dataclass(slots=True)
class _List:
    """The levels of a list, and the numbers that its last item had."""

    levels: list[_Level] = field(default_factory=lambda: [_Level() for _ in range(_LEVELS)])
    counts: list[int | None] = field(default_factory=lambda: [None] * _LEVELS)


class Numbering:
    """Counts a document's headings and items, in order."""

    def __init__(self) -> None:
        self._kinds: dict[str, _List] = {}
        self._lists: dict[str, _List] = {}
        self._starts: dict[tuple[str, int], int] = {}  # of lists that begin anew

    def define(self, elements: Iterator[Any]) -> None:
        """Take the elements of the part that defines lists."""
        for element in elements:
            name = local(element)
            if name == "abstractNum":
                self._kinds[attribute(element, "abstractNumId")] = _kind(element)
            elif name == "num":
                self._define_list(element)

    def _define_list(self, element: Any) -> None:
        identity = attribute(element, "numId")
        for child in element.iter():
            if local(child) == "abstractNumId":
                # Lists of one kind go on counting where the last of them ended.
                if kind := self._kinds.get(attribute(child, "val")):
                    self._lists[identity] = kind
            elif local(child) == "startOverride":
                level = _number(attribute(child.getparent(), "ilvl"))
                self._starts[identity, level] = _number(attribute(child, "val"))

    def label(self, identity: str, level: str) -> str:
        """Count an item of a list and return its number as it is shown; "" if it has none."""
        at = min(_number(level), _LEVELS - 1)
        numbered = self._lists.get(identity)
        if numbered is None:
            return ""
        start = self._starts.pop((identity, at), None)
        count = numbered.counts[at]
        if start is not None:
            numbered.counts[at] = start
        else:
            numbered.counts[at] = numbered.levels[at].start if count is None else count + 1
        numbered.counts[at + 1 :] = [None] * (_LEVELS - at - 1)
        if numbered.levels[at].form in _UNNUMBERED:
            return ""
        text = numbered.levels[at].text
        return _PLACE.sub(lambda match: _shown(numbered, int(match[1]) - 1), text)


def _kind(element: Any) -> _List:
    kind = _List()
    for level in element:
        at = _number(attribute(level, "ilvl"))
        if local(level) == "lvl" and at < _LEVELS:
            for child in level:
                value = attribute(child, "val")
                if local(child) == "start":
                    kind.levels[at].start = _number(value)
                elif local(child) == "numFmt":
                    kind.levels[at].form = value
                elif local(child) == "lvlText":
                    kind.levels[at].text = value[:100]
    return kind


def _shown(numbered: _List, at: int) -> str:
    count = numbered.counts[at]
    level = numbered.levels[at]
    return counted(level.start if count is None else count, level.form)


def counted(value: int, form: str) -> str:
    """Return a number in one of Word's forms: "lowerLetter", "upperRoman", else plain."""
    if form.endswith("Letter"):
        letter = chr(ord("a") + (value - 1) % 26) * min(1 + (value - 1) // 26, 9)
        return letter.upper() if form.startswith("upper") else letter
    if form.endswith("Roman") and value < 5_000:
        roman = ""
        for amount, sign in _ROMAN:
            roman += sign * (value // amount)
            value %= amount
        return roman.upper() if form.startswith("upper") else roman
    return str(value)


def _number(text: str) -> int:
    return int(text) if text.isdecimal() and len(text) < 7 else 0
