"""What the window says of indexing that waits, and what its owner may do about it."""

from __future__ import annotations

from PySide6.QtWidgets import QLabel, QPushButton

from app.messages.index import Indexing
from app.ui.waiting_bar import WaitingBar


def shown(bar: WaitingBar) -> list[str]:
    """Return what can be seen, the reason first."""
    return [
        widget.text()
        for kind in (QLabel, QPushButton)
        for widget in bar.findChildren(kind)
        if not widget.isHidden()
    ]


def test_the_reason_is_said_with_a_way_to_go_on(application: object) -> None:
    bar = WaitingBar()
    overruled: list[bool] = []
    bar.overruled.connect(overruled.append)
    bar.show_indexing(Indexing(5, 0, None, waits="battery"), paused=False)
    assert shown(bar) == ["Waits: the computer runs on battery.", "Index anyway", "Always"]
    for button in bar.findChildren(QPushButton)[:2]:
        button.click()
    assert overruled == [False, True]


def test_an_answer_is_not_to_be_overruled(application: object) -> None:
    bar = WaitingBar()
    bar.show_indexing(Indexing(5, 0, None, waits="answer"), paused=False)
    assert shown(bar) == ["Waits: an answer is being written."]


def test_what_is_never_waited_for_can_be_waited_for_again(application: object) -> None:
    """Only where there is something to do: nobody looks for it otherwise."""
    bar = WaitingBar()
    bar.show_indexing(Indexing(5, 0, 3.0, never_waits=True), paused=False)
    assert shown(bar) == ["Wait when it is better"]
    bar.show_indexing(Indexing(0, 0, None, never_waits=True), paused=False)
    assert bar.isHidden()


def test_the_owners_pause_is_all_that_is_said(application: object) -> None:
    """Its own button ends it; to go on for another reason would not."""
    bar = WaitingBar()
    bar.show_indexing(Indexing(5, 0, None, paused=True, waits="memory"), paused=True)
    assert bar.isHidden()
