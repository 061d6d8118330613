"""What the documents don't seem to answer, and the owner wants answered all the same."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtWidgets import QApplication, QPushButton, QWidget

from app.ask import NOT_ANSWERED, NOTHING_FOUND, Answer
from app.messages.index import Folders
from app.ui.evidence_card import EvidenceCard
from app.ui.main_window import MainWindow
from app.ui.theme import LIGHT
from app.ui.turn_view import TurnView
from tests.app.ui.conftest import texts, wait_until

_QUESTION = "What does the keeper of France export to Portugal?"


def buttons(widget: QWidget) -> list[QPushButton]:
    return [each for each in widget.findChildren(QPushButton) if each.text() == "Answer anyway"]


def test_it_is_offered_where_passages_were_refused(application: QApplication) -> None:
    """Where nothing was found there is nothing to answer from."""
    asked: list[str] = []
    for text, offered in ((NOT_ANSWERED, 1), (NOTHING_FOUND, 0)):
        turn = TurnView(_QUESTION, LIGHT)
        turn.asked_anyway.connect(asked.append)
        turn.show_answer(Answer(text, True, (), (), None, 40.0, None))
        assert len(buttons(turn)) == offered
        for button in buttons(turn):
            button.click()
    assert asked == [_QUESTION]


def test_the_window_refuses_and_then_answers(window: MainWindow, tmp_path: Path) -> None:
    """The nearest passages are shown with the refusal; a click hands them to the model."""
    folder = tmp_path / "documents"
    folder.mkdir()
    (folder / "marit.txt").write_text("Marit, the keeper, lights the harbour lamp all night.")
    states: list[Folders] = []
    window.index.folders.connect(states.append)
    window.index.add([folder])
    wait_until(lambda: states and states[-1].folders and not states[-1].folders[0].waiting)
    conversation = window.conversation
    conversation.ask(_QUESTION)
    wait_until(lambda: buttons(window))
    assert window.findChildren(EvidenceCard)
    assert conversation._asking is None
    buttons(window)[0].click()
    wait_until(lambda: conversation._asking is not None and conversation._asking.generating)
    conversation.stop()
    assert NOT_ANSWERED not in texts(window)
