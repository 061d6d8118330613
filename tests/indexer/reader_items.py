"""What tests ask of the items that a reader yields."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from indexer.readers import read
from indexer.types import DocumentInfo, Page, ReaderItem, UnreadPage


def items_of(path: Path) -> tuple[DocumentInfo, list[ReaderItem]]:
    """Read a file to its end: what is known of it, and its pages."""
    first, *rest = read(path)
    assert isinstance(first, DocumentInfo)
    return first, rest


def text_of(path: Path) -> str:
    """Return the text of a document of one page."""
    _, (page,) = items_of(path)
    assert isinstance(page, Page)
    return page.text


def texts(items: Iterable[ReaderItem]) -> list[str]:
    """Return the texts of all pages."""
    return [item.text for item in items if isinstance(item, Page)]


def lines_of(items: Iterable[ReaderItem]) -> list[str]:
    """Return the lines of all pages."""
    return [line for text in texts(items) for line in text.split("\n")]


def headings_of(items: Iterable[ReaderItem]) -> list[tuple[int, str]]:
    """Return level and text of all headings."""
    return [(h.level, h.text) for page in items if isinstance(page, Page) for h in page.headings]


def reasons(items: Iterable[ReaderItem]) -> list[str]:
    """Return why pages could not be read."""
    return [item.reason for item in items if isinstance(item, UnreadPage)]
