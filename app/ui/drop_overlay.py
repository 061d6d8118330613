"""What lies over the window while something is dragged onto it."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QLabel, QVBoxLayout, QWidget

from app.ui.texts import tr

_MARGIN = 12


class DropOverlay(QFrame):
    """Says that the window takes the drop, and what becomes of it."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._around = parent
        self.setObjectName("drop")
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        title = QLabel(tr("Drop to add"))
        title.setObjectName("question")
        detail = QLabel(tr("It is read where it is; nothing is copied or moved."))
        detail.setObjectName("dim")
        column = QVBoxLayout(self)
        column.addStretch(1)
        for label in (title, detail):
            column.addWidget(label, alignment=Qt.AlignmentFlag.AlignHCenter)
        column.addStretch(1)
        self.hide()

    def cover(self) -> None:
        """Lie over the whole parent."""
        self.setGeometry(self._around.rect().adjusted(_MARGIN, _MARGIN, -_MARGIN, -_MARGIN))
        self.raise_()
        self.show()
