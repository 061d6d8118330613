"""Plain text over several lines, which may hold words longer than a line."""

from __future__ import annotations

import re

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel

# A label breaks lines at spaces only; a path or an address without one would widen the window.
_LONG_WORD = re.compile(r"\S{24}(?=\S)")
_BREAK = "\N{ZERO WIDTH SPACE}"


class PlainLabel(QLabel):
    """Shows text as it is, never as markup; `role` is its name in the style sheet."""

    def __init__(self, text: str, role: str, *, selectable: bool = False) -> None:
        super().__init__(_LONG_WORD.sub(lambda found: found[0] + _BREAK, text))
        self.setObjectName(role)
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setWordWrap(True)
        if selectable:
            self.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
