"""The words of documents in the two full-text tables, which keep no text of their own.

FTS5 with external content is told what it must take out, so both ways are one code here. A chunk's
text is cut out of its page in Python: the view's substr() would walk a long page once a chunk.

Words are taken out with FTS5's secure-delete, or all without it and then merged (erasure.py), never
now so, now so: SQLite 3.54 then brings back what stood in an older segment.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import apsw

from indexer.text.words import cut_cjk

HEAD = 1500  # characters of a document's beginning


def put_chunk(db: apsw.Connection, chunk: int, titles: str, heading: str, body: str) -> None:
    """Enter the words of a chunk."""
    db.execute(
        "INSERT INTO chunk_words (rowid, body, names) VALUES (?, ?, ?)",
        (chunk, cut_cjk(body), cut_cjk(f"{titles} {heading}")),
    )


def put_head(db: apsw.Connection, content: int, names: str, first: str) -> None:
    """Enter the words of a document's names and of the beginning of its first page."""
    db.execute(
        "INSERT INTO document_words (rowid, name, head) VALUES (?, ?, ?)",
        (content, names, cut_cjk(first[:HEAD])),
    )


def take_head(db: apsw.Connection, content: int, names: str, first: str) -> None:
    """Take out what `put_head` entered."""
    db.execute(
        "INSERT INTO document_words (document_words, rowid, name, head) VALUES ('delete', ?, ?, ?)",
        (content, names, cut_cjk(first[:HEAD])),
    )


def take_document(db: apsw.Connection, content: int, titles: str, names: str) -> None:
    """Take out all words of a document, which are there under these titles and names."""
    for chunk, heading, body in _chunks(db, content):
        db.execute(
            "INSERT INTO chunk_words (chunk_words, rowid, body, names) VALUES ('delete', ?, ?, ?)",
            (chunk, cut_cjk(body), cut_cjk(f"{titles} {heading}")),
        )
    take_head(db, content, names, _first(db, content))


def put_document(db: apsw.Connection, content: int, titles: str, names: str) -> int:
    """Enter all words of a document under these titles and names; return how many chunks it has."""
    count = 0
    for chunk, heading, body in _chunks(db, content):
        put_chunk(db, chunk, titles, heading, body)
        count += 1
    put_head(db, content, names, _first(db, content))
    return count


def _chunks(db: apsw.Connection, content: int) -> Iterator[tuple[int, str, str]]:
    pages: list[Any] = db.execute(
        "SELECT id, text FROM pages WHERE content_id = ? ORDER BY id", (content,)
    ).fetchall()
    for page, text in pages:
        chunks: list[Any] = db.execute(
            "SELECT id, start, end, heading FROM chunks WHERE page_id = ?", (page,)
        ).fetchall()
        for chunk, start, end, heading in chunks:
            yield chunk, heading, text[start:end]


def _first(db: apsw.Connection, content: int) -> str:
    row: Any = db.execute(
        "SELECT text FROM pages WHERE content_id = ? ORDER BY id LIMIT 1", (content,)
    ).fetchone()
    return str(row[0]) if row else ""
