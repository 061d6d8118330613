"""The conversation on the screen as the library keeps it: begun, opened, changed, put back."""

from __future__ import annotations

import uuid
from collections.abc import Callable

from PySide6.QtCore import QObject, QTimer, Signal

from app.ask import Answer, Question
from app.chats.turns import CANCELLED, FAILED, Restored, kept_turn, restored
from app.messages.chats import ChatOpened
from app.ui.ask_box import AskBox
from app.ui.notices import Notices
from app.ui.texts import tr
from app.ui.turn_column import ShownTurn, TurnColumn
from app.ui.turn_view import TurnView
from app.ui.undo_bar import UNDO_MS
from app.ui.workers.chats import ChatClient
from indexer.types import Scope

# A turn takes some milliseconds to lay out; a hundred at once would stop the window.
_TURNS_AT_ONCE = 5


class OpenChat(QObject):
    """Keeps what is asked and answered.

    Signals:
        begun(str): another conversation is on the screen, or a new one.
        undoing(): what is asked now is not wanted any more.
    """

    begun = Signal(str)
    undoing = Signal()

    def __init__(
        self,
        client: ChatClient,
        column: TurnColumn,
        notices: Notices,
        box: AskBox,
        make_view: Callable[[str], TurnView],
    ) -> None:
        super().__init__()
        self._client = client
        self._box = box
        self._column = column
        self._notices = notices
        self._make_view = make_view
        self.id = uuid.uuid4().hex
        self._waiting: list[Restored] = []  # turns that are still to be shown
        self._replacing: ShownTurn | None = None
        self._offer = ""
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(UNDO_MS)
        self._timer.timeout.connect(self.settle)
        box.scope_chosen.connect(self._on_scope)
        box.where.named.connect(client.save_selection)
        box.where.forgotten.connect(client.drop_selection)
        client.listed.connect(lambda message: box.where.show_selections(message.selections))

    def begin(self) -> None:
        """Begin a new conversation, of which nothing is kept before its first turn."""
        self._leave(uuid.uuid4().hex)

    def show(self, message: ChatOpened) -> None:
        """Show a conversation that was kept, the first turns now and the others soon after."""
        self._leave(message.chat.id)
        self._box.choose_scope(message.scope)
        hits = {hit.chunk: hit for hit in message.hits}
        self._waiting = restored(message.chat.turns, hits, message.files)
        self._show_more(message.chat.id)

    def _leave(self, chat: str) -> None:
        self.settle()
        self._column.clear()
        self._waiting = []
        self.id = chat
        self.begun.emit(chat)

    def _show_more(self, chat: str) -> None:
        if chat != self.id:
            return
        now, self._waiting = self._waiting[:_TURNS_AT_ONCE], self._waiting[_TURNS_AT_ONCE:]
        for item in now:
            view = self._make_view(item.turn.question)
            show_again(view, item)
            turn = item.turn if item.is_read else None
            self._column.add(ShownTurn(item.key, view, turn, is_kept=True))
        if self._waiting:
            QTimer.singleShot(0, lambda: self._show_more(chat))

    def finish_showing(self) -> None:
        """Show all that is still to be shown: something is to stand below it."""
        while self._waiting:
            self._show_more(self.id)

    def keep(
        self,
        turn: ShownTurn,
        question: Question,
        answer: Answer | None,
        scope: Scope,
        model: str,
    ) -> None:
        """Keep a turn; without an answer what was written until then."""
        kept = kept_turn(question, answer, text=turn.view.written, model=model)
        instead_of = ""
        if turn is self._replacing:
            instead_of = next((item.key for item in self._column.aside if item.is_kept), "")
            self._timer.start()
        self._client.keep(self.id, kept, scope, instead_of)
        turn.is_kept = True

    def ask_only(self, scope: Scope) -> None:
        """Ask about these folders and files alone from now on."""
        self._box.where.choose(scope)
        self._on_scope(self._box.scope)

    def _on_scope(self, scope: Scope) -> None:
        if any(turn.is_kept for turn in self._column.shown):
            self._client.ask_only(self.id, scope)

    def is_replacing(self, turn: ShownTurn) -> bool:
        """Tell whether a turn stands where others stood a moment ago."""
        return turn is self._replacing

    def replace(self, view: TurnView) -> None:
        """Put a turn and all below it aside: the next one takes their place."""
        self.settle()
        self._column.set_aside(view)

    def added(self, turn: ShownTurn) -> None:
        """Take notice of a turn that is asked now; what it replaces can be put back for a while."""
        if not self._column.aside or self._replacing is not None:
            self.settle()
            return
        self._replacing = turn
        count = len(self._column.aside)
        text = (
            tr("A question was replaced.")
            if count == 1
            else tr("{count} questions were replaced.", count=count)
        )
        self._offer = text
        self._notices.add(text, {tr("Undo"): self._undo})

    def settle(self) -> None:
        """Let go of what was replaced: the time for it is over."""
        self._timer.stop()
        replacing, self._replacing = self._replacing, None
        if replacing is None:
            return
        self._notices.remove(self._offer)
        self._column.drop_aside()
        self._client.settle(self.id)

    def _undo(self) -> None:
        replacing = self._replacing
        if replacing is None:
            return
        self.undoing.emit()
        self._timer.stop()
        self._replacing = None
        gone = self._column.put_back(replacing)
        if gone[0].is_kept:
            self._client.take_back(self.id, gone[0].key)


def show_again(view: TurnView, item: Restored) -> None:
    """Bring a turn into the state in which it was kept."""
    view.show_evidence(item.evidence, lambda hit: hit.rank)
    if item.answer.files is not None and item.details.files is not None:
        view.show_files(item.answer.files)
        view.show_lost_files(item.lost, item.details.files)
    else:
        view.show_lost(item.lost)
    if item.details.ended in (FAILED, CANCELLED) and not item.answer.sentences:
        if item.turn.answer:
            view.show_token(item.turn.answer)
        view.show_stopped()
    else:
        view.show_answer(item.answer)
