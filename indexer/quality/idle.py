"""Measures a library by itself, while there is nothing else to do."""

from __future__ import annotations

import time
from contextlib import closing
from pathlib import Path

import apsw

from indexer.quality.measuring import Measuring, Progress, measuring
from indexer.storage import quality
from indexer.storage.database import in_words, open_for_reading
from indexer.storage.quality import Measured, Stamp
from indexer.types import Embedder

_LOOK_EVERY = 60.0  # seconds between two looks whether a measurement is due


class Measurer:
    """Measures once a day at most, when the library has become another, or when it is told to.

    A step is one search. A measurement that was interrupted goes on with the next step, unless
    the library has become another one meanwhile: then it begins anew.
    """

    def __init__(self, database: Path, caches: Path, embedder: Embedder | None) -> None:
        self._database = database
        self._caches = caches
        self._embedder = embedder
        self._encoder = embedder.name if embedder is not None else ""
        self._run: Measuring | None = None
        self._of: Stamp | None = None
        self._db: apsw.Connection | None = None
        self._look_at = 0.0
        self.is_told = False

    @property
    def is_due(self) -> bool:
        """Whether there is something to do. Raises IndexerError."""
        if self._run is not None or self.is_told:
            return True
        if time.monotonic() < self._look_at:
            return False
        self._look_at = time.monotonic() + _LOOK_EVERY
        with in_words(self._database), closing(open_for_reading(self._database)) as db:
            return quality.is_due(db, self._encoder, time.time_ns())

    def begin(self) -> None:
        """Measure with the next steps, due or not, and whatever happens to the library."""
        self.is_told = True

    def step(self) -> Progress | Measured | None:
        """Go on a little; return how far it is, or what came of it.

        None if the library has no passages. Raises IndexerError.
        """
        try:
            if self._run is None or not (self.is_told or self._stamp() == self._of):
                self._leave()
                self._of = self._stamp()
                self._run = measuring(self._database, self._caches, self._embedder)
            return next(self._run)
        except StopIteration as end:
            measured: Measured | None = end.value
            self.stop()
            return measured
        except BaseException:
            self.stop()
            raise

    def stop(self) -> None:
        """Leave what was begun, and what was told; keep nothing of it."""
        self._leave()
        self.is_told = False
        self._look_at = time.monotonic() + _LOOK_EVERY

    def _leave(self) -> None:
        if self._run is not None:
            self._run.close()
            self._run = None
        if self._db is not None:
            self._db.close()
            self._db = None

    def _stamp(self) -> Stamp:
        with in_words(self._database):
            if self._db is None:
                self._db = open_for_reading(self._database)
            return quality.stamp(self._db, self._encoder)
