"""How well search finds, as the window shows it: asked for, measured, and told when it is less."""

from __future__ import annotations

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QWidget

from app.messages.quality import Quality
from app.ui.conversation_view import ConversationView
from app.ui.library_view import LibraryView
from app.ui.quality_dialog import QualityDialog
from app.ui.quality_texts import loss
from app.ui.texts import tr
from app.ui.theme import Tokens
from app.ui.workers.index import IndexClient


class QualityPage(QObject):
    """Connects what the worker has measured with what its owner wants to see of it."""

    def __init__(
        self,
        index: IndexClient,
        library: LibraryView,
        conversation: ConversationView,
        tokens: Tokens,
        window: QWidget,
    ) -> None:
        super().__init__(window)
        self._index = index
        self._conversation = conversation
        self._tokens = tokens
        self._window = window
        self._is_open = False
        index.quality.connect(self._on_quality)
        library.quality_asked.connect(self.show)

    def show(self) -> None:
        """Show what was measured."""
        dialog = QualityDialog(self._tokens, self._window)
        self._index.quality.connect(dialog.take)
        self._index.measuring.connect(dialog.show_progress)
        self._index.failed.connect(dialog.end)
        self._index.gone.connect(dialog.end)
        dialog.measure_asked.connect(self._index.measure)
        dialog.stop_asked.connect(self._index.stop_measuring)
        dialog.finished.connect(self._on_closed)
        self._is_open = True
        dialog.open()
        self._index.ask_quality()

    def _on_closed(self) -> None:
        self._is_open = False

    def _on_quality(self, message: Quality) -> None:
        """Say once that it has become worse, unless that is on screen."""
        if message.is_new and not self._is_open and message.history[0].change.is_worse:
            self._conversation.offer(loss(message.history[0]), {tr("Show"): self.show})
