"""What can be done with the document at the right: two rows of buttons below its page."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from app.ui.texts import tr


class DocumentFoot(QWidget):
    """Holds the buttons.

    Signals:
        opened(), showing(), unlock_asked(), asked_only(), summarised(), compared(): one was
            pressed.
    """

    opened = Signal()
    showing = Signal()
    unlock_asked = Signal()
    asked_only = Signal()
    summarised = Signal()
    compared = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.open = QPushButton(tr("Open"))
        self.unlock = QPushButton(tr("Enter the password"))
        show = QPushButton(tr("Show in folder"))
        only = QPushButton(tr("Ask only this"))
        only.setToolTip(tr("Ask about this document alone"))
        summarise = QPushButton(tr("Summarise"))
        summarise.setToolTip(tr("What this document says, in short"))
        compare = QPushButton(tr("Compare…"))
        compare.setToolTip(tr("How this document differs from another"))
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        for buttons in (
            {only: self.asked_only, summarise: self.summarised, compare: self.compared},
            {self.open: self.opened, show: self.showing, self.unlock: self.unlock_asked},
        ):
            row = QHBoxLayout()
            for button, signal in buttons.items():
                button.clicked.connect(signal)
                row.addWidget(button)
            row.addStretch(1)
            column.addLayout(row)
