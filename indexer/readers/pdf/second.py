"""pypdf as second try, where pdfium cannot open a file or does not know a font's letters."""

from __future__ import annotations

import logging
import re
import time
from collections.abc import Iterator
from typing import Any

from indexer.errors import Unreadable
from indexer.readers import damaged, encrypted
from indexer.readers.kinds.names import Kind
from indexer.readers.pdf.text import is_garbled, normalise
from indexer.readers.sheet import real_title
from indexer.readers.source import Source
from indexer.types import DocumentInfo, Page, ReaderItem, UnreadPage

log = logging.getLogger(__name__)

BAD_PAGE = "This page is damaged."
GARBLED = "The text of this page is garbled, because its fonts do not say which letters they hold."
_SECONDS = 5.0  # for the named letters of one document; OCR takes as long for a page or two
_MOST_CONTENT = 1_000_000  # bytes of a page, of which pypdf reads some 300,000 a second
_MOST_FONTS = 200
_LETTER = re.compile(r"/(?:[A-Za-z]|uni[0-9A-F]{4})")


class _TooLong(Exception):
    """A page takes longer than it may."""


def read_again(source: Source, locked: bool) -> Iterator[ReaderItem]:
    """Read what pdfium refused, `locked` if for its encryption. Raises Unreadable."""
    from pypdf.errors import DependencyError

    try:
        reader = opened(source)
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
            yield UnreadPage(index + 1, BAD_PAGE)
            continue
        if is_garbled(text):
            yield UnreadPage(index + 1, GARBLED)
        else:
            yield Page(normalise(text), index + 1)


class NamedLetters:
    """Reads pages whose letters are drawn one by one (Type 3) and named, as pdfium does not."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self._reader: Any = None
        self._left = _SECONDS

    def lines(self, index: int) -> list[str]:
        """Return the lines of a page, none if its letters have no names or it takes too long."""
        began = time.monotonic()
        if self._left <= 0:
            return []
        try:
            self._reader = self._reader or opened(self._source)
            page = self._reader.pages[index]
            if not _has_names(page) or len(page.get_contents().get_data()) > _MOST_CONTENT:
                return []
            text = page.extract_text(visitor_operand_before=self._limit(began))
        except MemoryError:
            raise
        except Exception as error:  # noqa: BLE001 (a damaged file may make a parser raise anything)
            log.info("no letters by name: %s", type(error).__name__)
            return []
        finally:
            self._left -= time.monotonic() - began
        return [] if is_garbled(text) else [line for line in text.split("\n") if line.strip()]

    def _limit(self, began: float) -> Any:
        until = began + self._left

        def look(*_: object) -> None:
            if time.monotonic() > until:
                raise _TooLong

        return look


def opened(source: Source) -> Any:
    """Return a PDF as pypdf has it; raises Unreadable, or anything where it is damaged."""
    import pypdf

    logging.getLogger("pypdf").setLevel(logging.CRITICAL)  # it would log the document's content
    reader = pypdf.PdfReader(source.file, strict=False)
    if reader.is_encrypted and not reader.decrypt(source.password or ""):
        raise encrypted("PDF", source.path)
    return reader


def _has_names(page: Any) -> bool:
    """Tell whether each drawn font of a page names its letters: "A" or "uni0041", not "g17"."""
    named = False
    for font in list(page["/Resources"]["/Font"].values())[:_MOST_FONTS]:
        description = font.get_object()
        if description["/Subtype"] != "/Type3" or "/ToUnicode" in description:
            continue
        names = [each for each in description["/Encoding"]["/Differences"] if str(each) == each]
        named = sum(bool(_LETTER.fullmatch(name)) for name in names) * 2 > len(names)
        if not named:
            return False
    return named
