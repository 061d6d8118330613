"""PDF: pdfium page by page; pypdf as second try where pdfium cannot open the file."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator, Sequence
from typing import Any

from indexer.errors import Unreadable
from indexer.readers import damaged, encrypted
from indexer.readers.kinds import Kind
from indexer.readers.pdf_text import is_garbled, normalise
from indexer.readers.sheet import real_title
from indexer.readers.source import Source
from indexer.types import DocumentInfo, Heading, Page, ReaderItem, UnreadPage

__all__ = ["GARBLED", "NO_TEXT", "is_garbled", "locate", "normalise", "read_pdf"]

log = logging.getLogger(__name__)

_PASSWORD, _SECURITY = 4, 5  # pdfium's error codes for a wrong password and an unknown scheme
_BAD_PAGE = "This page is damaged."
# Pages that a person can read, and we only by OCR.
NO_TEXT = "This page is a picture without text."
GARBLED = "The text of this page is garbled, because its fonts do not say which letters they hold."
_MOST_HEADINGS = 10_000
_MOST_OBJECTS = 5_000
_MANY_DRAWN = 100  # more than the lines and boxes of a form or a cover have


def read_pdf(source: Source) -> Iterator[ReaderItem]:
    """Read a PDF page by page; a page that fails becomes an UnreadPage. Raises Unreadable."""
    import pypdfium2

    try:
        document = pypdfium2.PdfDocument(source.file)
    except pypdfium2.PdfiumError as error:
        if error.err_code == _PASSWORD:
            # pdfium has tried the empty password by itself.
            raise encrypted("PDF", source.path) from None
        yield from _second_try(source, error.err_code == _SECURITY)
        return
    try:
        outline = _outline(document)
        title = real_title(document.get_metadata_value("Title"))
        yield DocumentInfo(Kind.PDF.value, title, len(document))
        for index in range(len(document)):
            try:
                text, pictured = _page_text(document, index)
            except (pypdfium2.PdfiumError, OSError, ValueError, AssertionError) as error:
                log.info("a page could not be read: %s", type(error).__name__)
                yield UnreadPage(index + 1, _BAD_PAGE)
                continue
            if pictured:
                yield UnreadPage(index + 1, NO_TEXT)
            elif is_garbled(text):
                yield UnreadPage(index + 1, GARBLED)
            else:
                text = normalise(text)
                yield Page(text, index + 1, locate(outline.get(index, ()), text))
    finally:
        document.close()


def locate(titles: Sequence[tuple[int, str]], text: str) -> tuple[Heading, ...]:
    """Return the outline's entries as headings where their words stand in the text, else at 0."""
    found = []
    for level, title in titles:
        match = re.search(r"\s+".join(map(re.escape, title.split())), text, re.IGNORECASE)
        found.append(Heading(match.start() if match else 0, level, title))
    return tuple(sorted(found, key=lambda heading: heading.start))


def _page_text(document: Any, index: int) -> tuple[str, bool]:
    """Return a page's text, and whether it has none but shows a picture."""
    page = document[index]
    try:
        text_page = page.get_textpage()
        try:
            # The bounded text knows characters beyond U+FFFF, but nothing outside the page's box.
            text: str = text_page.get_text_bounded() or text_page.get_text_range()
        finally:
            text_page.close()
        return text, not text.strip() and _has_picture(page)
    finally:
        page.close()


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


def _outline(document: Any) -> dict[int, list[tuple[int, str]]]:
    """Return for each page index its entries as (level from 1, title)."""
    entries: dict[int, list[tuple[int, str]]] = {}
    try:
        for count, bookmark in enumerate(document.get_toc()):
            if count >= _MOST_HEADINGS:
                break
            target = bookmark.get_dest()
            title = normalise(bookmark.get_title()).replace("\n", " ")
            index = target.get_index() if target else None
            if title and index is not None:
                entries.setdefault(index, []).append((bookmark.level + 1, title[:300]))
    except (RuntimeError, ValueError, RecursionError) as error:
        log.info("an outline could not be read: %s", type(error).__name__)
    return entries


def _second_try(source: Source, locked: bool) -> Iterator[ReaderItem]:
    """Read with pypdf what pdfium refused."""
    import pypdf
    from pypdf.errors import DependencyError

    logging.getLogger("pypdf").setLevel(logging.CRITICAL)  # it would log the document's content
    try:
        reader = pypdf.PdfReader(source.file, strict=False)
        if reader.is_encrypted and not reader.decrypt(""):
            raise encrypted("PDF", source.path)
        count = len(reader.pages)
        metadata = reader.metadata
        title = real_title(metadata.title if metadata else None)
    except Unreadable:
        raise
    except (DependencyError, NotImplementedError):
        raise encrypted("PDF", source.path) from None
    except MemoryError:
        raise
    except Exception as error:  # noqa: BLE001 (a damaged file may make a parser raise anything)
        log.info("the second try failed as well: %s", type(error).__name__)
        raise (encrypted if locked else damaged)("PDF", source.path) from None
    if not count:
        raise damaged("PDF", source.path)
    yield DocumentInfo(Kind.PDF.value, title, count)
    for index in range(count):
        try:
            text = reader.pages[index].extract_text()
        except MemoryError:
            raise
        except Exception as error:  # noqa: BLE001 (as above)
            log.info("a page could not be read: %s", type(error).__name__)
            yield UnreadPage(index + 1, _BAD_PAGE)
            continue
        if is_garbled(text):
            yield UnreadPage(index + 1, GARBLED)
        else:
            yield Page(normalise(text), index + 1)
