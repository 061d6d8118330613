"""The dialogs of an encrypted library: its passphrase, asked for or chosen."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QCheckBox,
    QDialog,
    QDialogButtonBox,
    QLabel,
    QLineEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from app.keys.library_key import require_strong
from app.ui.plain_label import PlainLabel
from app.ui.texts import tr, translated
from indexer.errors import IndexerError

_WIDTH = 440


class UnlockDialog(QDialog):
    """Asks for the passphrase of the library.

    Signals:
        given(str, bool): the passphrase, and whether the key store is to keep the key.
    """

    given = Signal(str, bool)

    def __init__(self, *, wrong: bool, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(tr("Passphrase"))
        self.resize(_WIDTH, 0)
        said = PlainLabel(tr("This is not the passphrase. Try again."), "warning")
        said.setVisible(wrong)
        self._passphrase = _line(tr("Passphrase"))
        self._keep = QCheckBox(tr("Keep it in the system's key store"))
        buttons, accept = _buttons(tr("Open the library"))
        accept.setEnabled(False)
        self._passphrase.textChanged.connect(lambda text: accept.setEnabled(bool(text)))
        buttons.accepted.connect(self._on_accepted)
        buttons.rejected.connect(self.reject)
        column = QVBoxLayout(self)
        for widget in (_text(tr("This library is encrypted.")), said):
            column.addWidget(widget)
        column.addWidget(self._passphrase)
        column.addWidget(self._keep)
        column.addStretch(1)
        column.addWidget(buttons)

    def _on_accepted(self) -> None:
        passphrase = self._passphrase.text()
        self._passphrase.clear()
        self.given.emit(passphrase, self._keep.isChecked())
        self.accept()


class EncryptionDialog(QDialog):
    """Shows whether the library is encrypted, and takes what it shall be.

    Signals:
        chosen(str, bool): encrypt it under this passphrase, or give it this one; and whether the
            key store is to keep the key.
        decrypted(): make it plain.
    """

    chosen = Signal(str, bool)
    decrypted = Signal()

    def __init__(self, *, encrypted: bool, kept: bool, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(tr("Encryption"))
        self.resize(_WIDTH, 0)
        self._wrong = PlainLabel("", "warning")
        self._wrong.hide()
        self._passphrase = _line(tr("New passphrase"))
        self._again = _line(tr("Once more"))
        self._keep = QCheckBox(tr("Open it without asking, by the system's key store"))
        self._keep.setChecked(kept or not encrypted)
        accept = tr("Change the passphrase") if encrypted else tr("Encrypt the library")
        buttons, _ = _buttons(accept)
        if encrypted:
            plain = buttons.addButton(
                tr("Make it plain"), QDialogButtonBox.ButtonRole.DestructiveRole
            )
            plain.clicked.connect(self._on_plain)
        buttons.accepted.connect(self._on_accepted)
        buttons.rejected.connect(self.reject)
        if encrypted:
            head = tr("This library is encrypted. It can be given another passphrase.")
        else:
            head = tr(
                "Encrypted, the library can be read with its passphrase only. Your documents "
                "themselves stay as they are."
            )
        warning = tr("Nobody can open the library without the passphrase: write it down.")
        column = QVBoxLayout(self)
        column.addWidget(_text(head))
        column.addWidget(self._wrong)
        for field in (self._passphrase, self._again, self._keep):
            column.addWidget(field)
        column.addWidget(_text(warning, dim=True))
        column.addStretch(1)
        column.addWidget(buttons)

    def _on_accepted(self) -> None:
        passphrase = self._passphrase.text()
        try:
            require_strong(passphrase)
        except IndexerError as error:
            self._say(translated(str(error)))
            return
        if passphrase != self._again.text():
            self._say(tr("The two are not the same."))
            return
        for line in (self._passphrase, self._again):
            line.clear()
        self.chosen.emit(passphrase, self._keep.isChecked())
        self.accept()

    def _on_plain(self) -> None:
        self.decrypted.emit()
        self.accept()

    def _say(self, text: str) -> None:
        self._wrong.setText(text)
        self._wrong.show()


def _line(name: str) -> QLineEdit:
    line = QLineEdit()
    line.setEchoMode(QLineEdit.EchoMode.Password)
    line.setAccessibleName(name)
    line.setPlaceholderText(name)
    return line


def _text(text: str, *, dim: bool = False) -> QLabel:
    label = QLabel(text)
    label.setWordWrap(True)
    if dim:
        label.setObjectName("dim")
    return label


def _buttons(accept: str) -> tuple[QDialogButtonBox, QPushButton]:
    buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel)
    return buttons, buttons.addButton(accept, QDialogButtonBox.ButtonRole.AcceptRole)
