"""The passage that shows why a file is among those that were asked for."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import apsw

from indexer.sets.matching import Place
from indexer.sets.plan import Member
from indexer.text.sentences import sentence_spans
from indexer.types import Hit

_LONGEST_QUOTE = 300

_SELECT = """SELECT chunks.id, chunks.start, chunks.end, heading, pages.number, contents.pages,
                    pages.label, substr(pages.text, chunks.start + 1, chunks.end - chunks.start)
             FROM chunks JOIN pages ON pages.id = chunks.page_id
             JOIN contents ON contents.id = chunks.content_id"""


def member_of(
    db: apsw.Connection,
    path: Path,
    content: int | None,
    place: Place | None,
    quote: str,
    *,
    away: bool,
    file: int,
) -> Member:
    """Return a file with the sentence at a place, or the line that says why it is meant."""
    row: Any = None
    if place is not None:
        row = db.execute(
            f"{_SELECT} WHERE chunks.page_id = ? AND chunks.end > ? ORDER BY chunks.start LIMIT 1",
            (place.page, place.start),
        ).fetchone()
    elif content is not None:
        row = _with_line(db, content, quote) if quote else None
    if row is None and content is not None:
        row = db.execute(
            f"{_SELECT} WHERE chunks.content_id = ? ORDER BY chunks.id LIMIT 1", (content,)
        ).fetchone()
    if row is None:
        return Member(path, away=away, file=file)
    chunk, start, end, heading, number, pages, label, text = row
    hit = Hit(
        chunk, 1, path, number, pages, heading, start, end, text, 1.0, None, None, label, away
    )
    if place is not None and start <= place.start < end:
        quote = _sentence(text, place.start - start)
    at = text.find(quote) if quote else -1
    return Member(path, hit, quote if at >= 0 else "", away, file)


def _with_line(db: apsw.Connection, content: int, line: str) -> Any:
    return db.execute(
        f"{_SELECT} WHERE chunks.content_id = ? AND instr(substr(pages.text, chunks.start + 1,"
        " chunks.end - chunks.start), ?) ORDER BY chunks.id LIMIT 1",
        (content, line),
    ).fetchone()


def _sentence(text: str, at: int) -> str:
    for start, end in sentence_spans(text):
        if start <= at < end:
            if end - start <= _LONGEST_QUOTE:
                return text[start:end]
            first = max(start, at - _LONGEST_QUOTE // 2)
            return text[first : min(end, first + _LONGEST_QUOTE)]
    return ""
