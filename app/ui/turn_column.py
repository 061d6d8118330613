"""The turns of a conversation under each other, and those that were replaced a moment ago."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtWidgets import QVBoxLayout

from app.ask import EarlierTurn
from app.ui.turn_view import TurnView


@dataclass(eq=False)
class ShownTurn:
    """A turn on the screen; `turn` is what a model reads of it with later questions."""

    key: str
    view: TurnView
    turn: EarlierTurn | None = None
    is_kept: bool = False  # in the library


class TurnColumn(QVBoxLayout):
    """Holds the turns."""

    def __init__(self) -> None:
        super().__init__()
        self.shown: list[ShownTurn] = []
        self.aside: list[ShownTurn] = []

    def add(self, turn: ShownTurn) -> None:
        """Show a turn below all others."""
        self.shown.append(turn)
        self.addWidget(turn.view)

    def history(self, most: int) -> list[EarlierTurn]:
        """Return what a model reads of the last turns."""
        return [item.turn for item in self.shown if item.turn is not None][-most:]

    def set_aside(self, view: TurnView) -> None:
        """Hide a turn and all below it."""
        self.drop_aside()
        at = next(n for n, item in enumerate(self.shown) if item.view is view)
        self.shown, self.aside = self.shown[:at], self.shown[at:]
        for item in self.aside:
            item.view.hide()

    def put_back(self, replacing: ShownTurn) -> list[ShownTurn]:
        """Show again what was set aside, and return what stood in its place, now gone."""
        at = self.shown.index(replacing)
        gone, self.shown = self.shown[at:], self.shown[:at]
        _drop(gone)
        for item in self.aside:
            item.view.show()
        self.shown += self.aside
        self.aside = []
        return gone

    def drop_aside(self) -> None:
        """Let go of what was set aside."""
        _drop(self.aside)
        self.aside = []

    def clear(self) -> None:
        """Let go of all turns."""
        self.drop_aside()
        _drop(self.shown)
        self.shown = []


def _drop(turns: list[ShownTurn]) -> None:
    for item in turns:
        item.view.hide()
        item.view.setParent(None)
        item.view.deleteLater()
