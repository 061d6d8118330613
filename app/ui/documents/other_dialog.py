"""Chooses the document that another one is compared with."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtWidgets import (
    QAbstractItemView,
    QDialog,
    QHBoxLayout,
    QLineEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from app.messages.index import Files
from app.ui.elided_label import ElidedLabel
from app.ui.ledger_rows import FILE, FilesModel, Ledger, list_of
from app.ui.texts import tr
from indexer.types import State

_WITH_TEXT = (State.INDEXED, State.WORDS, State.PARTIAL)
_TYPING_MS = 200


class OtherDialog(QDialog):
    """Lists the documents of the library, by their names.

    Signals:
        chosen(Path, Path): this document is to be compared with that one.
    """

    chosen = Signal(object, object)

    def __init__(self, path: Path, ledger: Ledger, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(tr("Compare with"))
        self.resize(560, 480)
        self._path = path
        self._name = QLineEdit()
        self._name.setObjectName("search")
        self._name.setPlaceholderText(tr("Part of a name or folder"))
        self._name.setClearButtonEnabled(True)
        self._typed = QTimer(self)
        self._typed.setSingleShot(True)
        self._typed.setInterval(_TYPING_MS)
        self._typed.timeout.connect(self._list_named)
        self._name.textChanged.connect(self._typed.start)
        self.model = FilesModel(ledger, self)
        self.list = list_of(self.model)
        self.list.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.list.setAccessibleName(tr("Documents"))
        self.list.activated.connect(self._on_accepted)
        self._compare = QPushButton(tr("Compare"))
        self._compare.setObjectName("primary")
        self._compare.setDefault(True)
        self._compare.clicked.connect(self._on_accepted)
        cancel = QPushButton(tr("Cancel"))
        cancel.clicked.connect(self.reject)
        buttons = QHBoxLayout()
        buttons.addStretch(1)
        buttons.addWidget(cancel)
        buttons.addWidget(self._compare)
        column = QVBoxLayout(self)
        column.addWidget(ElidedLabel(path.name))
        column.addWidget(self._name)
        column.addWidget(self.list, 1)
        column.addLayout(buttons)
        self.list.selectionModel().selectionChanged.connect(self._on_selected)
        # Versions of a document mostly stand beside each other.
        self._name.setText(str(path.parent))
        self._typed.stop()
        self._list_named()
        self._on_selected()

    def take(self, message: Files) -> None:
        """Show rows that have come."""
        self.model.take(message)

    def _list_named(self) -> None:
        self.model.show_states(_WITH_TEXT, self._name.text().strip())

    def _other(self) -> Path | None:
        rows = self.list.selectedIndexes()
        path: Path | None = rows[0].data(FILE).path if rows else None
        return path if path != self._path else None

    def _on_selected(self) -> None:
        self._compare.setEnabled(self._other() is not None)

    def _on_accepted(self) -> None:
        other = self._other()
        if other is not None:
            self.chosen.emit(self._path, other)
            self.accept()
