"""The text of a document of the library, sentence by sentence with its place."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import apsw

from indexer.errors import IndexerError
from indexer.text.sentences import sentence_spans


@dataclass(frozen=True, slots=True)
class Place:
    """A sentence of a document."""

    text: str
    page: int | None = None
    label: str | None = None  # the number that is printed on the page, if it is another
    heading: str = ""  # of the section that it stands in


# In these kinds each line stands for itself.
_LINES = frozenset({".csv", ".tsv"})


def sentences_of(db: apsw.Connection, path: Path) -> list[Place]:
    """Return the sentences of a file as it was read. Raises IndexerError if it was not."""
    pages: Sequence[Any] = db.execute(
        """SELECT pages.id, text, number, label FROM pages
           WHERE content_id = (SELECT content_id FROM files WHERE path = ?) ORDER BY pages.id""",
        (os.fsencode(path),),
    ).fetchall()
    if not pages:
        raise IndexerError(
            "No text of this file is in the library.",
            "Only what was read has one; `status --files` lists the files.",
            path,
        )
    found: list[Place] = []
    for page, text, number, label in pages:
        chunks: Sequence[Any] = db.execute(
            "SELECT start, heading FROM chunks WHERE page_id = ? ORDER BY start", (page,)
        ).fetchall()
        at, heading = 0, ""
        for start, end in sentence_spans(text, lines=path.suffix.lower() in _LINES):
            while at < len(chunks) and chunks[at][0] <= start:
                heading = chunks[at][1]
                at += 1
            found.append(Place(text[start:end], number, label, heading))
    return found
