"""Pages of PDFs that several tests read: columns of prose and a table."""

from __future__ import annotations

from pathlib import Path

from documents import Placed

from indexer.readers import read
from indexer.types import DocumentInfo, Page

LEFT = [
    "In the north the ice lasts long, and",
    "no ship can leave the harbour before",
    "the first weeks of May. The fishermen",
    "mend their nets meanwhile and wait un-",
]
RIGHT = [
    "til the wind turns. Then all boats go",
    "out in one night, and the town is so",
    "quiet that one hears the water under",
    "the planks of the long wooden bridge.",
]
TABLE = [("Ship", "2021", "2022"), ("Anna", "1,200", "900"), ("Berta", "850", "1,300"),
         ("Clara", "40", "77")]  # fmt: skip


def pages_of(path: Path) -> list[Page]:
    """Return the pages of a PDF, all of which must be readable."""
    pages = [item for item in read(path) if not isinstance(item, DocumentInfo)]
    assert all(isinstance(page, Page) for page in pages)
    return pages  # type: ignore[return-value]


def in_columns(top: float = 700) -> list[Placed]:
    """Return two columns of prose as a careless program writes them: line by line across both."""
    return [
        (left, top - 12 * row, 10, text)
        for row, pair in enumerate(zip(LEFT, RIGHT, strict=True))
        for left, text in zip((72, 320), pair, strict=True)
    ]
