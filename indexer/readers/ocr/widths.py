"""The width of punctuation in Chinese and Japanese lines, which OCR does not always see. Pure.

The two forms of a comma differ by little more than the gap around it: where a page is small or
noisy the network writes the narrow one for both. Which is right follows from what stands beside it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

# Chinese and Japanese; Korean parts its words by spaces, and its punctuation is narrow.
HAN = "\u3005-\u3007\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff"
_LETTERS = "A-Za-z\u00c0-\u024f"

_WIDE = dict(zip(",:;?!", "，：；？！", strict=True))
_OPENING, _CLOSING = "(（", ")）"
_FARTHEST = 120  # signs between two brackets of a pair
# Digits and letters are narrow wherever they stand.
_NARROW = {
    wide: wide - 0xFEE0
    for first, last in ("０９", "ＡＺ", "ａｚ")
    for wide in range(ord(first), ord(last) + 1)
}

_HAN_SIGN = re.compile(f"[{HAN}]")
_IS_WIDE = re.compile(f"[{HAN}，。、：；？！（）《》〈〉「」『』【】〔〕]")
_LETTER = re.compile(f"[{_LETTERS}]")
_WORD = re.compile(f"[{_LETTERS}]+")
_IN_WORD = re.compile(f"[{_LETTERS}0-9_]")
# A wide mark has its gap inside; where the network saw it beside the mark, it is there twice.
_GAP = re.compile("(?<=[，：；？！）]) | (?=（)")


def with_widths(lines: Sequence[str]) -> list[str]:
    """Return lines that follow each other, their punctuation as wide as the signs beside it.

    In a line with more Chinese signs than Latin words a mark becomes wide where one of its
    neighbours is, in others where both are. A pair of brackets has one width; those of a call,
    `f(x)`, stay.
    """
    text = "\n".join(lines).translate(_NARROW)
    if _HAN_SIGN.search(text):
        text = _GAP.sub("", _widened(text))
    return text.split("\n")


def _widened(text: str) -> str:
    signs = list(text)
    among_han: list[bool] = []
    for line in text.split("\n"):
        most = len(_HAN_SIGN.findall(line)) > len(_WORD.findall(line))
        among_han += [most] * (len(line) + 1)
    for pair in _pairs(text):
        if _is_wide_pair(signs, *pair, among_han=among_han[pair[0]]):
            for at in pair:
                signs[at] = "（" if signs[at] in _OPENING else "）"
    for at, sign in enumerate(signs):
        if sign in _WIDE and _is_wide_mark(signs, at, among_han=among_han[at]):
            signs[at] = _WIDE[sign]
    return "".join(signs)


def _pairs(text: str) -> Iterator[tuple[int, int]]:
    """Yield the places of brackets that belong together; twice the same for one that is alone."""
    opened: list[int] = []
    for at, sign in enumerate(text):
        if sign in _OPENING:
            opened.append(at)
        elif sign in _CLOSING:
            near = opened and at - opened[-1] <= _FARTHEST
            yield opened.pop() if near else at, at
    for at in opened:
        yield at, at


def _is_wide_pair(signs: Sequence[str], first: int, last: int, *, among_han: bool) -> bool:
    around = _beside(signs, first, -1), _beside(signs, last, 1)
    if not among_han:
        return all(map(_IS_WIDE.match, around))
    if "（" in (signs[first], signs[last]) or "）" in (signs[first], signs[last]):
        return True
    inside = _beside(signs, first, 1), _beside(signs, last, -1)
    is_call = signs[first] in _OPENING and _IN_WORD.match(around[0])
    return any(map(_IS_WIDE.match, inside if is_call else (*around, *inside)))


def _is_wide_mark(signs: Sequence[str], at: int, *, among_han: bool) -> bool:
    before, after = _beside(signs, at, -1), _beside(signs, at, 1)
    if after == "\n" and not _LETTER.match(before):
        after = _beside(signs, signs.index("\n", at), 1)  # the sentence goes on below
    wide = _IS_WIDE.match(before), _IS_WIDE.match(after)
    return any(wide) if among_han else all(wide)


def _beside(signs: Sequence[str], at: int, step: int) -> str:
    """Return the next sign that is neither a space nor a mark; a line's end is one, too."""
    at += step
    while 0 <= at < len(signs):
        if signs[at] != " " and signs[at] not in _WIDE:
            return signs[at]
        at += step
    return ""
