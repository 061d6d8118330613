"""What is taught on a card: the next search counts by it, and a button takes it back."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication, QLabel, QPushButton

from app.messages.index import Folders, Taught
from app.ui import taught
from app.ui.ask_box import FIND
from app.ui.evidence_card import EvidenceCard
from app.ui.main_window import MainWindow
from app.ui.theme import LIGHT
from indexer.types import EVERYTHING, Evidence, Hit, TaughtBy
from tests.app.ui.conftest import texts, wait_until

_QUESTION = "Who keeps the harbour light?"


def press(card: EvidenceCard | MainWindow, text: str) -> None:
    (button,) = (each for each in card.findChildren(QPushButton) if each.text() == text)
    button.click()


def ask(window: MainWindow) -> list[EvidenceCard]:
    """Ask, and return the cards from the best."""
    window.conversation.begin_anew()
    wait_until(lambda: not window.findChildren(EvidenceCard))
    window.conversation.ask(_QUESTION, EVERYTHING, FIND)
    wait_until(lambda: window.findChildren(EvidenceCard))
    return window.findChildren(EvidenceCard)


def marks(card: EvidenceCard) -> list[str]:
    return [each.toolTip() for each in card.findChildren(QLabel) if each.text() == "taught"]


def test_a_passage_is_refused_taught_and_both_are_taken_back(
    window: MainWindow, tmp_path: Path
) -> None:
    """By the window's own worker, whose search runs all the while."""
    folder = tmp_path / "documents"
    folder.mkdir()
    (folder / "log.txt").write_text("Who keeps the harbour light? Nobody says who.")
    (folder / "marit.txt").write_text("Marit keeps the light burning all night.")
    states: list[Folders] = []
    window.index.folders.connect(states.append)
    window.index.add([folder])
    wait_until(lambda: states and states[-1].folders and not states[-1].folders[0].waiting)
    cards = ask(window)
    assert "log.txt" in cards[0].accessibleName()
    press(cards[0], "Not this")
    wait_until(lambda: "does not answer it" in texts(window))
    cards = ask(window)
    assert "marit.txt" in cards[0].accessibleName()
    assert not marks(cards[0])
    press(cards[0], "This answers it")
    wait_until(lambda: "“marit.txt” answers this" in texts(window))
    (tip,) = marks(ask(window)[0])
    assert _QUESTION in tip
    for _ in range(2):
        (undo, *_) = (each for each in window.findChildren(QPushButton) if each.text() == "Undo"
                      and each.isVisible())  # fmt: skip
        undo.click()
    cards = ask(window)
    assert "log.txt" in cards[0].accessibleName()
    assert "Noted" not in texts(window)


def test_what_can_be_undone_is_offered_for_a_while(
    window: MainWindow, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Then the sentence goes by itself; what others taught is not spoken of."""
    monkeypatch.setattr(taught, "_UNDO_MS", 60)
    monkeypatch.setattr(window.index, "teach", lambda *_, **__: "7")
    hit = Hit(1, 1, Path("a.txt"), None, None, "", 0, 4, "Text", 1.0, None, None)
    window.conversation._teaching.teach(_QUESTION, hit, True)
    window.index.taught.emit(Taught("6", 1))
    assert "Noted" not in texts(window)
    window.index.taught.emit(Taught("7", 1))
    assert "Noted" in texts(window)
    wait_until(lambda: "Noted" not in texts(window), 5)


def test_a_taught_question_is_shown_as_it_is_written(application: QApplication) -> None:
    """It may have come with somebody's file of lessons."""
    by = TaughtBy(1, "<b>Which</b> one?")
    hit = Hit(1, 1, Path("a.txt"), None, None, "", 0, 4, "Text", 1.0, None, None, taught=by)
    card = EvidenceCard(1, Evidence(hit, "Text", 0), LIGHT)
    (tip,) = marks(card)
    assert "<b>" not in tip
