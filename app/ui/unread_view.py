"""The files that could not be read, each with its reason."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QDialog,
    QFrame,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from app.messages import Files
from app.ui.elided_label import ElidedLabel
from app.ui.plain_label import PlainLabel
from app.ui.texts import tr, translated


class UnreadDialog(QDialog):
    """Lists files and offers another try.

    Signals:
        retried(): all of them are to be tried again.
    """

    retried = Signal()

    def __init__(self, message: Files, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(tr("Files that could not be read"))
        self.resize(560, 440)
        inner = QWidget()
        rows = QVBoxLayout(inner)
        rows.setContentsMargins(0, 0, 0, 0)
        for item in message.files:
            card = QFrame()
            card.setObjectName("card")
            column = QVBoxLayout(card)
            column.addWidget(ElidedLabel(str(item.path)))
            column.addWidget(PlainLabel(translated(item.reason), "dim"))
            rows.addWidget(card)
        rest = message.total - len(message.files)
        if rest > 0:
            more = QLabel(tr("and {count} more", count=f"{rest:,}"))
            more.setObjectName("dim")
            rows.addWidget(more, alignment=Qt.AlignmentFlag.AlignHCenter)
        rows.addStretch(1)
        scroll = QScrollArea()
        scroll.setWidgetResizable(True)
        scroll.setWidget(inner)
        retry = QPushButton(tr("Try again"))
        retry.clicked.connect(self._on_retry)
        close = QPushButton(tr("Close"))
        close.clicked.connect(self.close)
        buttons = QHBoxLayout()
        buttons.addStretch(1)
        buttons.addWidget(retry)
        buttons.addWidget(close)
        outer = QVBoxLayout(self)
        outer.addWidget(scroll, 1)
        outer.addLayout(buttons)

    def _on_retry(self) -> None:
        self.retried.emit()
        self.close()
