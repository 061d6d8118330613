"""What is shown of a chunk: a passage that does not begin or end inside a paragraph."""

from __future__ import annotations

import re

# Some 450 tokens. A paragraph longer than this is shown as the chunk that was found. Of SQuAD's
# questions 4 % had found only the smaller part of a paragraph that a chunk had cut.
LONGEST_PASSAGE = 2000

_BLANK_LINE = re.compile(r"\n[ \t]*\n")


def whole_paragraphs(text: str, start: int, end: int) -> tuple[int, int]:
    """Widen (start, end) to the ends of the paragraphs that it cuts.

    An end stays where it is if its paragraph would make the passage longer than LONGEST_PASSAGE.
    """
    left, right = _paragraph_start(text, start), _paragraph_end(text, end)
    if end - left > LONGEST_PASSAGE:
        left = start
    if right - left > LONGEST_PASSAGE:
        # Both do not fit: the end that was cut deeper stays cut.
        left, right = (left, end) if start - left <= right - end else (start, right)
    if right - left > LONGEST_PASSAGE:
        return start, end
    piece = text[left:right]
    return left + len(piece) - len(piece.lstrip()), left + len(piece.rstrip())


def _paragraph_start(text: str, start: int) -> int:
    breaks = [match.end() for match in _BLANK_LINE.finditer(text, 0, start)]
    return breaks[-1] if breaks else 0


def _paragraph_end(text: str, end: int) -> int:
    following = _BLANK_LINE.search(text, end)
    return following.start() if following is not None else len(text)
