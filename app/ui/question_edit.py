"""An earlier question in a box of its own, to be asked in other words."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QVBoxLayout

from app.ui.question_input import QuestionInput
from app.ui.texts import tr


class QuestionEdit(QFrame):
    """Takes other words for a question.

    Signals:
        asked(str): it is to be asked in these.
        left(): it is to stay as it was.
    """

    asked = Signal(str)
    left = Signal()

    def __init__(self, question: str) -> None:
        super().__init__()
        self.setObjectName("box")
        self._input = QuestionInput()
        self._input.setPlainText(question)
        self._input.submitted.connect(self._on_submit)
        hint = QLabel(tr("What follows it is replaced, too."))
        hint.setObjectName("dim")
        hint.setWordWrap(True)
        leave = QPushButton(tr("Cancel"))
        leave.clicked.connect(self.left)
        ask = QPushButton(tr("Ask"))
        ask.setObjectName("primary")
        ask.clicked.connect(self._on_submit)
        row = QHBoxLayout()
        row.addWidget(hint, 1)
        row.addWidget(leave)
        row.addWidget(ask)
        column = QVBoxLayout(self)
        column.setContentsMargins(14, 12, 12, 10)
        column.setSpacing(8)
        column.addWidget(self._input)
        column.addLayout(row)
        self.setFocusProxy(self._input)

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802
        """Leave it as it was on Escape."""
        if event.key() == Qt.Key.Key_Escape:
            self.left.emit()
        else:
            super().keyPressEvent(event)

    def _on_submit(self) -> None:
        question = self._input.toPlainText().strip()
        if question:
            self.asked.emit(question)
