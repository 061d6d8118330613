"""The answer's text: Markdown without anything that it could load, with our citations in it."""

from __future__ import annotations

import re
from collections.abc import Sequence

from PySide6.QtCore import QSize, Qt, QUrl, Signal
from PySide6.QtGui import (
    QColor,
    QFont,
    QResizeEvent,
    QTextCharFormat,
    QTextCursor,
    QTextDocument,
)
from PySide6.QtWidgets import QFrame, QSizePolicy, QTextBrowser, QWidget

from app.ui.tame import MOST_CHARACTERS, tame_markdown
from app.ui.theme import Tokens
from models.grounding import Sentence

# What a model wrote as a citation is taken out: ours are computed. Looked for from the first space
# on only: from each, 1,000 indented lines took 6 s.
_WRITTEN_CITATION = re.compile(r"(?<!\s)\s*\[\d{1,3}(?:\s*,\s*\d{1,3})*\]")
_ONLY_MARKS = re.compile(r"\s*(?:[-*+>#]+|\d{1,3}[.)])\s*")
# Stands for a citation until the Markdown is laid out; from a private area of Unicode.
_OPEN, _CLOSE = "\ue000", "\ue001"
_SCHEME = "cite"


class AnswerText(QTextBrowser):
    """Shows an answer while it is written, and then with its citations.

    Signals:
        cited(int): the citation with this number was clicked.
    """

    cited = Signal(int)

    def __init__(self, tokens: Tokens, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("answer")
        self._tokens = tokens
        self.setOpenLinks(False)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.document().setDocumentMargin(0)
        self.document().contentsChanged.connect(self._fit)
        self.anchorClicked.connect(self._on_anchor)

    def loadResource(self, _kind: int, _name: QUrl | str) -> None:  # noqa: N802
        """Load nothing, whatever an answer names: no picture, no style, no file."""
        return

    def append_text(self, text: str) -> None:
        """Add what was just written, as plain text."""
        cursor = QTextCursor(self.document())
        cursor.movePosition(QTextCursor.MoveOperation.End)
        cursor.insertText(text[: max(0, MOST_CHARACTERS - cursor.position())])

    def show_checked(self, text: str, sentences: Sequence[Sentence]) -> None:
        """Show the whole answer, each sentence with the numbers of what supports it."""
        markdown = tame_markdown(with_citations(text, sentences))
        self.document().setMarkdown(markdown, QTextDocument.MarkdownFeature.MarkdownNoHTML)
        self.setVisible(bool(markdown))
        # One change, so that it is laid out once and not for each citation.
        changes = QTextCursor(self.document())
        changes.beginEditBlock()
        self._defuse()
        self._place_citations()
        changes.endEditBlock()

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802
        """Keep the height that the text needs."""
        super().resizeEvent(event)
        self._fit()

    def sizeHint(self) -> QSize:  # noqa: N802
        """Return the size that the text needs."""
        return QSize(super().sizeHint().width(), round(self.document().size().height()) + 2)

    def _fit(self) -> None:
        self.document().setTextWidth(self.viewport().width())
        self.setFixedHeight(round(self.document().size().height()) + 2)

    def _defuse(self) -> None:
        """Take the addresses out of links and pictures that the model wrote; the words stay."""
        block = self.document().begin()
        spans: list[tuple[int, int, bool]] = []
        while block.isValid():
            iterator = block.begin()
            while not iterator.atEnd():
                fragment = iterator.fragment()
                style = fragment.charFormat()
                if style.isAnchor() or style.isImageFormat():
                    spans.append((fragment.position(), fragment.length(), style.isImageFormat()))
                iterator += 1
            block = block.next()
        for position, length, picture in reversed(spans):
            cursor = QTextCursor(self.document())
            cursor.setPosition(position)
            cursor.setPosition(position + length, QTextCursor.MoveMode.KeepAnchor)
            if picture:
                cursor.removeSelectedText()
            else:
                cursor.setCharFormat(QTextCharFormat())

    def _place_citations(self) -> None:
        style = QTextCharFormat()
        style.setAnchor(True)
        style.setForeground(QColor(self._tokens.accent))
        style.setBackground(QColor(self._tokens.accent_soft))
        style.setFontWeight(QFont.Weight.DemiBold)
        while not (found := self.document().find(_OPEN)).isNull():
            end = self.document().find(_CLOSE, found)
            if end.isNull():
                found.removeSelectedText()
                continue
            found.setPosition(found.selectionStart())
            found.setPosition(end.selectionEnd(), QTextCursor.MoveMode.KeepAnchor)
            number = found.selectedText()[1:-1]
            style.setAnchorHref(f"{_SCHEME}:{number}")
            found.insertText(f"\N{NARROW NO-BREAK SPACE}{number}\N{NARROW NO-BREAK SPACE}", style)

    def _on_anchor(self, address: QUrl) -> None:
        if address.scheme() == _SCHEME and address.path().isdecimal():
            self.cited.emit(int(address.path()))


def with_citations(text: str, sentences: Sequence[Sentence]) -> str:
    """Return what is supported of an answer, each sentence with a placeholder for each citation.

    Without sentences, which is an answer that was not checked, it is the answer.
    """
    clean = _WRITTEN_CITATION.sub("", text).replace(_OPEN, "").replace(_CLOSE, "")
    at = 0
    for sentence in sentences:
        wanted = _WRITTEN_CITATION.sub("", sentence.text).strip()
        found = clean.find(wanted, at)
        if not wanted or found < 0:
            continue
        marks = "".join(f" {_OPEN}{number}{_CLOSE}" for number in sentence.support)
        kept = f"{wanted}{marks}" if sentence.supported else ""
        clean = clean[:found] + kept + clean[found + len(wanted) :]
        at = found + len(kept)
    # What is left of a list whose items were taken out is no text.
    lines = (line for line in clean.splitlines() if not _ONLY_MARKS.fullmatch(line))
    return "\n".join(lines).strip() if sentences else clean
