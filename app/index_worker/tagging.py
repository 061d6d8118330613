"""Tags in the index worker, and the learning of folders and tags while nothing else is done."""

from __future__ import annotations

from collections.abc import Callable

from app.index_worker.calm import Calm
from app.messages.general import Failed
from app.messages.tags import AskTags, SetTags, Suggested, Tags
from app.messages.wire import Message
from app.paths import Profile
from indexer.engine import Engine
from indexer.errors import IndexerError
from indexer.learning.library import Learner, Suggester
from indexer.learning.model import Kind


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
    """Learns folders and tags for a moment at a time, and gives way as indexing does."""

    def __init__(self, profile: Profile) -> None:
        self._learner = Learner(profile.database)
        self._calm = Calm(profile)

    def close(self) -> None:
        """Leave what was begun."""
        self._learner.stop()

    def step(self, engine: Engine) -> bool:
        """Learn; False if there is nothing to learn, or if it is better to wait.

        To be called when nothing is left to index.
        """
        version = engine.store.version
        if not self._learner.is_due(version) or self._calm.waits:
            return False
        self._learner.step(version)
        return True
