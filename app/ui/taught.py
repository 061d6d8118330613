"""What the owner says about passages: sent to the library, and offered to be taken back."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QObject, QTimer

from app.messages.index import Taught
from app.ui.notices import Notices
from app.ui.texts import tr
from app.ui.workers.index import IndexClient
from indexer.types import Hit

# What was said can be taken back by a button for so long; later by `lessons undo`.
_UNDO_MS = 10_000


class Teaching(QObject):
    """Teaches, and keeps a sentence above the box for ten seconds by which that is undone."""

    def __init__(self, index: IndexClient, notices: Notices, parent: QObject) -> None:
        super().__init__(parent)
        self._index = index
        self._notices = notices
        self._sent: dict[str, str] = {}
        self._timers: dict[str, QTimer] = {}
        index.taught.connect(self._on_taught)

    def teach(self, question: str, hit: Hit, answers: bool) -> None:
        """Teach that a passage answers a question, or does not."""
        name = hit.path.name
        text = (
            tr("Noted: “{name}” answers this.", name=name)
            if answers
            else tr("Noted: this passage of “{name}” does not answer it.", name=name)
        )
        self._sent[self._index.teach(question, hit.chunk, answers=answers)] = text

    def _on_taught(self, message: Taught) -> None:
        text = self._sent.pop(message.id, None)
        if text is None:
            return
        self._notices.add(text, {tr("Undo"): partial(self._index.take_back, message.lesson)})
        timer = self._timers.pop(text, None) or QTimer(self)
        timer.stop()
        timer.setSingleShot(True)
        timer.setInterval(_UNDO_MS)
        timer.timeout.connect(partial(self._notices.remove, text))
        timer.start()
        self._timers[text] = timer
