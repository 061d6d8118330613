"""Whole documents, as the window shows them: pages in the place of the conversation."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QStackedWidget, QWidget

from app.messages.documents import (
    Changes,
    Compared,
    Digesting,
    DocumentSaid,
    Refused,
    Sections,
    SectionTask,
    Summarised,
)
from app.paths import Profile
from app.ui.documents.comparison_page import ComparisonPage
from app.ui.documents.other_dialog import OtherDialog
from app.ui.documents.report_page import ReportPage
from app.ui.documents.section_writer import SectionWriter
from app.ui.documents.summary_page import SummaryPage
from app.ui.folder_row import time_left
from app.ui.texts import tr
from app.ui.theme import Tokens
from app.ui.workers.documents import DocumentClient
from app.ui.workers.index import IndexClient
from app.ui.workers.llm import LlmClient
from indexer.documents.texts import Place
from indexer.types import Hit


class DocumentDesk(QObject):
    """Opens a page about a document or two, one at a time, and closes it.

    Signals:
        opened(Hit, str): a sentence is to be shown on its page.
    """

    opened = Signal(object, str)

    def __init__(
        self,
        stack: QStackedWidget,
        index: IndexClient,
        llm: LlmClient | None,
        profile: Profile,
        tokens: Tokens,
        window: QWidget,
    ) -> None:
        super().__init__(window)
        self._index, self._window = index, window
        self._stack, self._llm, self._tokens = stack, llm, tokens
        self._client = DocumentClient(index, self)
        self._id = ""
        self._paths: tuple[Path, ...] = ()
        self._pages: tuple[int | None, ...] = (None, None)
        self._above = False
        self.page: ReportPage | None = None
        self._writer: SectionWriter | None = None
        if llm is not None:
            self._writer = SectionWriter(self._client, index, llm, profile, self)
            self._writer.progressed.connect(self._on_progressed)
            self._writer.ended.connect(self._on_written)
            self._writer.failed.connect(self._on_writing_failed)
        self._client.said.connect(self._on_said)
        self._client.gone.connect(self._on_gone)
        # Another worker follows that knows nothing of a page; what it does stands beside it.
        for signal in (index.rewriting, index.damaged):
            signal.connect(self.leave)

    def summarise(self, path: Path) -> None:
        """Show what a document says."""
        page = SummaryPage(path, self._tokens)
        page.more_wanted.connect(lambda first: self._client.list_sections(self._id, first))
        page.write_asked.connect(self._on_write)
        self._show(page, (path,))

    def compare(self, old: Path, new: Path) -> None:
        """Show how two documents differ."""
        page = ComparisonPage(old, new, self._tokens)
        page.more_wanted.connect(lambda first: self._client.list_changes(self._id, first))
        self._show(page, (old, new))

    def choose_other(self, path: Path) -> None:
        """Ask which document this one is to be compared with."""
        dialog = OtherDialog(path, self._index, self._window)
        self._index.files.connect(dialog.take)
        dialog.chosen.connect(self.compare)
        dialog.open()

    def take_model(self) -> None:
        """Show what another model has written, which is to go on with what is shown."""
        if isinstance(self.page, SummaryPage):
            self._begin()

    def leave(self) -> None:
        """Show the conversation again; what is still worked on ends."""
        if self._writer is not None:
            self._writer.stop()
        page, self.page = self.page, None
        if page is None:
            return
        self._client.close(self._id)
        self._id = ""
        self._stack.removeWidget(page)
        page.deleteLater()

    def leave_room(self, *, above: bool) -> None:
        """Leave the place above a page to a button, or not."""
        self._above = above
        if self.page is not None:
            self.page.leave_room(above=above)

    def _show(self, page: ReportPage, paths: tuple[Path, ...]) -> None:
        self.leave()
        self.page, self._paths = page, paths
        page.left.connect(self.leave)
        page.stopped.connect(self._on_stopped)
        page.retried.connect(self._begin)
        page.text.cited.connect(self._on_cited)
        page.leave_room(above=self._above)
        self._stack.addWidget(page)
        self._stack.setCurrentWidget(page)
        page.text.setFocus()
        self._begin()

    def _begin(self) -> None:
        assert self.page is not None
        if self._writer is not None:
            self._writer.stop()
        if self._id:
            self._client.close(self._id)
        self.page.show_work(0, 0, tr("Reading the document"))
        if isinstance(self.page, SummaryPage):
            self.page.offer_writing("")
            model = self._llm.model if self._llm is not None else None
            self._id = self._client.summarise(self._paths[0], model)
        else:
            self._id = self._client.compare(self._paths[0], self._paths[1])

    # --- what is said --------------------------------------------------------------------------

    def _on_said(self, message: DocumentSaid) -> None:
        page = self.page
        if page is None or message.id != self._id:
            return
        match message:
            case Digesting(total=0):
                pass  # its text is still fetched
            case Digesting():
                said = tr(
                    "{done} of {total} sentences",
                    done=f"{message.done:,}",
                    total=f"{message.total:,}",
                )
                page.show_work(message.done, message.total, said)
            case Refused():
                page.fail(message.title, message.detail)
            case Summarised() if isinstance(page, SummaryPage):
                self._pages = (message.pages, None)
                page.begin(message)
                if self._writer is not None:
                    self._writer.open(message.id, message.left)
                self._offer_writing()
            case Compared() if isinstance(page, ComparisonPage):
                self._pages = tuple(count or None for count in message.pages)
                page.begin(message)
            case Sections() if isinstance(page, SummaryPage):
                page.add(message)
            case Changes() if isinstance(page, ComparisonPage):
                page.add(message)
            case SectionTask() if self._writer is not None:
                self._writer.take(message)

    def _on_gone(self) -> None:
        if self.page is not None:
            if self._writer is not None:
                self._writer.stop()
            self._id = ""
            self.page.fail("The search stopped working.", "It is started anew: ask again.")

    def _on_stopped(self) -> None:
        if self._writer is not None and self._writer.is_writing:
            self._writer.stop()
        else:
            self.leave()

    def _on_cited(self, document: int, place: Place) -> None:
        end = place.start + len(place.text)
        self.opened.emit(
            Hit(
                place.chunk, 1, self._paths[document], place.page, self._pages[document],
                place.heading, place.start, end, place.text, 0.0, None, None, place.label,
            ),
            place.text,
        )  # fmt: skip

    # --- the model -----------------------------------------------------------------------------

    def _offer_writing(self) -> None:
        page, writer = self.page, self._writer
        if not isinstance(page, SummaryPage) or writer is None or self._llm is None:
            return
        if not writer.waiting or writer.is_writing:
            page.offer_writing("")
            return
        seconds = writer.seconds_left()
        if seconds is None:
            page.offer_writing(tr("Write it with {model}", model=self._llm.title))
        else:
            model, taken = self._llm.title, _about(seconds)
            page.offer_writing(tr("Write it with {model}: about {time}", model=model, time=taken))

    def _on_write(self) -> None:
        if self._writer is not None:
            self._writer.start()
            self._offer_writing()

    def _on_progressed(self, done: int, total: int, seconds: float | None) -> None:
        if isinstance(self.page, SummaryPage):
            said = tr("{done} of {total} sections are written", done=done, total=total)
            if seconds is not None and done < total:
                said += f" · {time_left(seconds)}"
            self.page.show_work(done, total, said)

    def _on_written(self) -> None:
        if isinstance(self.page, SummaryPage):
            whole = self._writer is not None and not self._writer.waiting
            self.page.end_work("" if whole else tr("What was written is kept."))
            self._offer_writing()

    def _on_writing_failed(self, title: str, detail: str) -> None:
        if self.page is not None:
            self.page.fail(title, detail, again=False)
            self._offer_writing()


def _about(seconds: float) -> str:
    if seconds < 90:
        return tr("{count} s", count=max(1, round(seconds)))
    if seconds < 90 * 60:
        return tr("{count} minutes", count=round(seconds / 60))
    return tr("{count} hours", count=f"{seconds / 3600:.1f}")
