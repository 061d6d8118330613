"""What stands in a conversation before the first question."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QLabel, QPushButton, QVBoxLayout, QWidget

from app.ui.texts import tr


class WelcomeView(QWidget):
    """Says what to do next.

    Signals:
        folder_asked(): the owner wants to choose a folder.
    """

    folder_asked = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._title = QLabel()
        self._title.setObjectName("question")
        self._text = QLabel()
        self._text.setObjectName("passage")
        self._choose = QPushButton(tr("Choose a folder"))
        self._choose.setObjectName("primary")
        self._choose.clicked.connect(self.folder_asked)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 120, 0, 0)
        column.setSpacing(12)
        for label in (self._title, self._text):
            label.setWordWrap(True)
            label.setAlignment(Qt.AlignmentFlag.AlignHCenter)
            column.addWidget(label)
        column.addSpacing(8)
        column.addWidget(self._choose, alignment=Qt.AlignmentFlag.AlignHCenter)
        self.show_library(has_folders=False)

    def show_library(self, *, has_folders: bool) -> None:
        """Ask for documents, or for a question where there are some."""
        self._choose.setVisible(not has_folders)
        if has_folders:
            title = tr("What would you like to know?")
            text = tr("The passages that answer come first, then the answer.")
        else:
            title = tr("Drop a folder with documents here")
            text = tr("They are read on this computer, and nothing leaves it.")
        self._title.setText(title)
        self._text.setText(text)
