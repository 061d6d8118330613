"""What the index worker does about conversations, in the thread that searches.

So a turn is written behind the search that it came from, and a conversation that is opened finds
its passages by the same connection.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from app.chats.export import export
from app.chats.named_scopes import read_selection, written_selection
from app.chats.turns import Restored, chunks_of, files_of, read_scope, restored, written_scope
from app.messages.chats import (
    AskChatKey,
    ChatAsked,
    ChatExported,
    ChatKey,
    ChatOpened,
    Chats,
    DropSelection,
    ExportChat,
    HideChat,
    KeepTurn,
    ListChats,
    OpenChat,
    RenameChat,
    SaveSelection,
    ScopeChat,
    Selection,
    SettleChat,
    TakeBackTurn,
)
from app.messages.wire import Message
from indexer.chats import KeptChat
from indexer.errors import IndexerError
from indexer.search.searcher import Searcher
from indexer.storage import chats as storage
from indexer.storage.chat_keys import chat_key
from indexer.types import Hit

# More than anybody scrolls through; the others are found by their words.
_MOST_LISTED = 500


class ChatWork:
    """Answers what is asked about conversations."""

    def __init__(self, database: Path, send: Callable[[Message], None]) -> None:
        self._database = database
        self._send = send
        self._text = ""
        self._is_settled = False

    def handle(self, message: ChatAsked, searcher: Searcher) -> None:
        """Do what is asked, behind erasing what an earlier run left hidden. Raises IndexerError."""
        if not self._is_settled:
            storage.settle(self._database)
            self._is_settled = True
        match message:
            case OpenChat(id=id_, chat=chat):
                kept = open_whole(self._database, chat)
                hits = passages_of(kept, searcher)
                files = tuple(searcher.known_files(files_of(kept.turns)))
                scope = read_scope(kept.scope)
                self._send(ChatOpened(id_, kept, scope, tuple(hits.values()), files))
                return
            case ExportChat(id=id_, chat=chat, path=path):
                kept = open_whole(self._database, chat)
                export(kept.id, kept.title, restore(kept, searcher), path)
                self._send(ChatExported(id_, path))
                return
            case AskChatKey(id=id_, chat=chat):
                self._send(ChatKey(id_, chat, chat_key(self._database, chat).hex()))
                return
            case ListChats(text=text):
                self._text = text
            case _:
                self._change(message)
        self._send(self._chats(message.id))

    def _change(self, message: ChatAsked) -> None:
        database = self._database
        match message:
            case KeepTurn(chat=chat, turn=turn, instead_of=instead_of):
                scope = written_scope(message.scope)
                storage.keep_turn(database, chat, turn, scope=scope, instead_of=instead_of)
            case TakeBackTurn(chat=chat, key=key):
                storage.take_back_turn(database, chat, key)
            case RenameChat(chat=chat, title=title):
                storage.rename_chat(database, chat, title)
            case HideChat(chat=chat, hidden=hidden):
                storage.hide_chat(database, chat, hidden=hidden)
            case SettleChat(chat=chat):
                storage.settle(database, chat)
            case ScopeChat(chat=chat, scope=chosen):
                storage.set_scope(database, chat, written_scope(chosen))
            case SaveSelection(name=name, scope=chosen, adapter=adapter):
                storage.save_selection(database, name, written_selection(chosen, adapter))
            case DropSelection(name=name):
                storage.delete_selection(database, name)

    def _chats(self, id_: str) -> Chats:
        found = storage.list_chats(self._database, self._text)
        total = len(storage.list_chats(self._database)) if self._text else len(found)
        named = storage.list_selections(self._database).items()
        kept = ((name, read_selection(text)) for name, text in named)
        selections = tuple(Selection(name, each.scope, each.adapter) for name, each in kept)
        return Chats(id_, self._text, tuple(found[:_MOST_LISTED]), total, selections)


def open_whole(database: Path, chat: str) -> KeptChat:
    """Return a conversation. Raises IndexerError if there is no such one."""
    kept = storage.open_chat(database, chat) if database.exists() else None
    if kept is None:
        raise IndexerError("There is no such conversation.", "`chats` lists them.")
    return kept


def restore(kept: KeptChat, searcher: Searcher) -> list[Restored]:
    """Return the turns of a conversation with what the library still has of them."""
    files = searcher.known_files(files_of(kept.turns))
    return restored(kept.turns, passages_of(kept, searcher), files)


def passages_of(kept: KeptChat, searcher: Searcher) -> dict[int, Hit]:
    """Return the passages that a conversation names and the library still has, by chunk."""
    # One by one: of several, a search shows a paragraph once.
    found = (searcher.passages([chunk]) for chunk in chunks_of(kept.turns))
    return {hits[0].chunk: hits[0] for hits in found if hits}
