"""Conversations in the window with its real workers: kept, opened again, changed, put back."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication, QPushButton, QWidget

from app.ask import Answer
from app.messages.chats import Chats
from app.messages.index import Folders
from app.paths import Profile
from app.ui import theme
from app.ui.ask_box import PLAIN
from app.ui.evidence_card import EvidenceCard
from app.ui.main_window import MainWindow
from app.window import make_window
from indexer.types import Scope
from tests.app.ui.conftest import texts, wait_until

# Each starts all workers, and waits for answers.
pytestmark = pytest.mark.slow

SAMPLES = Path(__file__).parents[3] / "resources" / "samples"
QUESTION = "How long is the warranty of the LP-320 printer?"


def fill(window: MainWindow, folder: Path) -> None:
    """Add two documents, and wait until they can be found by their words."""
    folder.mkdir()
    for name in ("printer-manual.pdf", "meeting-minutes.md"):
        shutil.copy(SAMPLES / name, folder)
    states: list[Folders] = []
    window.index.folders.connect(states.append)
    window.index.add([folder])
    wait_until(lambda: states and states[-1].folders and states[-1].folders[0].files == 2)
    wait_until(lambda: not states[-1].folders[0].waiting)


def answers_of(window: MainWindow) -> list[Answer]:
    answers: list[Answer] = []
    window.conversation.answered.connect(answers.append)
    return answers


def listed(window: MainWindow) -> list[str]:
    return [chat.title for chat in window.library.chats._model.chats]


def press(view: QWidget, text: str) -> None:
    """Press the last of a view's buttons with this text, be it laid out or not yet."""
    [b for b in view.findChildren(QPushButton) if b.text() == text][-1].click()


def test_a_conversation_goes_on_after_a_restart(
    window: MainWindow, application: QApplication, tmp_path: Path
) -> None:
    """With its evidence, citations, scope and passages; then it is edited, and erased."""
    folder = tmp_path / "documents"
    fill(window, folder)
    answers = answers_of(window)
    scope = Scope(paths=(folder,))
    window.conversation.ask_only([folder])
    window.conversation.ask(QUESTION, scope)
    wait_until(lambda: answers)
    wait_until(lambda: listed(window) == [QUESTION])
    assert window.conversation.chats.key_of(window.conversation.chat.id)
    cited = [citation.quote for citation in answers[0].citations]
    assert cited
    chat = window.conversation.chat.id
    window.close()

    again = make_window(Profile(tmp_path / "profile"), theme.LIGHT)
    again.start()
    try:
        answers = answers_of(again)
        wait_until(lambda: listed(again) == [QUESTION])
        again.library.chats.opened.emit(chat)
        wait_until(lambda: again.findChildren(EvidenceCard))
        (shown,) = again.conversation._turns.shown
        assert shown.turn is not None
        assert shown.view._answer is not None
        assert [citation.quote for citation in shown.view._answer.citations] == cited
        assert again.conversation.box.scope == scope
        assert again.conversation.chat.id == chat

        again.conversation.ask("And how long for the toner?", scope)
        wait_until(lambda: answers)
        generated = answers[0].generated
        assert generated is not None
        assert set(generated.passages) >= {item.number for item in shown.turn.passages}
        edit_and_put_back(again, answers)
        erase(again, chat)
    finally:
        again.close()
        again.deleteLater()
    kept = b"".join(path.read_bytes() for path in (tmp_path / "profile").glob("library.db*"))
    assert b"toner?" not in kept


def edit_and_put_back(window: MainWindow, answers: list[Answer]) -> None:
    """Ask the second question in other words, and then have it as it was."""
    view = window.conversation._turns.shown[-1].view
    press(view, "Edit")
    assert view._editor is not None
    view._editor.asked.emit("What does the drum cost?")
    assert "toner?" not in texts(window)
    wait_until(lambda: len(answers) == 2)
    lists: list[Chats] = []
    window.conversation.chats.listed.connect(lists.append)
    press(window.conversation._notices, "Undo")
    assert "drum cost" not in texts(window)
    assert "toner?" in texts(window)
    wait_until(lambda: lists)
    assert lists[-1].chats[0].turns == 2


def erase(window: MainWindow, chat: str) -> None:
    """Take it out, put it back, and take it out again."""
    chats = window.library.chats
    (item,) = chats._model.chats
    lists: list[Chats] = []
    window.conversation.chats.listed.connect(lists.append)
    chats.take_out(item)
    assert "How long" not in texts(window.conversation)
    wait_until(lambda: lists and not lists[-1].chats)
    chats._undo._on_undo()
    wait_until(lambda: lists[-1].chats)
    chats.take_out(chats._model.chats[0])
    assert window.conversation.chat.id != chat


def test_a_chat_without_documents_searches_nothing(window: MainWindow) -> None:
    """Its speed is on view, and when the first word came."""
    answers = answers_of(window)
    window.conversation.ask("Say hello.", effort=PLAIN)
    wait_until(lambda: len(window.conversation._turns.shown[0].view.written) > 5)
    window.conversation.stop()
    wait_until(lambda: answers)
    assert answers[0].citations == ()
    wait_until(lambda: "first word after" in texts(window))
    assert not window.findChildren(EvidenceCard)
    wait_until(lambda: listed(window) == ["Say hello."])


@pytest.mark.parametrize("how", ["stopped", "killed"])
def test_what_was_written_stays_and_is_asked_again_by_a_click(window: MainWindow, how: str) -> None:
    """Also in the library, and the new answer takes its place."""
    written: list[object] = []
    assert window.llm is not None
    window.llm.said.connect(written.append)
    window.conversation.ask("Tell me a long story about a mill.", effort=PLAIN)
    wait_until(lambda: window.conversation._turns.shown[0].view.written)
    if how == "stopped":
        window.conversation.stop()
    else:
        assert window.llm._worker is not None
        window.llm._worker.kill()
    wait_until(lambda: window.conversation._asking is None)
    assert window.conversation._turns.shown[0].view.written
    wait_until(lambda: window.library.chats._model.chats)
    assert window.library.chats._model.chats[0].turns == 1
    window.conversation.box._effort.choose(PLAIN)
    press(window.conversation._turns.shown[0].view, "Ask again")
    assert len(window.conversation._turns.shown) == 1
    wait_until(lambda: window.conversation._turns.shown[0].view.written)
    window.conversation.stop()
    wait_until(lambda: window.conversation._asking is None)
