"""An encrypted library in the window: asked for, refused, opened, encrypted and made plain."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from PySide6.QtWidgets import QApplication, QLineEdit, QPushButton, QWidget

from app.messages.index import Encryption, Locked, Rewriting
from app.paths import Profile
from app.ui import theme
from app.ui.encryption_dialogs import EncryptionDialog, UnlockDialog
from app.ui.main_window import MainWindow
from app.window import make_window
from indexer.storage.encryption import is_encrypted
from tests.app.ui.conftest import wait_until

WORDS = "four words of a dinner"


@pytest.fixture
def still(application: QApplication, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Return a window whose workers are not started, and what it sends."""
    window = make_window(Profile(tmp_path / "profile"), theme.LIGHT)
    sent: list[tuple[Any, ...]] = []
    for name in ("unlock_library", "encrypt", "decrypt"):
        monkeypatch.setattr(type(window.index), name, lambda _, *given: sent.append(given))
    window._is_started = True
    window.show()
    yield window, sent
    window.close()
    window.deleteLater()


def type_in(dialog: QWidget, *texts: str) -> None:
    for line, text in zip(dialog.findChildren(QLineEdit), texts, strict=True):
        line.setText(text)


def press(around: QWidget, text: str) -> None:
    (button,) = (each for each in around.findChildren(QPushButton)
                 if text in each.text() and not each.isHidden())  # fmt: skip
    button.click()


def test_the_passphrase_is_asked_for_until_it_is_right(still: tuple[MainWindow, Any]) -> None:
    """Whoever closes the dialog finds it again above the box."""
    window, sent = still
    window.index.locked.emit(Locked(wrong=False))
    (dialog,) = window.findChildren(UnlockDialog)
    assert not dialog._keep.isChecked()
    type_in(dialog, "wrong")
    press(dialog, "Open the library")
    assert sent == [("wrong", False)]
    window.index.locked.emit(Locked(wrong=True))
    again = window.findChildren(UnlockDialog)[-1]
    assert any("not the passphrase" in label.text() and label.isVisible()
               for label in again.findChildren(QWidget) if hasattr(label, "text"))  # fmt: skip
    again.reject()
    press(window.conversation, "Open the library")
    last = window.findChildren(UnlockDialog)[-1]
    type_in(last, WORDS)
    last._keep.setChecked(True)
    press(last, "Open the library")
    assert sent[-1] == (WORDS, True)


def test_a_passphrase_is_chosen_twice_and_long_enough(still: tuple[MainWindow, Any]) -> None:
    window, sent = still
    window.index.encryption.emit(Encryption(encrypted=False, kept=False))
    press(window.library, "Not encrypted")
    (dialog,) = window.findChildren(EncryptionDialog)
    for first, second, said in (("short", "short", "too short"), (WORDS, "x", "not the same")):
        type_in(dialog, first, second)
        press(dialog, "Encrypt the library")
        assert said in dialog._wrong.text()
        assert sent == []
    type_in(dialog, WORDS, WORDS)
    press(dialog, "Encrypt the library")
    assert sent == [(WORDS, True)]
    window.index.rewriting.emit(Rewriting(430, 1000))
    assert "43 %" in window.library._encryption.text()
    assert not window.library._encryption.isEnabled()
    window.index.encryption.emit(Encryption(encrypted=True, kept=True))
    press(window.library, "Encrypted")
    press(window.findChildren(EncryptionDialog)[-1], "Make it plain")
    assert sent[-1] == ()


def test_a_library_is_encrypted_from_the_window(window: MainWindow, tmp_path: Path) -> None:
    """And goes on being the same library."""
    documents = tmp_path / "documents"
    documents.mkdir()
    (documents / "a.txt").write_text("The marmotcanary sleeps.")
    said: list[Any] = []
    for signal in (window.index.encryption, window.index.folders):
        signal.connect(said.append)
    window.index.add([documents])
    wait_until(lambda: any(getattr(each, "folders", ()) for each in said))
    said.clear()
    window.index.encrypt(WORDS, False)
    wait_until(lambda: Encryption(encrypted=True, kept=False) in said)
    wait_until(lambda: any(getattr(each, "folders", ()) for each in said))
    assert is_encrypted(tmp_path / "profile" / "library.db")
