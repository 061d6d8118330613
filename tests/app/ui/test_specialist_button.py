"""What was taught is given away and taken in by the window, and a button takes it back."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from PySide6.QtWidgets import QFileDialog, QPushButton

from app.messages.index import Folders, Found
from app.messages.tags import Tags
from app.model_files.specialist import export_specialist
from app.paths import Profile
from app.ui.main_window import MainWindow
from app.ui.workers.index import IndexClient
from indexer.lessons.teaching import teacher
from indexer.storage.database import open_for_writing
from indexer.storage.lessons import Kind, NewLesson, Place
from tests.app.ui.conftest import texts, wait_until

_QUESTION = "Who keeps the harbour light?"
Choose = Callable[[Path], None]


@pytest.fixture
def choose(monkeypatch: pytest.MonkeyPatch) -> Choose:
    """Return a function that says which file the owner will choose."""

    def choose(file: Path) -> None:
        for name in ("getSaveFileName", "getOpenFileName"):
            monkeypatch.setattr(QFileDialog, name, lambda *_: (str(file), ""))

    return choose


def click(window: MainWindow, text: str) -> None:
    """Choose an item of the button's menu."""
    (action,) = (each for each in window.library.specialist.menu().actions() if text in each.text())
    action.trigger()


def said(window: MainWindow, *parts: str) -> bool:
    return all(part in texts(window) for part in parts)


def press_undo(window: MainWindow) -> None:
    (undo,) = (each for each in window.findChildren(QPushButton)
               if each.text() == "Undo" and each.isVisible())  # fmt: skip
    undo.click()


def find(index: IndexClient) -> Found:
    found: list[Found] = []
    connection = index.found.connect(found.append)
    index.search(_QUESTION, 3)
    wait_until(lambda: found)
    index.found.disconnect(connection)
    return found[0]


def test_it_goes_from_one_library_to_another_and_back(
    window: MainWindow, tmp_path: Path, choose: Choose
) -> None:
    """By the window's own worker: written, taken in, taken back; a bad file is said once."""
    folder = tmp_path / "documents"
    folder.mkdir()
    marit = folder / "marit.txt"
    marit.write_text("Marit climbs up with a can of oil.")
    (folder / "log.txt").write_text("Who keeps the harbour light? Nobody says who.")
    states: list[Folders] = []
    tagged: list[Tags] = []
    window.index.folders.connect(states.append)
    window.index.tags.connect(tagged.append)
    window.index.add([folder])
    wait_until(lambda: states and states[-1].folders and not states[-1].folders[0].waiting)
    before = [hit.path for hit in find(window.index).hits]
    chunk = next(hit.chunk for hit in find(window.index).hits if hit.path == marit)
    window.index.teach(_QUESTION, chunk, answers=True)
    window.index.set_tags(marit, ["people", "work"])
    wait_until(lambda: tagged)
    choose(tmp_path / "given")
    click(window, "Give away")
    wait_until(lambda: said(window, "“given.specialist” is written", "1 lessons and 2 tags"))
    taught = find(window.index).hits[0]
    assert taught.taught is not None
    window.index.take_back(taught.taught.lesson)
    window.index.set_tags(marit, [])
    wait_until(lambda: len(tagged) == 2)
    choose(tmp_path / "given.specialist")
    click(window, "Take in")
    wait_until(lambda: said(window, "1 of 1 lessons and 2 of 2 tags are new."))
    assert window.library.specialist.text() == "What was taught"
    assert find(window.index).hits[0].taught is not None
    press_undo(window)
    wait_until(lambda: said(window, "Taken back: 1 lessons and 2 tags."))
    assert [hit.path for hit in find(window.index).hits] == before
    window.index.ask_tags(marit)
    wait_until(lambda: len(tagged) == 3)
    assert tagged[-1].tags == ()
    (tmp_path / "lessons").write_text('{"format": "pocket-llm lessons", "version": 1}\n')
    choose(tmp_path / "lessons")
    click(window, "Take in")
    wait_until(lambda: said(window, "This is a file of lessons, not a specialist."))
    assert window.library.specialist.text() == "What was taught"
    assert not window.index._unanswered


@pytest.mark.slow
def test_a_large_one_is_taken_in_between_searches(
    window: MainWindow, tmp_path: Path, choose: Choose
) -> None:
    """And goes on with the next worker when this one is killed."""
    giver = Profile(tmp_path / "giver")
    giver.create()
    many = 1000
    with closing(open_for_writing(giver.database)):
        pass
    with teacher(giver.database, None) as owner:
        owner.teach(
            NewLesson(Kind.ANSWERS, f"What is number {number}?", None,
                      Place(bytes([number % 256]) * 32 + b"text", 1, number, number + 9, bytes(32)))
            for number in range(many)
        )  # fmt: skip
    file = tmp_path / "many.specialist"
    export_specialist(giver, file)
    wait_until((tmp_path / "profile" / "library.db").exists)
    choose(file)
    click(window, "Take in")
    assert "Taking in" in window.library.specialist.text()
    find(window.index)
    assert "Taking in" in window.library.specialist.text()
    assert window.index._worker is not None
    window.index._worker._process.kill()
    wait_until(lambda: said(window, "lessons and 0 of 0 tags are new.", "1,000 lessons wait"))
    with closing(sqlite3.connect(tmp_path / "profile" / "library.db")) as db:
        counts = [db.execute(f"SELECT count(*) FROM {table}").fetchone()[0]
                  for table in ("lessons", "specialist_lessons", "specialists")]  # fmt: skip
    assert counts == [many, many, 1]
