"""What lessons need while a library lives.

Vectors of a new encoder, and their passages in what files have changed into.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from indexer.lessons.teaching import passage_sum, question_vector, stems_of
from indexer.search.vocabulary import Vocabulary
from indexer.storage.database import open_for_writing, transaction
from indexer.storage.lessons import (
    Kind,
    NewLesson,
    Place,
    last_change,
    lessons_of,
    move_lesson,
    put_stems,
    put_vectors,
)
from indexer.types import Embedder

# Questions that are embedded in a step, for which a search does not wait.
_STEP = 16
# Where a passage may begin: with a line or a sentence.
_BEGINNING = re.compile(r"(?:\A|\n|[.!?。！？…][\"'”’)\]]*)\s*")

_LACKS = """kind != 'means'
    AND (NOT EXISTS (SELECT 1 FROM lesson_stems WHERE lesson_id = lessons.id)
         OR ?1 IS NOT NULL AND NOT EXISTS
            (SELECT 1 FROM lesson_vectors WHERE encoder_id = ?1 AND lesson_id = lessons.id))"""


class LessonKeeper:
    """Keeps lessons up to date beside the one writer, in its thread."""

    def __init__(self, path: Path, embedder: Embedder | None, encoder: int | None) -> None:
        self._path = path
        self._db = open_for_writing(path)
        self._embedder = embedder
        self._encoder = encoder
        self._vocabulary = Vocabulary(self._db)
        self._settled = -1  # the last change of which nothing is left to do
        self._after = 0

    def close(self) -> None:
        """Close the connection."""
        self._db.close()

    def step(self) -> bool:
        """Do a part of what is to be done; False if nothing is."""
        if self._follow():
            return True
        latest = last_change(self._db)
        if latest == self._settled:
            return False
        if self._complete():
            return True
        # What was written here counts as a change, too.
        self._settled, self._after = last_change(self._db), 0
        return False

    # --- vectors and stems ---------------------------------------------------------------------

    def _complete(self) -> bool:
        """Give some lessons the stems and vectors that they lack; False if none lacks any."""
        rows: list[Any] = self._db.execute(
            f"SELECT id, kind, text FROM lessons WHERE id > ?2 AND {_LACKS} ORDER BY id LIMIT ?3",
            (self._encoder, self._after, _STEP),
        ).fetchall()
        if not rows:
            return False
        self._after = rows[-1][0]
        vectors = {}
        for id_, _, text in rows:
            vector = question_vector(self._embedder, text) if self._embedder else None
            if vector is not None:
                vectors[id_] = vector
        with transaction(self._db, self._path):
            for id_, kind, text in rows:
                self._db.execute("DELETE FROM lesson_stems WHERE lesson_id = ?", (id_,))
                stems = stems_of(self._vocabulary, NewLesson(Kind(kind), text))
                put_stems(self._db, id_, stems)
            if self._encoder is not None:
                put_vectors(self._db, self._encoder, list(vectors), list(vectors.values()))
        return True

    # --- passages ------------------------------------------------------------------------------

    def _follow(self) -> bool:
        """Look for the passages of a content in what one of its files has become; False if none."""
        row: Any = self._db.execute(
            "SELECT id, was, now FROM lesson_trail WHERE NOT looked LIMIT 1"
        ).fetchone()
        if row is None:
            return False
        id_, was, now = row
        with transaction(self._db, self._path):
            self._db.execute("UPDATE lesson_trail SET looked = 1 WHERE id = ?", (id_,))
            # A copy that is as it was holds the passage.
            if was == now or not self._is_held(was):
                self._move(was, now)
            self._db.execute(
                "DELETE FROM lesson_trail WHERE was = ?1 AND (now = ?1 OR NOT EXISTS "
                "(SELECT 1 FROM lessons WHERE content = ?1))",
                (was,),
            )
        return True

    def _is_held(self, content: bytes) -> bool:
        row = self._db.execute(
            "SELECT 1 FROM files WHERE content_id = (SELECT id FROM contents WHERE identity = ?)",
            (content,),
        ).fetchone()
        return row is not None

    def _move(self, was: bytes, now: bytes) -> None:
        """Bind lessons to where their passages stand in another content, if they do."""
        lessons = [(lesson.id, lesson.place) for lesson in lessons_of(self._db, was)]
        wanted = {(place.passage, place.end - place.start): place for _, place in lessons if place}
        rows: list[Any] = self._db.execute(
            """SELECT text, (SELECT group_concat(start) FROM chunks WHERE page_id = pages.id)
               FROM pages WHERE content_id = (SELECT id FROM contents WHERE identity = ?)
               ORDER BY id""",
            (now,),
        ).fetchall()
        pages = [
            _Page(text, {int(at) for at in (cut or "").split(",") if at}) for text, cut in rows
        ]
        if was == now:
            wanted = {key: place for key, place in wanted.items() if not _stands(pages, place)}
        found = dict(_places(pages, set(wanted), now))
        for id_, place in lessons:
            if place is not None and (place.passage, place.end - place.start) in found:
                move_lesson(self._db, id_, found[place.passage, place.end - place.start])


@dataclass(frozen=True, slots=True)
class _Page:
    text: str
    cut: set[int]  # where its chunks begin


def _stands(pages: Sequence[_Page], place: Place) -> bool:
    text = pages[place.page - 1].text if place.page <= len(pages) else ""
    return passage_sum(text[place.start : place.end]) == place.passage


def _places(
    pages: Sequence[_Page], wanted: set[tuple[bytes, int]], content: bytes
) -> Iterator[tuple[tuple[bytes, int], Place]]:
    """Yield where passages, told by their sums and lengths, stand first in a document."""
    lengths = {length for _, length in wanted}
    for number, page in enumerate(pages, start=1):
        text = page.text
        for start in sorted(page.cut.union(match.end() for match in _BEGINNING.finditer(text))):
            for length in lengths:
                if start + length > len(text):
                    continue
                key = (passage_sum(text[start : start + length]), length)
                if key in wanted:
                    wanted.discard(key)
                    lengths = {left for _, left in wanted}
                    yield key, Place(content, number, start, start + length, key[0])
        if not wanted:
            return
