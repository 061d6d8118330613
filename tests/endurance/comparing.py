"""Two libraries compared by what they hold, whatever the numbers of their rows."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

import apsw
import numpy as np

from indexer.storage.database import open_for_reading
from indexer.vectors.library import LibraryVectors
from tests.endurance.victim import HashedWords

_QUESTIONS = ("bacodi fugahe", "limonu pare sito", "vawe xizo baba")
_TOLERANCE = 2e-3  # of a float16


def differences(one: Path, caches: Path, other: Path, other_caches: Path) -> list[str]:
    """Return the names of what is not the same in both."""
    with closing(open_for_reading(one)) as first, closing(open_for_reading(other)) as second:
        pairs = zip(_tables(first), _tables(second), strict=True)
        names = [name for (name, mine), (_, theirs) in pairs if mine != theirs]
        if not _close(_vectors(first), _vectors(second)):
            names.append("vectors")
        if not _close(_found(first, caches), _found(second, other_caches)):
            names.append("what the vectors find")
    return names


def _tables(db: apsw.Connection) -> Iterator[tuple[str, Any]]:
    queries = {
        "files": """SELECT path, size, mtime_ns, files.state, files.reason, hex(sha256)
            FROM files LEFT JOIN contents ON contents.id = content_id""",
        "contents": """SELECT hex(sha256), kind, title, name_words, pages, state, reason
            FROM contents""",
        "pages": """SELECT hex(sha256), number, text, label FROM pages
            JOIN contents ON contents.id = content_id""",
        "chunks": """SELECT hex(sha256), number, start, end, heading FROM chunks
            JOIN contents ON contents.id = chunks.content_id JOIN pages ON pages.id = page_id""",
        "words": "SELECT term, doc, cnt FROM temp.vocabulary",
        "words of documents": "SELECT term, doc, cnt FROM temp.document_vocabulary",
    }
    for name, query in queries.items():
        yield name, sorted(db.execute(query).fetchall(), key=repr)


def _vectors(db: apsw.Connection) -> dict[Any, Any]:
    rows: list[Any] = db.execute(
        """SELECT hex(sha256), chunks.page_id - (SELECT min(id) FROM pages
                  WHERE pages.content_id = contents.id), start, vector
           FROM vectors JOIN chunks ON chunks.id = chunk_id
           JOIN contents ON contents.id = chunks.content_id"""
    ).fetchall()
    return {row[:3]: np.frombuffer(row[3], "<f2").astype(np.float32) for row in rows}


def _found(db: apsw.Connection, caches: Path) -> dict[Any, Any]:
    """Return the cosine of each chunk to each question, as FAISS gives them."""
    encoder = HashedWords()
    vectors = LibraryVectors(db, caches, encoder)
    names: dict[int, Any] = dict(
        db.execute(
            """SELECT chunks.id, hex(sha256) || ' ' || start FROM chunks
               JOIN contents ON contents.id = content_id"""
        ).fetchall()  # type: ignore[arg-type]
    )
    found: dict[Any, Any] = {}
    for question in _QUESTIONS:
        ids, cosines = vectors.search(encoder.embed_query(question), len(names) + 1)
        for id_, cosine in zip(ids.tolist(), cosines.tolist(), strict=True):
            found[question, names.get(id_, "of nothing")] = cosine
    return found


def _close(one: Mapping[Any, Any], other: Mapping[Any, Any]) -> bool:
    return one.keys() == other.keys() and all(
        np.allclose(one[key], other[key], atol=_TOLERANCE) for key in one
    )
