"""Keeps the cache of a library's vectors worth having: the part of the one writer.

A cache is written anew from the library when much has changed since, a part at a time, so that
whoever drives the engine waits for none of it. What was removed is taken out of the present one at
once.
"""

from __future__ import annotations

import logging
from collections.abc import Generator
from pathlib import Path

import apsw
import numpy as np

from indexer.storage.database import in_words, open_for_reading
from indexer.storage.encryption import is_encrypted
from indexer.vectors.cache import CacheWriter, blank, cache_files, discard, read_layout
from indexer.vectors.library import Encoder
from indexer.vectors.tables import VectorTable

log = logging.getLogger(__name__)

# A cache is written again when so many changes are not in it: a twentieth of the vectors. To read
# 50,000 of a million out of the library takes 0.2 s of a start.
_CATCH_UP = 20
# Whoever ends the program waits for no more vectors to be written: a million take 7 s.
_AT_CLOSE = 100_000


class CacheKeeper:
    """Writes, replaces and blanks the caches in a folder, of which one encoder's is in use."""

    def __init__(self, database: Path, caches: Path, encoder: Encoder | None) -> None:
        self._database = database
        self._caches = caches
        self._encoder = encoder
        self._db: apsw.Connection | None = None
        self._saving: Generator[None] | None = None
        self._seen = -1  # the change after which nothing was left to do
        self._blanked = 0  # until this change everything that went is out of the cache

    def close(self) -> None:
        """Finish what is worth it and does not take long."""
        with in_words(self._database):
            table = self._table()
            short = table is not None and table.count() <= _AT_CLOSE
        while short and self.step():
            pass
        self._stop()
        if self._db is not None:
            self._db.close()

    def step(self) -> bool:
        """Do a part of what is to be done; False if that is nothing. Raises IndexerError."""
        with in_words(self._database):
            table = self._table()
            try:
                if self._saving is None and (table is None or not self._begins(table)):
                    return False
                assert self._saving is not None
                next(self._saving)
            except StopIteration:
                self._saving = None
            except OSError:
                self._saving = None
                log.warning("the vector cache could not be written; it will be made again")
                return False
            return True

    def _begins(self, table: VectorTable) -> bool:
        """Begin to save if that is due."""
        latest = table.latest()
        if latest == self._seen:
            return False
        self._seen = latest
        self._blank(table)
        usable = self._usable(table)
        missing = latest - (usable[0] if usable else 0)
        mark = table.mark(latest)
        if missing * _CATCH_UP <= table.count() or mark is None:
            return False
        self._saving = self._save(table, latest, mark)
        return True

    def blank(self) -> None:
        """Take what the library has no more out of the cache. Raises IndexerError."""
        with in_words(self._database):
            if (table := self._table()) is not None:
                self._blank(table)

    def _blank(self, table: VectorTable) -> None:
        if (usable := self._usable(table)) is None:
            return
        generation, path = usable
        latest = table.latest()
        removed = table.removed(max(generation, self._blanked), latest)
        if removed:
            try:
                blank(path, np.array(removed, np.int64))
            except OSError:
                discard(path)
        self._blanked = latest

    def erase(self) -> None:
        """Take what was removed out of every cache, of whatever encoder or library.

        Raises IndexerError.
        """
        self._stop()
        self._seen = -1
        with in_words(self._database):
            usable = None
            if (table := self._table()) is not None:
                self._blank(table)
                usable = self._usable(table)
        for path in cache_files(self._caches):
            if usable is None or path != usable[1]:
                discard(path)

    def _stop(self) -> None:
        if self._saving is not None:
            self._saving.close()
            self._saving = None

    def _table(self) -> VectorTable | None:
        """Return the vectors; None if they are to have no cache."""
        if self._encoder is None or is_encrypted(self._database):
            return None
        if self._db is None:
            self._db = open_for_reading(self._database)
        table = VectorTable(self._db, self._encoder.name, self._encoder.dimensions)
        return table if table.encoder else None

    def _usable(self, table: VectorTable) -> tuple[int, Path] | None:
        """Return the cache that a search would use, with its generation."""
        assert self._encoder is not None
        for _, path in table.caches(self._caches):
            layout = read_layout(path)
            if (
                layout is not None
                and layout.dimensions == self._encoder.dimensions
                and layout.mark == table.mark(layout.generation)
            ):
                return layout.generation, path
        return None

    def _save(self, table: VectorTable, generation: int, mark: str) -> Generator[None]:
        """Write the cache a part at a time. Raises OSError.

        The library may change meanwhile: of what changes after `generation`, whatever was written,
        the log tells whoever reads the file.
        """
        assert self._encoder is not None
        # Only the library's one writer saves, so that what another has left is of a killed one.
        for path in self._caches.glob("*.vectors.*.tmp"):
            path.unlink(missing_ok=True)
        path = table.cache_path(self._caches, generation)
        with CacheWriter(path, self._encoder.dimensions) as writer:
            for ids, rows in table.all():
                writer.add(ids, rows)
                yield
            writer.finish(generation, mark)
        self._blanked = generation
        for other in self._caches.glob(f"{table.cache_prefix()}*"):
            if other != path:
                discard(other)
