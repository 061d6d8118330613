"""From the pieces of a PDF's page to lines in the order in which a person reads them.

pdfium follows the order in which the page was written, which is right for most. It is changed only
where a gutter runs through lines and the writer went the wrong way about it: line by line over
columns of prose, or column by column through a table of numbers.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import chain, pairwise
from operator import attrgetter
from statistics import median

from indexer.readers.pdf.lines import Piece

CELL = "\t"  # unlike a bar it is no token to an encoder: chunks of tables hold more
_MOST_PIECES = 2_000  # a page of more is a drawing, and is left as it is
_DEEPEST = 6  # gutters inside of what a gutter divides
_ROWS = 3  # lines that a gutter has on each side at least
_ASIDE = 2  # lines at either end of what was written that may stand anywhere
_SAME_ROW = 0.35  # of the size: pieces whose bases differ by less stand in one row
_APART = 3.0  # usual distances of lines: rows that are further apart belong to different blocks
_PROSE = 25  # characters: lines of a column are usually longer
_CELL = 24  # characters: cells of a table usually are not longer
_CELL_GAP = 2.5  # sizes: what is further apart are two things even if they are words
_WORD_GAP = 0.15  # sizes: what is closer is one word
_MARK = 4  # characters: a bullet or number of a list is not longer

_BASE, _LEFT = attrgetter("base"), attrgetter("left")

Row = list[Piece]
Line = Piece  # as it is read: one piece, or the cells of a row


def lines_of(pieces: Sequence[Piece]) -> list[Line]:
    """Put pieces into reading order and join those of one line."""
    if len(pieces) > _MOST_PIECES:
        return list(pieces)
    order = {id(piece): place for place, piece in enumerate(pieces)}
    rows = _read(list(pieces), order, _DEEPEST)
    return [_line(row) if len(row) > 1 else row[0] for row in rows]


def _read(pieces: list[Piece], order: dict[int, int], deepest: int) -> list[Row]:
    """Return rows in reading order: pdfium's, with each block that a gutter divides put right."""
    written = _written(pieces)
    if not deepest or len(pieces) < 2 * _ROWS or not _may_be_wrong(written):
        return written
    rows = _rows(pieces)
    gutter = _gutter(pieces, rows)
    blocks = list(_blocks(rows, gutter)) if gutter is not None else []
    if gutter is None or not blocks:
        return written
    inside = {id(piece) for block in blocks for row in block for piece in row}
    rest = [piece for piece in pieces if id(piece) not in inside]
    found = [(order[id(row[0])], [row]) for row in _read(rest, order, deepest - 1)]
    for block in blocks:
        first = min(order[id(piece)] for row in block for piece in row)
        found.append((first, _ordered(block, gutter, order, deepest - 1)))
    found.sort(key=lambda item: item[0])
    return [row for _, several in found for row in several]


def _ordered(block: list[Row], gutter: float, order: dict[int, int], deepest: int) -> list[Row]:
    """Read a block column by column, row by row, or as it was written."""
    pieces = sorted((piece for row in block for piece in row), key=lambda piece: order[id(piece)])
    sides = [[], []]  # type: list[list[Piece]]
    for piece in pieces:
        sides[piece.left >= gutter].append(piece)
    if all(_is_prose(side) for side in sides):
        changes = sum((one.left >= gutter) != (two.left >= gutter) for one, two in pairwise(pieces))
        if changes <= 2:
            sides.sort(key=lambda side: order[id(side[0])])
        return [row for side in sides for row in _read(side, order, deepest)]
    if _is_table(block, order):
        return block
    return _written(pieces)


def _written(pieces: list[Piece]) -> list[Row]:
    """Return pdfium's lines in pdfium's order."""
    rows: list[Row] = []
    for piece in pieces:
        if rows and rows[-1][0].row == piece.row:
            rows[-1].append(piece)
        else:
            rows.append([piece])
    return rows


def _may_be_wrong(rows: list[Row]) -> bool:
    """Tell cheaply whether pdfium's lines may be in a wrong order.

    They are not where none stands beside the one before it (but for titles and numbers of pages,
    which are written first or last), and none is made of the lines of two columns.
    """
    for above, below in pairwise(rows[_ASIDE:-_ASIDE]):
        if below[0].left > above[-1].right or below[-1].right < above[0].left:
            return True
    several = [row for row in rows if len(row) > 1]
    double = sum(sum(len(piece.text) >= _PROSE for piece in row) > 1 for row in several)
    return double >= _ROWS


def _rows(pieces: list[Piece]) -> list[Row]:
    """Return what stands on one height, from the top, each from the left."""
    rows: list[Row] = []
    first: Piece | None = None
    for piece in sorted(pieces, key=_BASE, reverse=True):
        if first and first.base - piece.base < _SAME_ROW * max(first.size, piece.size):
            rows[-1].append(piece)
        else:
            rows.append([piece])
            first = piece
    for row in rows:
        if len(row) > 1:
            row.sort(key=_LEFT)
    return rows


def _gutter(pieces: list[Piece], rows: list[Row]) -> float | None:
    """Return where most gaps between neighbours meet."""
    edges: list[tuple[float, int]] = []
    for one, two in chain(pairwise(pieces), *(pairwise(row) for row in rows if len(row) > 1)):
        left, right = min(one.right, two.right), max(one.left, two.left)
        # Most lines stand one below the other.
        if right > left and right - left > 0.8 * min(one.size, two.size):
            edges += [(left, 1), (right, -1)]
    edges.sort()
    depth = best = 0
    place = None
    for (at, change), (following, _) in pairwise(edges):
        depth += change
        if depth > best and following > at:
            best, place = depth, (at + following) / 2
    return place


def _blocks(rows: list[Row], gutter: float) -> Iterator[list[Row]]:
    """Yield runs of rows that the gutter runs through with enough on both sides of it."""
    steps = [above[0].base - below[0].base for above, below in pairwise(rows)]
    far = _APART * median(steps) if steps else 0.0
    run: list[Row] = []
    for row in [*rows, None]:
        crossed = row is None
        for piece in row or ():
            if piece.left + 1 < gutter < piece.right - 1:
                crossed = True
                break
        if crossed or (run and row is not None and run[-1][0].base - row[0].base > far):
            if (
                sum(each[0].left < gutter for each in run) >= _ROWS
                and sum(each[-1].left >= gutter for each in run) >= _ROWS
            ):
                yield run
            run = []
        if row is not None and not crossed:
            run.append(row)


def _is_prose(side: list[Piece]) -> bool:
    """Tell whether these are lines of a column: long, of letters, and mostly full."""
    if median(len(piece.text) for piece in side) < _PROSE:
        return False
    text = "".join(piece.text for piece in side)
    width = max(piece.right for piece in side) - min(piece.left for piece in side)
    return (
        sum(map(str.isalpha, text)) > 0.6 * len(text)
        and median(piece.right - piece.left for piece in side) > 0.55 * width
    )


def _is_table(block: list[Row], order: dict[int, int]) -> bool:
    """Tell whether rows belong together: their cells are short, and were written so or are numbers.

    What was written cell by cell may be text that is wrapped inside its cells.
    """
    several = [row for row in block if len(row) > 1]
    if len(several) * 2 < len(block):
        return False
    cells = [piece.text for row in several for piece in row[1:]]
    if median(map(len, cells)) > _CELL:
        return False
    by_row = sum(
        all(order[id(two)] == order[id(one)] + 1 for one, two in pairwise(row)) for row in several
    )
    numbers = sum(any(map(str.isdigit, cell)) for cell in cells)
    return by_row * 10 >= len(several) * 6 or numbers * 2 >= len(cells)


def _line(row: Row) -> Line:
    """Join the pieces of a row: words by a space, cells so that they stay apart."""
    text, cells = row[0].text, 1
    for one, two in pairwise(row):
        gap = (two.left - one.right) / max(one.size, two.size, 0.1)
        if one.row != two.row and gap < _WORD_GAP:
            between = ""
        elif cells == 1 and len(one.text) <= _MARK and len(two.text) > _CELL:
            between = " "
        elif gap > _CELL_GAP or (gap > 1 and (_has_digit(one.text) or _has_digit(two.text))):
            between = CELL
            cells += 1
        else:
            between = " "
        text += between + two.text
    longest = max(row, key=lambda piece: len(piece.text))
    right = max(piece.right for piece in row)
    return Line(text, row[0].row, row[0].left, right, row[0].base, longest.size, cells)


def _has_digit(text: str) -> bool:
    return any(map(str.isdigit, text))
