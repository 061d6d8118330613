"""The dialog of the rules for what is left out."""

from __future__ import annotations

from typing import Any

import pytest
from PySide6.QtWidgets import QApplication, QDialogButtonBox

from app import settings
from app.messages.index import Folders, Indexing
from app.ui.ledger_view import LedgerDialog
from app.ui.main_window import MainWindow
from app.ui.rules_dialog import RulesDialog
from indexer.types import State
from tests.app.ui.conftest import wait_until


def press(dialog: RulesDialog) -> None:
    """Press the button that accepts."""
    buttons = dialog.findChild(QDialogButtonBox)
    (button,) = (each for each in buttons.buttons() if each.text() == "Leave out")
    button.click()


@pytest.fixture
def shown(application: QApplication) -> tuple[RulesDialog, list[Any]]:
    """Return a dialog and what it has emitted."""
    dialog = RulesDialog(("*.bak",), gitignore=True, most_megabytes=256)
    chosen: list[Any] = []
    dialog.chosen.connect(lambda *rules: chosen.append(rules))
    dialog.show()
    return dialog, chosen


def test_the_rules_are_shown_and_changed(shown: tuple[RulesDialog, list[Any]]) -> None:
    """A line a pattern; empty lines are none."""
    dialog, chosen = shown
    assert dialog._patterns.toPlainText() == "*.bak"
    dialog._patterns.setPlainText("*.bak\n\nold drafts/\n")
    dialog._gitignore.setChecked(False)
    dialog._megabytes.setValue(10)
    press(dialog)
    assert chosen == [(["*.bak", "old drafts/"], False, 10)]


def test_what_is_no_pattern_is_told(shown: tuple[RulesDialog, list[Any]]) -> None:
    """The dialog stays, and nothing is chosen."""
    dialog, chosen = shown
    dialog._patterns.setPlainText("*.bak\n# a <b>comment</b>")
    press(dialog)
    assert chosen == []
    assert dialog._wrong.text() == "This is no pattern: # a <b>comment</b>"
    assert dialog.isVisible()
    dialog.close()


def test_the_window_leaves_out_by_them(window: MainWindow, tmp_path: Any) -> None:
    """From the list of files to the library, and kept for the next run."""
    documents = tmp_path / "documents"
    documents.mkdir()
    for name in ("a.txt", "b.txt", "c.bak"):
        (documents / name).write_text("The marmot sleeps.")
    states: list[Folders] = []
    quiet: list[Indexing] = []
    window.index.folders.connect(states.append)
    window.index.indexing.connect(quiet.append)
    window.index.add([documents])
    wait_until(lambda: states and states[-1].folders and states[-1].folders[0].files == 3)
    window.library._unread.click()
    ledger = window.findChild(LedgerDialog)
    ledger.show_state(State.SKIPPED)
    ledger._rules.click()
    dialog = window.findChild(RulesDialog)
    dialog._patterns.setPlainText("*.bak")
    press(dialog)
    listed: list[Any] = []
    window.index.files.connect(listed.append)

    def left_out() -> bool:
        window.index.list_files((State.SKIPPED,))
        return bool(listed and listed[-1].total == 1)

    wait_until(left_out)
    assert listed[-1].files[0].reason == "A pattern of yours leaves this out: *.bak"
    assert settings.load(window._profile.settings).exclude == ("*.bak",)
