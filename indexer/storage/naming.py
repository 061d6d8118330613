"""What documents are called in the full text: by all the files that hold them.

A document is read and embedded once for all its copies, but each of them is to be found by its own
name, and by the one that it has now. So a content has a line for each name. Files that come are
entered at once; whose files went or were renamed, triggers note in `renamed`, so that no way to
change them can be forgotten. Vectors stay as they were made: a title is a small part of them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from typing import Any

import apsw

from indexer.storage import fulltext
from indexer.storage.database import transaction
from indexer.storage.ledger import path_of
from indexer.text.titles import file_title, given_name, own_title
from indexer.text.words import name_words
from indexer.types import DocumentInfo

# Copies of one document beyond these are found by its words alone: all names are written anew
# with each that comes.
_MOST_NAMES = 100
_STEP = 200
# That are written anew at once: 100 take 0.4 s of processor time, 1,000 take 6 s, since FTS5
# overwrites each word that it takes out.
_CHUNKS = 100


@dataclass(frozen=True, slots=True)
class Names:
    """What a document is called, a line a name."""

    titles: str
    words: str  # as questions say them; only of files that have a name


@dataclass(frozen=True, slots=True)
class Own:
    """What a document is called where only a machine named its file."""

    title: str
    words: str


def names_of(stems: Iterable[str], own: Own) -> Names:
    """Return what a document is called whose files have these names."""
    titles: set[str] = set()
    words: set[str] = set()
    for stem in stems:
        given = given_name(stem)
        titles.add(file_title(stem, own.title))
        words.add(" ".join(name_words(given)) if given else own.words)
    return Names(_lines(titles), _lines(words - {""}))


def _lines(names: set[str]) -> str:
    return "\n".join(sorted(names)[:_MOST_NAMES])


class Naming:
    """The names of contents, over the connection of the one writer."""

    def __init__(self, db: apsw.Connection, path: Path) -> None:
        self._db = db
        self._path = path

    def step(self) -> bool:
        """Collect the names of some contents whose files changed; False if there are none."""
        with transaction(self._db, self._path):
            rows: list[Any] = self._db.execute(
                "SELECT content_id FROM renamed LIMIT ?", (_STEP,)
            ).fetchall()
            written = 0
            for (content,) in rows:
                written += self.collect(content)
                if written >= _CHUNKS:
                    break
        return bool(rows)

    def enter(self, content: int, path: Path) -> None:
        """Let a content be found by a file that has come to it. Call inside a transaction.

        A long one is noted, and found so when no file waits to be read.
        """
        row: Any = self._db.execute(
            """SELECT titles, own_title, EXISTS (SELECT 1 FROM renamed WHERE content_id = id),
                      (SELECT count(*) FROM (SELECT 1 FROM chunks WHERE content_id = ?1 LIMIT ?2))
               FROM contents WHERE id = ?1""",
            (content, _CHUNKS),
        ).fetchone()
        titles, own, noted, chunks = row
        # Ten thousand copies of one name are looked through once.
        if own is not None and not noted and file_title(path.stem, own) in titles.split("\n"):
            return
        if chunks < _CHUNKS:
            self.collect(content)
        else:
            self._db.execute("INSERT OR IGNORE INTO renamed VALUES (?)", (content,))

    def collect(self, content: int) -> int:
        """Write the names anew that a content has by its files; return how many chunks that took.

        Call inside a transaction.
        """
        self._db.execute("DELETE FROM renamed WHERE content_id = ?", (content,))
        for _, old, new in self._compared("contents.id = ?", (content,)):
            if new != old:
                return self._write(content, old, new)
        return 0

    def wrong(self) -> list[int]:
        """Return the contents that have other names than their files, and are not noted."""
        noted = "SELECT content_id FROM renamed"
        clause = f"contents.own_title IS NOT NULL AND contents.id NOT IN ({noted})"
        return [content for content, old, new in self._compared(clause) if new != old]

    def _compared(
        self, clause: str, values: Sequence[apsw.SQLiteValue] = ()
    ) -> Iterator[tuple[int, Names, Names]]:
        """Yield contents that have files, with the names that they have and should have."""
        rows: list[Any] = self._db.execute(
            f"""SELECT contents.id, titles, name_words, own_title, own_words, files.path
                FROM contents JOIN files ON files.content_id = contents.id
                WHERE {clause} ORDER BY contents.id""",
            values,
        ).fetchall()
        for (content, titles, words, title, own_words), group in groupby(
            rows, itemgetter(*range(5))
        ):
            stems = {path_of(row[5]).stem for row in group}
            old = Names(titles, words)
            own = (
                self._own_of_older(content, old, stems) if title is None else Own(title, own_words)
            )
            yield content, old, names_of(stems, own)

    def _own_of_older(self, content: int, old: Names, stems: Iterable[str]) -> Own:
        """Find out what a document calls itself that was read by a version that did not keep it.

        Its title is that, unless one of its files has it; then what its text begins with.
        """
        if old.titles in {file_title(stem, "") for stem in stems}:
            row: Any = self._db.execute(
                "SELECT text FROM pages WHERE content_id = ? AND text != '' ORDER BY id LIMIT 1",
                (content,),
            ).fetchone()
            own = Own(own_title(DocumentInfo(""), row[0] if row else ""), "")
        else:
            own = Own(old.titles, old.words)
        self._db.execute(
            "UPDATE contents SET own_title = ?, own_words = ? WHERE id = ?",
            (own.title, own.words, content),
        )
        return own

    def _write(self, content: int, old: Names, new: Names) -> int:
        fulltext.take_document(self._db, content, old.titles, old.words)
        self._db.execute(
            "UPDATE contents SET titles = ?, name_words = ? WHERE id = ?",
            (new.titles, new.words, content),
        )
        titles = new.titles.split("\n")
        title = self._db.execute("SELECT title FROM contents WHERE id = ?", (content,)).get
        if title not in titles:
            self._db.execute("UPDATE contents SET title = ? WHERE id = ?", (titles[0], content))
        return fulltext.put_document(self._db, content, new.titles, new.words)
