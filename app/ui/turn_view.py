"""One question and what became of it, in the order of trust: evidence, answer, the unsupported."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import QEvent, Signal
from PySide6.QtGui import QGuiApplication, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QProgressBar, QPushButton, QVBoxLayout, QWidget

from app.ask import NOT_ANSWERED, Answer
from app.chats.kept_set import KeptSet
from app.messages.llm import Reading
from app.ui.answer_text import AnswerText
from app.ui.answer_words import copied, cost_of, found_in, is_stopped
from app.ui.evidence_card import EvidenceCard
from app.ui.file_list import FileList
from app.ui.folder_row import count_pages, time_left
from app.ui.plain_label import PlainLabel
from app.ui.question_edit import QuestionEdit
from app.ui.texts import tr, translated
from app.ui.theme import Tokens
from indexer.sets.plan import SetAnswer
from indexer.types import Coverage, Evidence, Hit, Wording


class TurnView(QWidget):
    """Shows a question while it is found, read, written and checked.

    Signals:
        opened(Hit, str): a passage is to be shown with this quote marked.
        judged(Hit, bool): a passage answers the question, or does not.
        asked_again(str): the question is to be asked once more, maybe in other words.
        asked_anyway(str): it is to be answered from passages, although the documents don't seem
            to answer it, or a set of files did.
    """

    opened = Signal(object, str)
    judged = Signal(object, bool)
    asked_again = Signal(str)
    asked_anyway = Signal(str)

    def __init__(self, question: str, tokens: Tokens) -> None:
        super().__init__()
        self._question = question
        self._tokens = tokens
        self._answer: Answer | None = None
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 24)
        self._column.setSpacing(8)
        self._title = self._add_text(question, "question")
        self._editor: QuestionEdit | None = None
        self._progress: QProgressBar | None = None
        self._reading: QLabel | None = None
        self._text: AnswerText | None = None
        self._files: SetAnswer | None = None

    def hasHeightForWidth(self) -> bool:  # noqa: N802
        """Say no: with yes, each new line of an answer lays out all turns before it at four widths.

        In a conversation of 60 turns that took 0.2 s for each line; so it takes 0.01 s.
        """
        return False

    def event(self, event: QEvent) -> bool:
        """Keep the height that the parts need."""
        if event.type() is QEvent.Type.LayoutRequest:
            self._fit()
        return super().event(event)

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802
        """Keep the height that the parts need at another width."""
        super().resizeEvent(event)
        if event.size().width() != event.oldSize().width():
            self._fit()

    def _fit(self) -> None:
        self.setFixedHeight(self._column.totalHeightForWidth(self.width()))

    def show_evidence(
        self,
        evidence: Sequence[Evidence],
        number_of: Callable[[Hit], int | None],
        ms: float | None = None,
    ) -> None:
        """Show the sentences that were found, before any model has run."""
        if not evidence:
            return
        found = f" · {found_in(ms)}" if ms is not None else ""
        self._add_text(f"{tr('EVIDENCE')}{found}", "label")
        shown: set[int] = set()
        for item in evidence:
            if item.hit.chunk in shown:
                continue  # its best sentence is marked already, with what stands around it
            shown.add(item.hit.chunk)
            self._add_card(number_of(item.hit) or 0, item)

    def show_passages(self, hits: Sequence[Hit], evidence: Sequence[Evidence], ms: float) -> None:
        """Show all that was found, where no answer is wanted."""
        self._add_text(f"{tr('PASSAGES')} · {found_in(ms)}", "label")
        best: dict[int, Evidence] = {}
        for item in evidence:
            best.setdefault(item.hit.chunk, item)
        for hit in hits:
            self._add_card(hit.rank, best.get(hit.chunk) or Evidence(hit, "", hit.start))
        self._add_actions(None)

    def show_files(self, found: SetAnswer, ms: float | None = None) -> None:
        """Say that a set of files answers; the answer is followed by all of them."""
        self._files = found
        taken = f" · {found_in(ms)}" if ms is not None else ""
        self._add_text(f"{tr('FILES')}{taken}", "label")
        self.show_coverage(found.coverage)

    def show_wording(self, wording: Wording, *, found: bool) -> None:
        """Say what of the question the library has not as it was typed, if there is anything."""
        lines = [
            tr("Searched for “{by}” instead of “{word}”.", by=item.by, word=item.word)
            for item in wording.replaced
        ]
        lines += [
            tr("“{phrase}” stands nowhere as written: searched for its words.", phrase=phrase)
            for phrase in wording.missing
        ]
        if wording.nothing_known and not wording.replaced:
            lines.append(tr("No word of this question is in the library."))
            if found:
                lines.append(tr("These passages are only the nearest to it."))
        if lines:
            self._add_text("\n".join(lines), "dim")

    def show_coverage(self, coverage: Coverage) -> None:
        """Say which files the search could not see, if there are any."""
        if coverage.whole:
            return
        files, searched = f"{coverage.files:,}", f"{coverage.searched:,}"
        parts = [tr("searched {searched} of {files} files", searched=searched, files=files)]
        if coverage.waiting:
            parts.append(tr("{count} still to be read", count=f"{coverage.waiting:,}"))
        if coverage.unread:
            parts.append(tr("{count} could not be read", count=f"{coverage.unread:,}"))
        if coverage.partial:
            parts.append(tr("{count} read in part only", count=f"{coverage.partial:,}"))
        if coverage.pages:
            parts.append(count_pages(coverage.pages))
        self._add_text(" · ".join(parts), "dim")

    def show_reading(self, message: Reading, seconds_left: float | None = None) -> None:
        """Show how far the model has read, and how long it will still take, if that is known."""
        if self._progress is None:
            self._reading = self._add_text("", "dim")
            self._progress = QProgressBar()
            self._progress.setTextVisible(False)
            self._column.addWidget(self._progress)
        assert self._reading is not None
        self._progress.setRange(0, message.total)
        self._progress.setValue(message.tokens)
        text = tr("reading {done} of {total} tokens", done=message.tokens, total=message.total)
        if seconds_left is not None and message.tokens < message.total:
            text += f" · {time_left(seconds_left)}"
        self._reading.setText(text)

    def show_token(self, text: str) -> None:
        """Show the next words of the answer."""
        self._end_reading()
        self._answer_text().append_text(text)

    def show_answer(self, answer: Answer) -> None:
        """Show the whole answer, checked."""
        self._end_reading()
        self._answer = answer
        if is_stopped(answer) and not answer.text:
            self.show_stopped()
            return
        view = self._answer_text()
        text = translated(answer.text) if answer.abstained else answer.text
        view.show_checked(text, answer.sentences)
        view.cited.connect(self._on_cited)
        unsupported = [item.text for item in answer.sentences if not item.supported]
        if unsupported:
            self._add_text("\n".join(unsupported), "warning")
            self._add_text(f"▲ {tr('no passage supports this')}", "dim")
        if is_stopped(answer):
            self._add_text(tr("Stopped."), "dim")
        if self._files is not None and self._files.members:
            files = FileList(self._files)
            files.opened.connect(self.opened)
            self._column.addWidget(files)
        self._add_actions(answer)

    def show_stopped(self) -> None:
        """Say that nothing more will come."""
        self._end_reading()
        self._add_text(tr("Stopped."), "dim")
        self._add_actions(None)

    def show_failure(self, title: str, detail: str) -> None:
        """Say what went wrong where the answer would stand."""
        self._end_reading()
        self._add_text(translated(f"{title} {detail}".strip()), "warning")
        self._add_actions(None)

    def _add_card(self, number: int, evidence: Evidence) -> None:
        card = EvidenceCard(number, evidence, self._tokens)
        card.opened.connect(self.opened)
        card.judged.connect(self.judged)
        self._column.addWidget(card)

    def _answer_text(self) -> AnswerText:
        if self._text is None:
            self._add_text(tr("ANSWER"), "label")
            self._text = AnswerText(self._tokens)
            self._column.addWidget(self._text)
        return self._text

    def _add_text(self, text: str, role: str) -> PlainLabel:
        label = PlainLabel(text, role, selectable=role in ("question", "warning"))
        self._column.addWidget(label)
        return label

    def _end_reading(self) -> None:
        for widget in (self._progress, self._reading):
            if widget is not None:
                widget.setParent(None)
                widget.deleteLater()
        self._progress = self._reading = None

    def show_lost(self, count: int) -> None:
        """Say how many of the passages that stood here are not in the library any more."""
        if count == 1:
            self._add_text(tr("1 passage is not in the library any more."), "dim")
        elif count:
            text = tr("{count} passages are not in the library any more.", count=count)
            self._add_text(text, "dim")

    def show_lost_files(self, lost: int, kept: KeptSet) -> None:
        """Say how many of the files that were listed here are not there any more, or not kept."""
        if lost == 1:
            self._add_text(tr("1 file is not in the library any more."), "dim")
        elif lost:
            text = tr("{count} files are not in the library any more.", count=f"{lost:,}")
            self._add_text(text, "dim")
        if len(kept.members) < kept.count:
            text = tr("The first {count} are listed: ask again for all.", count=len(kept.members))
            self._add_text(text, "dim")

    @property
    def written(self) -> str:
        """What stands there of an answer."""
        return self._text.toPlainText() if self._text is not None else ""

    def edit(self) -> None:
        """Put the question into a box in its place, to be asked in other words."""
        if self._editor is not None:
            return
        self._editor = QuestionEdit(self._question)
        self._editor.left.connect(self._end_editing)
        self._editor.asked.connect(self._on_edited)
        self._title.hide()
        self._column.insertWidget(0, self._editor)
        self._editor.setFocus()

    def _on_edited(self, question: str) -> None:
        self._end_editing()
        self.asked_again.emit(question)

    def _end_editing(self) -> None:
        editor, self._editor = self._editor, None
        if editor is not None:
            editor.setParent(None)
            editor.deleteLater()
        self._title.show()

    def _add_actions(self, answer: Answer | None) -> None:
        row = QHBoxLayout()
        row.setSpacing(8)
        if answer is not None:
            copy = QPushButton(tr("Copy"))
            copy.clicked.connect(lambda: QGuiApplication.clipboard().setText(copied(answer)))
            row.addWidget(copy)
        if answer is not None and answer.text == NOT_ANSWERED:
            anyway = QPushButton(tr("Answer anyway"))
            anyway.clicked.connect(lambda: self.asked_anyway.emit(self._question))
            row.addWidget(anyway)
        if self._files is not None:
            passages = QPushButton(tr("Answer from passages"))
            passages.setToolTip(tr("This was no question about a set of files"))
            passages.clicked.connect(lambda: self.asked_anyway.emit(self._question))
            row.addWidget(passages)
        again = QPushButton(tr("Ask again"))
        again.clicked.connect(lambda: self.asked_again.emit(self._question))
        edit = QPushButton(tr("Edit"))
        edit.setToolTip(tr("Ask this in other words"))
        edit.clicked.connect(self.edit)
        row.addWidget(again)
        row.addWidget(edit)
        row.addStretch(1)
        self._column.addLayout(row)
        if answer is not None and answer.generated is not None:
            self._add_text(cost_of(answer, answer.generated), "dim")

    def _on_cited(self, number: int) -> None:
        assert self._answer is not None
        for citation in self._answer.citations:
            if citation.number == number:
                self.opened.emit(citation.hit, citation.quote)
                return
