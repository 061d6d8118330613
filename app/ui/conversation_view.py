"""The conversation in the middle: questions and answers, and the box below them."""

from __future__ import annotations

import logging
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtWidgets import QHBoxLayout, QScrollArea, QVBoxLayout, QWidget

from app.ask import PASSAGES, Answer, EarlierTurn, Question
from app.messages.general import Failed
from app.messages.index import Damaged, Folders, Found
from app.messages.llm import Generated, Reading, Token
from app.ui.ask_box import ANSWER, AskBox, Effort
from app.ui.held_files import HeldFiles
from app.ui.notices import Notices
from app.ui.taught import Teaching
from app.ui.texts import tr, translated
from app.ui.theme import Tokens
from app.ui.turn_view import TurnView
from app.ui.welcome_view import WelcomeView
from app.ui.workers.index import IndexClient
from app.ui.workers.llm import LlmClient
from indexer.types import EVERYTHING, Scope

log = logging.getLogger(__name__)

_TEXT_WIDTH = 760
_MAX_TOKENS = 256
# Earlier turns that a follow-up is read with; more would crowd out the passages.
_HISTORY = 3
# Beside an answer, indexing would take half of its speed.
_PAUSE = "an answer is being written"


@dataclass
class _Asking:
    """The question that is being answered."""

    question: Question
    view: TurnView
    effort: Effort
    search_id: str
    generating: bool = False


class ConversationView(QWidget):
    """Asks and shows.

    Signals:
        opened(Hit, str): a passage is to be shown with this quote marked.
        answered(Answer): an answer is complete.
        busy(bool): the language model works.
        folder_asked(): the owner wants to choose a folder.
    """

    opened = Signal(object, str)
    answered = Signal(object)
    busy = Signal(bool)
    folder_asked = Signal()

    def __init__(
        self, index: IndexClient, llm: LlmClient | None, tokens: Tokens, reading_budget: int
    ) -> None:
        super().__init__()
        self.setObjectName("conversation")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._index = index
        self._llm = llm
        self._tokens = tokens
        self._reading_budget = reading_budget
        self._asking: _Asking | None = None
        self._history: list[EarlierTurn] = []
        self._welcome = WelcomeView()
        self._welcome.folder_asked.connect(self.folder_asked)
        self._notices = Notices()
        self._held = HeldFiles(self._notices, index.forget_missing)
        self._teaching = Teaching(index, self._notices, self)
        self._turns = QVBoxLayout()
        inner = QWidget()
        self._column = column = QVBoxLayout(inner)
        self.leave_room(above=False)
        column.addLayout(self._turns)
        column.addWidget(self._welcome)
        column.addStretch(1)
        inner.setMaximumWidth(_TEXT_WIDTH)
        self._build(inner)
        self.setFocusProxy(self.box)
        index.found.connect(self._on_found)
        index.failed.connect(self._on_failed)
        index.damaged.connect(self._on_damaged)
        index.gone.connect(self._on_index_gone)
        if llm is not None:
            llm.said.connect(self._on_said)
            llm.failed.connect(self._on_failed)
            llm.gone.connect(self._on_llm_gone)

    def _build(self, inner: QWidget) -> None:
        self._scroll = QScrollArea()
        self._scroll.setWidgetResizable(True)
        self._scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._scroll.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        self._scroll.setWidget(inner)
        self._scroll.verticalScrollBar().rangeChanged.connect(self._follow)
        self.box = AskBox()
        self.box.asked.connect(self.ask)
        self.box.stopped.connect(self.stop)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(self._scroll, 1)
        below = QWidget()
        below.setMaximumWidth(_TEXT_WIDTH)
        foot = QVBoxLayout(below)
        foot.setContentsMargins(30, 0, 30, 22)
        foot.setSpacing(8)
        foot.addWidget(self._notices)
        foot.addWidget(self.box)
        centred = QHBoxLayout()
        centred.addStretch(0)
        centred.addWidget(below, 1)
        centred.addStretch(0)
        outer.addLayout(centred)

    def leave_room(self, *, above: bool) -> None:
        """Leave the place above the first question to a button, or not."""
        self._column.setContentsMargins(34, 52 if above else 24, 34, 8)

    def show_folders(self, message: Folders) -> None:
        """Offer the folders as what may be asked."""
        self.box.show_folders(message)
        self._held.show_folders(message)
        self._welcome.show_library(has_folders=bool(message.folders))

    def ask(self, text: str, scope: Scope = EVERYTHING, effort: Effort = ANSWER) -> None:
        """Ask a question; one that is being answered is stopped first."""
        self._abandon()
        question = Question(uuid.uuid4().hex, text, self._history[-_HISTORY:])
        view = TurnView(text, self._tokens)
        view.opened.connect(self.opened)
        view.judged.connect(partial(self._teaching.teach, question.search_text))
        view.asked_again.connect(lambda again: self.ask(again, scope, effort))
        self._turns.addWidget(view)
        self._welcome.hide()
        search_id = self._index.search(question.search_text, PASSAGES, scope)
        self._asking = _Asking(question, view, effort, search_id)
        self._set_busy(True)

    def begin_anew(self) -> None:
        """Begin a new conversation: what was said before is neither shown nor read any more."""
        self._abandon()
        self._history.clear()
        while (item := self._turns.takeAt(0)) is not None:
            if (view := item.widget()) is not None:
                view.setParent(None)
                view.deleteLater()
        self._welcome.show()
        self.box.setFocus()

    def say(self, title: str, detail: str) -> None:
        """Say something that belongs to no question, above the box."""
        self._notices.add(translated(f"{title} {detail}".strip()))

    def offer(self, text: str, answers: Mapping[str, Callable[[], None]]) -> None:
        """Say something above the box that the owner can answer by a button."""
        self._notices.add(text, answers)

    def _on_damaged(self, message: Damaged) -> None:
        said = translated(f"{message.title} {message.detail}")
        self.offer(said, {tr("Rebuild it now"): self._index.rebuild})

    def stop(self) -> None:
        """Stop the answer; what was written of it stays."""
        asking = self._asking
        if asking is None:
            return
        if asking.generating and self._llm is not None:
            self._llm.cancel(asking.question.id)
        else:
            asking.view.show_stopped()
            self._end(None)

    def _abandon(self) -> None:
        """Stop the answer, and leave what the model may still say of it unheard."""
        self.stop()
        if self._asking is not None:
            self._end(None)

    def _on_found(self, message: Found) -> None:
        asking = self._asking
        if asking is None or message.id != asking.search_id:
            return
        question = asking.question
        question.found(message.hits, message.evidence)
        asking.view.show_wording(message.wording, found=bool(message.hits))
        if asking.effort.answers or question.abstains:
            asking.view.show_evidence(message.evidence, question.number_of, message.ms)
        if asking.effort.answers or question.abstains:
            asking.view.show_coverage(message.coverage)
        if question.abstains:
            self._end(question.abstain())
        elif not asking.effort.answers:
            asking.view.show_coverage(message.coverage)
            asking.view.show_passages(message.hits, message.evidence, message.ms)
            self._end(None)
        elif self._llm is None:
            self._end(question.extract())
        else:
            asking.generating = True
            self._index.pause(_PAUSE, paused=True)
            self._llm.generate(
                question.request(
                    reading_budget=self._reading_budget,
                    reading_seconds=asking.effort.reading_seconds,
                    max_tokens=_MAX_TOKENS,
                )
            )

    def _on_said(self, message: Reading | Token | Generated) -> None:
        asking = self._asking
        if asking is None or message.id != asking.question.id:
            return
        if isinstance(message, Reading):
            asking.view.show_reading(message)
        elif isinstance(message, Token):
            asking.view.show_token(message.text)
        answer = asking.question.on_message(message)
        if answer is not None:
            if answer.generated is not None:
                read = asking.question.read_passages(answer.generated)
                self._history.append(EarlierTurn(asking.question.text, answer.text, read))
            self._end(answer)

    def _on_failed(self, message: Failed) -> None:
        asking = self._asking
        if asking is not None and message.id in (asking.search_id, asking.question.id):
            self._fail(message.title, message.detail)
        elif asking is not None and asking.generating and self.sender() is self._llm:
            # A model that cannot be loaded answers no question at all.
            self._fail(message.title, message.detail)
        else:
            self.say(message.title, message.detail)

    def _on_index_gone(self) -> None:
        if self._asking is not None and not self._asking.generating:
            self._fail("The search stopped working.", "It is started anew: ask again.")

    def _on_llm_gone(self) -> None:
        if self._asking is not None and self._asking.generating:
            self._fail("The model stopped working.", "It is started anew: ask again.")

    def _fail(self, title: str, detail: str) -> None:
        asking, self._asking = self._asking, None
        assert asking is not None
        asking.view.show_failure(title, detail)
        self._set_busy(False)
        self._index.pause(_PAUSE, paused=False)

    def _end(self, answer: Answer | None) -> None:
        asking, self._asking = self._asking, None
        assert asking is not None
        if answer is not None:
            asking.view.show_answer(answer)
            self.answered.emit(answer)
        self._set_busy(False)
        self._index.pause(_PAUSE, paused=False)

    def _set_busy(self, busy: bool) -> None:
        self.box.set_busy(busy)
        self.busy.emit(busy)

    def _follow(self, _low: int, high: int) -> None:
        """Keep the end in sight while something is being written, unless the owner scrolled up."""
        bar = self._scroll.verticalScrollBar()
        if self._asking is not None and high - bar.value() < self._scroll.height():
            QTimer.singleShot(0, lambda: bar.setValue(bar.maximum()))
