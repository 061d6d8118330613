"""The height of a turn, and what an answer that grows costs the turns before it."""

from __future__ import annotations

import pytest
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QScrollArea, QVBoxLayout, QWidget

from app.ui import turn_view
from app.ui.plain_label import PlainLabel
from app.ui.theme import LIGHT
from app.ui.turn_view import TurnView
from indexer.types import Coverage, Replaced, Wording


class CountingLabel(PlainLabel):
    """A label that notes when it is asked for its height."""

    asked: list[CountingLabel]

    def heightForWidth(self, width: int) -> int:  # noqa: N802
        self.asked.append(self)
        return super().heightForWidth(width)


class Turns(QScrollArea):
    """Two turns above each other."""

    def __init__(self) -> None:
        super().__init__()
        self.setWidgetResizable(True)
        inner = QWidget()
        column = QVBoxLayout(inner)
        self.turns = [TurnView("What happened at the mill? " * 8, LIGHT) for _ in range(2)]
        for turn in self.turns:
            column.addWidget(turn)
        column.addStretch(1)
        self.setWidget(inner)
        self.resize(600, 400)
        self.show()
        QTest.qWait(50)


def test_a_turn_is_as_high_as_its_parts(application: QApplication) -> None:
    """At each width, and while it grows."""
    area = Turns()
    for width in (600, 300):
        area.resize(width, 400)
        area.turns[1].show_token("The mill was built by nobody. " * 20)
        QTest.qWait(50)
        for turn in area.turns:
            layout = turn.layout()
            assert layout is not None
            assert turn.height() == layout.totalHeightForWidth(turn.width())


def test_an_answer_that_grows_lays_out_no_other_turn(
    application: QApplication, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A long conversation would stop the window at each line."""
    monkeypatch.setattr(CountingLabel, "asked", [], raising=False)
    monkeypatch.setattr(turn_view, "PlainLabel", CountingLabel)
    area = Turns()
    area.turns[1].show_token("The first line of an answer that needs the scroll bar.\n" * 30)
    QTest.qWait(50)
    assert CountingLabel.asked
    CountingLabel.asked.clear()
    for _ in range(5):
        area.turns[1].show_token("One more line of the answer, and one more.\n")
        QTest.qWait(20)
    assert all(area.turns[1].isAncestorOf(label) for label in CountingLabel.asked)


def test_what_was_searched_instead_is_said_above(application: QApplication) -> None:
    """Where a question was searched as it was typed, nothing is said."""
    turn = TurnView("Where is the warrunty?", LIGHT)
    turn.show_wording(Wording(), found=True)
    turn.show_wording(Wording(unknown=("where",)), found=True)
    assert len(turn.findChildren(PlainLabel)) == 1
    turn.show_wording(Wording((Replaced("warrunty", "warranty"),), missing=("as is",)), found=True)
    assert turn.findChildren(PlainLabel)[1].text() == (
        "Searched for “warranty” instead of “warrunty”.\n"
        "“as is” stands nowhere as written: searched for its words."
    )
    turn.show_wording(Wording(unknown=("qqq",), nothing_known=True), found=True)
    assert turn.findChildren(PlainLabel)[2].text().startswith("No word of this question is in")


def test_what_a_search_could_not_see_is_one_line(application: QApplication) -> None:
    """Where nothing is missing, nothing is said."""
    turn = TurnView("Where?", LIGHT)
    turn.show_coverage(Coverage(5, 5))
    assert len(turn.findChildren(PlainLabel)) == 1
    turn.show_coverage(Coverage(1500, 1490, 8, 2, pages=3))
    line = turn.findChildren(PlainLabel)[1].text()
    assert line == (
        "searched 1,490 of 1,500 files · 8 still to be read · 2 could not be read"
        " · 3 pages wait for text recognition"
    )
