"""Spreadsheets of today's Excel (xlsx): the zip's sheets, streamed.

The quick library for all spreadsheets makes room for every cell between a sheet's first and its
last; one stray cell at the bottom right, in a file of five kilobytes, makes it abort the process.
It also leaves comments and text boxes behind. What is not xlsx it reads: workbook_old.py.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Any

from indexer.readers import damaged
from indexer.readers.archives.members import read_members
from indexer.readers.kinds.names import Kind
from indexer.readers.office.cells import Formats
from indexer.readers.office.embedded import embedded
from indexer.readers.office.package import BROKEN, Parts, attribute, forget, local, package
from indexer.readers.office.workbook_notes import notes, persons, string
from indexer.readers.rows import Rows
from indexer.readers.sheet import Sheet
from indexer.readers.source import Source
from indexer.types import DocumentInfo, ReaderItem, UnreadPage

log = logging.getLogger(__name__)

WHAT = "spreadsheet"
_LONGEST_CELL = 32_767  # characters; Excel's own bound
_MARGINS = ("oddHeader", "oddFooter", "firstHeader", "firstFooter")
_TAGS = [f"{{*}}{name}" for name in ("row", *_MARGINS)]
# What a program calls a sheet by itself, in any language; other names are somebody's own words and
# are read where the sheet is empty as well.
_DEFAULT_NAME = re.compile(r"(?:[^\W\d_]+ ?\d+|Sheet)?")
# The codes of a printed header: places, fonts, page numbers, dates, pictures.
_CODES = re.compile(r'&(?:"[^"]*"|\d+|K[0-9A-Fa-f+-]{6}|[A-Za-z])')


def read_workbook(source: Source) -> Iterator[ReaderItem]:
    """Read a spreadsheet (xlsx, xlsm, xltx): each sheet, hidden or not, with its name as heading.

    Formulas stand with the value that they had, dates in ISO form. Comments and text boxes follow
    their sheet's rows, embedded files all sheets. Raises Unreadable.
    """
    with package(source, WHAT) as parts:
        try:
            main = (parts.related("", "officeDocument") or ["xl/workbook.xml"])[0]
            sheets, since_1904 = _sheets(parts, main)
            title = parts.title()
            strings, whole = _strings(parts, main)
            formats = _formats(parts, main, since_1904)
            people = persons(parts, main)
        except BROKEN:
            raise damaged(WHAT, source.path) from None
        yield DocumentInfo(Kind.XLSX.value, title)
        sheet = Sheet()
        given = False
        broken = 0 if whole else 1
        for name, part in sheets:
            sheet.announce(name)
            try:
                if part is None:
                    raise KeyError
                for _ in parts.parse(part, _Cells(sheet, strings, formats), _TAGS):
                    if sheet.full:
                        given = True
                        yield sheet.take()
                for line in notes(parts, part, people):
                    sheet.add(line)
                if not _DEFAULT_NAME.fullmatch(name):
                    sheet.settle()
            except BROKEN as error:
                log.info("a sheet ended early: %s", type(error).__name__)
                broken += 1
        if broken and not sheet and not given:
            raise damaged(WHAT, source.path)
        yield sheet.take()
        known = [part for _, part in sheets if part is not None]
        yield from read_members(source, embedded(parts, known, source))
        if broken:
            yield UnreadPage(None, "A part of this spreadsheet is damaged.")


def _sheets(parts: Parts, main: str) -> tuple[list[tuple[str, str | None]], bool]:
    """Return each sheet's name and part, and whether days are counted from 1904."""
    known: dict[str, str] = {}
    for relation in ("worksheet", "chartsheet", "dialogsheet", "xlMacrosheet"):
        known |= parts.relations(main, relation)
    sheets: list[tuple[str, str | None]] = []
    since_1904 = False
    for element in parts.parse(main):
        if local(element) == "sheet":
            identity = next((v for k, v in element.attrib.items() if k.endswith("}id")), "")
            sheets.append((attribute(element, "name"), known.get(identity)))
        elif local(element) == "workbookPr":
            since_1904 = attribute(element, "date1904") in ("1", "true")
    return sheets, since_1904


def _strings(parts: Parts, main: str) -> tuple[list[str], bool]:
    """Return the strings that cells refer to by number, and whether these are all."""
    strings: list[str] = []
    try:
        for part in parts.related(main, "sharedStrings"):
            for element in parts.parse(part):
                if local(element) == "si":
                    strings.append(string(element))
                    forget(element)
    except BROKEN as error:
        log.info("strings ended early: %s", type(error).__name__)
        return strings, False
    return strings, True


def _formats(parts: Parts, main: str, since_1904: bool) -> Formats:
    """Return how numbers are shown, by the number of a cell's style."""
    own: dict[str, str] = {}
    styles: list[str] = []
    for part in parts.related(main, "styles"):
        for element in parts.parse(part):
            if local(element) == "numFmt":
                own[attribute(element, "numFmtId")] = attribute(element, "formatCode")
            elif local(element) == "cellXfs":
                styles = [attribute(each, "numFmtId") for each in element]
    return Formats([own.get(each, each) for each in styles], since_1904)


class _Cells:
    """Turns the rows of a sheet into lines."""

    def __init__(self, sheet: Sheet, strings: list[str], formats: Formats) -> None:
        self._sheet = sheet
        self._rows = Rows(sheet.add)
        self._strings = strings
        self._formats = formats
        self._last = 0  # number of the last row with cells

    def take(self, events: Any) -> None:
        """Take a parser's events."""
        for event, element in events:
            if event == "start":
                continue
            name = local(element)
            if name == "row":
                self._row(element)
                forget(element)
            elif name in _MARGINS:
                line = " ".join(_CODES.sub(" ", element.text or "").split())
                if any(map(str.isalnum, line)):
                    self._sheet.add(line)

    def _row(self, row: Any) -> None:
        at = attribute(row, "r")
        here = int(at) if at.isdecimal() and len(at) < 8 else self._last + 1
        cells: list[tuple[int, str]] = []
        column = -1
        for cell in row:
            reference = cell.get("r", "").rstrip("0123456789")
            column = _column(reference) if reference else column + 1
            if value := self._value(cell):
                cells.append((column, value))
        if cells:
            if here > self._last + 1:
                self._rows.gap()
            self._last = here
            self._rows.add(cells)

    def _value(self, cell: Any) -> str:
        kind = cell.get("t", "n")
        value = ""
        for child in cell:
            tag = child.tag  # local() for each cell would take a tenth of all the time
            if tag.endswith("}v"):
                value = child.text or ""
            elif tag.endswith("}is"):
                value = string(child)
        if not value:
            return ""
        if kind == "n":
            style = cell.get("s", "0")
            return self._formats.shown(value, int(style) if style.isdecimal() else 0)
        if kind == "s":
            at = int(value) if value.isdecimal() else len(self._strings)
            value = self._strings[at] if at < len(self._strings) else ""
        elif kind == "b":
            return "TRUE" if value == "1" else "FALSE"
        return " ".join(value[:_LONGEST_CELL].split())


@lru_cache(1_000)
def _column(letters: str) -> int:
    """Return a column by its letters, from 0."""
    column = 0
    for letter in letters[:3]:
        column = column * 26 + ord(letter) - 64
    return column - 1
