"""From the lines of a PDF's page to its text: paragraphs, and headings by their size."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from itertools import pairwise
from statistics import median

from indexer.readers.pdf.layout import Line
from indexer.readers.pdf.text import normalise
from indexer.types import Heading

_PARAGRAPH = 1.35  # usual distances of lines; more begins a paragraph
_ROWS_APART = 2.5  # rows of a table are set wider
_OTHER_SIZE = 1.12  # a line this much larger or smaller than the one above is something else
_INDENT = (0.8, 4.0)  # sizes by which the first line of a paragraph is set in
_END = tuple('.!?:;。！？：；"”»)')

_LARGE = 1.2  # times the size of the body, from which a line is a heading
_LEVELS = (1.7, 1.35)  # times the body: the first level, the second; the rest is the third
_LONGEST_HEADING = 150
_MOST_LINES = 3  # of a heading; more large lines are text that is set large
_MOST_HEADINGS = 15  # a page with more large lines is a poster or a cover


class BodySize:
    """Finds the size of a document's body: the one that most of its characters have."""

    def __init__(self) -> None:
        self._counts: Counter[float] = Counter()

    def add(self, lines: Sequence[Line]) -> None:
        """Count the lines of a page."""
        sizes: dict[float, int] = {}  # few, and quicker to count than to round
        for line in lines:
            sizes[line.size] = sizes.get(line.size, 0) + len(line.text)
        for size, count in sizes.items():
            self._counts[round(size * 2) / 2] += count

    @property
    def size(self) -> float:
        """Return the most frequent size so far; 0 without any."""
        return max(self._counts, key=lambda size: self._counts[size], default=0.0)


def flowing(lines: Sequence[Line]) -> str:
    """Return the text of lines in reading order, with a blank line between paragraphs."""
    if not lines:
        return ""
    usual = _usual_step(lines)
    parts = [lines[0].text]
    for place, (above, line) in enumerate(pairwise(lines), 1):
        following = lines[place + 1] if place + 1 < len(lines) else None
        parts.append("\n\n" if _begins(above, line, following, usual) else "\n")
        parts.append(line.text)
    return normalise("".join(parts))


def large_lines(lines: Sequence[Line], body: float, text: str) -> tuple[Heading, ...]:
    """Return the lines that are set larger than the body as headings, at their place in `text`."""
    least = _LARGE * body
    if not body or all(line.size < least for line in lines):
        return ()
    groups: list[list[Line]] = []
    above: Line | None = None
    for line in lines:
        if line.size >= least and line.cells == 1:
            same = above is not None and abs(line.size - above.size) < 0.5
            if same and groups and groups[-1][-1] is above:
                groups[-1].append(line)
            else:
                groups.append([line])
        above = line
    if len(groups) > _MOST_HEADINGS:
        return ()
    headings = []
    position = 0
    for group in groups:
        title = normalise("\n".join(line.text for line in group))
        start = text.find(title.split("\n", 1)[0], position)
        if start < 0 or len(group) > _MOST_LINES or not _is_title(title):
            continue
        ratio = group[0].size / body
        level = 1 + sum(ratio < least for least in _LEVELS)
        headings.append(Heading(start, level, " ".join(title.split())))
        position = start + len(title)
    return tuple(headings)


def _is_title(text: str) -> bool:
    letters = sum(map(str.isalpha, text))
    return letters >= 2 and letters * 2 >= len(text) and len(text) <= _LONGEST_HEADING


def _usual_step(lines: Sequence[Line]) -> float:
    """Return the distance of lines inside of paragraphs, in sizes of their text."""
    steps = [
        (above.base - line.base) / line.size
        for above, line in pairwise(lines)
        if line.size > 0
        and above.cells == line.cells == 1
        and 0.5 * line.size < above.base - line.base < 3 * line.size
    ]
    return median(steps) if steps else _OTHER_SIZE


def _begins(above: Line, line: Line, following: Line | None, usual: float) -> bool:
    """Tell whether a line begins a paragraph."""
    if above.text.endswith("\ufffe"):
        return False
    larger, smaller = max(above.size, line.size), min(above.size, line.size)
    step = above.base - line.base
    if step < -0.5 * smaller or line.left > above.right or line.right < above.left:
        # Another column: a sentence may go on in it.
        return above.text.endswith(_END) or not _goes_on(line)
    if above.cells > 1 and line.cells > 1:
        return step > _ROWS_APART * usual * larger
    if larger > _OTHER_SIZE * smaller and step > 0.5 * smaller:
        return True
    if _goes_on(line):
        return step > 2 * usual * larger
    return step > _PARAGRAPH * usual * larger or (
        following is not None and _is_set_in(above, line, following)
    )


def _goes_on(line: Line) -> bool:
    """Tell whether a line begins in the middle of a sentence; "a)" does not."""
    return line.text[:2].isalpha() and line.text[:2].islower()


def _is_set_in(above: Line, line: Line, following: Line) -> bool:
    least, most = (share * line.size for share in _INDENT)
    return (
        least < line.left - above.left < most
        and abs(following.left - above.left) < 0.2 * line.size
        and above.text.endswith(_END)
    )
