"""The ledger's dialog: rows as they are scrolled to, by what became of the files."""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QItemSelectionModel, QModelIndex, QUrl
from PySide6.QtGui import QDesktopServices
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QListView, QPushButton

from app.messages.index import Files
from app.ui.ledger_view import LedgerDialog
from app.ui.password_dialog import PasswordDialog
from indexer.types import UNLOCKABLE, FileStatus, State


class FakeLedger:
    """Has so many files in each state, and remembers what it was asked for."""

    def __init__(self, count: int, folder: Path = Path("/docs")) -> None:
        self.count = count
        self.folder = folder
        self.asked: list[tuple[tuple[State, ...], int, int]] = []

    def list_files(
        self, states: Sequence[State], offset: int = 0, limit: int = 200, *, named: str = ""
    ) -> str:
        self.asked.append((tuple(states), offset, limit))
        return str(len(self.asked))

    def answer(self, number: int = 0) -> Files:
        """Return the answer to the last question, or to one before."""
        number = number or len(self.asked)
        states, offset, limit = self.asked[number - 1]
        names = range(offset, min(offset + limit, self.count))
        files = [FileStatus(self.folder / f"{n}.pdf", states[0], "Why.", None, 0) for n in names]
        return Files(str(number), tuple(files), self.count)


@pytest.fixture
def shown(application: QApplication) -> Any:
    """Return a function that shows a dialog over so many files."""

    def shown(count: int, folder: Path = Path("/docs")) -> tuple[LedgerDialog, FakeLedger]:
        ledger = FakeLedger(count, folder)
        dialog = LedgerDialog(ledger)
        dialog.take(ledger.answer())
        dialog.show()
        QTest.qWait(20)
        return dialog, ledger

    return shown


def choose(dialog: LedgerDialog, *rows: int) -> None:
    """Choose rows."""
    view = dialog.findChild(QListView)
    for row in rows:
        flag = QItemSelectionModel.SelectionFlag.Select
        view.selectionModel().select(dialog.model.index(row), flag)


def press(dialog: LedgerDialog, text: str) -> None:
    """Press a button."""
    (button,) = (each for each in dialog.findChildren(QPushButton) if each.text() == text)
    assert button.isEnabled()
    button.click()


def test_rows_come_as_they_are_scrolled_to(shown: Any) -> None:
    """A hundred thousand files cost no more than the rows that are seen."""
    began = time.monotonic()
    dialog, ledger = shown(100_000)
    assert time.monotonic() - began < 1
    assert dialog.model.rowCount() == 200
    dialog.findChild(QListView).scrollToBottom()
    QTest.qWait(20)
    assert ledger.asked[-1] == ((State.FAILED, State.QUARANTINED), 200, 200)
    asked = len(ledger.asked)
    dialog.model.fetchMore(QModelIndex())
    assert len(ledger.asked) == asked  # the same is not asked for twice
    dialog.take(ledger.answer())
    assert dialog.model.rowCount() == 400
    dialog.close()


def test_another_kind_begins_anew_and_late_answers_are_dropped(shown: Any) -> None:
    """What was asked for before is not mixed in."""
    dialog, ledger = shown(300)
    dialog.show_state(State.SKIPPED)
    assert ledger.asked[-1][:2] == ((State.SKIPPED,), 0)
    dialog.take(ledger.answer(1))
    assert dialog.model.rowCount() == 0
    dialog.take(ledger.answer())
    assert {file.state for file in dialog.model._files} == {State.SKIPPED}
    dialog.close()


def test_a_ledger_that_became_shorter_ends(shown: Any) -> None:
    """No row is asked for again and again that is not there any more."""
    dialog, ledger = shown(300)
    ledger.count = 200
    dialog.model.fetchMore(QModelIndex())
    dialog.take(ledger.answer())
    assert not dialog.model.canFetchMore(QModelIndex())
    dialog.close()


def test_some_or_all_are_tried_again(shown: Any) -> None:
    """The chosen ones, or all where none is chosen."""
    dialog, _ = shown(3)
    retried: list[list[Path]] = []
    dialog.retried.connect(retried.append)
    choose(dialog, 0, 2)
    press(dialog, "Try these again")
    dialog, _ = shown(3)
    dialog.retried.connect(retried.append)
    press(dialog, "Try all again")
    assert retried == [[Path("/docs/0.pdf"), Path("/docs/2.pdf")], []]


def test_the_folder_is_opened(shown: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """By the system, and the nearest one where it is gone."""
    opened: list[QUrl] = []
    monkeypatch.setattr(QDesktopServices, "openUrl", opened.append)
    dialog, _ = shown(1, tmp_path / "gone")
    choose(dialog, 0)
    press(dialog, "Open the folder")
    assert [Path(url.toLocalFile()) for url in opened] == [tmp_path]
    dialog.close()


def test_names_cannot_deceive(shown: Any) -> None:
    """A line break or a mark that turns a name around is shown as such."""
    dialog, ledger = shown(0)
    dialog.show_state(State.PARTIAL)
    name = Path("/docs/a\n\u202egpj.exe")
    file = FileStatus(name, State.FAILED, "Why.", None, 0)
    dialog.take(Files(str(len(ledger.asked)), (file,), 1))
    assert dialog.model.index(0).data() == "/docs/a\ufffd\ufffdgpj.exe\nWhy."
    dialog.close()


def test_an_encrypted_file_asks_for_its_password(shown: Any) -> None:
    """Only such a one; the password goes on and is not kept in the dialog."""
    dialog, ledger = shown(0)
    dialog.show_state(State.PARTIAL)
    reasons = ("This archive is encrypted. Save a copy.", f"This PDF is encrypted. {UNLOCKABLE}")
    files = [FileStatus(Path(f"/{r}"), State.FAILED, r, None, 0) for r in reasons]
    dialog.take(Files(str(len(ledger.asked)), tuple(files), 2))
    given: list[tuple[Path, str, bool]] = []
    dialog.unlocked.connect(lambda *arguments: given.append(arguments))
    choose(dialog, 0)
    assert dialog._unlock.isVisible()
    assert not dialog._unlock.isEnabled()
    dialog.findChild(QListView).clearSelection()
    choose(dialog, 1)
    press(dialog, "Enter the password")
    asking = dialog.findChild(PasswordDialog)
    assert not asking._read.isEnabled()
    asking._password.setText("sésame")
    asking._read.click()
    assert given == [(files[1].path, "sésame", False)]
    assert asking._password.text() == ""


def test_what_can_be_found_is_listed_too(shown: Any) -> None:
    """Whoever looks for a file sees that it was read, and how much of it."""
    dialog, ledger = shown(0)
    dialog.show_state(State.WORDS)
    assert ledger.asked[-1][0] == (State.INDEXED, State.WORDS)
    files = [FileStatus(Path(f"/{n}"), State.WORDS, "", None, n) for n in (1, 1200)]
    dialog.take(Files(str(len(ledger.asked)), tuple(files), 2))
    lines = [dialog.model.index(row).data().partition("\n")[2] for row in (0, 1)]
    assert lines == ["1 passage", "1,200 passages"]
    assert not dialog._rules.isVisible()
    dialog.show_state(State.SKIPPED)
    assert dialog._rules.isVisible()
    dialog.close()
