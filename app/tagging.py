"""Tags in the index worker, and the learning of folders and tags while nothing else is done."""

from __future__ import annotations

import time
from collections.abc import Callable

import app.settings
from app.answering import is_answering
from app.machine import Machine, model_bytes, on_battery
from app.messages.general import Failed
from app.messages.tags import AskTags, SetTags, Suggested, Tags
from app.messages.wire import Message
from app.paths import Profile
from app.pressure import Pressure, Reason, judge
from indexer.engine import Engine
from indexer.errors import IndexerError
from indexer.learning.library import Learner, Suggester
from indexer.learning.model import Kind

_READ_SECONDS = 1.0  # between two readings of the machine


class Tagging:
    """Tells, sets and suggests the tags of single files; what is to be said goes to `send`."""

    def __init__(self, profile: Profile, send: Callable[[Message], None]) -> None:
        self._profile = profile
        self._send = send
        self._suggester: Suggester | None = None

    def close(self) -> None:
        """Close what was opened to suggest."""
        if self._suggester is not None:
            self._suggester.close()

    def handle(self, engine: Engine, message: AskTags | SetTags) -> None:
        """Do what a message asks for."""
        try:
            if isinstance(message, SetTags):
                engine.store.set_tags(message.path, message.tags)
        except IndexerError as error:
            self._send(Failed(message.id, f"{message.path.name}: {error.title}", error.detail))
        if self._suggester is None:
            self._suggester = Suggester(self._profile.database)
        found = self._suggester.suggest(message.path)
        if found is None:
            self._send(Tags(message.id, message.path, ()))
            return
        suggested = tuple(
            Suggested(each.label, each.kind is Kind.FOLDERS, each.words)
            for each in found.suggestions
        )
        self._send(Tags(message.id, message.path, found.tags, suggested))


class Learning:
    """Learns folders and tags for a moment at a time, and gives way as indexing does.

    It looks at the machine by itself: what it waits for is no stretch of indexing, and nothing of
    which the owner would want to know.
    """

    def __init__(self, profile: Profile) -> None:
        self._profile = profile
        self._learner = Learner(profile.database)
        self._machine = Machine(lambda: model_bytes(profile, self._settings()))
        self._pressure = Pressure()
        self._read = 0.0

    def close(self) -> None:
        """Leave what was begun."""
        self._learner.stop()

    def step(self, engine: Engine) -> bool:
        """Learn; False if there is nothing to learn, or if it is better to wait.

        To be called when nothing is left to index.
        """
        version = engine.store.version
        if not self._learner.is_due(version) or self._waits():
            return False
        self._learner.step(version)
        return True

    def _waits(self) -> bool:
        now = time.monotonic()
        if now - self._read >= _READ_SECONDS:
            self._read = now
            despite = {each for each in Reason if each in self._settings().index_despite}
            self._pressure = judge(
                self._pressure,
                self._machine.read(),
                answering=is_answering(self._profile.answering),
                despite=frozenset(despite),
            )
        # Nobody waits for it: it can be done on mains another time.
        return self._pressure.waits is not None or bool(on_battery())

    def _settings(self) -> app.settings.Settings:
        return app.settings.load(self._profile.settings)
