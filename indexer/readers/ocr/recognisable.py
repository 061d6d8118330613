"""Which pages OCR can read: those that a person reads, and a reader of text does not."""

from __future__ import annotations

from indexer.readers.ocr.picture import NOT_RECOGNISED
from indexer.readers.pdf.reader import GARBLED, NO_TEXT
from indexer.types import UnreadPage

_FOR_OCR = frozenset({NO_TEXT, GARBLED, NOT_RECOGNISED})


def needs_ocr(page: UnreadPage) -> bool:
    """Tell whether a page could be read if it were recognised."""
    return page.reason in _FOR_OCR
