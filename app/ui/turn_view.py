"""One question and what became of it, in the order of trust: evidence, answer, the unsupported."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QProgressBar, QPushButton, QVBoxLayout, QWidget

from app.ask import Answer
from app.messages import Reading
from app.ui.answer_text import AnswerText, copy_to_clipboard
from app.ui.evidence_card import EvidenceCard
from app.ui.texts import tr
from app.ui.theme import Tokens
from indexer.types import Evidence, Hit


class TurnView(QWidget):
    """Shows a question while it is found, read, written and checked.

    Signals:
        opened(Hit, str): a passage is to be shown with this quote marked.
        asked_again(str): the same question is to be asked once more.
    """

    opened = Signal(object, str)
    asked_again = Signal(str)

    def __init__(self, question: str, tokens: Tokens) -> None:
        super().__init__()
        self._question = question
        self._tokens = tokens
        self._answer: Answer | None = None
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 24)
        self._column.setSpacing(8)
        self._add_text(question, "question")
        self._progress: QProgressBar | None = None
        self._reading: QLabel | None = None
        self._text: AnswerText | None = None

    def show_evidence(
        self, evidence: Sequence[Evidence], number_of: Callable[[Hit], int | None], ms: float
    ) -> None:
        """Show the sentences that were found, before any model has run."""
        if not evidence:
            return
        self._add_text(f"{tr('EVIDENCE')} · {tr('found in {ms} ms', ms=round(ms))}", "label")
        shown: set[int] = set()
        for item in evidence:
            if item.hit.chunk in shown:
                continue  # its best sentence is marked already, with what stands around it
            shown.add(item.hit.chunk)
            card = EvidenceCard(number_of(item.hit) or 0, item, self._tokens)
            card.opened.connect(self.opened)
            self._column.addWidget(card)

    def show_reading(self, message: Reading) -> None:
        """Show how far the model has read."""
        if self._progress is None:
            self._reading = self._add_text("", "dim")
            self._progress = QProgressBar()
            self._progress.setTextVisible(False)
            self._column.addWidget(self._progress)
        assert self._reading is not None
        self._progress.setRange(0, message.total)
        self._progress.setValue(message.tokens)
        self._reading.setText(
            tr("reading {done} of {total} tokens", done=message.tokens, total=message.total)
        )

    def show_token(self, text: str) -> None:
        """Show the next words of the answer."""
        self._end_reading()
        self._answer_text().append_text(text)

    def show_answer(self, answer: Answer) -> None:
        """Show the whole answer, checked."""
        self._end_reading()
        self._answer = answer
        view = self._answer_text()
        view.show_checked(answer.text, answer.sentences)
        view.cited.connect(self._on_cited)
        unsupported = [item.text for item in answer.sentences if not item.supported]
        if unsupported and not answer.abstained:
            self._add_text("\n".join(unsupported), "warning")
            self._add_text(f"▲ {tr('no passage supports this')}", "dim")
        self._add_actions(answer)

    def show_failure(self, title: str, detail: str) -> None:
        """Say what went wrong where the answer would stand."""
        self._end_reading()
        self._add_text(f"{title} {detail}".strip(), "warning")
        self._add_actions(None)

    def _answer_text(self) -> AnswerText:
        if self._text is None:
            self._add_text(tr("ANSWER"), "label")
            self._text = AnswerText(self._tokens)
            self._column.addWidget(self._text)
        return self._text

    def _add_text(self, text: str, role: str) -> QLabel:
        label = QLabel(text)
        label.setObjectName(role)
        label.setTextFormat(Qt.TextFormat.PlainText)
        label.setWordWrap(True)
        if role in ("question", "warning"):
            label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._column.addWidget(label)
        return label

    def _end_reading(self) -> None:
        for widget in (self._progress, self._reading):
            if widget is not None:
                widget.setParent(None)
                widget.deleteLater()
        self._progress = self._reading = None

    def _add_actions(self, answer: Answer | None) -> None:
        row = QHBoxLayout()
        row.setSpacing(8)
        if answer is not None:
            copy = QPushButton(tr("Copy"))
            copy.clicked.connect(lambda: copy_to_clipboard(answer.text))
            row.addWidget(copy)
        again = QPushButton(tr("Ask again"))
        again.clicked.connect(lambda: self.asked_again.emit(self._question))
        row.addWidget(again)
        row.addStretch(1)
        if answer is not None and answer.generated is not None:
            written = answer.generated
            cost = QLabel(
                tr(
                    "read {read} tokens · wrote {written} at {speed}/s",
                    read=written.prompt_tokens - written.reused_tokens,
                    written=written.answer_tokens,
                    speed=f"{written.tokens_per_s:.0f}",
                )
            )
            cost.setObjectName("dim")
            row.addWidget(cost)
        self._column.addLayout(row)

    def _on_cited(self, number: int) -> None:
        assert self._answer is not None
        for citation in self._answer.citations:
            if citation.number == number:
                self.opened.emit(citation.hit, citation.quote)
                return
