"""Whole documents in the window: summarised, compared, and refused, by its real worker."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QUrl
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from app.messages.documents import SectionTask
from app.messages.index import Folders, Rewriting
from app.messages.llm import Generated
from app.paths import Profile
from app.ui import theme
from app.ui.documents.comparison_page import ComparisonPage
from app.ui.documents.other_dialog import OtherDialog
from app.ui.documents.report_page import ReportPage
from app.ui.documents.summary_page import SummaryPage
from app.ui.main_window import MainWindow
from app.window import make_window
from tests.app.ui.conftest import wait_until

PARTS = 60


def long_document() -> str:
    """Return Markdown with more sections than are shown at once."""
    line = "The valve of pump {0} is opened by hand before the pump is started again. "
    return "\n\n".join(f"# Pump {n}\n\n{line.format(n) * 12}" for n in range(PARTS))


def lease(rent: str, extra: str = "") -> str:
    return (
        f"The monthly rent is {rent} EUR and is due on the first day.\n\n"
        f"Keys are handed over in the office of the landlord.\n\n{extra}"
    )


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder of documents."""
    folder = tmp_path_factory.mktemp("documents")
    texts = {
        "manual": long_document(),
        "old": lease("1,250"),
        "new": lease("1,310", "Bicycles stand in the cellar."),
        "vanished": lease("900"),
        "empty": "",
    }
    for name, text in texts.items():
        (folder / f"{name}.md").write_text(text)
    return folder


@pytest.fixture(scope="module")
def window(
    application: QApplication, folder: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[MainWindow]:
    """Return one window for all tests, with the folder in its library."""
    window = make_window(Profile(tmp_path_factory.mktemp("profile")), theme.LIGHT)
    states: list[Folders] = []
    window.index.folders.connect(states.append)
    window.start()
    window.index.add([folder])
    wait_until(lambda: states and states[-1].folders and not states[-1].folders[0].waiting)
    yield window
    window.close()
    window.deleteLater()
    QTest.qWait(20)


def page_of(window: MainWindow, kind: type[ReportPage]) -> ReportPage:
    page = window.documents.page
    assert isinstance(page, kind)
    return page


def test_a_summary_is_shown_as_it_is_scrolled_to(window: MainWindow, folder: Path) -> None:
    """Section by section; a click opens the page, and Back shows the conversation again."""
    window.documents.summarise(folder / "manual.md")
    page = page_of(window, SummaryPage)
    wait_until(lambda: "Pump 3" in page.text.toPlainText())
    assert page.isVisible()
    assert not window.conversation.isVisible()
    assert f"Pump {PARTS - 1}" not in page.text.toPlainText()
    while f"section {PARTS} of {PARTS}" not in page.text.toPlainText():
        bar = page.text.verticalScrollBar()
        before = len(page.text.toPlainText())
        bar.setValue(bar.maximum())
        wait_until(lambda length=before: len(page.text.toPlainText()) > length)
    page.text.anchorClicked.emit(QUrl("place:2"))
    assert window.document.isVisible()
    assert "Pump 2" in window.document._text.toPlainText() or window.document._waiting
    page.left.emit()
    assert window.documents.page is None
    assert window.conversation.isVisible()


def test_two_documents_are_compared(window: MainWindow, folder: Path) -> None:
    """With the numbers that are others; each sentence opens its own document."""
    window.documents.compare(folder / "old.md", folder / "new.md")
    page = page_of(window, ComparisonPage)
    wait_until(lambda: "Bicycles" in page.text.toPlainText())
    text = page.text.toPlainText()
    assert "− The monthly rent is 1,250 EUR" in text
    assert "+ The monthly rent is 1,310 EUR" in text
    assert "1,250 → 1,310" in text
    assert "Keys" not in text
    opened: list[str] = []
    window.documents.opened.connect(lambda hit, _: opened.append(hit.path.name))
    for number in range(3):
        page.text.anchorClicked.emit(QUrl(f"place:{number}"))
    assert opened == ["old.md", "new.md", "new.md"]
    window.conversation.begin_anew()  # what is asked is seen in the conversation
    assert window.documents.page is None


def test_what_cannot_be_shown_is_said_in_its_place(window: MainWindow, folder: Path) -> None:
    """A file that was taken out, one without text; what has vanished is still there as text."""
    for name, said in {"empty": "There is no text", "gone": "not in the library"}.items():
        window.documents.summarise(folder / f"{name}.md")
        page = page_of(window, SummaryPage)
        wait_until(lambda shown=page, wanted=said: wanted in shown._warning.text())
        assert page._again.isVisible()
    (folder / "vanished.md").unlink()
    window.documents.summarise(folder / "vanished.md")
    page = page_of(window, SummaryPage)
    wait_until(lambda: "monthly rent" in page.text.toPlainText())


def test_a_library_that_is_written_anew_has_no_page(window: MainWindow, folder: Path) -> None:
    """The worker that goes on afterwards knows nothing of it."""
    window.documents.compare(folder / "old.md", folder / "new.md")
    window.index.rewriting.emit(Rewriting(1, 2))
    assert window.documents.page is None
    assert window.conversation.isVisible()


def test_another_document_is_chosen_by_its_name(window: MainWindow, folder: Path) -> None:
    """Those beside it first; it is not compared with itself."""
    chosen: list[Path] = []
    dialog = OtherDialog(folder / "old.md", window.index, window)
    window.index.files.connect(dialog.take)
    dialog.chosen.connect(lambda _, other: chosen.append(other))
    dialog.open()
    wait_until(lambda: dialog.model.rowCount() >= 3)
    dialog._name.setText("NEW.MD")
    wait_until(lambda: dialog.model.rowCount() == 1)
    dialog.list.setCurrentIndex(dialog.model.index(0))
    dialog._compare.click()
    assert chosen == [folder / "new.md"]


def test_a_model_writes_what_it_has_not_written(
    window: MainWindow, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Section by section, checked and kept: after Cancel it goes on where it was."""
    if window.llm is None:
        pytest.skip("the starter model is not installed")
    asked: list[str] = []
    monkeypatch.setattr(window.llm, "generate", lambda request: asked.append(request.id))
    tasks: list[SectionTask] = []
    window.index.documents.connect(
        lambda message: tasks.append(message) if isinstance(message, SectionTask) else None
    )

    def write(text: str) -> None:
        window.llm.said.emit(Generated(asked[-1], text, (1,), 300, 0, 12, 9.0, "end"))

    for first, words in enumerate(("opened by hand", "closed by 900 robots")):
        window.documents.summarise(folder / "manual.md")
        page = page_of(window, SummaryPage)
        wait_until(lambda shown=page: shown._write.isVisible())
        page.write_asked.emit()
        wait_until(lambda count=first: len(asked) == 3 * count + 1)
        assert tasks[-1].number == first
        write(f"The valve of pump {first} is {words}.")
        wait_until(lambda shown=page, said=words: said in shown.text.toPlainText())
        assert f"{first + 1} of {PARTS} sections" in page._count.text()
        wait_until(lambda count=first: len(asked) == 3 * count + 2)
        page.stopped.emit()
        assert page._write.isVisible()
        assert not window.index.pauses
        page.write_asked.emit()
        page.stopped.emit()
        page.write_asked.emit()
        wait_until(lambda count=first: len(tasks) >= 4 + 4 * count)
        assert len(asked) == 3 + 3 * first, "a section that was asked for twice is written once"
        page.stopped.emit()
    window._on_model_chosen()
    wait_until(lambda: "opened by hand." not in page.text.toPlainText())
    wait_until(lambda: "opened by hand." in page.text.toPlainText())
    assert "▲ The valve of pump 1 is closed by 900 robots." in page.text.toPlainText()
