"""The text of a document of the library, sentence by sentence with its place."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import apsw

from indexer.errors import IndexerError
from indexer.storage.ledger import under
from indexer.text.sentences import sentence_spans
from indexer.types import State


@dataclass(frozen=True, slots=True)
class Place:
    """A sentence of a document."""

    text: str
    page: int | None = None
    label: str | None = None  # the number that is printed on the page, if it is another
    heading: str = ""  # of the section that it stands in
    start: int = 0  # in the text of its page
    chunk: int = 0  # that it stands in


# In tables each line stands for itself: a sheet of rows would be one sentence.
_LINES = frozenset({".csv", ".tsv", ".psv", ".xlsx", ".xlsm", ".xlsb", ".xls", ".ods", ".fods"})


def sentences_of(db: apsw.Connection, path: Path) -> list[Place]:
    """Return the sentences of a file as it was read. Raises IndexerError if there are none."""
    pages: Sequence[Any] = db.execute(
        """SELECT pages.id, text, number, label FROM pages
           WHERE content_id = (SELECT content_id FROM files WHERE path = ?) ORDER BY pages.id""",
        (os.fsencode(path),),
    ).fetchall()
    if not pages:
        raise _without_text(db, path)
    found: list[Place] = []
    for page, text, number, label in pages:
        chunks: Sequence[Any] = db.execute(
            "SELECT start, heading, id FROM chunks WHERE page_id = ? ORDER BY start", (page,)
        ).fetchall()
        at, heading, chunk = 0, "", 0
        for start, end in sentence_spans(text, lines=path.suffix.lower() in _LINES):
            while at < len(chunks) and chunks[at][0] <= start:
                _, heading, chunk = chunks[at]
                at += 1
            found.append(Place(text[start:end], number, label, heading, start, chunk))
    if not found:
        raise _without_text(db, path)
    return found


def _without_text(db: apsw.Connection, path: Path) -> IndexerError:
    """Return why there is no sentence of a file, and what to do."""
    row: Any = db.execute(
        "SELECT state, reason FROM files WHERE path = ?", (os.fsencode(path),)
    ).fetchone()
    state = State(row[0]) if row else None
    inside, values = under([path])
    if state is None and db.execute(f"SELECT 1 FROM files WHERE {inside} LIMIT 1", values).get:
        said = "This is a folder.", "Name one of its files."
    elif state is None:
        said = "This file is not in the library.", "Add it, or a folder around it, first."
    elif state is State.WAITING:
        said = "This file has not been read yet.", "Ask again when it has been."
    elif state in (State.FAILED, State.QUARANTINED, State.SKIPPED):
        said = "This file was not read.", row[1] or "The list of files says why."
    else:
        said = "There is no text in this file.", "What is on pictures may still be read by OCR."
    return IndexerError(*said, path)
