"""Where a question is typed."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QPlainTextEdit

from app.ui.texts import tr

_LINES = 4


class QuestionInput(QPlainTextEdit):
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
        self.document().documentLayout().documentSizeChanged.connect(lambda _: self._fit())
        self._fit()

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802
        """Submit on Return."""
        plain = not event.modifiers() & Qt.KeyboardModifier.ShiftModifier
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and plain:
            self.submitted.emit()
        else:
            super().keyPressEvent(event)

    def _fit(self) -> None:
        # A plain text document counts its height in lines.
        lines = min(max(1, round(self.document().size().height())), _LINES)
        self.setFixedHeight(self.fontMetrics().lineSpacing() * lines + 12)
