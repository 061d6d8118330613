"""From recognised lines to a page: their order in columns, rows and paragraphs. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from statistics import median

from indexer.readers.ocr.widths import HAN, with_widths
from indexer.readers.sheet import clean
from indexer.types import Line, Page

# What parts two columns of prose: a gap of this many line heights that few lines cross, with at
# least so many lines on each side, and these are long. Cells of a table are short: they stay rows.
_GUTTER = 0.8
_CROSSING = 0.25
_COLUMN_LINES = 4
_PROSE = 9.0  # line heights; some twenty letters

_PARAGRAPH = 0.7  # a gap of this many line heights begins a paragraph
_ROW = 0.5  # the share of its height by which a line must overlap a row to stand in it
_NEARLY_FULL = 2.5  # line heights that a full line of Chinese may leave at its end

_CUT_WORD = re.compile(r"[a-z]-\Z")
_HAN_END = re.compile(f"[{HAN}，。、；：！？”’）》」]\\Z")
_HAN_START = re.compile(f"[{HAN}，。、；：！？“‘（《「]")


Edges = tuple[float, float, float, float]  # left, top, right, bottom


@dataclass(frozen=True, slots=True)
class Recognised:
    """A line as OCR found it, in pixels from the top left of the page, once that lies level."""

    text: str
    left: float
    top: float
    right: float
    bottom: float
    seen: Edges | None = None  # where it is on the inclined page

    @property
    def edges(self) -> Edges:
        """Where it is on the page as that was given."""
        return self.seen or (self.left, self.top, self.right, self.bottom)

    @property
    def height(self) -> float:
        """Its height in pixels."""
        return self.bottom - self.top

    @property
    def width(self) -> float:
        """Its width in pixels."""
        return self.right - self.left


def to_page(lines: Sequence[Recognised], width: int, height: int, number: int | None) -> Page:
    """Return the page that these lines of a picture of that size make."""
    text = ""
    places: list[Line] = []
    for column in columns(lines):
        rows = _with_widths(to_rows(column))
        edge = max(line.right for line in column)
        above: Recognised | None = None
        for row in rows:
            if above is not None:
                text = _continued(text, above, row[0], edge)
                # A hyphen may have been taken away.
                places[-1] = replace(places[-1], end=min(places[-1].end, len(text)))
            elif text:
                text += "\n\n"
            for index, line in enumerate(row):
                text += " " if index else ""
                start = len(text)
                text += line.text
                left, top, right, bottom = line.edges
                shares = (left / width, top / height, right / width, bottom / height)
                places.append(Line(start, len(text), *(min(max(x, 0.0), 1.0) for x in shares)))
            above = row[-1]
    return Page(text, number, (), tuple(places))


def columns(lines: Sequence[Recognised]) -> list[list[Recognised]]:
    """Part the lines of a page into blocks that are read one after the other."""
    gutter = _gutter(lines)
    if gutter is None:
        return [list(lines)] if lines else []
    blocks: list[list[Recognised]] = []
    left: list[Recognised] = []
    right: list[Recognised] = []
    across: list[Recognised] = []

    def flush() -> None:
        for side in (left, right):
            blocks.extend(columns(side[:]))
            side.clear()

    for line in sorted(lines, key=lambda line: line.top):
        if line.left < gutter < line.right:
            flush()
            across.append(line)
            continue
        if across:
            blocks.append(across[:])
            across.clear()
        (left if line.right <= gutter else right).append(line)
    flush()
    if across:
        blocks.append(across)
    return blocks


def to_rows(lines: Sequence[Recognised]) -> list[list[Recognised]]:
    """Put lines that stand side by side into one row, rows from the top, lines from the left."""
    rows: list[list[Recognised]] = []
    for line in sorted(lines, key=lambda line: line.top + line.bottom):
        last = rows[-1][-1] if rows else None
        if last is not None:
            overlap = min(last.bottom, line.bottom) - max(last.top, line.top)
            if overlap > _ROW * min(last.height, line.height):
                rows[-1].append(line)
                continue
        rows.append([line])
    return [sorted(row, key=lambda line: line.left) for row in rows]


def _with_widths(rows: Sequence[Sequence[Recognised]]) -> list[list[Recognised]]:
    texts = iter(with_widths([clean(line.text.strip()) for row in rows for line in row]))
    return [[replace(line, text=next(texts)) for line in row] for row in rows]


def _gutter(lines: Sequence[Recognised]) -> float | None:
    """Return where two columns are parted from top to bottom, or None."""
    if len(lines) < 2 * _COLUMN_LINES:
        return None
    height = median(line.height for line in lines)
    best: tuple[int, float, float] | None = None
    for edge in {round(line.left) for line in lines}:
        at = edge - _GUTTER * height / 2
        left = [line for line in lines if line.right <= at]
        right = [line for line in lines if line.left >= at]
        crossing = len(lines) - len(left) - len(right)
        if min(len(left), len(right)) < _COLUMN_LINES or crossing > _CROSSING * len(lines):
            continue
        gap = min(line.left for line in right) - max(line.right for line in left)
        if gap < _GUTTER * height:
            continue
        if min(median(line.width for line in side) for side in (left, right)) < _PROSE * height:
            continue
        found = (crossing, -gap, at)
        best = found if best is None else min(best, found)
    return None if best is None else best[2]


def _continued(text: str, above: Recognised, below: Recognised, edge: float) -> str:
    """Return the text so far with what stands between two rows."""
    if below.top - above.bottom > _PARAGRAPH * min(above.height, below.height):
        return text + "\n\n"
    if _CUT_WORD.search(text) and below.text[:1].islower():
        return text[:-1]
    # Words of these scripts go on without a sign in the next line.
    full = edge - above.right < _NEARLY_FULL * above.height
    if full and _HAN_END.search(text) and _HAN_START.match(below.text):
        return text
    return text + "\n"
