"""Conversations, as the window speaks of them to the worker that owns the library."""

from __future__ import annotations

import itertools
from pathlib import Path

from PySide6.QtCore import QObject, Signal

from app.messages.chats import (
    AskChatKey,
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
    SettleChat,
    TakeBackTurn,
)
from app.ui.workers.index import IndexClient
from indexer.chats import ChatTurn
from indexer.types import Scope


class ChatClient(QObject):
    """The conversations of the library.

    Signals:
        listed(Chats), opened(ChatOpened), exported(ChatExported): the messages.
    """

    listed = Signal(object)
    opened = Signal(object)
    exported = Signal(object)

    def __init__(self, index: IndexClient, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._index = index
        self._keys: dict[str, str] = {}
        self._ids = (f"chats-{number}" for number in itertools.count(1))
        index.chats.connect(self._on_message)

    def list(self, text: str = "") -> None:
        """Ask for the conversations that hold these words; from now on others are not listed."""
        self._index.send(ListChats(next(self._ids), text))

    def open(self, chat: str) -> str:
        """Ask for a whole conversation; ChatOpened or Failed will come under the id."""
        id_ = next(self._ids)
        self._index.send(OpenChat(id_, chat))
        return id_

    def ask_key(self, chat: str) -> None:
        """Ask for the key of a conversation, which another one may have followed."""
        self._index.send(AskChatKey(next(self._ids), chat))

    def key_of(self, chat: str) -> str:
        """Return the key of a conversation as it came last; nothing if none has come."""
        return self._keys.get(chat, "")

    def keep(self, chat: str, turn: ChatTurn, scope: Scope, instead_of: str = "") -> None:
        """Add a turn to a conversation, or put it in the place of another and all behind it."""
        self._index.change(KeepTurn(next(self._ids), chat, turn, scope, instead_of))

    def take_back(self, chat: str, key: str) -> None:
        """Erase a turn and all behind it, and put back what they took the place of."""
        self._index.change(TakeBackTurn(next(self._ids), chat, key))

    def rename(self, chat: str, title: str) -> None:
        """Give a conversation another title."""
        self._index.change(RenameChat(next(self._ids), chat, title))

    def hide(self, chat: str, *, hidden: bool) -> None:
        """Show a conversation no more, since it may be erased, or show it again."""
        self._index.change(HideChat(next(self._ids), chat, hidden))

    def settle(self, chat: str) -> None:
        """Erase a hidden conversation, or what was replaced in it."""
        self._index.change(SettleChat(next(self._ids), chat))

    def ask_only(self, chat: str, scope: Scope) -> None:
        """Note what a conversation is asked about."""
        self._index.change(ScopeChat(next(self._ids), chat, scope))

    def export(self, chat: str, path: Path) -> None:
        """Write a conversation to a file; answered by ChatExported or Failed."""
        self._index.send(ExportChat(next(self._ids), chat, path))

    def save_selection(self, name: str, scope: Scope, adapter: str) -> None:
        """Give a scope a name, and maybe an adapter that answers inside of it."""
        self._index.change(SaveSelection(next(self._ids), name, scope, adapter))

    def drop_selection(self, name: str) -> None:
        """Forget the name of a scope."""
        self._index.change(DropSelection(next(self._ids), name))

    def _on_message(self, message: Chats | ChatOpened | ChatKey | ChatExported) -> None:
        if isinstance(message, Chats):
            self.listed.emit(message)
        elif isinstance(message, ChatOpened):
            self.opened.emit(message)
        elif isinstance(message, ChatKey):
            self._keys = {message.chat: message.key}
        else:
            self.exported.emit(message)
