"""The lines of a PDF's page with their place and size, as cheaply as pdfium gives them.

pdfium puts what stands on one height into one line, even across the gap between two columns. Where
a page has such gaps its lines are cut into pieces there. Asking for the box of every character
would take longer than everything else, so only ends of lines and gaps are asked for.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, NamedTuple

from indexer.readers.pdf.places import GAP, MAY_BE_CUT, Box, Gap, Places, turned

# A line ends at a line break or at a hyphen that pdfium found; the break is gone there.
_LINE = re.compile("[^\r\n\ufffe]+\ufffe?")
_WIDE = 0.6  # a character of most lines without gaps takes less, in sizes of the text
_EVERY = 4  # of the other lines one in four is looked at, and all if so many of these have gaps
_SPACED = 3  # a text with a space in three characters is spaced out; English has one in six
_OUTSIDE = 2.0  # points by which a line may leave the page
_LEAP = 1.0  # sizes that lie between characters of different lines
_RIGHT_TO_LEFT = re.compile("[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc]")


class Piece(NamedTuple):
    """A part of a line without large gaps. Coordinates run right and up, along the text."""

    text: str
    row: int  # pieces of one line of pdfium's have the same
    left: float
    right: float
    base: float  # below the letters by a share of the size
    size: float
    cells: int = 1


class _Line(NamedTuple):
    """A line of pdfium's: from where to where in the text, and the boxes of its ends."""

    start: int
    end: int
    first: Box
    last: Box


def pieces_of(text_page: Any, box: Box) -> list[Piece]:
    """Return what a page shows, in pdfium's order; `box` is what is seen of the page."""
    text = text_page.get_text_range()
    if not text.strip():
        return []
    places = Places(text_page, len(text))
    is_foreign = MAY_BE_CUT.search(text) is not None
    if is_foreign:
        text = places.whole(text)
    if text.count(" ") * _SPACED > len(text):
        text = places.closed(text)
    leftward = is_foreign and _RIGHT_TO_LEFT.search(text) is not None
    if leftward:
        text = places.in_order(text)
    lines = [
        _Line(start, end, places.box(start), places.box(end - 1)) for start, end in _spans(text)
    ]
    if leftward:
        lines = [part for line in lines for part in _parted(text, line, places)]
    turn = _turn_of(lines)
    if turn:
        places.turn = turn
        lines = [
            _Line(line.start, line.end, turned(line.first, turn), turned(line.last, turn))
            for line in lines
        ]
    gaps = _all_cuts(text, lines, places)
    pieces: list[Piece] = []
    for row, (start, end, first, last) in enumerate(lines):
        base = first[1]
        size = first[3] - base
        left = min(first[0], last[0])
        for gap in gaps.get(row, ()):
            pieces.append(Piece(text[start : gap.start], row, left, gap.left, base, size))
            start, left = gap.end, gap.right  # noqa: PLW2901 (what is left of the line)
        pieces.append(Piece(text[start:end], row, left, max(first[2], last[2]), base, size))
    return _inside(pieces, turned(box, turn)) or pieces


def _inside(pieces: list[Piece], box: Box) -> list[Piece]:
    """Return the pieces whose middle stands in a box."""
    left, bottom = 2 * (box[0] - _OUTSIDE), box[1] - _OUTSIDE
    right, top = 2 * (box[2] + _OUTSIDE), box[3] + _OUTSIDE
    return [
        piece
        for piece in pieces
        if left <= piece.left + piece.right <= right and bottom <= piece.base <= top
    ]


def _spans(text: str) -> Iterator[tuple[int, int]]:
    """Yield where the lines of a text begin and end, without the white space around them."""
    for match in _LINE.finditer(text):
        start, end = match.span()
        if text[start].isspace() or text[end - 1].isspace():
            line = match.group()
            start, end = end - len(line.lstrip()), start + len(line.rstrip())
        if start < end:
            yield start, end


def _parted(text: str, line: _Line, places: Places) -> list[_Line]:
    """Return the lines that pdfium took for one and turned round, from the top."""
    if abs(line.last[1] - line.first[1]) <= _LEAP * (line.first[3] - line.first[1]):
        return [line]
    parts: list[_Line] = []
    start, first, before, end = line.start, line.first, line.first, line.start
    for at in range(line.start, line.end):
        if text[at].isspace():
            continue
        box = places.box(at)
        size = max(box[3] - box[1], before[3] - before[1])
        apart = max(box[1] - before[3], before[1] - box[3])
        if apart > _LEAP * size:
            parts.append(_Line(start, end, first, before))
            start, first = at, box
        elif abs(box[1] - before[1]) > abs(box[0] - before[0]):
            return [line]  # it is written upwards or downwards
        before, end = box, at + 1
    parts.append(_Line(start, end, first, before))
    return sorted(parts, key=lambda part: -part.first[1])


def _turn_of(lines: list[_Line]) -> int:
    """Return how often the page's text is turned by 90 degrees to the left: 0 to 3."""
    votes = [0, 0, 0, 0]
    for line in lines:
        across = line.last[0] - line.first[0]
        up = line.last[1] - line.first[1]
        if abs(across) >= abs(up):
            votes[0 if across >= 0 else 2] += line.end - line.start
        else:
            votes[1 if up >= 0 else 3] += line.end - line.start
    return votes.index(max(votes))


def _all_cuts(text: str, lines: list[_Line], places: Places) -> dict[int, list[Gap]]:
    """Return the gaps of lines, by the lines' numbers."""
    wide: list[int] = []
    dense: list[int] = []
    for number, line in enumerate(lines):
        (wide if _is_wide(line) else dense).append(number)
    sample = dense[::_EVERY]
    cuts = {number: _cuts(text, lines[number], places) for number in [*wide, *sample]}
    if sum(bool(cuts[number]) for number in sample) * _EVERY > len(sample):
        rest = [number for number in dense if number not in cuts]
        cuts |= {number: _cuts(text, lines[number], places) for number in rest}
    return {number: found for number, found in cuts.items() if found}


def _is_wide(line: _Line) -> bool:
    first = line.first
    return line.last[2] - first[0] > _WIDE * (first[3] - first[1]) * (line.end - line.start)


def _cuts(text: str, line: _Line, places: Places) -> list[Gap]:
    return places.gaps(text, line.start, line.end, GAP * (line.first[3] - line.first[1]))
