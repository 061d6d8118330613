"""From a file to its text: the registry that chooses a reader, and the one interface of all.

A reader is a generator: a DocumentInfo first, then the Page and UnreadPage items in order. It opens
nothing but the file it was given, and raises only Unreadable, Unsupported and OSError on purpose;
what else a parser throws is turned into Unreadable by service.py. Each reader's library is imported
with the first file that needs it, so that a reader process answers for a text file at once.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Iterator
from importlib import import_module
from pathlib import Path

from indexer.errors import Unreadable, Unsupported
from indexer.readers.kinds.names import Kind, may_be_read, why_not
from indexer.readers.kinds.sniffing import HEAD, kind_of
from indexer.readers.sheet import bounded
from indexer.readers.source import Source
from indexer.types import UNLOCKABLE, DocumentInfo, Page, ReaderItem

__all__ = [
    "Kind",
    "Reader",
    "Source",
    "kind_of",
    "may_be_read",
    "read",
    "read_source",
    "reader_of",
    "why_not",
]

Reader = Callable[[Source], Iterator[ReaderItem]]

# Where each kind's reader is: a module of this package and a function in it.
_READERS: dict[Kind, tuple[str, str]] = {
    Kind.TEXT: ("markup.text", "read_text"),
    Kind.MARKDOWN: ("markup.text", "read_markdown"),
    Kind.CODE: ("markup.text", "read_code"),
    Kind.CSV: ("markup.table", "read_csv"),
    Kind.ORG: ("markup.markup", "read_org"),
    Kind.RST: ("markup.markup", "read_rst"),
    Kind.ASCIIDOC: ("markup.markup", "read_asciidoc"),
    Kind.TEX: ("markup.markup", "read_tex"),
    Kind.XML: ("markup.xml_text", "read_xml"),
    Kind.FICTIONBOOK: ("markup.xml_text", "read_xml"),
    Kind.JSON: ("markup.data", "read_json"),
    Kind.NOTEBOOK: ("markup.data", "read_notebook"),
    Kind.SUBTITLES: ("markup.subtitles", "read_subtitles"),
    Kind.EPUB: ("markup.ebook", "read_epub"),
    Kind.HTML: ("markup.web", "read_html"),
    Kind.PDF: ("pdf.reader", "read_pdf"),
    Kind.DOCX: ("office.word", "read_docx"),
    Kind.PICTURE: ("ocr.picture", "read_picture"),
    Kind.SLIDES: ("office.slides", "read_slides"),
    Kind.XLSX: ("office.workbook", "read_workbook"),
    Kind.RTF: ("office.rich_text", "read_rtf"),
    Kind.DOC: ("office.word97", "read_doc"),
    Kind.XLS: ("office.workbook_old", "read_old_workbook"),
    Kind.PPT: ("office.slides97", "read_ppt"),
    Kind.OPENDOCUMENT: ("office.opendocument", "read_opendocument"),
    Kind.IWORK: ("office.iwork", "read_iwork"),
    Kind.MAIL: ("mail.reader", "read_mail"),
    Kind.MAILBOX: ("mail.reader", "read_mailbox"),
    Kind.OUTLOOK: ("mail.outlook", "read_msg"),
    Kind.MHTML: ("mail.reader", "read_mhtml"),
    Kind.CALENDAR: ("mail.calendar", "read_calendar"),
    Kind.CONTACTS: ("mail.calendar", "read_contacts"),
    Kind.ZIP: ("archives.archive", "read_zip"),
    Kind.TAR: ("archives.archive", "read_tar"),
}


def reader_of(kind: Kind) -> Reader:
    """Return the reader of a kind, importing it and its library if need be."""
    module, function = _READERS[kind]
    reader: Reader = getattr(import_module(f"{__name__}.{module}"), function)
    return reader


def read(path: Path, password: str | None = None) -> Iterator[ReaderItem]:
    """Read a file with the reader that its content and name call for.

    `password` is its owner's, for a PDF or an Office file that is encrypted.

    Yields a DocumentInfo, then pages. Raises Unreadable, Unsupported or OSError.
    """
    # A pipe, a socket or a device would block or never end.
    if not stat.S_ISREG(os.stat(path).st_mode):  # noqa: PTH116 (a Path's own stat is slower)
        raise Unsupported("This is not an ordinary file.", "Only files are read.", path)
    yield from bounded(read_source(Source.of(path, password)))


def read_source(source: Source) -> Iterator[ReaderItem]:
    """Read a file or a member of one, unbounded.

    Yields a DocumentInfo, then pages. Raises Unreadable, Unsupported or OSError.
    """
    if source.password is not None:
        from indexer.readers.office.unlocking import unlocked

        source = unlocked(source)
    with source.open() as file:
        head = file.read(HEAD)
    kind = kind_of(source, head)
    if not head:
        yield DocumentInfo(kind.value)
        yield Page("")
        return
    yield from reader_of(kind)(source)


def damaged(what: str, path: Path) -> Unreadable:
    """Return the error for a file that its own program could not open either."""
    return Unreadable(
        f"This {what} is damaged.", "Open it with its own program and save it again.", path
    )


def encrypted(what: str, path: Path, *, unlockable: bool = True) -> Unreadable:
    """Return the error for a file that is encrypted; `unlockable`: its password can be given."""
    remedy = UNLOCKABLE if unlockable else "Save a copy without a password to have it read."
    return Unreadable(f"This {what} is encrypted.", remedy, path)
