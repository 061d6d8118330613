"""Keeps what a model or an author wrote within what Qt lays out at once.

An answer has some thousand characters and a list in a list. What is built to be slow has thousands
of levels or paragraphs, or one word without an end: 10,000 nested lists took 1.3 s, 20,000
paragraphs 2 s, a word of 500,000 letters more than 20. A page of a document may be one line.
"""

from __future__ import annotations

import re
from bisect import bisect_right

MOST_CHARACTERS = 30_000  # twice of what fills a context of 4,096 tokens
_MOST_LINES = 2_000
DEEPEST = 8  # lists and quotes inside each other
_LONGEST_WORD = 1_000

_MARKS = re.compile(r"[ \t]*(?:(?:>|[-*+](?=[ \t])|\d{1,9}[.)](?=[ \t]))[ \t]*)*")
_MARK = re.compile(r">|[-*+](?=[ \t])|\d{1,9}[.)](?=[ \t])")
_INDENT = 4  # columns that a level takes at most
_PICTURE = re.compile(r"!+(?=\[)")
_LONG_WORD = re.compile(rf"\S{{{_LONGEST_WORD}}}(?=\S)")


_LONGEST_LINE = 4_000


def tame_markdown(markdown: str) -> str:
    """Return an answer without pictures and without what is too much; its words stay.

    Qt would decode a picture that stands in its own address (`data:`) while it lays it out.
    """
    lines = markdown[:MOST_CHARACTERS].splitlines()
    if len(markdown) > MOST_CHARACTERS or len(lines) > _MOST_LINES:
        lines[_MOST_LINES:] = []
        lines.append("…")
    text = _PICTURE.sub("", "\n".join(_flattened(line) for line in lines))
    return _LONG_WORD.sub(lambda word: word[0] + " ", text)


def _flattened(line: str) -> str:
    """Return a line without its marks, where they nest deeper than anybody writes."""
    begin = _MARKS.match(line)
    assert begin is not None
    marks = begin[0].expandtabs(_INDENT)
    is_deep = len(marks) > _INDENT * DEEPEST or len(_MARK.findall(begin[0])) > DEEPEST
    return line[begin.end() :] if is_deep else line


def cut_long_lines(text: str, *places: int) -> tuple[str, list[int]]:
    """Return a page with its long lines cut, and where the places in it are then."""
    lines: list[str] = []
    cuts: list[int] = []
    at = 0
    for line in text.split("\n"):
        pieces = range(0, max(len(line), 1), _LONGEST_LINE)
        lines += [line[piece : piece + _LONGEST_LINE] for piece in pieces]
        cuts += [at + piece for piece in pieces[1:]]
        at += len(line) + 1
    return "\n".join(lines), [place + bisect_right(cuts, place) for place in places]
