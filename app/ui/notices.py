"""Sentences that belong to no question: they stand above the box until they are read."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QHBoxLayout, QPushButton, QVBoxLayout

from app.ui.plain_label import PlainLabel
from app.ui.texts import tr

_MOST = 3


class Notices(QFrame):
    """Shows the last few sentences, each once, each with a button that takes it away."""

    def __init__(self) -> None:
        super().__init__()
        self._rows: dict[str, QFrame] = {}
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(6)
        self.hide()

    def add(
        self, text: str, answers: Mapping[str, Callable[[], None]] = MappingProxyType({})
    ) -> None:
        """Show a sentence, and what it may be answered with; the oldest goes if there are many."""
        self.remove(text)
        if len(self._rows) >= _MOST:
            self.remove(next(iter(self._rows)))
        row = QFrame()
        row.setObjectName("notice")
        label = PlainLabel(text, "notice", selectable=True)
        close = QPushButton("×")
        close.setObjectName("flat")
        close.setAccessibleName(tr("Dismiss"))
        close.setToolTip(tr("Dismiss"))
        close.clicked.connect(lambda: self.remove(text))
        choices = QHBoxLayout()
        choices.setAlignment(Qt.AlignmentFlag.AlignLeft)
        column = QVBoxLayout()
        column.addWidget(label)
        column.addLayout(choices)
        line = QHBoxLayout(row)
        line.setContentsMargins(12, 6, 6, 6)
        line.addLayout(column, 1)
        line.addWidget(close, alignment=Qt.AlignmentFlag.AlignTop)
        for name, answer in answers.items():
            button = QPushButton(name)
            button.clicked.connect(lambda _=False, answer=answer: self._on_answer(text, answer))
            choices.addWidget(button)
        self._rows[text] = row
        self._column.addWidget(row)
        self.show()

    def _on_answer(self, text: str, answer: Callable[[], None]) -> None:
        self.remove(text)
        answer()

    def remove(self, text: str) -> None:
        """Take a sentence away, when it was read or what it says is mended."""
        row = self._rows.pop(text, None)
        if row is not None:
            row.hide()
            row.setParent(None)
            row.deleteLater()
        self.setVisible(bool(self._rows))
