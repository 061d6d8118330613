"""OpenDocument files: texts, presentations, spreadsheets and drawings, zipped or flat XML.

One streaming reader for all: they share their elements, and a cell that is repeated a million times
is never multiplied. Spreadsheets get their comments with it.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from indexer.readers import damaged, encrypted
from indexer.readers.archives.members import read_members
from indexer.readers.kinds.names import Kind
from indexer.readers.office.opendocument_lines import Lines
from indexer.readers.office.package import BROKEN, Bound, Parts, local, package, parse
from indexer.readers.office.pictures import pictures
from indexer.readers.sheet import real_title
from indexer.readers.source import Source
from indexer.types import DocumentInfo, ReaderItem, UnreadPage

log = logging.getLogger(__name__)

WHAT = "OpenDocument file"
_REST_DAMAGED = "The rest of this document is damaged."
_CONTENT, _PICTURES = "content.xml", "Pictures/"
_PAGE = b"<draw:page "
_BLOCK = 65_536


def read_opendocument(source: Source) -> Iterator[ReaderItem]:
    """Read an OpenDocument file (odt, odp, ods, odg, their templates and flat forms).

    Pages of presentations and drawings are pages; sheets have their name as heading. Notes and
    comments follow what they belong to, printed headers and footers the text. Raises Unreadable.
    """
    with source.open() as file:
        if file.read(2) != b"PK":
            file.seek(0)
            pages = _count_pages(file)
            file.seek(0)
            lines = Lines(paged=pages > 0)
            yield DocumentInfo(Kind.OPENDOCUMENT.value, None, pages or None)
            yield from _read(parse(file, Bound(source.path, WHAT), lines), lines, source.path)
            return
    with package(source, WHAT) as parts:
        try:
            _refuse_encrypted(parts, source.path)
            with parts.open(_CONTENT) as content:
                pages = _count_pages(content)
            title = _title(parts)
        except BROKEN:
            raise damaged(WHAT, source.path) from None
        lines = Lines(paged=pages > 0)
        yield DocumentInfo(Kind.OPENDOCUMENT.value, title, pages or None)
        yield from _read(_blocks(parts, lines), lines, source.path)
        shown = sorted(name for name in parts.names if name.startswith(_PICTURES))
        yield from read_members(source, pictures(parts, shown, source))


def _blocks(parts: Parts, lines: Lines) -> Iterator[None]:
    # What is printed on every page stands in the styles, and is kept until the text's end.
    if "styles.xml" in parts:
        try:
            for _ in parts.parse("styles.xml", lines):
                yield
        except BROKEN as error:
            log.info("styles could not be read: %s", type(error).__name__)
    yield from parts.parse(_CONTENT, lines)


def _read(blocks: Iterator[None], lines: Lines, path: Path) -> Iterator[ReaderItem]:
    try:
        for _ in blocks:
            yield from lines.ready()
    except BROKEN as error:
        log.info("a document ended early: %s", type(error).__name__)
        pages = list(lines.rest())
        if not pages and not lines.given:
            raise damaged(WHAT, path) from None
        yield from pages
        yield UnreadPage(None, _REST_DAMAGED)
    else:
        yield from lines.rest()


def _count_pages(file: BinaryIO) -> int:
    """Return how many pages a presentation or drawing has; texts and spreadsheets have none."""
    count = 0
    kept = b""
    while block := file.read(_BLOCK):
        block = kept + block
        count += block.count(_PAGE)
        kept = block[-len(_PAGE) + 1 :]
    return count


def _refuse_encrypted(parts: Parts, path: Path) -> None:
    if "META-INF/manifest.xml" in parts:
        for element in parts.parse("META-INF/manifest.xml"):
            if local(element) == "encryption-data":
                raise encrypted(WHAT, path, unlockable=False)


def _title(parts: Parts) -> str | None:
    if "meta.xml" in parts:
        for element in parts.parse("meta.xml"):
            if local(element) == "title":
                return real_title(element.text)
    return None
