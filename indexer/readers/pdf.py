"""PDF: pdfium page by page; pypdf as second try where pdfium cannot open the file."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator, Sequence
from typing import Any

from indexer.errors import Unreadable
from indexer.readers import damaged, encrypted
from indexer.readers.kinds import Kind
from indexer.readers.sheet import clean, real_title
from indexer.readers.source import Source
from indexer.types import DocumentInfo, Heading, Page, ReaderItem, UnreadPage

log = logging.getLogger(__name__)

_PASSWORD, _SECURITY = 4, 5  # pdfium's error codes for a wrong password and an unknown scheme
_BAD_PAGE = "This page is damaged."
_MOST_HEADINGS = 10_000

# pdfium puts U+FFFE or U+0002 where a hyphen stood at a line's end and takes the line break away;
# U+00AD is a soft hyphen of the document's own.
_HYPHEN = re.compile("(\\w*)(?:[\ufffe\x02]|\xad[ \t]*\r?\n[ \t]*)(\\w*)")
_WORD = re.compile(r"\w+")
_SPACES = re.compile(r"[ \t\xa0\u2000-\u200a\u202f\u3000]+")
_LINE_EDGES = re.compile(r" *\n *")
_EMPTY_LINES = re.compile(r"\n{3,}")
_CONTROLS = re.compile("[\x01-\x08\x0b\x0c\x0e-\x1f\x7f\xad\ufffe\uffff]")
_LIGATURES = {
    "\ufb00": "ff", "\ufb01": "fi", "\ufb02": "fl", "\ufb03": "ffi", "\ufb04": "ffl",
    "\ufb05": "st", "\ufb06": "st",
}  # fmt: skip
_LIGATURE = re.compile("[\ufb00-\ufb06]")
# First parts that keep their hyphen in English, and are not the beginning of longer words.
_KEEPS = frozenset("anti cross half high long low non self short third well".split())  # noqa: SIM905


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
                text = normalise(_page_text(document, index))
            except (pypdfium2.PdfiumError, OSError, ValueError, AssertionError) as error:
                log.info("a page could not be read: %s", type(error).__name__)
                yield UnreadPage(index + 1, _BAD_PAGE)
                continue
            yield Page(text, index + 1, locate(outline.get(index, ()), text))
    finally:
        document.close()


def normalise(text: str) -> str:
    """Join what a line's end cut, and leave single spaces and at most one empty line."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    if "\ufffe" in text or "\x02" in text or "\xad" in text:
        words = {word.lower() for word in _WORD.findall(_HYPHEN.sub(" ", text))}
        text = _HYPHEN.sub(lambda match: _join(match.group(1), match.group(2), words), text)
    text = _CONTROLS.sub("", text)
    text = _LIGATURE.sub(lambda match: _LIGATURES[match.group()], text)
    text = _LINE_EDGES.sub("\n", _SPACES.sub(" ", text))
    return clean(_EMPTY_LINES.sub("\n\n", text).strip())


def locate(titles: Sequence[tuple[int, str]], text: str) -> tuple[Heading, ...]:
    """Return the outline's entries as headings where their words stand in the text, else at 0."""
    found = []
    for level, title in titles:
        match = re.search(r"\s+".join(map(re.escape, title.split())), text, re.IGNORECASE)
        found.append(Heading(match.start() if match else 0, level, title))
    return tuple(sorted(found, key=lambda heading: heading.start))


def _join(left: str, right: str, words: set[str]) -> str:
    """Decide whether a hyphen at a line's end belongs to the word; `words` are those of the page.

    In reports most do (non-GAAP, cash-generating), in justified prose hardly any.
    """
    if not left or not right:
        return f"{left}-{right}" if left or right else ""
    first, second = left.lower(), right.lower()
    if first + second in words:
        return left + right
    keeps = (
        left[-1].isdigit()
        or not right[0].islower()  # a name or a number follows
        or first in _KEEPS
        or (first in words and second in words)
    )
    return f"{left}-{right}" if keeps else left + right


def _page_text(document: Any, index: int) -> str:
    page = document[index]
    try:
        text_page = page.get_textpage()
        try:
            # The bounded text knows characters beyond U+FFFF, but nothing outside the page's box.
            text: str = text_page.get_text_bounded() or text_page.get_text_range()
        finally:
            text_page.close()
    finally:
        page.close()
    return text


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
            text = normalise(reader.pages[index].extract_text())
        except MemoryError:
            raise
        except Exception as error:  # noqa: BLE001 (as above)
            log.info("a page could not be read: %s", type(error).__name__)
            yield UnreadPage(index + 1, _BAD_PAGE)
            continue
        yield Page(text, index + 1)
