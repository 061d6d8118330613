"""The passage that somebody means who names a file, maybe a page, maybe its text."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Any

import apsw

from indexer.search.searcher import Searcher
from indexer.types import Hit, Scope

# Passages of the file that are looked at for the page or the text.
_DEPTH = 50
# What stands in them would be required as it is written.
_QUOTES = re.compile(r'["“”„«»「」『』]')


def pointed_at(
    db: apsw.Connection,
    searcher: Searcher,
    question: str,
    file: Path,
    page: int | None = None,
    text: str = "",
) -> Hit | None:
    """Return the passage of a file that holds a text or is most like it.

    Without a text that which is most like the question, or else the first. None if the file, or
    the page of it, has no such passage. Raises IndexerError.
    """
    wanted = _plain(text)
    asked = _QUOTES.sub(" ", text if wanted else question)
    hits = searcher.search(asked, _DEPTH, Scope((file,)), lessons=False)
    on_page = [hit for hit in hits if page is None or hit.page == page]
    if not on_page and not wanted:
        on_page = searcher.passages(_first(db, file, page))
    holding = (hit for hit in on_page if wanted and wanted in _plain(hit.text))
    return next(holding, on_page[0] if on_page else None)


def _first(db: apsw.Connection, file: Path, page: int | None) -> list[int]:
    rows: list[Any] = db.execute(
        """SELECT chunks.id FROM files JOIN pages ON pages.content_id = files.content_id
           JOIN chunks ON chunks.page_id = pages.id
           WHERE files.path = ?1 AND (?2 IS NULL OR pages.number = ?2)
           ORDER BY chunks.id LIMIT 1""",
        (os.fsencode(file), page),
    ).fetchall()
    return [row[0] for row in rows]


def _plain(text: str) -> str:
    return " ".join(text.casefold().split())
