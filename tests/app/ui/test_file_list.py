"""A set of files as the answer to a question."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtWidgets import QApplication, QPushButton

from app.ask import Answer
from app.chats.set_answer import count_set
from app.messages.index import Folders
from app.ui.file_list import FileList
from app.ui.main_window import MainWindow
from app.ui.plain_label import PlainLabel
from app.ui.texts import use_language
from app.ui.theme import LIGHT
from app.ui.turn_view import TurnView
from indexer.sets.plan import Member, SetAnswer
from indexer.types import EVERYTHING, Coverage, Hit
from tests.app.ui.conftest import wait_until


def member(number: int) -> Member:
    path = Path(f"/documents/<b>{number}.txt")
    text = f"Contract {number}. Disputes go to arbitration."
    hit = Hit(number, 1, path, None, None, "", 0, len(text), text, 1.0, None, None)
    return Member(path, hit, "Disputes go to arbitration.")


FOUND = SetAnswer(
    counting=False,
    understood=("Their text holds “arbitration”.",),
    members=(*map(member, range(1, 41)), Member(Path("/documents/scan.pdf"))),
    among=68,
    undated=2,
    coverage=Coverage(files=70, searched=69, unread=1),
)


def shown() -> tuple[TurnView, FileList]:
    view = TurnView("Which contracts mention arbitration?", LIGHT)
    view.show_files(FOUND, 12)
    view.show_answer(count_set(FOUND))
    (files,) = view.findChildren(FileList)
    return view, files


def test_all_files_are_listed_with_their_number(application: QApplication) -> None:
    """And how the question was understood, and what could not be searched."""
    view, files = shown()
    assert files.list.count() == 41
    assert "41 of 68 files" in view.written
    assert "Their text holds" in view.written
    assert any("1 could not be read" in label.text() for label in view.findChildren(PlainLabel))


def test_a_click_opens_the_passage_of_a_file(application: QApplication) -> None:
    """A file without a text has none."""
    view, files = shown()
    opened: list[tuple[Hit, str]] = []
    view.opened.connect(lambda hit, quote: opened.append((hit, quote)))
    files.list.itemClicked.emit(files.list.item(2))
    files.list.itemClicked.emit(files.list.item(40))
    assert opened == [(FOUND.members[2].hit, "Disputes go to arbitration.")]


def test_the_owner_can_have_passages_instead(application: QApplication) -> None:
    """Where the question was none about a set."""
    view, _ = shown()
    asked: list[str] = []
    view.asked_anyway.connect(asked.append)
    (button,) = (b for b in view.findChildren(QPushButton) if b.text() == "Answer from passages")
    button.click()
    assert asked == ["Which contracts mention arbitration?"]


def test_the_window_answers_by_a_set(window: MainWindow, tmp_path: Path) -> None:
    """Found by its worker; and by passages where that is wanted."""
    folder = tmp_path / "contracts"
    folder.mkdir()
    for number in range(3):
        (folder / f"{number}.txt").write_text(f"Contract {number}. Disputes go to arbitration.")
    states: list[Folders] = []
    window.index.folders.connect(states.append)
    window.index.add([folder])
    wait_until(lambda: states and states[-1].folders and not states[-1].folders[0].waiting)
    answers: list[Answer] = []
    window.conversation.answered.connect(answers.append)
    window.conversation.ask("Which contracts mention arbitration?", EVERYTHING)
    wait_until(lambda: answers)
    assert answers[0].text.startswith("3 of 3 files.")
    (files,) = window.findChildren(FileList)
    files.list.itemClicked.emit(files.list.item(1))
    assert window.document.isVisible()


def test_a_reopened_conversation_shows_the_files_again(window: MainWindow, tmp_path: Path) -> None:
    """All of them, and a click opens one; in Chinese no space stands between sentences."""
    use_language("zh")
    folder = tmp_path / "contracts"
    folder.mkdir()
    for number in range(13):
        (folder / f"{number:02}.txt").write_text(f"Contract {number}: arbitration decides.")
    states: list[Folders] = []
    window.index.folders.connect(states.append)
    window.index.add([folder])
    wait_until(lambda: states and states[-1].folders and not states[-1].folders[0].waiting)
    conversation = window.conversation
    answers: list[Answer] = []
    conversation.answered.connect(answers.append)
    conversation.ask("Which contracts mention arbitration?", EVERYTHING)
    wait_until(lambda: answers)
    assert answers[0].text.startswith("13 个文件中的 13 个。")
    assert "。 " not in answers[0].text
    chat = conversation.chat.id
    conversation.begin_anew()
    wait_until(lambda: not window.findChildren(FileList))
    conversation.chats.open(chat)
    wait_until(lambda: window.findChildren(FileList))
    (files,) = window.findChildren(FileList)
    assert files.list.count() == 13
    files.list.itemClicked.emit(files.list.item(12))
    assert window.document.isVisible()
