"""The conversation in the middle: questions and answers, and the box below them."""

from __future__ import annotations

import logging
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QWidget

from app.ask import PASSAGES, Answer, EarlierTurn, Question
from app.chats.set_answer import count_set
from app.messages.chats import ChatOpened
from app.messages.general import Failed
from app.messages.index import Damaged, Folders, Found
from app.messages.llm import Generated, Reading, Token
from app.model_files.installed import is_hinted, reading_budget
from app.ui.ask_box import ANSWER, AskBox, Effort
from app.ui.conversation_layout import TurnScroll, lay_out
from app.ui.held_files import HeldFiles
from app.ui.notices import Notices
from app.ui.open_chat import OpenChat
from app.ui.reading_pace import ReadingPace
from app.ui.taught import Teaching
from app.ui.texts import tr, translated
from app.ui.theme import Tokens
from app.ui.turn_column import ShownTurn, TurnColumn
from app.ui.turn_view import TurnView
from app.ui.welcome_view import WelcomeView
from app.ui.workers.chats import ChatClient
from app.ui.workers.index import IndexClient
from app.ui.workers.llm import LlmClient
from indexer.types import EVERYTHING, Scope

log = logging.getLogger(__name__)

_MAX_TOKENS = 256
# Earlier turns that a follow-up is read with; more would crowd out the passages.
_HISTORY = 3
# Beside an answer, indexing would take half of its speed.
_PAUSE = "an answer is being written"


@dataclass
class _Asking:
    """The question that is being answered."""

    question: Question
    turn: ShownTurn
    scope: Scope
    effort: Effort
    search_id: str = ""
    generating: bool = False

    @property
    def view(self) -> TurnView:
        """What shows it."""
        return self.turn.view


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
        """`reading_budget`: tokens of passages read for an answer; 0: as suits the model."""
        super().__init__()
        self.setObjectName("conversation")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._index = index
        self._llm = llm
        self._tokens = tokens
        self._reading_budget = reading_budget
        self._asking: _Asking | None = None
        self._pace = ReadingPace()
        self._welcome = WelcomeView()
        self._welcome.folder_asked.connect(self.folder_asked)
        self._notices = Notices()
        self._held = HeldFiles(self._notices, index.forget_missing)
        self._teaching = Teaching(index, self._notices, self)
        self.chats = ChatClient(index, self)
        self._turns = TurnColumn()
        self.box = AskBox()
        self.chat = OpenChat(self.chats, self._turns, self._notices, self.box, self._make_view)
        self.box.asked.connect(self.ask)
        self.box.stopped.connect(self.stop)
        self._scroll = TurnScroll(self._turns, self._welcome, lambda: self._asking is not None)
        lay_out(self, self._scroll, self._notices, self.box)
        self.setFocusProxy(self.box)
        self.chats.opened.connect(self._on_opened)
        self.chat.undoing.connect(self._on_undoing)
        index.found.connect(self._on_found)
        index.failed.connect(self._on_failed)
        index.damaged.connect(self._on_damaged)
        index.gone.connect(self._on_index_gone)
        if llm is not None:
            llm.said.connect(self._on_said)
            llm.failed.connect(self._on_failed)
            llm.gone.connect(self._on_llm_gone)

    def leave_room(self, *, above: bool) -> None:
        """Leave the place above the first question to a button, or not."""
        self._scroll.leave_room(above=above)

    def show_folders(self, message: Folders) -> None:
        """Offer the folders as what may be asked."""
        self.box.show_folders(message)
        self._held.show_folders(message)
        self._welcome.show_library(has_folders=bool(message.folders))

    def ask(
        self,
        text: str,
        scope: Scope = EVERYTHING,
        effort: Effort = ANSWER,
        *,
        anyway: bool = False,
    ) -> None:
        """Ask a question; one that is being answered is stopped first.

        `anyway`: have it answered although the documents don't seem to.
        """
        self._abandon()
        self.chat.finish_showing()
        question = Question(
            uuid.uuid4().hex,
            text,
            self._turns.history(_HISTORY),
            documents=effort.documents,
            anyway=anyway or not effort.answers,
        )
        turn = ShownTurn(question.id, self._make_view(text))
        turn.view.judged.connect(partial(self._teaching.teach, question.search_text))
        self._turns.add(turn)
        self.chat.added(turn)
        self._welcome.hide()
        self._asking = asking = _Asking(question, turn, scope, effort)
        self._set_busy(True)
        self.chats.ask_key(self.chat.id)
        if effort.documents:
            asking.search_id = self._index.search(
                question.search_text, PASSAGES, scope, sets=effort.answers and not anyway
            )
        else:
            self._generate(asking)

    def _make_view(self, text: str) -> TurnView:
        view = TurnView(text, self._tokens)
        view.opened.connect(self.opened)
        view.asked_again.connect(partial(self._ask_instead, view))
        view.asked_anyway.connect(partial(self._ask_instead, view, anyway=True))
        return view

    def _ask_instead(self, view: TurnView, text: str, *, anyway: bool = False) -> None:
        """Ask in the place of a turn and of all below it; passages alone are found below."""
        self._abandon()
        self.chat.finish_showing()
        if self.box.effort.answers:
            self.chat.replace(view)
        self.ask(text, self.box.scope, self.box.effort, anyway=anyway)

    def ask_only(self, paths: Sequence[Path]) -> None:
        """Ask about these folders and files alone from now on."""
        self.chat.ask_only(Scope(paths=tuple(paths)))
        self.box.setFocus()

    def begin_anew(self) -> None:
        """Begin a new conversation: what was said before is neither shown nor read any more."""
        self._abandon()
        self.chat.begin()
        self._welcome.show()
        self.box.setFocus()

    def leave(self) -> None:
        """Keep what was written until now: the window closes."""
        self._abandon()
        self.chat.settle()

    def _on_opened(self, message: ChatOpened) -> None:
        self._abandon()
        self._welcome.hide()
        self.chat.show(message)
        self.box.setFocus()

    def _on_undoing(self) -> None:
        if self._asking is not None:
            self._asking.turn.is_kept = True  # it is not to be kept: it goes
            self._abandon()

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
            self._asking.view.show_stopped()
            self._end(None)

    def _on_found(self, message: Found) -> None:
        asking = self._asking
        if asking is None or message.id != asking.search_id:
            return
        question = asking.question
        if message.files is not None:
            asking.view.show_files(message.files, message.ms)
            self._end(count_set(message.files, translated))
            return
        question.found(message.hits, message.evidence, answerable=message.answerable)
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
            self._generate(asking)

    def _generate(self, asking: _Asking) -> None:
        asking.generating = True
        if self._llm is None:
            self._fail("There is no language model.", "`models` lists those that can be chosen.")
            return
        self._index.pause(_PAUSE, paused=True)
        name = self._llm.model.stem
        request = asking.question.request(
            reading_budget=self._reading_budget or reading_budget(name),
            reading_seconds=asking.effort.reading_seconds,
            max_tokens=_MAX_TOKENS,
            hinted=is_hinted(name),
        )
        key = self.chats.key_of(self.chat.id)
        request = replace(request, conversation=self.chat.id if key else "", key=key)
        self._llm.generate(request, self.box.where.adapter_of(asking.scope))

    def _on_said(self, message: Reading | Token | Generated) -> None:
        asking = self._asking
        if asking is None or message.id != asking.question.id:
            return
        if isinstance(message, Reading):
            asking.view.show_reading(message, self._pace.seconds_left(message))
        elif isinstance(message, Token):
            asking.view.show_token(message.text)
        answer = asking.question.on_message(message)
        if answer is not None:
            if answer.generated is not None and answer.text:
                read = asking.question.read_passages(answer.generated)
                asking.turn.turn = EarlierTurn(
                    asking.question.text, answer.text, read, asking.question.hint
                )
            if answer.generated is not None and answer.generated.trouble:
                self.say("The answer was written without the adapter.", answer.generated.trouble)
            self.box.show_speed(self._pace.tokens_per_s)
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
        self._keep(asking, None)
        self._set_busy(False)
        self._index.pause(_PAUSE, paused=False)

    def _end(self, answer: Answer | None) -> None:
        asking, self._asking = self._asking, None
        assert asking is not None
        if answer is not None:
            asking.view.show_answer(answer)
            self.answered.emit(answer)
        self._keep(asking, answer)
        self._set_busy(False)
        self._index.pause(_PAUSE, paused=False)

    def _keep(self, asking: _Asking, answer: Answer | None) -> None:
        """Keep a turn with what there is of its answer; a search that found is none."""
        wanted = answer is not None or asking.generating or self.chat.is_replacing(asking.turn)
        if wanted and not asking.turn.is_kept:
            model = self._llm.title if self._llm is not None else ""
            self.chat.keep(asking.turn, asking.question, answer, asking.scope, model)

    def _set_busy(self, busy: bool) -> None:
        self.box.set_busy(busy)
        self.busy.emit(busy)
