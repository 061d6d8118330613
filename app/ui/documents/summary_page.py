"""What a document says, section by section: in its own sentences, and above them a model's."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Signal
from PySide6.QtGui import QTextCursor
from PySide6.QtWidgets import QPushButton

from app.messages.documents import Sections, ShownSection, Summarised
from app.ui.documents.report_page import ReportPage
from app.ui.folder_row import count_pages
from app.ui.texts import tr
from app.ui.theme import Tokens
from indexer.documents.texts import Place


class SummaryPage(ReportPage):
    """Shows a summary.

    Signals:
        more_wanted(int): the sections from this one on are to be shown.
        write_asked(): the model is to write it.
    """

    more_wanted = Signal(int)
    write_asked = Signal()

    def __init__(self, path: Path, tokens: Tokens) -> None:
        super().__init__(tr("SUMMARY"), path.name, tokens)
        self._total = 0
        self._is_awaited = False  # whether more sections are
        self._heads: list[QTextCursor] = []  # of the sections that are shown
        self._written: set[int] = set()
        self._write = QPushButton()
        self._write.clicked.connect(self.write_asked)
        self._write.hide()
        self.offers.addWidget(self._write)
        self.text.end_neared.connect(self._ask_more)
        self.show_work(0, 0, tr("Reading the document"))

    def begin(self, message: Summarised) -> None:
        """Show how much there is, and ask for the first of it."""
        self.end_work()
        self._total, self._is_awaited = len(message.left), False
        self._heads, self._written = [], set()
        self.text.start_over()
        parts = [tr("1 section") if self._total == 1 else _sections(self._total)]
        if message.pages:
            parts.insert(0, tr("1 page") if message.pages == 1 else _pages(message.pages))
        if message.unread:
            parts.append(count_pages(message.unread))
        parts.append(tr("its own sentences; a click opens the page"))
        self.say(" · ".join(parts))
        self._ask_more()

    def offer_writing(self, text: str) -> None:
        """Offer that the model writes it; without a text offer nothing."""
        self._write.setText(text)
        self._write.setVisible(bool(text))

    def add(self, message: Sections) -> None:
        """Show sections: the next ones, or what was written about one that is shown."""
        self._is_awaited &= message.first != len(self._heads)
        for number, section in enumerate(message.sections, message.first):
            if number == len(self._heads):
                self._add_section(number, section)
            if number < len(self._heads):
                self._add_written(number, section)

    def _add_section(self, number: int, section: ShownSection) -> None:
        summary, cursor = section.summary, self.text.at_end()
        cursor.beginEditBlock()
        if summary.heading:
            self.text.add_heading(cursor, summary.heading)
        where = [_where(summary.first_page, summary.last_page, summary.sentences)]
        where.append(tr("section {number} of {total}", number=number + 1, total=self._total))
        above = 2 if summary.heading else 22
        self.text.add_label(cursor, " · ".join(filter(None, where)), above=above)
        head = QTextCursor(cursor)
        head.setKeepPositionOnInsert(True)
        self._heads.append(head)
        for place in summary.sentences:
            self.text.add_place(cursor, 0, place, page=page_of(place))
        cursor.endEditBlock()

    def _add_written(self, number: int, section: ShownSection) -> None:
        if section.written is None or number in self._written:
            return
        self._written.add(number)
        # Not a copy: what was inserted behind a cursor that keeps its position is its selection.
        cursor = QTextCursor(self.text.document())
        cursor.setPosition(self._heads[number].position())
        cursor.beginEditBlock()
        for sentence in section.written:
            text = sentence.text if sentence.supported else f"▲ {sentence.text}"
            self.text.add_text(cursor, text, warns=not sentence.supported)
        self.text.add_label(cursor, tr("In its own words:"), above=8)
        cursor.endEditBlock()

    def _ask_more(self) -> None:
        if len(self._heads) < self._total and not self._is_awaited:
            self._is_awaited = True
            self.more_wanted.emit(len(self._heads))


def page_of(place: Place) -> str:
    """Return "page 3", as it is printed there, or nothing."""
    number = place.label or place.page
    return tr("page {page}", page=number) if number else ""


def _where(first: int | None, last: int | None, sentences: tuple[Place, ...]) -> str:
    if first is None:
        return ""
    if first == last:
        return page_of(sentences[0]) if sentences else tr("page {page}", page=first)
    return tr("pages {first} to {last}", first=first, last=last)


def _pages(count: int) -> str:
    return tr("{count} pages", count=f"{count:,}")


def _sections(count: int) -> str:
    return tr("{count} sections", count=f"{count:,}")
