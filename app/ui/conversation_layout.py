"""How a conversation is laid out: what scrolls, and below it, as wide as a text, the box."""

from __future__ import annotations

from PySide6.QtWidgets import QHBoxLayout, QScrollArea, QVBoxLayout, QWidget


def lay_out(
    view: QWidget, scroll: QScrollArea, notices: QWidget, box: QWidget, text_width: int
) -> None:
    """Lay the parts of a conversation out."""
    outer = QVBoxLayout(view)
    outer.setContentsMargins(0, 0, 0, 0)
    outer.addWidget(scroll, 1)
    below = QWidget()
    below.setMaximumWidth(text_width)
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
