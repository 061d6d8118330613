"""Specialists in the index worker: taken in a part at a time, so that a search comes between."""

from __future__ import annotations

import logging
from collections.abc import Callable, Generator
from functools import partial

from app.messages.general import Failed
from app.messages.specialist import (
    ExportSpecialist,
    ImportSpecialist,
    SpecialistAsked,
    SpecialistExported,
    SpecialistImported,
    SpecialistUndone,
    UndoSpecialist,
)
from app.messages.wire import Message
from app.model_files.specialist import (
    Imported,
    export_specialist,
    import_specialist,
    undo_specialist,
)
from app.paths import Profile
from indexer.errors import IndexerError
from indexer.types import Embedder
from models.errors import ModelError

log = logging.getLogger(__name__)

# Lessons in a step; some 0.1 s of processor time, for which a search may have to wait.
_AT_ONCE = 16


class SpecialistWork:
    """Gives and takes specialists; what is to be said goes to `send`."""

    def __init__(self, profile: Profile, send: Callable[[Message], None]) -> None:
        self._profile = profile
        self._send = send
        self._begun: list[tuple[ImportSpecialist, Generator[object, None, Imported]]] = []

    @property
    def is_busy(self) -> bool:
        """Whether something is being taken in."""
        return bool(self._begun)

    def handle(self, message: SpecialistAsked, embedder: Embedder | None) -> None:
        """Do what a message asks for, or begin with it. Raises IndexerError or OSError."""
        if isinstance(message, ImportSpecialist):
            steps = import_specialist(self._profile, embedder, message.file, _AT_ONCE)
            self._begun.append((message, steps))
        elif isinstance(message, ExportSpecialist):
            given, _ = export_specialist(self._profile, message.file)
            self._send(SpecialistExported(message.id, message.file, given.lessons, given.tags))
        elif isinstance(message, UndoSpecialist):
            # The gaps of a large library take seconds to fill, and a search may wait.
            lessons, tags = undo_specialist(self._profile, message.specialist, wholly=False)
            self._send(SpecialistUndone(message.id, lessons, tags))

    def step(self) -> None:
        """Go on with what is being taken in."""
        message, steps = self._begun[0]
        say = partial(Failed, message.id)
        try:
            next(steps)
        except StopIteration as end:
            self._begun.pop(0)
            self._send(_told(message, end.value))
        except (IndexerError, ModelError) as error:
            self._begun.pop(0)
            self._send(say(error.title, error.detail))
        except Exception as error:  # noqa: BLE001 -- the thread that searches goes on
            log.warning("a specialist was not taken in: %s", type(error).__name__)
            self._begun.pop(0)
            self._send(say("The specialist could not be taken in.", "Import it again."))


def _told(message: ImportSpecialist, imported: Imported) -> SpecialistImported:
    brought = imported.brought
    return SpecialistImported(
        message.id,
        message.file,
        brought.specialist if imported.kept else None,
        brought.lessons,
        brought.new_lessons,
        brought.tags,
        brought.new_tags,
        brought.resting,
        tuple(each.name for each in imported.models if each.chosen),
        tuple(each.missing for each in imported.models if each.missing),
    )
