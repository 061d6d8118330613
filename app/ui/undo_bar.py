"""A line that offers to put back what was taken out last."""

from __future__ import annotations

from typing import Generic, TypeVar

from PySide6.QtCore import QTimer, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QPushButton

from app.ui.elided_label import ElidedLabel
from app.ui.texts import tr

T = TypeVar("T")
# What was taken out can be put back for so long.
UNDO_MS = 10_000


class UndoBar(QFrame, Generic[T]):
    """Keeps what was taken out for some seconds, and offers the last of it.

    Signals:
        undone(T): it is to stay.
        settled(T): its time is over.
    """

    undone = Signal(object)
    settled = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("card")
        self._offered: dict[T, tuple[str, QTimer]] = {}
        self._text = ElidedLabel("")
        undo = QPushButton(tr("Undo"))
        undo.setObjectName("flat")
        undo.clicked.connect(self._on_undo)
        row = QHBoxLayout(self)
        row.setContentsMargins(10, 4, 4, 4)
        row.addWidget(self._text, 1)
        row.addWidget(undo)
        self.hide()

    def offer(self, item: T, text: str) -> None:
        """Offer to put this one back, with a sentence that says what it is."""
        timer = QTimer(self)
        timer.setSingleShot(True)
        timer.timeout.connect(lambda: self._settle(item))
        timer.start(UNDO_MS)
        self._offered[item] = (text, timer)
        self._show()

    def offers(self, item: T) -> bool:
        """Tell whether this one could still be put back."""
        return item in self._offered

    def settle(self) -> None:
        """Let go of all that could still be put back."""
        for item in list(self._offered):
            self._settle(item)

    def _settle(self, item: T) -> None:
        self._withdraw(item)
        self.settled.emit(item)

    def _on_undo(self) -> None:
        item = list(self._offered)[-1]
        self._withdraw(item)
        self.undone.emit(item)

    def _withdraw(self, item: T) -> None:
        self._offered.pop(item)[1].stop()
        self._show()

    def _show(self) -> None:
        self.setVisible(bool(self._offered))
        if self._offered:
            self._text.set_full(list(self._offered.values())[-1][0])
