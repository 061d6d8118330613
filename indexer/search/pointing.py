"""The passage that somebody means who names a file, maybe a page, maybe its text."""

from __future__ import annotations

from pathlib import Path

from indexer.search.searcher import Searcher
from indexer.types import Hit, Scope

# Passages of the file that are looked at for the page or the text.
_DEPTH = 50


def pointed_at(
    searcher: Searcher, question: str, file: Path, page: int | None = None, text: str = ""
) -> Hit | None:
    """Return the passage of a file that holds a text or is most like it, else like the question.

    None if the file, or the page of it, has no passage that is found by either. Raises
    IndexerError.
    """
    wanted = _plain(text)
    hits = searcher.search(text if wanted else question, _DEPTH, Scope((file,)), lessons=False)
    on_page = [hit for hit in hits if page is None or hit.page == page]
    holding = (hit for hit in on_page if wanted and wanted in _plain(hit.text))
    return next(holding, on_page[0] if on_page else None)


def _plain(text: str) -> str:
    return " ".join(text.casefold().split())
