"""What models wrote about sections of documents: kept in the library, and erased with its document.

A section is known by the SHA-256 of its text, so that what is read anew, or more of it, is written
about anew.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

from indexer.storage.database import in_words, open_for_reading, open_for_writing

_CONTENT = "(SELECT content_id FROM files WHERE path = ?)"


@dataclass(frozen=True, slots=True)
class Summaries:
    """The summaries of one file by one model."""

    database: Path
    path: Path
    model: str

    def find(self, section: str) -> str | None:
        """Return what the model wrote about a section, if it did. Raises IndexerError."""
        with in_words(self.database), closing(open_for_reading(self.database)) as db:
            row: Any = db.execute(
                f"""SELECT text FROM summaries
                    WHERE content_id = {_CONTENT} AND model = ? AND section = ?""",
                (os.fsencode(self.path), self.model, _digest(section)),
            ).fetchone()
        return str(row[0]) if row else None

    def which(self, sections: Sequence[str]) -> list[bool]:
        """Return for each section whether the model wrote about it. Raises IndexerError."""
        with in_words(self.database), closing(open_for_reading(self.database)) as db:
            rows: list[Any] = db.execute(
                f"SELECT section FROM summaries WHERE content_id = {_CONTENT} AND model = ?",
                (os.fsencode(self.path), self.model),
            ).fetchall()
        there = {bytes(row[0]) for row in rows}
        return [_digest(section) in there for section in sections]

    def keep(self, section: str, text: str) -> None:
        """Keep what the model wrote, unless the file is gone. Raises IndexerError."""
        with in_words(self.database), closing(open_for_writing(self.database)) as db, db:
            db.execute(
                "INSERT OR REPLACE INTO summaries (content_id, model, section, text) "
                "SELECT content_id, ?2, ?3, ?4 FROM files "
                "WHERE path = ?1 AND content_id IS NOT NULL",
                (os.fsencode(self.path), self.model, _digest(section), text.replace("\0", "")),
            )


def _digest(section: str) -> bytes:
    return sha256(section.encode("utf-8", "surrogatepass")).digest()
