"""PDF: pdfium page by page."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from typing import Any

from indexer.readers import encrypted
from indexer.readers.kinds.names import Kind
from indexer.readers.pdf.attached import read_attached
from indexer.readers.pdf.extras import (
    attached_names,
    labels_of,
    locate,
    notes_of,
    outline_of,
    prepare_fields,
)
from indexer.readers.pdf.flow import BodySize, flowing, large_lines
from indexer.readers.pdf.layout import lines_of
from indexer.readers.pdf.lines import Piece, pieces_of
from indexer.readers.pdf.running import ReadPage, without_running_lines
from indexer.readers.pdf.second import BAD_PAGE, GARBLED, NamedLetters, read_again
from indexer.readers.pdf.text import is_garbled, normalise
from indexer.readers.sheet import real_title
from indexer.readers.source import Source
from indexer.types import DocumentInfo, Page, ReaderItem, UnreadPage

__all__ = ["GARBLED", "NO_TEXT", "is_garbled", "normalise", "read_pdf"]

log = logging.getLogger(__name__)

_PASSWORD, _SECURITY = 4, 5  # pdfium's error codes for a wrong password and an unknown scheme
# A page that a person can read, and we only by OCR; as is one that is GARBLED.
NO_TEXT = "This page is a picture without text."
_MOST_OBJECTS = 5_000
_MANY_DRAWN = 100  # more than the lines and boxes of a form or a cover have


def read_pdf(source: Source) -> Iterator[ReaderItem]:
    """Read a PDF page by page; a page that fails becomes an UnreadPage. Raises Unreadable."""
    import pypdfium2

    try:
        document = pypdfium2.PdfDocument(source.file, password=source.password)
    except pypdfium2.PdfiumError as error:
        if error.err_code == _PASSWORD:
            # pdfium has tried the empty password by itself.
            raise encrypted("PDF", source.path) from None
        yield from read_again(source, error.err_code == _SECURITY)
        return
    try:
        title = real_title(document.get_metadata_value("Title"))
        yield DocumentInfo(Kind.PDF.value, title, len(document), labels_of(document))
        yield from _pages(document, source)
    finally:
        document.close()


def _pages(document: Any, source: Source) -> Iterator[ReaderItem]:
    """Yield the pages as text: with headings, fields and comments, without running lines."""
    outline = outline_of(document)
    attached = names = attached_names(document)
    prepare_fields(document)
    body = BodySize()
    for item in without_running_lines(_read_pages(document, source, body)):
        if isinstance(item, UnreadPage):
            yield item
            continue
        text = flowing(item.lines)
        headings = locate(outline.get(item.number - 1, ()), text)
        if not outline:
            headings = large_lines(item.lines, body.size, text)
        below = [*item.notes, *([f"Attached files: {', '.join(names)}"] if names else [])]
        names = []
        text = "\n\n".join(part for part in (text, *below) if part)
        yield Page(text, item.number, headings, label=item.label)
    if attached:
        yield from read_attached(source)


def _read_pages(document: Any, source: Source, body: BodySize) -> Iterator[ReadPage | UnreadPage]:
    """Yield the pages' lines in reading order, and count the sizes that they are set in."""
    import pypdfium2

    letters = NamedLetters(source)
    for index in range(len(document)):
        try:
            page = _read_page(document, index)
        except (pypdfium2.PdfiumError, OSError, ValueError, AssertionError) as error:
            log.info("a page could not be read: %s", type(error).__name__)
            page = UnreadPage(index + 1, BAD_PAGE)
        if isinstance(page, UnreadPage) and page.reason == GARBLED:
            texts = letters.lines(index)
            page = ReadPage(index + 1, _without_places(texts)) if texts else page
        if isinstance(page, ReadPage):
            body.add(page.lines)
        yield page


def _read_page(document: Any, index: int) -> ReadPage | UnreadPage:
    page = document[index]
    try:
        text_page = page.get_textpage()
        try:
            pieces = pieces_of(text_page, page.get_bbox())
        finally:
            text_page.close()
        notes = tuple(notes_of(page))
        if not pieces and not notes and _has_picture(page):
            return UnreadPage(index + 1, NO_TEXT)
        if is_garbled("\n".join(piece.text for piece in pieces)):
            return UnreadPage(index + 1, GARBLED)
        return ReadPage(index + 1, tuple(lines_of(pieces)), notes)
    finally:
        page.close()


def _without_places(texts: Sequence[str]) -> tuple[Piece, ...]:
    """Return lines as if they stood one below the other."""
    size = 10.0
    return tuple(
        Piece(text.strip(), row, 0.0, size * len(text), -size * row, size)
        for row, text in enumerate(texts)
    )


def _has_picture(page: Any) -> bool:
    """Tell whether a page shows pictures that are large enough to hold text, or drawn letters."""
    from pypdfium2 import raw

    width, height = page.get_size()
    area = drawn = 0.0
    for count, item in enumerate(page.get_objects(max_depth=5)):
        if count >= _MOST_OBJECTS:
            break
        if item.type == raw.FPDF_PAGEOBJ_IMAGE:
            left, bottom, right, top = item.get_bounds()
            area += abs((right - left) * (top - bottom))
        elif item.type in (raw.FPDF_PAGEOBJ_PATH, raw.FPDF_PAGEOBJ_TEXT):
            drawn += 1
    return area * 50 > width * height or drawn > _MANY_DRAWN
