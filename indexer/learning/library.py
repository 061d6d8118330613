"""A library's learned models: `fit` and `evaluate` them, and `suggest` folders and tags by them.

Nothing here moves a file or sets a tag.
"""

from __future__ import annotations

import logging
import os
import time
from collections.abc import Generator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import apsw

from indexer.errors import LibraryBusy
from indexer.learning.corpus import encoder_of, examples, folder_of, labelled, read_document
from indexer.learning.fitting import Example
from indexer.learning.fitting import fit as fit_examples
from indexer.learning.linear import SLICE_SECONDS
from indexer.learning.model import Evaluation, Kind, Model, Suggestion
from indexer.learning.state import Learned, from_bytes, to_bytes
from indexer.storage import erasure
from indexer.storage.database import in_words, open_for_reading, open_for_writing, transaction
from indexer.storage.tags import tags_of

log = logging.getLogger(__name__)

_LOOK_EVERY = 30.0  # seconds between two looks whether there is anything new to learn


@dataclass(frozen=True, slots=True)
class FileSuggestions:
    """What a file has, and what is suggested for it."""

    path: Path
    tags: tuple[str, ...]
    suggestions: tuple[Suggestion, ...]


def fit(database: Path, kind: Kind) -> Generator[None, None, bool]:
    """Learn from a library what it can teach, and keep it; False if nothing new was to be learned.

    Yields some ten times a second; closing it leaves what was known before. Other processes may
    use the library meanwhile. Raises IndexerError.
    """
    with in_words(database), closing(open_for_reading(database)) as db:
        found = labelled(db, kind)
        known = _load(db, kind)
        if known is not None and known.stamp.serves(found.stamp):
            return False
        yield
        read: list[Example] = []
        due = time.monotonic()
        for example in examples(db, found):
            read.append(example)
            if time.monotonic() > due:
                yield
                due = time.monotonic() + SLICE_SECONDS
        model = yield from fit_examples(kind, found.labels, read)
    _keep(database, kind, Learned(found.stamp, model))
    return True


def evaluate(database: Path) -> dict[Kind, Evaluation]:
    """Return how what was learned does on documents that were held out. Raises IndexerError."""
    with in_words(database), closing(open_for_reading(database)) as db:
        known = {kind: _load(db, kind) for kind in Kind}
        return {
            kind: learned.model.evaluation
            for kind, learned in known.items()
            if learned is not None and learned.model is not None
        }


def is_stale(database: Path) -> bool:
    """Whether there is something to learn that is not known yet. Raises IndexerError."""
    with in_words(database), closing(open_for_reading(database)) as db:
        for kind in Kind:
            known = _load(db, kind)
            if known is None or not known.stamp.serves(labelled(db, kind).stamp):
                return True
    return False


class Suggester:
    """Suggests by what was learned last, over a connection of its own."""

    def __init__(self, database: Path) -> None:
        """Raise IndexerError if the library cannot be opened."""
        self._path = database
        self._db = open_for_reading(database)
        self._version: Any = None
        self._models: list[Model] = []

    def close(self) -> None:
        """Close the connection."""
        self._db.close()

    def suggest(self, path: Path) -> FileSuggestions | None:
        """Return what a file has and what is suggested for it; None if it is not in the library.

        Of a file that was not read nothing is known. Raises IndexerError.
        """
        raw = os.fsencode(path)
        with in_words(self._path):
            row: Any = self._db.execute(
                "SELECT content_id FROM files WHERE path = ?", (raw,)
            ).fetchone()
            if row is None:
                return None
            tags = tags_of(self._db, path)
            if row[0] is None:
                return FileSuggestions(path, tags, ())
            self._refresh()
            if not self._models:
                return FileSuggestions(path, tags, ())
            document, text = read_document(self._db, row[0], encoder_of(self._db))
        known = (*tags, folder_of(raw))
        found = [each for model in self._models for each in model.suggest(document, text, known)]
        return FileSuggestions(path, tags, tuple(found))

    def _refresh(self) -> None:
        """Load the models, unless they are what was loaded before."""
        version = self._db.execute("PRAGMA data_version").get
        if version == self._version:
            return
        self._version = version
        loaded = [_load(self._db, kind) for kind in Kind]
        encoder = encoder_of(self._db)
        self._models = [
            learned.model
            for learned in loaded
            if learned is not None
            and learned.model is not None
            and learned.stamp.encoder == encoder
        ]


class Learner:
    """Learns while there is nothing else to do, a step at a time."""

    def __init__(self, database: Path) -> None:
        self._path = database
        self._look_at = 0.0
        self._version = (-1, -1)
        self._run: Generator[None, None, None] | None = None

    def is_due(self, version: tuple[int, int]) -> bool:
        """Tell whether there may be something to learn in a library of this version."""
        if self._run is not None:
            return True
        return version != self._version and time.monotonic() >= self._look_at

    def step(self, version: tuple[int, int]) -> None:
        """Learn for some tenth of a second. Raises IndexerError."""
        if self._run is None:
            self._version = version
            self._run = self._all()
        end = time.monotonic() + SLICE_SECONDS
        try:
            while time.monotonic() < end:
                next(self._run)
        except (StopIteration, LibraryBusy):
            self.stop()

    def stop(self) -> None:
        """Leave what was begun."""
        self._look_at = time.monotonic() + _LOOK_EVERY
        if self._run is not None:
            self._run.close()
            self._run = None

    def _all(self) -> Generator[None, None, None]:
        for kind in Kind:
            yield from fit(self._path, kind)


def _load(db: apsw.Connection, kind: Kind) -> Learned | None:
    row: Any = db.execute("SELECT state FROM learned WHERE kind = ?", (kind,)).fetchone()
    return from_bytes(row[0]) if row else None


def _keep(database: Path, kind: Kind, learned: Learned) -> None:
    """Keep what was learned, unless what it was learned from has changed or gone meanwhile."""
    with in_words(database), closing(open_for_writing(database)) as db, transaction(db, database):
        if erasure.unfinished(db) is None and learned.stamp.serves(labelled(db, kind).stamp):
            db.execute("INSERT OR REPLACE INTO learned VALUES (?, ?)", (kind, to_bytes(learned)))
        else:
            log.info("what was learned is left: the library is another now")
