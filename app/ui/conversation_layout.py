"""How a conversation is laid out: what scrolls, and below it, as wide as a text, the box."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import QHBoxLayout, QLayout, QScrollArea, QVBoxLayout, QWidget

_TEXT_WIDTH = 760


class TurnScroll(QScrollArea):
    """Scrolls through the turns, and follows what is being written."""

    def __init__(self, turns: QLayout, welcome: QWidget, is_busy: Callable[[], bool]) -> None:
        super().__init__()
        self._is_busy = is_busy
        inner = QWidget()
        self._column = QVBoxLayout(inner)
        self.leave_room(above=False)
        self._column.addLayout(turns)
        self._column.addWidget(welcome)
        self._column.addStretch(1)
        inner.setMaximumWidth(_TEXT_WIDTH)
        self.setWidgetResizable(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        self.setWidget(inner)
        self.verticalScrollBar().rangeChanged.connect(self._follow)

    def leave_room(self, *, above: bool) -> None:
        """Leave the place above the first turn to a button, or not."""
        self._column.setContentsMargins(34, 52 if above else 24, 34, 8)

    def _follow(self, _low: int, high: int) -> None:
        """Keep the end in sight while something is being written, unless the owner scrolled up."""
        bar = self.verticalScrollBar()
        if self._is_busy() and high - bar.value() < self.height():
            QTimer.singleShot(0, lambda: bar.setValue(bar.maximum()))


def lay_out(view: QWidget, scroll: QScrollArea, notices: QWidget, box: QWidget) -> None:
    """Lay the parts of a conversation out."""
    outer = QVBoxLayout(view)
    outer.setContentsMargins(0, 0, 0, 0)
    outer.addWidget(scroll, 1)
    below = QWidget()
    below.setMaximumWidth(_TEXT_WIDTH)
    foot = QVBoxLayout(below)
    foot.setContentsMargins(30, 0, 30, 22)
    foot.setSpacing(8)
    foot.addWidget(notices)
    foot.addWidget(box)
    centred = QHBoxLayout()
    centred.addStretch(0)
    centred.addWidget(below, 1)
    centred.addStretch(0)
    outer.addLayout(centred)
