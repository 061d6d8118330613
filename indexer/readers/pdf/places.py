"""Where the characters of a PDF's page are, asked of pdfium one by one: as few as will do."""

from __future__ import annotations

import ctypes
import math
import re
from collections.abc import Callable
from functools import cache
from itertools import islice
from typing import Any, NamedTuple

# Signs behind which pdfium may have cut a character of more than 16 bits: it is worth a look.
MAY_BE_CUT = re.compile("[^\x00-\u024f\u2000-\u2bff\ufb00-\ufb06\ufffe]")
_FEW = 100  # of such signs are asked for one by one: every sixth page has bullets of a font's own
GAP = 1.2  # in sizes of the text: spaces of justified text stay below
_USUAL = 0.5 / GAP  # a character in words without gaps takes less, in gaps
_SPACES = re.compile(" +")
_INNER_SPACE = re.compile(r"(?<=\S) (?=\S)")
_TOUCHING = 0.18  # sizes: what is closer belongs to one word, set with a wide tracking
# What no glyph shows in this order: an alef before its lam, a vowel's point before its letter.
_TURNED_ROUND = re.compile(
    "[\u0622\u0623\u0625\u0627]\u0644|[\u0591-\u05c7\u064b-\u065f][\u05d0-\u06ff]"
)

Box = tuple[float, float, float, float]  # left, bottom, right, top


class Gap(NamedTuple):
    """A gap in a line: the spaces that it is in the text, and its edges."""

    start: int
    end: int
    left: float
    right: float


class Places:
    """Asks pdfium where characters are; buffers are used again, since this runs for each line."""

    def __init__(self, text_page: Any, length: int) -> None:
        from pypdfium2 import raw

        self._raw = raw
        self._helper = text_page
        self._text_page = text_page.raw
        # Rarely the text lacks some of the characters that pdfium counts.
        self._exact = raw.FPDFText_CountChars(self._text_page) == length
        self._rect = (ctypes.c_float * 4)()  # left, top, right, bottom; read at once
        self._page_at = ctypes.cast(self._text_page, ctypes.c_void_p).value
        self._rect_at = ctypes.addressof(self._rect)
        self._ask = _box_function()
        self.turn = 0

    def _index(self, at: int) -> int:
        if self._exact:
            return at
        return int(self._raw.FPDFText_GetCharIndexFromTextIndex(self._text_page, at))

    def box(self, at: int) -> Box:
        """Return the box of a character, as high as its font, in points of the page."""
        self._ask(self._page_at, at if self._exact else self._index(at), self._rect_at)
        left, top, right, bottom = self._rect[:]
        return left, bottom, right, top

    def gaps(self, text: str, start: int, end: int, least: float) -> list[Gap]:
        """Return the spaces of the line from `start` to `end` that are wider than `least`."""
        if not self._exact or self.turn:
            return self._all_gaps(text, start, end, least)
        found = []
        rect, page, ask, to = self._rect, self._page_at, self._ask, self._rect_at
        # A gap makes a word with what follows it longer than words are: only then both of its
        # sides are asked for.
        usual, before, begun = least * _USUAL, -math.inf, 0
        first, *words = text[start:end].split(" ")
        end = start + len(first)
        at = end  # `end` is that of the last word; spaces may be several
        for word in words:
            at += 1
            if not word:
                continue
            ask(page, at, to)
            right = rect[0]
            if right - before > usual * (at - begun):
                ask(page, end - 1, to)
                left = rect[2]
                if right - left > least:
                    found.append(Gap(end, at, left, right))
            before, begun = right, at
            at += len(word)
            end = at
        return found

    def _all_gaps(self, text: str, start: int, end: int, least: float) -> list[Gap]:
        found = []
        for match in _SPACES.finditer(text, start, end):
            left = turned(self.box(match.start() - 1), self.turn)[2]
            right = turned(self.box(match.end()), self.turn)[0]
            if right - left > least:
                found.append(Gap(*match.span(), left, right))
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
        suspects = [match.start() for match in islice(MAY_BE_CUT.finditer(text), _FEW + 1)]
        if len(suspects) <= _FEW:
            ask, page = self._raw.FPDFText_GetUnicode, self._text_page
            is_cut = any(ask(page, self._index(at)) > 0xFFFF for at in suspects)
        else:
            is_cut = any(sign > "\uffff" for sign in self._helper.get_text_bounded())
        if not is_cut:
            return text
        signs = list(text)
        for at in range(len(signs)):
            code = self._raw.FPDFText_GetUnicode(self._text_page, self._index(at))
            if 0xFFFF < code < 0x110000:
                signs[at] = chr(code)
        return "".join(signs)


@cache
def _box_function() -> Callable[[int | None, int, int], int]:
    """Return FPDFText_GetLooseCharBox for pointers as numbers; it is called 230 times a page.

    A call takes 0.31 µs; checked by pypdfium2, and without the interpreter's lock, 0.46.
    """
    from pypdfium2 import raw

    prototype = ctypes.PYFUNCTYPE(ctypes.c_int, ctypes.c_void_p, ctypes.c_int, ctypes.c_void_p)
    return prototype(ctypes.cast(raw.FPDFText_GetLooseCharBox, ctypes.c_void_p).value or 0)


def turned(box: Box, turn: int) -> Box:
    """Turn a box so that text which is turned by `turn` runs to the right."""
    left, bottom, right, top = box
    if turn == 0:
        return box
    if turn == 1:
        return bottom, -right, top, -left
    if turn == 2:
        return -right, -top, -left, -bottom
    return -top, left, -bottom, right
