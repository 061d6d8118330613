"""Text about documents whose sentences open their pages: written in parts, never as markup."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import Qt, QTimer, QUrl, Signal
from PySide6.QtGui import (
    QColor,
    QFont,
    QKeyEvent,
    QTextBlockFormat,
    QTextCharFormat,
    QTextCursor,
)
from PySide6.QtWidgets import QFrame, QTextBrowser

from app.ui.theme import Tokens
from indexer.documents.texts import Place

_MARGIN = 34  # pixels at the left and right of the text
_SCHEME = "place"
# Text that is cut here is shown whole on its page.
_MOST_CHARACTERS = 2000


@dataclass(frozen=True, slots=True)
class Marks:
    """What stands out in a sentence: words, and which of them are numbers or dates."""

    words: tuple[str, ...] = ()
    values: tuple[str, ...] = ()


class ReportText(QTextBrowser):
    """Shows what was found about documents.

    Signals:
        cited(int, Place): a sentence, of the document with this number, is to be shown.
        end_neared(): the owner has scrolled to where more is wanted.
    """

    cited = Signal(int, object)
    end_neared = Signal()

    def __init__(self, tokens: Tokens) -> None:
        super().__init__()
        self.setObjectName("answer")
        self._tokens = tokens
        self._places: list[tuple[int, Place]] = []
        self.setOpenLinks(False)
        self.setUndoRedoEnabled(False)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.document().setDocumentMargin(0)
        self.setViewportMargins(_MARGIN, 0, _MARGIN, 0)
        self.anchorClicked.connect(self._on_anchor)
        self.verticalScrollBar().valueChanged.connect(self._look_for_end)
        self.verticalScrollBar().rangeChanged.connect(self._look_for_end)

    def loadResource(self, _kind: int, _name: QUrl | str) -> None:  # noqa: N802
        """Load nothing, whatever a document names."""
        return

    def start_over(self) -> None:
        """Let go of all text."""
        self._places = []
        self.clear()

    def at_end(self) -> QTextCursor:
        """Return where the next part is written."""
        cursor = QTextCursor(self.document())
        cursor.movePosition(QTextCursor.MoveOperation.End)
        return cursor

    def add_label(self, cursor: QTextCursor, text: str, *, above: int = 22) -> None:
        """Begin a part: a small line that says where it is from."""
        self._add_block(cursor, above)
        style = QTextCharFormat()
        style.setForeground(QColor(self._tokens.dim))
        style.setProperty(QTextCharFormat.Property.FontPixelSize, 12)
        cursor.insertText(one_line(text), style)

    def add_heading(self, cursor: QTextCursor, text: str, *, above: int = 22) -> None:
        """Begin a part by its heading."""
        self._add_block(cursor, above)
        style = QTextCharFormat()
        style.setFontWeight(QFont.Weight.DemiBold)
        style.setProperty(QTextCharFormat.Property.FontPixelSize, 15)
        cursor.insertText(one_line(text), style)

    def add_text(self, cursor: QTextCursor, text: str, *, warns: bool = False) -> None:
        """Write a sentence that stands on no single place."""
        self._add_block(cursor, 6)
        cursor.insertText(one_line(text), self._plain(warns=warns))

    def add_place(
        self,
        cursor: QTextCursor,
        document: int,
        place: Place,
        *,
        sign: str = "",
        page: str = "",
        marks: Marks | None = None,
    ) -> None:
        """Write a sentence of a document that opens its page, with what stands out in it."""
        self._add_block(cursor, 6)
        if sign:
            style = self._plain()
            style.setForeground(QColor(self._tokens.dim))
            cursor.insertText(f"{sign} ", style)
        href = f"{_SCHEME}:{len(self._places)}"
        self._places.append((document, place))
        text = one_line(place.text)[:_MOST_CHARACTERS]
        at = 0
        for start, end, is_value in _spans(text, marks or Marks()):
            cursor.insertText(text[at:start], self._linked(href))
            cursor.insertText(text[start:end], self._marked(href, is_value=is_value))
            at = end
        cursor.insertText(text[at:], self._linked(href))
        if page:
            style = self._linked(href)
            style.setForeground(QColor(self._tokens.accent))
            style.setProperty(QTextCharFormat.Property.FontPixelSize, 12)
            cursor.insertText(f"  {page}", style)

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802
        """Leave Escape to the window."""
        if event.key() == Qt.Key.Key_Escape:
            event.ignore()
        else:
            super().keyPressEvent(event)

    def _add_block(self, cursor: QTextCursor, above: int) -> None:
        form = QTextBlockFormat()
        form.setTopMargin(above)
        form.setLineHeight(120, QTextBlockFormat.LineHeightTypes.ProportionalHeight.value)
        if cursor.block().length() > 1:
            cursor.insertBlock(form, QTextCharFormat())
        else:
            cursor.setBlockFormat(form)

    def _plain(self, *, warns: bool = False) -> QTextCharFormat:
        style = QTextCharFormat()
        style.setForeground(QColor(self._tokens.warning if warns else self._tokens.text))
        style.setProperty(QTextCharFormat.Property.FontPixelSize, 15)
        return style

    def _linked(self, href: str) -> QTextCharFormat:
        style = self._plain()
        style.setAnchor(True)
        style.setAnchorHref(href)
        style.setFontUnderline(False)
        return style

    def _marked(self, href: str, *, is_value: bool) -> QTextCharFormat:
        style = self._linked(href)
        colour = self._tokens.mark if is_value else self._tokens.accent_soft
        style.setBackground(QColor(colour))
        if is_value:
            style.setFontWeight(QFont.Weight.DemiBold)
        return style

    def _look_for_end(self) -> None:
        bar = self.verticalScrollBar()
        if self.isVisible() and bar.maximum() - bar.value() < self.height():
            QTimer.singleShot(0, self.end_neared.emit)

    def _on_anchor(self, address: QUrl) -> None:
        if address.scheme() == _SCHEME and address.path().isdecimal():
            self.cited.emit(*self._places[int(address.path())])


def one_line(text: str) -> str:
    """Return text on one line."""
    return " ".join(text.split())


def _spans(text: str, marks: Marks) -> Sequence[tuple[int, int, bool]]:
    """Return where the words of the marks stand, which come in their order."""
    spans = []
    at = 0
    for word in marks.words:
        start = text.find(word, at) if word else -1
        if start >= 0:
            at = start + len(word)
            spans.append((start, at, word in marks.values))
    return spans
