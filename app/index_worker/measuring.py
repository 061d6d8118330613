"""Measuring in the index worker: by itself while nothing else is done, or because it was told."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from contextlib import closing

from app.index_worker.calm import Calm
from app.messages.general import Failed
from app.messages.quality import AskQuality, Measure, Measuring, Quality, StopMeasuring
from app.messages.wire import Message
from app.paths import Profile
from indexer.errors import IndexerError
from indexer.quality.idle import Measurer
from indexer.quality.measuring import Progress
from indexer.storage import quality
from indexer.storage.database import in_words, open_for_reading
from indexer.types import Embedder
from models.errors import ModelError

log = logging.getLogger(__name__)

_REST_SECONDS = 60.0  # for which nothing was to be done, before it is measured unasked
_GAP_SECONDS = 3.0  # between two calls: something else was done
# How long a search of the owner's keeps it from the processor: the next may follow.
_AFTER_SEARCH, _AFTER_SEARCH_TOLD = 10.0, 0.5
_MOST = 400  # measurements that are told


class Measurements:
    """Measures a search at a time; what is to be said goes to `send`."""

    def __init__(self, profile: Profile, send: Callable[[Message], None]) -> None:
        self._profile = profile
        self._send = send
        self._calm = Calm(profile)
        self._measurer: Measurer | None = None
        self._told = ""  # the id of the Measure that waits for the end
        self._idle_since = self._called = 0.0
        self._searched = -_AFTER_SEARCH
        self._said: Measuring | None = None

    def open(self, embedder: Embedder | None) -> None:
        """Take what is searched with; until then nothing is measured."""
        profile = self._profile
        self._measurer = Measurer(profile.database, profile.caches, embedder)

    def close(self) -> None:
        """Leave what was begun."""
        if self._measurer is not None:
            self._measurer.stop()

    def searched(self) -> None:
        """Note that the owner searches; this may be called in any thread."""
        self._searched = time.monotonic()

    def handle(self, message: AskQuality | Measure | StopMeasuring) -> None:
        """Do what a message asks for."""
        if self._measurer is None:
            return
        if isinstance(message, Measure):
            self._told, self._said = message.id, None
            self._measurer.begin()
            return
        if isinstance(message, StopMeasuring):
            self._measurer.stop()
            self._told = ""
        self._tell(message.id)

    def go_on(self) -> bool:
        """Do a little of what the owner waits for; False if that is nothing, or not now."""
        if not self._told or time.monotonic() - self._searched < _AFTER_SEARCH_TOLD:
            return False
        self._step()
        return True

    def step(self) -> None:
        """Do a little if it is due and nobody is disturbed; to be called when all is idle."""
        now = time.monotonic()
        if now - self._called > _GAP_SECONDS:
            self._idle_since = now
        self._called = now
        if (
            self._told
            or self._measurer is None
            or now - self._idle_since < _REST_SECONDS
            or now - self._searched < _AFTER_SEARCH
        ):
            return
        try:
            # The machine is looked at only for something: every second costs a little.
            if self._measurer.is_due and not self._calm.waits:
                self._step()
        except IndexerError as error:
            log.warning("nothing could be measured: %s", error.title)

    def _step(self) -> None:
        assert self._measurer is not None
        told = self._told
        try:
            found = self._measurer.step()
        except (IndexerError, ModelError) as error:
            self._told = ""
            if told:
                self._send(Failed("", error.title, error.detail))
            else:
                log.warning("nothing could be measured: %s", error.title)
            return
        if isinstance(found, Progress):
            said = Measuring(found.done, found.total)
            if told and said != self._said:
                self._said = said
                self._send(said)
        elif found is not None:
            self._told = ""
            self._tell(told, is_new=True)
        elif told:
            self._told = ""
            self._send(
                Failed("", "There is nothing to measure yet.", "Wait until documents were read.")
            )

    def _tell(self, id_: str, *, is_new: bool = False) -> None:
        database = self._profile.database
        with in_words(database), closing(open_for_reading(database)) as db:
            self._send(Quality(id_, tuple(quality.history(db, _MOST)), is_new))
