"""The page about how well search finds: a figure, a chart, a table, and what to do about a loss."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import QPointF, Qt
from PySide6.QtWidgets import QApplication, QLabel, QPushButton

from app.messages.index import Indexing
from app.messages.quality import Measuring, Quality
from app.ui import theme
from app.ui.gallery_quality import QUALITIES
from app.ui.main_window import MainWindow
from app.ui.quality_chart import QualityChart
from app.ui.quality_dialog import QualityDialog
from app.ui.quality_texts import changes, warning
from app.ui.texts import use_language
from indexer.storage.quality import Measured
from tests.app.ui.conftest import texts, wait_until

WORSE = QUALITIES["worse"].history
OFTEN = QUALITIES["measured often"].history


@pytest.fixture
def dialog(application: QApplication) -> QualityDialog:
    """Return a page on which nothing is shown yet."""
    return QualityDialog(theme.LIGHT)


def said(dialog: QualityDialog) -> str:
    return "\n".join(label.text() for label in dialog.findChildren(QLabel) if label.text())


def cells(dialog: QualityDialog, row: int) -> list[str]:
    model = dialog.model
    return [str(model.index(row, column).data()) for column in range(model.columnCount())]


def test_without_measurements_it_says_when_they_come(dialog: QualityDialog) -> None:
    assert "Nothing was measured yet." in said(dialog)
    assert "at rest" in said(dialog)
    assert dialog.model.rowCount() == 0


def test_the_table_says_what_the_chart_shows(dialog: QualityDialog) -> None:
    """The latest first, with what was changed before it."""
    dialog.take(QUALITIES["worse"])
    assert "84 % of 200 questions" in said(dialog)
    assert "19 of 200 questions were lost and 3 gained" in said(dialog)
    assert "takes back the one that you had" in said(dialog)
    assert cells(dialog, 0)[1:] == [
        "84 %",
        "79 %",
        "80 %",
        "worse than before, encoder: multilingual-e5-small",
    ]
    assert cells(dialog, 1)[-1] == "14,100 → 14,200 passages, 30 → 42 lessons"
    assert cells(dialog, 4)[-1] == ""


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("state", QUALITIES)
def test_every_state_is_painted(application: QApplication, state: str, language: str) -> None:
    """Of none, of one and of 400 measurements, narrow as well."""
    use_language(language)
    dialog = QualityDialog(theme.DARK)
    dialog.take(QUALITIES[state])
    dialog.resize(400, 420)
    dialog.show()
    application.processEvents()
    assert not dialog.grab().isNull()
    dialog.close()


def test_a_point_says_what_was_measured_and_changed(application: QApplication) -> None:
    chart = QualityChart(theme.LIGHT)
    assert chart.tip_at(QPointF(10, 10)) == ""
    chart.resize(640, 240)
    chart.show_history(WORSE)
    last = chart.tip_at(QPointF(640 - 18, 100))
    assert "Found: 84 %" in last
    assert "worse than before" in last
    assert "encoder: multilingual-e5-small" in last
    assert chart.tip_at(QPointF(640 - 60, 100)) == ""
    assert chart.tip_at(QPointF(5, 5)) == ""
    chart.show_history(OFTEN)
    assert "Found" in chart.tip_at(QPointF(300, 100))


def test_a_clock_that_was_put_back_hurts_nobody(application: QApplication) -> None:
    """Nor questions that nobody answered."""
    chart = QualityChart(theme.LIGHT)
    first = replace(WORSE[-1], five=0, five_by_words=0, five_untaught=0)
    chart.show_history((replace(first, at_ns=first.at_ns - 10**18), first))
    assert not chart.grab().isNull()


@pytest.mark.parametrize(
    ("change", "advice"),
    [
        ({"encoder": "another"}, "The encoder is another one"),
        ({"lessons": 50, "last_lesson_change": 90}, "Lessons came or went"),
        ({"last_lesson_change": 90}, "Lessons came or went"),
        ({"chunks": 20_000, "last_chunk": 20_000}, "Many documents came or went"),
        ({}, "Nothing else has changed much"),
    ],
)
def test_a_loss_comes_with_what_to_do(change: dict[str, object], advice: str) -> None:
    before = WORSE[1]
    now: Measured = replace(before, gained=3, lost=19, **change)  # type: ignore[arg-type]
    assert advice in warning((now, before))
    assert bool(changes(before, now)) == bool(change)


def test_what_chance_explains_is_no_warning() -> None:
    assert warning(()) == ""
    assert warning((replace(WORSE[0], lost=4),)) == ""


def test_measuring_is_shown_and_can_be_stopped(dialog: QualityDialog) -> None:
    asked: list[str] = []
    dialog.measure_asked.connect(lambda: asked.append("measure"))
    dialog.stop_asked.connect(lambda: asked.append("stop"))
    (button,) = [each for each in dialog.findChildren(QPushButton) if each.text() == "Measure now"]
    button.click()
    assert button.text() == "Stop"
    dialog.show_progress(Measuring(20, 300))
    assert "20 of 300 questions" in said(dialog)
    button.click()
    assert asked == ["measure", "stop"]
    dialog.take(Quality("1", WORSE))
    assert button.text() == "Measure now"


def test_a_loss_is_told_once_above_the_box(window: MainWindow) -> None:
    """What was measured by itself, or when the page was closed; what was asked for is shown."""
    window.index.quality.emit(Quality("", WORSE[1:], is_new=True))
    window.index.quality.emit(Quality("1", WORSE))
    assert "Search finds less" not in texts(window)
    window.index.quality.emit(Quality("", WORSE, is_new=True))
    wait_until(lambda: "Search finds less than before" in texts(window))


@pytest.mark.slow
def test_the_owner_measures(window: MainWindow, tmp_path: Path) -> None:
    """From the line below the folders, with the worker's own figures."""
    for animal in ("marmot", "badger", "heron"):
        text = f"Every {animal} was counted by seven visitors in the quarry before rain started."
        (tmp_path / f"{animal}.txt").write_text(text)
    left: list[Indexing] = []
    window.index.indexing.connect(left.append)
    window.index.add([tmp_path / f"{animal}.txt" for animal in ("marmot", "badger", "heron")])
    line = "How well search finds ›"
    (button,) = [each for each in window.findChildren(QPushButton) if each.text() == line]
    wait_until(button.isVisible)
    wait_until(lambda: left and not (left[-1].files or left[-1].chunks))
    button.click()
    (page,) = window.findChildren(QualityDialog)
    assert page.testAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    wait_until(lambda: "Nothing was measured yet." in said(page))
    (measure,) = [each for each in page.findChildren(QPushButton) if each.text() == "Measure now"]
    measure.click()
    wait_until(lambda: "100 % of 3 questions" in said(page))
    page.close()
