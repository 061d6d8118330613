"""What stands in the files: pages, chunks, their words and their vectors, once for all copies."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import apsw
import numpy as np
from numpy.typing import NDArray

from indexer.storage import fulltext
from indexer.storage.chat_keys import forget_readers
from indexer.storage.database import transaction
from indexer.storage.ledger import count_chunks
from indexer.storage.naming import Own, names_of
from indexer.text.language import LANGUAGE_PAGES, recognise_pages
from indexer.text.words import name_words
from indexer.types import Chunk, Page, State, UnreadPage


@dataclass(frozen=True, slots=True)
class NewUnread:
    """A page that was not read."""

    page: UnreadPage
    place: int | None  # which of the texts is its empty page, if OCR is to fill it


@dataclass(frozen=True, slots=True)
class NewContent:
    """A document that was read and chunked, ready to be saved whole."""

    sha256: bytes
    kind: str
    stem: str  # of the file's name
    own_title: str  # what it calls itself, in its metadata or by how it begins
    own_name: str  # the same, but of its metadata alone
    pages: int | None
    state: State  # INDEXED, PARTIAL or EMPTY
    reason: str
    texts: Sequence[Page]
    chunks: Sequence[Chunk]
    unread: Sequence[NewUnread] = ()
    labels: Mapping[int, str] = field(default_factory=dict)  # by the pages' numbers


@dataclass(frozen=True, slots=True)
class KnownContent:
    """A content that is here already; `state` is its final one."""

    id: int
    kind: str
    state: State
    reason: str


@dataclass(frozen=True, slots=True)
class EmbeddingJob:
    """A chunk that has no vector yet."""

    chunk: int
    content: int
    title: str
    heading: str
    text: str


class Contents:
    """The tables of contents, over the connection of the one writer."""

    def __init__(self, db: apsw.Connection, path: Path) -> None:
        self._db = db
        self._path = path

    def of_bytes(self, sha256: bytes) -> list[KnownContent]:
        """Return what these bytes were read as, whatever their names said."""
        rows = self._db.execute(
            "SELECT id, kind, state, reason FROM contents WHERE identity > ? AND identity < ?",
            (sha256, sha256 + b"\xff"),
        )
        return [KnownContent(id_, kind, State(state), why) for id_, kind, state, why in rows]

    def find(self, sha256: bytes, kind: str) -> int | None:
        """Return the content that these bytes are when they are read as a kind."""
        row: Any = self._db.execute(
            "SELECT id FROM contents WHERE identity = ?", (sha256 + kind.encode(),)
        ).fetchone()
        return int(row[0]) if row else None

    def save(self, new: NewContent) -> int:
        """Save a document with its words, and return its id. Call inside a transaction."""
        own = Own(new.own_title, " ".join(name_words(new.own_name)))
        names = names_of([new.stem], own)
        self._db.execute(
            """INSERT INTO contents (identity, kind, title, titles, name_words, own_title,
                                     own_words, pages, state, reason, language)
               VALUES (?, ?, ?3, ?3, ?4, ?, ?, ?, ?, ?, ?)""",
            (
                *(new.sha256 + new.kind.encode(), new.kind, names.titles, names.words),
                *(own.title, own.words, new.pages, new.state, new.reason),
                recognise_pages(page.text for page in new.texts),
            ),
        )
        content = self._db.last_insert_rowid()
        pages = []
        for page in new.texts:
            self._db.execute(
                "INSERT INTO pages (content_id, number, text, label) VALUES (?, ?, ?, ?)",
                (content, page.number, page.text, new.labels.get(page.number or 0)),
            )
            pages.append(self._db.last_insert_rowid())
        for chunk in new.chunks:
            text = new.texts[chunk.page].text
            self.save_chunk(content, pages[chunk.page], names.titles, text, chunk)
        for unread in new.unread:
            self._db.execute(
                "INSERT INTO unread_pages (content_id, page_id, number, reason, member) "
                "VALUES (?, ?, ?, ?, ?)",
                (
                    content,
                    None if unread.place is None else pages[unread.place],
                    unread.page.number,
                    unread.page.reason,
                    json.dumps(unread.page.member),
                ),
            )
        first = new.texts[0].text if new.texts else ""
        fulltext.put_head(self._db, content, names.words, first)
        return content

    def save_chunk(self, content: int, page: int, titles: str, text: str, chunk: Chunk) -> None:
        """Save a chunk of a page's text with its words. Call inside a transaction."""
        self._db.execute(
            "INSERT INTO chunks (content_id, page_id, start, end, heading) VALUES (?, ?, ?, ?, ?)",
            (content, page, chunk.start, chunk.end, chunk.heading),
        )
        body = text[chunk.start : chunk.end]
        fulltext.put_chunk(self._db, self._db.last_insert_rowid(), titles, chunk.heading, body)

    def recognise_languages(self, limit: int = 200) -> bool:
        """Recognise the languages of some contents of which it was not done; False if none is left.

        Those that an older version read, or in which OCR has found text since.
        """
        with transaction(self._db, self._path):
            rows: list[Any] = self._db.execute(
                "SELECT id FROM contents WHERE language IS NULL LIMIT ?", (limit,)
            ).fetchall()
            for (content,) in rows:
                texts: list[Any] = self._db.execute(
                    f"SELECT text FROM pages WHERE content_id = ? AND text != '' ORDER BY id "
                    f"LIMIT {LANGUAGE_PAGES}",
                    (content,),
                ).fetchall()
                language = recognise_pages(row[0] for row in texts)
                self._db.execute(
                    "UPDATE contents SET language = ? WHERE id = ?", (language, content)
                )
        return bool(rows)

    def count_languages(self) -> dict[str, int]:
        """Return how many documents are in each language that was recognised."""
        rows: list[Any] = self._db.execute(
            "SELECT language, count(*) FROM contents WHERE language > '' GROUP BY language"
        ).fetchall()
        return dict(rows)

    def keep_once(self, key: str, value: str) -> bool:
        """Keep a value of the library's own; False if it was kept before."""
        with transaction(self._db, self._path):
            self._db.execute(
                "INSERT INTO library VALUES (?1, ?2) ON CONFLICT (key) "
                "DO UPDATE SET value = ?2 WHERE value != ?2",
                (key, value),
            )
            return self._db.changes() > 0

    def erase_orphans(self, limit: int = 200) -> int:
        """Erase up to `limit` contents that no file holds any more; return how many.

        Erased means gone from the file too: secure_delete overwrites, and `close` and
        `checkpoint` empty the write-ahead log.
        """
        with transaction(self._db, self._path):
            rows: list[Any] = self._db.execute(
                "SELECT id, titles, name_words FROM contents WHERE NOT EXISTS "
                "(SELECT 1 FROM files WHERE content_id = contents.id) LIMIT ?",
                (limit,),
            ).fetchall()
            if rows:
                forget_readers(self._db, [content for content, _, _ in rows])
            for content, titles, names in rows:
                fulltext.take_document(self._db, content, titles, names)
                self._db.execute(
                    "DELETE FROM vectors WHERE chunk_id IN "
                    "(SELECT id FROM chunks WHERE content_id = ?)",
                    (content,),
                )
                self._db.execute("DELETE FROM contents WHERE id = ?", (content,))
        return len(rows)

    def encoder_id(self, name: str, dimensions: int) -> int:
        """Return the id under which an encoder's vectors are kept."""
        with transaction(self._db, self._path):
            self._db.execute(
                "INSERT INTO encoders (name, dimensions) VALUES (?, ?) ON CONFLICT DO NOTHING",
                (name, dimensions),
            )
        return int(self._db.execute("SELECT id FROM encoders WHERE name = ?", (name,)).get)

    def unembedded(self, encoder: int, after: int, limit: int) -> list[EmbeddingJob]:
        """Return chunks above the id `after` that lack this encoder's vector, in order."""
        rows = self._db.execute(
            """SELECT chunks.id, contents.id, contents.title, chunks.heading,
                      substr(pages.text, chunks.start + 1, chunks.end - chunks.start)
               FROM chunks
               JOIN contents ON contents.id = chunks.content_id
               JOIN pages ON pages.id = chunks.page_id
               WHERE chunks.id > ?1
                 AND EXISTS (SELECT 1 FROM files WHERE files.content_id = chunks.content_id)
                 AND NOT EXISTS (SELECT 1 FROM vectors
                                 WHERE encoder_id = ?2 AND chunk_id = chunks.id)
               ORDER BY chunks.id LIMIT ?3""",
            (after, encoder, limit),
        )
        return [EmbeddingJob(*row) for row in rows]

    def save_vectors(
        self, encoder: int, chunks: Sequence[int], vectors: NDArray[np.float32]
    ) -> None:
        """Save the vectors of these chunks, (len(chunks), dimensions)."""
        halves = vectors.astype("<f2")
        with transaction(self._db, self._path):
            self._db.executemany(
                # A chunk that was erased while it was embedded has no place any more.
                "INSERT OR IGNORE INTO vectors (encoder_id, chunk_id, vector) "
                "SELECT ?1, id, ?2 FROM chunks WHERE id = ?3",
                (
                    (encoder, half.tobytes(), chunk)
                    for chunk, half in zip(chunks, halves, strict=True)
                ),
            )

    def count_unembedded(self, encoder: int) -> int:
        """Return how many chunks lack a vector of this encoder."""
        return count_chunks(self._db) - self.count_embedded(encoder)

    def count_embedded(self, encoder: int) -> int:
        """Return how many vectors of this encoder there are, in no time."""
        query = "SELECT vectors FROM encoders WHERE id = ?"
        return int(self._db.execute(query, (encoder,)).get)


def count_vectors(db: apsw.Connection) -> dict[str, int]:
    """Return how many vectors of each encoder there are, by its name; in no time."""
    rows: list[Any] = db.execute("SELECT name, vectors FROM encoders").fetchall()
    return dict(rows)
