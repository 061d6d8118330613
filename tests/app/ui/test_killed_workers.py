"""Each worker is killed at each step: the window says what it must, and nothing is lost."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import Qt, SignalInstance
from PySide6.QtTest import QTest

from app.ask import Answer
from app.messages.general import Failed
from app.messages.index import Folders, FolderStatus
from app.messages.llm import Generated, Reading, Token
from app.ui.evidence_card import EvidenceCard
from app.ui.main_window import MainWindow
from app.ui.workers.client import WorkerClient
from tests.app.ui.conftest import texts, wait_until

SAMPLES = Path(__file__).parents[3] / "resources" / "samples"
QUESTION = "How long is the warranty of the LP-320 printer?"


def kill(client: WorkerClient | None) -> None:
    assert client is not None
    wait_until(lambda: client._worker is not None)
    assert client._worker is not None
    client._worker.kill()


def kill_at(signal: SignalInstance, client: WorkerClient, step: Callable[[object], bool]) -> None:
    """Kill the worker once, when a message fulfils a condition."""
    killed: list[bool] = []

    def on(message: object) -> None:
        if not killed and step(message):
            killed.append(True)
            kill(client)

    signal.connect(on)


@pytest.fixture
def documents(tmp_path: Path) -> Path:
    folder = tmp_path / "documents"
    shutil.copytree(SAMPLES, folder)
    for number in range(12):
        (folder / f"{number}.txt").write_text(f"Note {number} says that marmots sleep. " * 20)
    return folder


def is_indexed(status: FolderStatus) -> bool:
    return bool(status.files) and not (status.waiting or status.words)


def add_and_wait(window: MainWindow, folder: Path) -> None:
    states: list[Folders] = []
    window.index.folders.connect(states.append)
    window.index.add([folder])
    wait_until(lambda: states and states[-1].folders and is_indexed(states[-1].folders[0]))


@pytest.mark.parametrize(
    "step",
    [
        lambda folders: not folders.folders,
        lambda folders: any(status.waiting for status in folders.folders),
        lambda folders: any(status.words for status in folders.folders),
    ],
    ids=["before it was added", "while it is read", "while it is embedded"],
)
def test_a_folder_is_added_whenever_the_index_worker_dies(
    window: MainWindow, documents: Path, step: Callable[[object], bool]
) -> None:
    """What was dropped is not forgotten, and what was done is not done again."""
    kill_at(window.index.folders, window.index, step)
    gone: list[bool] = []
    window.index.gone.connect(lambda: gone.append(True))
    add_and_wait(window, documents)
    assert gone
    window.conversation.ask(QUESTION)
    wait_until(lambda: window.findChildren(EvidenceCard))


def test_a_question_whose_search_dies_says_so(window: MainWindow, documents: Path) -> None:
    """It can be asked again, by a click, and is then answered."""
    add_and_wait(window, documents)
    window.conversation.ask(QUESTION)
    kill(window.index)
    wait_until(lambda: "The search stopped working." in texts(window))
    window.conversation.ask(QUESTION)
    wait_until(lambda: window.findChildren(EvidenceCard))


@pytest.mark.parametrize("step", [Reading, Token], ids=["while it reads", "while it writes"])
def test_an_answer_whose_model_dies_says_so(
    window: MainWindow, documents: Path, step: type
) -> None:
    """The evidence stays, the model comes back, and the next question is answered."""
    add_and_wait(window, documents)
    assert window.llm is not None
    kill_at(window.llm.said, window.llm, lambda message: isinstance(message, step))
    window.conversation.ask(QUESTION)
    wait_until(lambda: "The model stopped working." in texts(window))
    assert window.findChildren(EvidenceCard)
    assert not window.index.pauses, "indexing goes on"
    ends: list[Generated] = []
    window.llm.said.connect(lambda m: ends.append(m) if isinstance(m, Generated) else None)
    window.conversation.ask(QUESTION)
    wait_until(lambda: ends)


def test_a_question_is_answered_although_the_model_died_while_it_loaded(
    window: MainWindow, documents: Path
) -> None:
    """Nobody had asked anything yet, so nothing is said."""
    kill(window.llm)
    add_and_wait(window, documents)
    answers: list[Answer] = []
    window.conversation.answered.connect(answers.append)
    window.conversation.ask(QUESTION)
    wait_until(lambda: answers)
    assert "stopped working" not in texts(window)


def test_a_page_whose_viewer_dies_is_shown_as_text(window: MainWindow, documents: Path) -> None:
    """The window lives, and the next page has a new viewer."""
    add_and_wait(window, documents)
    window.conversation.ask(QUESTION)
    wait_until(lambda: window.findChildren(EvidenceCard))
    card = window.findChildren(EvidenceCard)[0]
    QTest.mouseClick(card, Qt.MouseButton.LeftButton)
    kill(window.viewer)
    wait_until(lambda: "could not be shown" in texts(window))
    assert "30 months" in texts(window)
    QTest.mouseClick(card, Qt.MouseButton.LeftButton)
    wait_until(lambda: not window.document._picture.pixmap().isNull())


def test_a_worker_that_always_dies_is_given_up_with_a_sentence(
    window: MainWindow, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A library that ends every process must not be opened for ever."""
    monkeypatch.setattr("app.ui.workers.client._RESTART_MS", (1, 1))
    said: list[Failed] = []
    window.index.failed.connect(said.append)
    for _ in range(3):
        kill(window.index)
        worker = window.index._worker
        wait_until(lambda worker=worker: window.index._worker is not worker)
    wait_until(lambda: said)
    assert "cannot be kept open" in texts(window)
