"""The one box, for finding and asking, with the scope beside it."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QAction, QKeyEvent
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QMenu,
    QPlainTextEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from app.messages import Folders
from app.ui.texts import tr
from indexer.types import EVERYTHING, Scope

_LINES = 4


class _Input(QPlainTextEdit):
    """Grows with its text; Return asks, Shift+Return is a new line.

    Signals:
        submitted(): Return was pressed.
    """

    submitted = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.setPlaceholderText(tr("Ask your documents"))
        self.setTabChangesFocus(True)
        self.document().setDocumentMargin(0)
        self.textChanged.connect(self._fit)
        self._fit()

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802
        """Submit on Return."""
        plain = not event.modifiers() & Qt.KeyboardModifier.ShiftModifier
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and plain:
            self.submitted.emit()
        else:
            super().keyPressEvent(event)

    def _fit(self) -> None:
        lines = min(max(1, self.document().blockCount()), _LINES)
        self.setFixedHeight(self.fontMetrics().lineSpacing() * lines + 12)


class AskBox(QFrame):
    """Takes a question.

    Signals:
        asked(str, Scope): the owner asks.
        stopped(): the answer that is being written is to stop.
    """

    asked = Signal(str, object)
    stopped = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("box")
        self._scope = EVERYTHING
        self._busy = False
        self._input = _Input()
        self._input.submitted.connect(self._on_submit)
        self._where = QPushButton(tr("All folders") + " ▾")
        self._menu = QMenu(self)
        self._where.clicked.connect(self._show_menu)
        self._go = QPushButton(tr("Ask"))
        self._go.setObjectName("primary")
        self._go.clicked.connect(self._on_submit)
        row = QHBoxLayout()
        row.addWidget(self._where)
        row.addStretch(1)
        row.addWidget(self._go)
        column = QVBoxLayout(self)
        column.setContentsMargins(14, 12, 12, 10)
        column.setSpacing(8)
        column.addWidget(self._input)
        column.addLayout(row)
        self.setFocusProxy(self._input)

    def show_folders(self, message: Folders) -> None:
        """Offer the folders as scopes."""
        self._menu.clear()
        choices = [(tr("All folders"), EVERYTHING)]
        choices += [
            (status.path.name or str(status.path), Scope(paths=(status.path,)))
            for status in message.folders
        ]
        for name, scope in choices:
            action = QAction(name.replace("&", "&&"), self._menu)
            action.triggered.connect(lambda _=False, n=name, s=scope: self._choose(n, s))
            self._menu.addAction(action)
        if self._scope not in (scope for _, scope in choices):
            self._choose(tr("All folders"), EVERYTHING)

    def set_busy(self, busy: bool) -> None:
        """Offer to stop instead of to ask."""
        self._busy = busy
        self._go.setText(tr("Stop") if busy else tr("Ask"))

    def set_text(self, text: str) -> None:
        """Put a question into the box."""
        self._input.setPlainText(text)

    def scope(self) -> Path | None:
        """Return the folder that is asked, or None for all."""
        return self._scope.paths[0] if self._scope.paths else None

    def _show_menu(self) -> None:
        self._menu.popup(self._where.mapToGlobal(self._where.rect().topLeft()))

    def _choose(self, name: str, scope: Scope) -> None:
        self._scope = scope
        self._where.setText(f"{name[:28]} ▾".replace("&", "&&"))

    def _on_submit(self) -> None:
        if self._busy:
            self.stopped.emit()
            return
        question = self._input.toPlainText().strip()
        if question:
            self._input.clear()
            self.asked.emit(question, self._scope)
