"""The words of documents in the two full-text tables, which keep no text of their own.

FTS5 with external content is told what it must take out, so both ways are one code here. A chunk's
text is cut out of its page in Python: the view's substr() would walk a long page once a chunk.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import apsw

from indexer.storage import erasure
from indexer.text.words import cut_cjk

HEAD = 1500  # characters of a document's beginning


@contextmanager
def plainly(db: apsw.Connection) -> Iterator[None]:
    """Let words be taken out without overwriting them. Call inside a transaction.

    For what is put in again at once: 1,000 chunks take 0.2 s so, else 6 s of processor time.
    """
    if erasure.unfinished(db) is erasure.What.DOCUMENTS:
        yield  # it is so already, and all is overwritten at its end
        return
    for overwrites in (0, 1):
        for table in ("chunk_words", "document_words"):
            db.execute(
                f"INSERT INTO {table} ({table}, rank) VALUES ('secure-delete', ?)", (overwrites,)
            )
        if not overwrites:
            yield


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


def put_document(db: apsw.Connection, content: int, titles: str, names: str) -> None:
    """Enter all words of a document under these titles and names."""
    for chunk, heading, body in _chunks(db, content):
        put_chunk(db, chunk, titles, heading, body)
    put_head(db, content, names, _first(db, content))


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
