"""Documents of Word 97 to 2003 (doc), by the piece table that says where their text stands.

The numbers of sections below are those of [MS-DOC]. Documents of Word 6 and 95 have their text in
one piece, in a code page that they don't name.
"""

from __future__ import annotations

import re
import struct
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass

from indexer.readers import damaged, encrypted
from indexer.readers.encodings.decoding import decode
from indexer.readers.kinds.names import Kind
from indexer.readers.office.compound import compound
from indexer.readers.office.links import LinkedText
from indexer.readers.office.word_fields import Link, follow
from indexer.readers.rows import Rows
from indexer.readers.sheet import PIECE, Sheet
from indexer.readers.source import Source
from indexer.types import DocumentInfo, ReaderItem

WHAT = "Word document"
_WORD_97, _WORD_6 = 0xA5EC, 0xA5DC
_ENCRYPTED, _SECOND_TABLE = 0x0100, 0x0200  # flags at 0x0A (2.5.2)
_TEXT_LENGTHS = (0x4C, 0x50, 0x54, 0x58, 0x5C, 0x60, 0x64, 0x68)  # of each story (2.5.5)
_HEADERS = 2  # which story it is; they are repeated for each section
_PIECES, _PARAGRAPHS = 0x01A2, 0x0102  # where an offset and a length stand (2.5.6)
_FKP = 512  # bytes of a page of paragraphs' properties (2.9.175)
_IN_TABLE, _ENDS_ROW, _IN_INNER_TABLE = 0x2416, 0x2417, 0x6649  # properties (2.6.2)
_OPERANDS = {0: 1, 1: 1, 2: 2, 3: 4, 4: 2, 5: 2, 7: 3}  # their sizes by kind (2.2.5.1)

_MARK = re.compile("[\r\x07\x0c\x13\x14\x15]")
_FIELDS = {"\x13": "begin", "\x14": "separate", "\x15": "end"}
# Pictures and drawn objects, marks of notes, optional hyphens are no text.
_SIGNS = {
    **dict.fromkeys((*range(1, 9), 0x0E, 0x1F, 0xAD, 0xFFFC)), 0x0B: "\n", 0x1E: "-", 0xA0: " ",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Paragraph:
    """What is known of a paragraph besides its text."""

    level: int = 0  # of a heading
    in_table: bool = False
    ends_row: bool = False


@dataclass(frozen=True, slots=True)
class _Piece:
    """A run of characters in the file."""

    start: int  # of its bytes
    length: int  # in characters
    wide: bool  # two bytes a character


def read_doc(source: Source) -> Iterator[ReaderItem]:
    """Read a document of an older Word (doc, dot) as one page without number.

    Paragraphs and table rows are lines in the document's order; footnotes, headers, comments,
    endnotes and text boxes follow. Raises Unreadable.
    """
    with compound(source, WHAT) as streams:
        data = streams.read("WordDocument")
        magic, flags = struct.unpack_from("<H8xH", data)
        if flags & _ENCRYPTED:
            raise encrypted(WHAT, source.path)
        lines = _Lines()
        if magic == _WORD_97:
            table = streams.read("1Table" if flags & _SECOND_TABLE else "0Table")
            lines.paragraphs = _Paragraphs(data, table)
            stories = _stories(data, _pieces(data, table))
        elif magic == _WORD_6:
            start, end = struct.unpack_from("<2I", data, 0x18)
            text = decode(data[start:end])
            stories = iter([(0, text, start, False)])
        else:
            raise damaged(WHAT, source.path)
        yield DocumentInfo(Kind.DOC.value, streams.title())
        for story, text, start, wide in stories:
            for _ in lines.take(story, text, start, wide):
                if lines.sheet.full:
                    yield lines.sheet.take()
        lines.end()
        yield lines.sheet.take()


def _pieces(data: bytes, table: bytes) -> list[_Piece]:
    """Return the runs that the text is made of, in order (2.9.38, 2.8.35)."""
    at, length = struct.unpack_from("<2I", data, _PIECES)
    end = min(at + length, len(table))
    while at < end and table[at] == 1:  # properties that pieces refer to
        at += 3 + struct.unpack_from("<H", table, at + 1)[0]
    (length,) = struct.unpack_from("<I", table, at + 1)
    at += 5
    count = min(length, len(table) - at) // 12
    positions = struct.unpack_from(f"<{count + 1}I", table, at)
    pieces = []
    for index in range(count):
        (where,) = struct.unpack_from("<I", table, at + 4 * (count + 1) + 8 * index + 2)
        wide = not where & 0x4000_0000
        start = where & 0x3FFF_FFFF
        length = positions[index + 1] - positions[index]
        if length > 0:
            pieces.append(_Piece(start if wide else start // 2, length, wide))
    return pieces


def _stories(data: bytes, pieces: list[_Piece]) -> Iterator[tuple[int, str, int, bool]]:
    """Yield (story, text, where its bytes start, whether it is wide) in order."""
    left = [max(0, struct.unpack_from("<i", data, at)[0]) for at in _TEXT_LENGTHS]
    story = 0
    for piece in pieces:
        done = 0
        size = 2 if piece.wide else 1
        while done < piece.length and story < len(left):
            length = min(piece.length - done, left[story], PIECE)
            if length:
                start = piece.start + done * size
                run = data[start : start + length * size]
                text = run.decode("utf-16-le" if piece.wide else "cp1252", "replace")
                yield story, text, start, piece.wide
                if not run:
                    return
                done += length
                left[story] -= length
            if not left[story]:
                story += 1


class _Paragraphs:
    """The properties of paragraphs, by where the bytes of their text stand (2.8.6, 2.9.174)."""

    def __init__(self, data: bytes, table: bytes) -> None:
        self._ends: list[int] = []
        self._known: list[_Paragraph] = []
        at, length = struct.unpack_from("<2I", data, _PARAGRAPHS)
        count = max(0, min(length, len(table) - at) - 4) // 8
        found: list[tuple[int, _Paragraph]] = []
        pages = struct.iter_unpack("<I", table[at + 4 * (count + 1) : at + 8 * count + 4])
        # A hostile table may name one page a million times.
        for page in dict.fromkeys(page & 0x3F_FFFF for (page,) in pages):
            start = page * _FKP
            if start + _FKP <= len(data):
                found += _paragraphs_of(data[start : start + _FKP])
        found.sort(key=lambda each: each[0])
        self._ends = [end for end, _ in found]
        self._known = [paragraph for _, paragraph in found]

    def at(self, position: int) -> _Paragraph | None:
        """Return what is known of the paragraph that a byte belongs to."""
        index = bisect_right(self._ends, position)
        return self._known[index] if index < len(self._known) else None


def _paragraphs_of(page: bytes) -> Iterator[tuple[int, _Paragraph]]:
    """Yield (end, properties) of the paragraphs of one page of properties."""
    count = min(page[-1], 29)
    ends = struct.unpack_from(f"<{count}I", page, 4)
    for index, end in enumerate(ends):
        offset = 2 * page[4 * (count + 1) + 13 * index]
        if not offset:
            yield end, _Paragraph()
            continue
        words = page[offset]
        if words:
            properties = page[offset + 1 : offset + 2 * words]
        else:
            properties = page[offset + 2 : offset + 2 + 2 * page[offset + 1]]
        style = int.from_bytes(properties[:2], "little")
        flags = _flags(properties[2:])
        # The first ten styles are the same in each document: 1 to 9 are headings (2.9.271).
        level = style if 1 <= style <= 9 else 0
        in_table = flags.get(_IN_TABLE, 0) > 0
        yield end, _Paragraph(0 if in_table else level, in_table, flags.get(_ENDS_ROW, 0) > 0)


def _flags(properties: bytes) -> dict[int, int]:
    """Return the properties of one byte that a list of them sets (2.6)."""
    found: dict[int, int] = {}
    at = 0
    while at + 2 < len(properties):
        name = int.from_bytes(properties[at : at + 2], "little")
        kind = name >> 13
        found[name] = properties[at + 2]
        at += 2 + (_OPERANDS[kind] if kind in _OPERANDS else 1 + properties[at + 2])
    return found


class _Lines:
    """Turns the characters of a document into lines."""

    def __init__(self) -> None:
        self.sheet = Sheet()
        self.paragraphs: _Paragraphs | None = None
        self._text = LinkedText()
        self._length = 0
        self._fields: list[Link] = []  # open ones
        self._cell: list[str] = []
        self._row: list[str] = []
        self._rows: Rows | None = None
        self._cell_ended = False  # by the mark before
        self._headers: set[str] = set()

    def take(self, story: int, text: str, start: int, wide: bool) -> Iterator[None]:
        """Take a run of text; yields after every paragraph."""
        at = 0
        position = start
        for match in _MARK.finditer(text):
            run = text[at : match.start()]
            position += _width(run, wide)
            self._add(run)
            known = self.paragraphs.at(position) if self.paragraphs else None
            position += 2 if wide else 1
            at = match.end()
            self._mark(match.group(), known, story)
            yield
        self._add(text[at:])
        if self._length > PIECE:
            self._mark("\r", None, story)
            yield

    def end(self) -> None:
        """Take what stands behind the last mark."""
        self._mark("\r", None, 0)

    def _add(self, run: str) -> None:
        if not run:
            return
        if all(field.shown for field in self._fields):
            self._text.add(run, self._fields[-1].address if self._fields else "")
            self._length += len(run)
            self._cell_ended = False
        elif not self._fields[-1].shown:
            self._fields[-1].instruction.append(run)

    def _mark(self, mark: str, known: _Paragraph | None, story: int) -> None:
        if mark in _FIELDS:
            follow(_FIELDS[mark], self._fields)
        else:
            if not all(field.shown for field in self._fields):
                self._fields.clear()  # no instruction goes over a paragraph; this one never ends
            for field in self._fields:
                field.address = ""  # is told where the link begins
            text = self._text.plain() if known and known.level else self._text.whole()
            line = text.translate(_SIGNS).strip()
            self._text, self._length = LinkedText(), 0
            self._line(mark, line, known, story)

    def _line(self, mark: str, line: str, known: _Paragraph | None, story: int) -> None:
        if mark == "\x07":
            # Where nothing is known of paragraphs, two marks in a row end a row.
            if known.ends_row if known else self._cell_ended and not line:
                self._end_row()
            else:
                self._row.append(" ".join(" ".join([*self._cell, line]).split()))
                self._cell = []
                self._cell_ended = True
            return
        if known and known.in_table:
            self._cell.append(line)
            return
        self._end_row()
        self._rows = None
        if story == _HEADERS:
            if line in self._headers:
                return
            self._headers.add(line)
        if line:
            level = known.level if known else 0
            self.sheet.add(" ".join(line.split()) if level else line, level)

    def _end_row(self) -> None:
        if self._cell:
            self._row.append(" ".join(" ".join(self._cell).split()))
        if any(self._row):
            self._rows = self._rows or Rows(self.sheet.add, columns=3, between=" | ")
            self._rows.add(enumerate(self._row))
        self._cell, self._row, self._cell_ended = [], [], False


def _width(run: str, wide: bool) -> int:
    """Return how many bytes a run of text takes."""
    if not wide:
        return len(run)
    return 2 * len(run) if run.isascii() else len(run.encode("utf-16-le", "surrogatepass"))
