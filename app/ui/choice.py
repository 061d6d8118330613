"""A button that shows one of several values."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Generic, TypeVar

from PySide6.QtCore import QPoint, QSize, Qt, Signal
from PySide6.QtGui import QAction, QResizeEvent
from PySide6.QtWidgets import QMenu, QPushButton

T = TypeVar("T")
_ARROW = " ▾"
# Pixels of a choice's button.
_LEAST_CHOICE, _MOST_CHOICE, _PADDING = 56, 220, 28


class Choice(QPushButton, Generic[T]):
    """A button that shows one of several values, and lets another be chosen.

    Signals:
        chosen(T): the owner has chosen.
    """

    chosen = Signal(object)

    def __init__(self, choices: Sequence[tuple[str, T]], meaning: str) -> None:
        super().__init__()
        self.menu_ = QMenu(self)
        self._meaning = meaning
        self._name = ""
        self.setToolTip(meaning)
        # The name gives way where the window is narrow; the menu has it whole.
        self.setMinimumWidth(_LEAST_CHOICE)
        self.clicked.connect(self._show_menu)
        self.value = choices[0][1]
        self.offer(choices)

    def offer(self, choices: Sequence[tuple[str, T]]) -> None:
        """Offer these; what is chosen stays if it is among them, else the first is."""
        self._choices = list(choices)
        self.menu_.clear()
        for name, value in choices:
            action = QAction(name.replace("&", "&&"), self.menu_)
            action.triggered.connect(lambda _=False, n=name, v=value: self._on_action(n, v))
            self.menu_.addAction(action)
        self._choose(*next((c for c in choices if c[1] == self.value), choices[0]))

    def sizeHint(self) -> QSize:  # noqa: N802
        """Return the size that the whole name needs, up to a limit."""
        text = self.fontMetrics().horizontalAdvance(self._name + _ARROW)
        return QSize(min(text + _PADDING, _MOST_CHOICE), super().sizeHint().height())

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802
        """Cut the name to the new width."""
        super().resizeEvent(event)
        self._fit()

    def choose(self, value: T) -> None:
        """Choose one of those that are offered."""
        self._choose(*next(choice for choice in self._choices if choice[1] == value))

    def _on_action(self, name: str, value: T) -> None:
        self._choose(name, value)
        self.chosen.emit(value)

    def _choose(self, name: str, value: T) -> None:
        self.value = value
        self._name = name
        self.setAccessibleName(f"{self._meaning}: {name}")
        self._fit()
        self.updateGeometry()

    def _fit(self) -> None:
        metrics = self.fontMetrics()
        room = self.width() - _PADDING - metrics.horizontalAdvance(_ARROW) + 2
        name = metrics.elidedText(self._name, Qt.TextElideMode.ElideRight, max(room, 0))
        self.setText(f"{name}{_ARROW}".replace("&", "&&"))

    def _show_menu(self) -> None:
        height = self.menu_.sizeHint().height()
        self.menu_.popup(self.mapToGlobal(self.rect().topLeft()) - QPoint(0, height + 4))
