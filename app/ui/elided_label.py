"""A line of plain text that is cut in its middle where the room ends: a file's name."""

from __future__ import annotations

import html

from PySide6.QtCore import Qt
from PySide6.QtGui import QFontMetrics, QResizeEvent
from PySide6.QtWidgets import QLabel, QWidget

_LEAST_WIDTH = 40
# A file's name may hold line breaks, and marks that turn "fdp.exe" into "exe.pdf".
_DECEIVING = {
    ord(sign): "\N{REPLACEMENT CHARACTER}"
    for sign in "\n\r\t\u2028\u2029\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
}


def one_line(text: str) -> str:
    """Return a name without what breaks its line or turns it around."""
    return text.translate(_DECEIVING)


def plain_tip(text: str) -> str:
    """Return a tooltip that shows a text as it is: Qt guesses whether one is markup."""
    return f"<span>{html.escape(text)}</span>"


class ElidedLabel(QLabel):
    """Shows as much of a text as fits; the whole of it is in the tooltip."""

    def __init__(self, text: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setMinimumWidth(_LEAST_WIDTH)
        # A name that is written from right to left stands at the left all the same.
        self.setAlignment(
            Qt.AlignmentFlag.AlignAbsolute
            | Qt.AlignmentFlag.AlignLeft
            | Qt.AlignmentFlag.AlignVCenter
        )
        self.set_full(text)

    def set_full(self, text: str) -> None:
        """Show another text."""
        self._full = text
        self.setToolTip(plain_tip(text))
        self._fit()

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802
        """Cut the text to the new width."""
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        line = one_line(self._full)
        metrics, mode = QFontMetrics(self.font()), Qt.TextElideMode.ElideMiddle
        self.setText(metrics.elidedText(line, mode, max(self.width(), _LEAST_WIDTH)))
