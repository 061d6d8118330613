"""A card with a piece of evidence: number, file, page, and the words that answer, marked."""

from __future__ import annotations

import html

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QSizePolicy,
    QVBoxLayout,
)

from app.ui.elided_label import ElidedLabel, plain_tip
from app.ui.texts import tr
from app.ui.theme import Tokens
from indexer.types import Evidence, Hit

_AROUND = 90  # characters shown on either side of the quote
_WORD = 24  # characters that may be left out for the sake of a whole word


class EvidenceCard(QFrame):
    """Shows one piece of evidence; a click or Return opens it.

    Signals:
        opened(Hit, str): the owner wants to see the passage, with this quote marked.
        judged(Hit, bool): the owner says that the passage answers the question, or does not.
    """

    opened = Signal(object, str)
    judged = Signal(object, bool)

    def __init__(self, number: int, evidence: Evidence, tokens: Tokens) -> None:
        super().__init__()
        self.setObjectName("card")
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._evidence = evidence
        hit = evidence.hit
        badge = QLabel(str(number))
        badge.setObjectName("number")
        badge.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        name = ElidedLabel(hit.path.name)
        place = QLabel(" · ".join(filter(None, (page_text(hit), _also(hit), _away(hit)))))
        if hit.away:
            place.setToolTip(tr("Its file was moved or deleted, or its drive is not connected."))
        place.setObjectName("dim")
        place.setTextFormat(Qt.TextFormat.PlainText)  # the label of a page is its author's
        head = QHBoxLayout()
        head.setSpacing(8)
        head.addWidget(badge)
        head.addWidget(name, 1)
        head.addWidget(place)
        quote = QLabel(_marked(evidence, tokens))
        quote.setObjectName("passage")
        quote.setTextFormat(Qt.TextFormat.RichText)
        quote.setWordWrap(True)
        column = QVBoxLayout(self)
        column.setContentsMargins(12, 10, 12, 10)
        column.setSpacing(4)
        column.addLayout(head)
        column.addWidget(quote)
        column.addLayout(self._judgement(hit))
        self.setAccessibleName(f"{number}: {hit.path.name}. {evidence.quote}")

    def _judgement(self, hit: Hit) -> QHBoxLayout:
        """Return a line with the two things that may be taught, and what was taught before."""
        line = QHBoxLayout()
        line.setSpacing(16)
        for text, answers in ((tr("This answers it"), True), (tr("Not this"), False)):
            button = QPushButton(text)
            button.setObjectName("dim")
            button.clicked.connect(lambda _=False, says=answers: self.judged.emit(hit, says))
            line.addWidget(button)
        line.addStretch(1)
        if hit.taught is not None:
            mark = QLabel(tr("taught"))
            mark.setObjectName("dim")
            mark.setToolTip(plain_tip(tr("Taught for: {question}", question=hit.taught.question)))
            line.addWidget(mark)
        return line

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        """Open on a click."""
        if event.button() is Qt.MouseButton.LeftButton:
            self._open()
        super().mouseReleaseEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802
        """Open on Return or Space."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space):
            self._open()
        else:
            super().keyPressEvent(event)

    def _open(self) -> None:
        self.opened.emit(self._evidence.hit, self._evidence.quote)


def _also(hit: Hit) -> str:
    """Return in how many other files the same stands, as far as there are any."""
    count = len(hit.also)
    if count > 1:
        return tr("also in {count} others", count=count)
    return tr("also in 1 other") if count else ""


def page_text(hit: Hit) -> str:
    """Return "page 3 of 12", or "page iii (3 of 12)", as far as it is known."""
    page, pages = hit.page, hit.pages
    if page is None:
        return ""
    if hit.label:
        of = pages or "?"
        return tr("page {label} ({page} of {pages})", label=hit.label, page=page, pages=of)
    if pages is None:
        return tr("page {page}", page=page)
    return tr("page {page} of {pages}", page=page, pages=pages)


def _away(hit: Hit) -> str:
    return tr("not there now") if hit.away else ""


def _marked(evidence: Evidence, tokens: Tokens) -> str:
    """Return the quote in its surroundings as markup of ours; the document's text is escaped."""
    text = evidence.hit.text
    start = evidence.quote_start - evidence.hit.start
    end = start + len(evidence.quote)
    around = _AROUND if evidence.quote else 2 * _AROUND
    first, last = max(0, start - around), min(len(text), end + around)
    before, after = text[first:start], text[end:last]
    if first > 0:
        # At a space where one is near; Chinese has none.
        cut = before.find(" ", 0, _WORD)
        before = f"… {before[cut + 1 :]}"
    if last < len(text):
        cut = after.rfind(" ", max(0, len(after) - _WORD))
        after = f"{after[:cut] if cut > 0 else after} …"
    quote = f'<span style="background:{tokens.mark}">{_plain(text[start:end])}</span>'
    return f"{_plain(before)}{quote}{_plain(after)}"


def _plain(text: str) -> str:
    """Return text on one line, escaped, with the spaces at its ends kept as one."""
    words = " ".join(text.split())
    left = " " if text[:1].isspace() else ""
    right = " " if text[-1:].isspace() and words else ""
    return html.escape(f"{left}{words}{right}")
