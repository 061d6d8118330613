"""Asks for the password of an encrypted file."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QCheckBox,
    QDialog,
    QDialogButtonBox,
    QLineEdit,
    QVBoxLayout,
    QWidget,
)

from app.ui.elided_label import ElidedLabel
from app.ui.texts import tr


class PasswordDialog(QDialog):
    """Takes a password; it is in this dialog's line and in the signal, nowhere else.

    Signals:
        given(Path, str, bool): the file, its password, and whether the key store is to keep it.
    """

    given = Signal(object, str, bool)

    def __init__(self, path: Path, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(tr("Password"))
        self.resize(420, 0)
        self._path = path
        self._password = QLineEdit()
        self._password.setEchoMode(QLineEdit.EchoMode.Password)
        self._password.setAccessibleName(tr("Password"))
        self._keep = QCheckBox(tr("Keep it in the system's key store"))
        kinds = QDialogButtonBox.StandardButton
        buttons = QDialogButtonBox(kinds.Cancel)
        self._read = buttons.addButton(tr("Read the file"), QDialogButtonBox.ButtonRole.AcceptRole)
        self._read.setEnabled(False)
        self._password.textChanged.connect(lambda text: self._read.setEnabled(bool(text)))
        buttons.accepted.connect(self._on_accepted)
        buttons.rejected.connect(self.reject)
        column = QVBoxLayout(self)
        column.addWidget(ElidedLabel(str(path)))
        column.addWidget(self._password)
        column.addWidget(self._keep)
        column.addWidget(buttons)

    def _on_accepted(self) -> None:
        password = self._password.text()
        self._password.clear()
        self.given.emit(self._path, password, self._keep.isChecked())
        self.accept()
