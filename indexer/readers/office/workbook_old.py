"""Spreadsheets of the older Excel (xls) and binary ones (xlsb), through calamine."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from typing import Any

from indexer.errors import Unreadable
from indexer.readers import damaged, encrypted
from indexer.readers.kinds.names import Kind
from indexer.readers.office.cells import written
from indexer.readers.office.workbook_memory import measure
from indexer.readers.rows import Rows
from indexer.readers.sheet import Sheet
from indexer.readers.source import Source
from indexer.types import DocumentInfo, ReaderItem, UnreadPage

log = logging.getLogger(__name__)

WHAT = "spreadsheet"
_LONGEST_CELL = 32_767  # characters; Excel's own bound


def read_old_workbook(source: Source) -> Iterator[ReaderItem]:
    """Read a spreadsheet (xls, xlsb): each sheet, hidden or not, with its name as heading.

    Formulas stand with the value that they had, dates in ISO form. Raises Unreadable, MemoryError.
    """
    import python_calamine as calamine

    measure(source, WHAT)
    try:
        book = calamine.CalamineWorkbook.from_object(source.file)
    except calamine.PasswordError:
        raise encrypted(WHAT, source.path) from None
    except BaseException as error:  # noqa: BLE001 (a panic of Rust is no Exception)
        raise _converted(error, source) from None
    yield DocumentInfo(Kind.XLS.value)
    sheet = Sheet()
    given = unread = False
    for name in book.sheet_names:
        sheet.announce(name)
        try:
            for _ in _rows(book.get_sheet_by_name(name), Rows(sheet.add)):
                if sheet.full:
                    given = True
                    yield sheet.take()
        except calamine.WorksheetNotFound:
            continue  # a sheet of macros or with a chart alone
        except BaseException as error:  # noqa: BLE001
            _converted(error, source)
            unread = True
    if unread and not sheet and not given:
        raise damaged(WHAT, source.path)
    yield sheet.take()
    if unread:
        yield UnreadPage(None, "A part of this spreadsheet is damaged.")


def _rows(cells: Any, rows: Rows) -> Iterator[None]:
    for row in cells.iter_rows():
        values = [
            (column, written(value)[:_LONGEST_CELL])
            for column, value in enumerate(row)
            if value != ""
        ]
        if values:
            rows.add(values)
        else:
            rows.gap()
        yield


def _converted(error: BaseException, source: Source) -> Unreadable:
    """Return the error for what calamine raised; raise what is not its own.

    A panic of Rust is no Exception, and would end the process.
    """
    if not isinstance(error, Exception) and type(error).__name__ != "PanicException":
        raise error
    log.info("a spreadsheet could not be read: %s", type(error).__name__)
    return damaged(WHAT, source.path)
