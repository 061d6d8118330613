"""The lines of a PDF's page with their place and size, as cheaply as pdfium gives them.

pdfium puts what stands on one height into one line, even across the gap between two columns. Where
a page has such gaps its lines are cut into pieces there. Asking for the box of every character
would take longer than everything else, so only ends of lines and gaps are asked for.
"""

from __future__ import annotations

import re
from typing import Any, NamedTuple

# A line ends at a line break or at a hyphen that pdfium found; the break is gone there.
_LINE = re.compile("[^\r\n\ufffe]+\ufffe?")
_SPACES = re.compile(" +")
_INNER_SPACE = re.compile(r"(?<=\S) (?=\S)")
# Signs behind which pdfium may have cut a character of more than 16 bits: it is worth a look.
_MAY_BE_CUT = re.compile("[^\x00-\u024f\u2000-\u2bff\ufb00-\ufb06\ufffe]")
_GAP = 1.2  # in sizes of the text: spaces of justified text stay below
_WIDE = 0.6  # a character of most lines without gaps takes less, in sizes of the text
_USUAL = 0.5 / _GAP  # a character in words without gaps takes less, in gaps
_EVERY = 4  # of the other lines one in four is looked at, and all if so many of these have gaps
_SPACED = 3  # a text with a space in three characters is spaced out; English has one in six
_TOUCHING = 0.18  # sizes: what is closer belongs to one word, set with a wide tracking
_OUTSIDE = 2.0  # points by which a line may leave the page
_LEAP = 1.0  # sizes that lie between characters of different lines
_RIGHT_TO_LEFT = re.compile("[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc]")
# What no glyph shows in this order: an alef before its lam, a vowel's point before its letter.
_TURNED_ROUND = re.compile(
    "[\u0622\u0623\u0625\u0627]\u0644|[\u0591-\u05c7\u064b-\u065f][\u05d0-\u06ff]"
)

Box = tuple[float, float, float, float]  # left, bottom, right, top


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


class _Gap(NamedTuple):
    """A gap in a line: the spaces that it is in the text, and its edges."""

    start: int
    end: int
    left: float
    right: float


def pieces_of(text_page: Any, box: Box) -> list[Piece]:
    """Return what a page shows, in pdfium's order; `box` is what is seen of the page."""
    text = text_page.get_text_range()
    if not text.strip():
        return []
    places = _Places(text_page, len(text))
    is_foreign = _MAY_BE_CUT.search(text) is not None
    if is_foreign:
        text = places.whole(text)
    if text.count(" ") * _SPACED > len(text):
        text = places.closed(text)
    leftward = is_foreign and _RIGHT_TO_LEFT.search(text) is not None
    if leftward:
        text = places.in_order(text)
    spans = [_trimmed(text, *match.span()) for match in _LINE.finditer(text)]
    spans = [(start, end) for start, end in spans if start < end]
    lines = [_Line(start, end, places.box(start), places.box(end - 1)) for start, end in spans]
    if leftward:
        lines = [part for line in lines for part in _parted(text, line, places)]
    turn = _turn_of(lines)
    places.turn = turn
    gaps = _all_cuts(text, lines, places)
    pieces: list[Piece] = []
    for row, line in enumerate(lines):
        first, last = _turned(line.first, turn), _turned(line.last, turn)
        size = first[3] - first[1]
        start, left = line.start, min(first[0], last[0])
        for gap in gaps.get(row, ()):
            pieces.append(Piece(text[start : gap.start], row, left, gap.left, first[1], size))
            start, left = gap.end, gap.right
        right = max(first[2], last[2])
        pieces.append(Piece(text[start : line.end], row, left, right, first[1], size))
    seen = _turned(box, turn)
    return [piece for piece in pieces if _is_inside(piece, seen)] or pieces


class _Places:
    """Asks pdfium where characters are; buffers are used again, since this runs for each line."""

    def __init__(self, text_page: Any, length: int) -> None:
        from pypdfium2 import raw

        self._raw = raw
        self._helper = text_page
        self._text_page = text_page.raw
        # Rarely the text lacks some of the characters that pdfium counts.
        self._exact = raw.FPDFText_CountChars(self._text_page) == length
        self._rect = raw.FS_RECTF()
        self.turn = 0

    def _index(self, at: int) -> int:
        if self._exact:
            return at
        return int(self._raw.FPDFText_GetCharIndexFromTextIndex(self._text_page, at))

    def box(self, at: int) -> Box:
        """Return the box of a character, as high as its font, in points of the page."""
        rect = self._rect
        self._raw.FPDFText_GetLooseCharBox(self._text_page, self._index(at), rect)
        return rect.left, rect.bottom, rect.right, rect.top

    def gaps(self, spaces: list[tuple[int, int]], least: float) -> list[_Gap]:
        """Return those spaces, given as (start, end), that are wider than `least`."""
        found = []
        if not self._exact or self.turn:
            for start, end in spaces:
                left = _turned(self.box(start - 1), self.turn)[2]
                right = _turned(self.box(end), self.turn)[0]
                if right - left > least:
                    found.append(_Gap(start, end, left, right))
            return found
        rect, page, ask = self._rect, self._text_page, self._raw.FPDFText_GetLooseCharBox
        # A gap makes a word with what follows it longer than words are: only then both of its
        # sides are asked for.
        usual, before, begun = least * _USUAL, None, 0
        for start, end in spaces:
            ask(page, end, rect)
            right = rect.left
            if before is None or right - before > usual * (end - begun):
                ask(page, start - 1, rect)
                left = rect.right
                if right - left > least:
                    found.append(_Gap(start, end, left, right))
            before, begun = right, end
        return found

    def closed(self, text: str) -> str:
        """Return a text with soft hyphens for those spaces that are none on the page.

        Where a font tells wrong widths pdfium puts one behind every other letter.
        """
        signs = list(text)
        for match in _INNER_SPACE.finditer(text):
            before, behind = self.box(match.start() - 1), self.box(match.end())
            apart = max(behind[0] - before[2], before[0] - behind[2], behind[1] - before[3])
            if apart < _TOUCHING * (before[3] - before[1]):
                signs[match.start()] = "\xad"
        return "".join(signs)

    def in_order(self, text: str) -> str:
        """Return a text with the letters of ligatures in the order in which they are read.

        pdfium turns round what is written from right to left, and with it the letters that a font
        gives for a single glyph.
        """
        signs = list(text)
        for match in _TURNED_ROUND.finditer(text):
            first, second = match.start(), match.start() + 1
            if self.box(first) == self.box(second):
                signs[first], signs[second] = signs[second], signs[first]
        return "".join(signs)

    def whole(self, text: str) -> str:
        """Return the text with the characters that pdfium's call cut to 16 bits."""
        if not any(sign > "\uffff" for sign in self._helper.get_text_bounded()):
            return text
        signs = list(text)
        for at in range(len(signs)):
            code = self._raw.FPDFText_GetUnicode(self._text_page, self._index(at))
            if 0xFFFF < code < 0x110000:
                signs[at] = chr(code)
        return "".join(signs)


def _is_inside(piece: Piece, box: Box) -> bool:
    left, bottom, right, top = box
    middle = (piece.left + piece.right) / 2
    return (
        left - _OUTSIDE <= middle <= right + _OUTSIDE
        and bottom - _OUTSIDE <= piece.base <= top + _OUTSIDE
    )


def _trimmed(text: str, start: int, end: int) -> tuple[int, int]:
    piece = text[start:end]
    return start + len(piece) - len(piece.lstrip()), start + len(piece.rstrip())


def _parted(text: str, line: _Line, places: _Places) -> list[_Line]:
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


def _turned(box: Box, turn: int) -> Box:
    """Turn a box so that text which is turned by `turn` runs to the right."""
    left, bottom, right, top = box
    if turn == 0:
        return box
    if turn == 1:
        return bottom, -right, top, -left
    if turn == 2:
        return -right, -top, -left, -bottom
    return -top, left, -bottom, right


def _all_cuts(text: str, lines: list[_Line], places: _Places) -> dict[int, list[_Gap]]:
    """Return the gaps of lines, by the lines' numbers."""
    wide: list[int] = []
    dense: list[int] = []
    for number, line in enumerate(lines):
        (wide if _is_wide(line, places.turn) else dense).append(number)
    sample = dense[::_EVERY]
    cuts = {number: _cuts(text, lines[number], places) for number in [*wide, *sample]}
    if sum(bool(cuts[number]) for number in sample) * _EVERY > len(sample):
        rest = [number for number in dense if number not in cuts]
        cuts |= {number: _cuts(text, lines[number], places) for number in rest}
    return {number: found for number, found in cuts.items() if found}


def _is_wide(line: _Line, turn: int) -> bool:
    first, last = _turned(line.first, turn), _turned(line.last, turn)
    return last[2] - first[0] > _WIDE * (first[3] - first[1]) * (line.end - line.start)


def _cuts(text: str, line: _Line, places: _Places) -> list[_Gap]:
    first = _turned(line.first, places.turn)
    spaces = [match.span() for match in _SPACES.finditer(text, line.start, line.end)]
    return places.gaps(spaces, _GAP * (first[3] - first[1]))
