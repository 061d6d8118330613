"""Tables as text files: each row becomes a line that can be found and read by itself."""

from __future__ import annotations

import csv
from collections.abc import Iterator

from indexer.readers.encodings.decoding import read_decoded
from indexer.readers.kinds.names import Kind
from indexer.readers.rows import Rows
from indexer.readers.sheet import TOO_LONG, Sheet
from indexer.readers.source import Source
from indexer.types import DocumentInfo, ReaderItem, UnreadPage

_DELIMITERS = ",;\t|"
_SAMPLE_LINES = 50
# A cell longer than this is a quotation mark that was never closed, not a cell.
_LONGEST_CELL = 100_000


def read_csv(source: Source) -> Iterator[ReaderItem]:
    """Read CSV, TSV and their like as lines of "header: value; header: value".

    The delimiter is found from the first rows. Rows may be ragged: a value without a header
    stands alone. Without a header row a line is "value; value".
    """
    text, cut = read_decoded(source)
    lines = text.split("\n")
    del text
    if lines[0].lower().startswith("sep=") and len(lines[0]) == 5:
        delimiter = lines.pop(0)[4]
    else:
        delimiter = _delimiter_of(lines[:_SAMPLE_LINES])
    yield DocumentInfo(Kind.CSV.value)
    sheet = Sheet()
    rows = Rows(sheet.add)
    for row in _rows(lines, delimiter):
        rows.add(enumerate(row))
        if sheet.full:
            yield sheet.take()
    yield sheet.take()
    if cut:
        yield UnreadPage(None, TOO_LONG)


def _rows(lines: list[str], delimiter: str) -> Iterator[list[str]]:
    csv.field_size_limit(_LONGEST_CELL)
    at = 0  # the line after the last good row
    for quoting in (csv.QUOTE_MINIMAL, csv.QUOTE_MINIMAL, csv.QUOTE_NONE):
        reader = csv.reader(
            (f"{line}\n" for line in lines[at:]), delimiter=delimiter, quoting=quoting
        )
        good = 0
        try:
            for row in reader:
                good = reader.line_num
                yield [" ".join(cell.split()) for cell in row]
            return
        except csv.Error:
            # Take the line that opens the endless quotation as it stands, and go on after it;
            # the second time, without believing in quotation marks.
            at += good + 1
            yield [" ".join(cell.split()) for cell in lines[at - 1].split(delimiter)]


def _delimiter_of(lines: list[str]) -> str:
    """Return the delimiter that cuts the most rows into the same number of cells."""
    best, best_score = ",", 0.0
    for delimiter in _DELIMITERS:
        try:
            widths = [len(row) for row in csv.reader(lines, delimiter=delimiter) if row]
        except csv.Error:
            widths = [len(line.split(delimiter)) for line in lines if line]
        if not widths:
            continue
        width = max(set(widths), key=widths.count)
        score = widths.count(width) / len(widths) if width > 1 else 0.0
        if score > best_score + 0.05:
            best, best_score = delimiter, score
    return best
