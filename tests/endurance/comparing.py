"""Two libraries compared by what they hold, whatever the numbers of their rows."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from contextlib import closing
from itertools import chain
from pathlib import Path
from typing import Any

import apsw
import numpy as np

from indexer.storage.database import open_for_reading
from indexer.text.titles import embedded_text, file_title
from indexer.vectors.library import LibraryVectors
from tests.endurance.victim import HashedWords

_QUESTIONS = ("bacodi fugahe", "limonu pare sito", "vawe xizo baba")
_TOLERANCE = 2e-3  # of a float16
# What a chunk is, whatever the numbers of its rows.
_CHUNK = "content, page, start"
_CHUNKS = """FROM (SELECT chunks.id AS chunk, page_id, start, end, heading,
    hex(identity) AS content, contents.title, own_title,
    page_id - (SELECT min(id) FROM pages WHERE pages.content_id = contents.id) AS page
    FROM chunks JOIN contents ON contents.id = content_id)"""


def differences(
    one: Path, caches: Path, other: Path, other_caches: Path, stems: Collection[str] = ()
) -> list[str]:
    """Return the names of what is not the same in both.

    A vector may have been made under any of the names that files have had (`stems`).
    """
    with closing(open_for_reading(one)) as first, closing(open_for_reading(other)) as second:
        pairs = zip(_tables(first), _tables(second), strict=True)
        names = [name for (name, mine), (_, theirs) in pairs if mine != theirs]
        mine, theirs = _vectors(first), _vectors(second)
        if mine.keys() != theirs.keys():
            names.append("which vectors there are")
        for db, vectors, cache in ((first, mine, caches), (second, theirs, other_caches)):
            if not _are_of_their_text(db, vectors, stems):
                names.append("vectors")
            if not _close(_found(db, cache), _cosines(vectors)):
                names.append("what the vectors find")
    return names


def _tables(db: apsw.Connection) -> Iterator[tuple[str, Any]]:
    queries = {
        "files": """SELECT path, size, mtime_ns, files.state, files.reason, hex(identity)
            FROM files LEFT JOIN contents ON contents.id = content_id""",
        "contents": """SELECT hex(identity), kind, titles, name_words, own_title, own_words,
            pages, state, reason FROM contents""",
        "names that are not collected": "SELECT content_id FROM renamed",
        "pages": """SELECT hex(identity), number, text, label FROM pages
            JOIN contents ON contents.id = content_id""",
        "chunks": """SELECT hex(identity), number, start, end, heading FROM chunks
            JOIN contents ON contents.id = chunks.content_id JOIN pages ON pages.id = page_id""",
        "words": "SELECT term, doc, cnt FROM temp.vocabulary",
        "words of documents": "SELECT term, doc, cnt FROM temp.document_vocabulary",
    }
    for name, query in queries.items():
        yield name, sorted(db.execute(query).fetchall(), key=repr)


def _vectors(db: apsw.Connection) -> dict[Any, Any]:
    """Return the vectors by their chunk: content, place of the page, start."""
    rows: list[Any] = db.execute(
        f"SELECT {_CHUNK}, vector {_CHUNKS} JOIN vectors ON chunk_id = chunk"
    )
    return {row[:3]: np.frombuffer(row[3], "<f2").astype(np.float32) for row in rows}


def _are_of_their_text(
    db: apsw.Connection, vectors: dict[Any, Any], stems: Collection[str]
) -> bool:
    """Tell whether each vector is that of its chunk's text, under one of the names."""
    encoder = HashedWords()
    rows: list[Any] = db.execute(
        f"SELECT {_CHUNK}, title, own_title, heading, substr(text, start + 1, end - start) "
        f"{_CHUNKS} JOIN pages ON pages.id = page_id"
    ).fetchall()
    for *chunk, title, own, heading, text in rows:
        vector = vectors.get(tuple(chunk))
        others = (file_title(stem, own) for stem in stems)
        if vector is not None and not any(
            np.allclose(encoder.embed_query(embedded_text(name, heading, text)), vector,
                        atol=_TOLERANCE)
            for name in chain([title], others)
        ):  # fmt: skip
            return False
    return True


def _found(db: apsw.Connection, caches: Path) -> dict[Any, Any]:
    """Return the cosine of each chunk to each question, as FAISS gives them."""
    encoder = HashedWords()
    vectors = LibraryVectors(db, caches, encoder)
    names = {row[0]: row[1:] for row in db.execute(f"SELECT chunk, {_CHUNK} {_CHUNKS}")}
    found: dict[Any, Any] = {}
    for question in _QUESTIONS:
        ids, cosines = vectors.search(encoder.embed_query(question), len(names) + 1)
        for id_, cosine in zip(ids.tolist(), cosines.tolist(), strict=True):
            found[question, names.get(id_, "of nothing")] = cosine
    return found


def _cosines(vectors: dict[Any, Any]) -> dict[Any, Any]:
    encoder = HashedWords()
    return {
        (question, chunk): float(encoder.embed_query(question) @ vector)
        for question in _QUESTIONS
        for chunk, vector in vectors.items()
    }


def _close(one: Mapping[Any, Any], other: Mapping[Any, Any]) -> bool:
    return one.keys() == other.keys() and all(
        np.allclose(one[key], other[key], atol=_TOLERANCE) for key in one
    )
