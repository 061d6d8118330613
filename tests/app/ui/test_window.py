"""The window with its real workers: drop, progress, ask, cited answer, click, marked page, quit."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, QPointF, Qt, QUrl
from PySide6.QtGui import QColor, QDropEvent
from PySide6.QtTest import QTest

from app.ask import Answer
from app.messages.index import Folders
from app.ui.evidence_card import EvidenceCard
from app.ui.main_window import MainWindow
from app.ui.theme import LIGHT
from indexer.types import EVERYTHING
from tests.app.ui.conftest import texts, wait_until

SAMPLES = Path(__file__).parents[3] / "resources" / "samples"


def drop(window: MainWindow, *urls: QUrl) -> None:
    data = QMimeData()
    data.setUrls(list(urls))
    buttons, keys = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    actions = Qt.DropAction.CopyAction
    window.dropEvent(QDropEvent(QPointF(200, 200), actions, data, buttons, keys))


def test_from_a_drop_to_a_marked_page(window: MainWindow, tmp_path: Path) -> None:
    """The main job, as its owner sees it, and quitting while it is busy."""
    folder = tmp_path / "documents"
    shutil.copytree(SAMPLES, folder)
    states: list[Folders] = []
    window.index.folders.connect(states.append)
    drop(window, QUrl.fromLocalFile(str(folder)))
    wait_until(lambda: states and states[-1].folders and not states[-1].folders[0].waiting)
    wait_until(lambda: not states[-1].folders[0].words)
    assert "up to date" in texts(window)

    answers: list[Answer] = []
    window.conversation.answered.connect(answers.append)
    window.conversation.ask("How long is the warranty of the LP-320 printer?", EVERYTHING)
    wait_until(lambda: window.findChildren(EvidenceCard))
    assert not answers, "the evidence is there before the answer"
    wait_until(lambda: answers)
    card = window.findChildren(EvidenceCard)[0]
    assert "printer-manual.pdf" in card.accessibleName()

    QTest.mouseClick(card, Qt.MouseButton.LeftButton)
    wait_until(lambda: not window.document._picture.pixmap().isNull())
    image = window.document._picture.pixmap().toImage()
    colours = {
        image.pixelColor(x, y).name()
        for x in range(0, image.width(), 3)
        for y in range(0, image.height() // 2, 3)
    }
    assert QColor(LIGHT.mark).name() in colours

    QTest.keyClick(window, Qt.Key.Key_Escape)
    assert window.document.isHidden()
    window.conversation.ask("And how long for the toner?", EVERYTHING)
    assert window.close()


def test_an_empty_library_says_what_to_do(window: MainWindow) -> None:
    """Nothing is there, so the window says what to drop."""
    assert "Drop a folder" in texts(window)
    answers: list[Answer] = []
    window.conversation.answered.connect(answers.append)
    window.conversation.ask("Anything?", EVERYTHING)
    wait_until(lambda: answers)
    assert answers[0].abstained


def test_an_address_on_the_web_is_refused_in_a_sentence(window: MainWindow) -> None:
    """It is not opened, and not looked up."""
    drop(window, QUrl("https://example.org/a.pdf"))
    QTest.qWait(50)
    assert "cannot be added" in texts(window)


def test_a_file_that_vanished_shows_what_was_read_of_it(window: MainWindow, tmp_path: Path) -> None:
    """Between the search and the click a file may go."""
    folder = tmp_path / "documents"
    folder.mkdir()
    path = folder / "clock.txt"
    path.write_text("The clock was built in 1887.")
    states: list[Folders] = []
    window.index.folders.connect(states.append)
    drop(window, QUrl.fromLocalFile(str(folder)))
    wait_until(lambda: states and states[-1].folders and not states[-1].folders[0].waiting)
    window.conversation.ask("When was the clock built?", EVERYTHING)
    wait_until(lambda: window.findChildren(EvidenceCard))
    path.unlink()
    QTest.mouseClick(window.findChildren(EvidenceCard)[0], Qt.MouseButton.LeftButton)
    QTest.qWait(50)
    assert "not there any more" in texts(window)
    assert "1887" in window.document._sentence.text()


@pytest.mark.parametrize("width", [500, 800, 1360])
def test_every_width_keeps_the_conversation_usable(window: MainWindow, width: int) -> None:
    """The side columns give way, the box stays."""
    window.resize(width, 700)
    QTest.qWait(20)
    assert window.conversation.box.isVisible()
    assert window.conversation.box.width() > 300
    assert window.library.isVisible() == (width >= 700)
