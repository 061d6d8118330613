"""Questions that name a page by its number, as it is printed or else counted."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

import apsw

# Pages of that number in all documents; in a large library there is one in each.
MOST_CHUNKS = 2_000
_ROMAN = r"(?-i:[ivxlc]{1,7}|[IVXLC]{2,7})"  # "the page I read" names none
_NUMBER = rf"((?:[A-Z]{{1,2}}-?)?\d{{1,5}}|{_ROMAN})"
_ASKED = re.compile(
    rf"\b(?:pages?|seiten?|páginas?)\s+{_NUMBER}(?!\w)"
    r"|(?<![\w.])(?:pp?|s)\.\s?(\d{1,5})(?!\w)"
    rf"|第\s*{_NUMBER}\s*[页頁]",
    re.IGNORECASE,
)


def asked_page(question: str) -> str | None:
    """Return the number of the page that a question asks about, in small letters, if it does."""
    match = _ASKED.search(question)
    return next(group for group in match.groups() if group).lower() if match else None


def chunks_of_page(
    db: apsw.Connection, page: str, clause: str, values: Sequence[Any]
) -> dict[int, None]:
    """Return what stands on the pages of that number in the files that a clause names.

    A page that has another number printed on it is not called by its place in the file.
    """
    rows = db.execute(
        f"""SELECT chunks.id FROM pages JOIN chunks ON chunks.page_id = pages.id
            WHERE lower(coalesce(label, number)) = ?
              AND pages.content_id IN (SELECT content_id FROM files WHERE {clause})
            ORDER BY chunks.id LIMIT {MOST_CHUNKS}""",
        (page, *values),
    )
    return dict.fromkeys(int(row[0]) for row in rows)
