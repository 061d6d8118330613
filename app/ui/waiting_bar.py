"""Says why indexing waits, with buttons to go on all the same; shown only while it does."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from app.messages.index import Indexing
from app.pausing.pressure import OVERRULED, Reason
from app.ui.plain_label import PlainLabel
from app.ui.texts import tr


class WaitingBar(QWidget):
    """The reason in a line, and what the owner may do about it.

    Signals:
        overruled(bool): indexing shall go on until the reason has passed, or always.
        wait_asked(): indexing shall wait for every reason again.
    """

    overruled = Signal(bool)
    wait_asked = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._why = PlainLabel("", "dim")
        self._anyway = QPushButton(tr("Index anyway"))
        self._anyway.clicked.connect(lambda: self.overruled.emit(False))
        self._always = QPushButton(tr("Always"))
        self._always.setToolTip(tr("Never wait for this"))
        self._always.clicked.connect(lambda: self.overruled.emit(True))
        self._again = QPushButton(tr("Wait when it is better"))
        self._again.setToolTip(tr("Wait again for mains, for memory and for other programs"))
        self._again.clicked.connect(self.wait_asked)
        buttons = QHBoxLayout()
        buttons.setSpacing(12)
        for button in (self._anyway, self._always, self._again):
            button.setObjectName("dim")
            buttons.addWidget(button)
        buttons.addStretch(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(2)
        column.addWidget(self._why)
        column.addLayout(buttons)
        self.hide()

    def show_indexing(self, message: Indexing, *, paused: bool) -> None:
        """Show what a message says; `paused` is whether the owner has stopped the work himself."""
        waits = None if paused or not message.waits else Reason(message.waits)
        busy = bool(message.files or message.chunks or message.pages)
        self._why.setVisible(waits is not None)
        self._why.setText(_sentence(waits) if waits is not None else "")
        for button in (self._anyway, self._always):
            button.setVisible(waits in OVERRULED)
        self._again.setVisible(message.never_waits and busy and waits not in OVERRULED)
        self.setVisible(waits is not None or (message.never_waits and busy))


def _sentence(reason: Reason) -> str:
    match reason:
        case Reason.ANSWER:
            return tr("Waits: an answer is being written.")
        case Reason.MEMORY:
            return tr("Waits: memory is short.")
        case Reason.BATTERY:
            return tr("Waits: the computer runs on battery.")
        case Reason.BUSY:
            return tr("Waits: other programs need the processor.")
