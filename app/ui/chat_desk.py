"""The conversations at the left, the one in the middle, and the library that keeps them all."""

from __future__ import annotations

import os

from PySide6.QtCore import QObject

from app.messages.chats import ChatExported
from app.ui.chat_list import ChatList
from app.ui.conversation_view import ConversationView
from app.ui.texts import tr
from app.ui.workers.index import IndexClient


class ChatDesk(QObject):
    """Connects the list of conversations with what shows and what keeps them."""

    def __init__(
        self, index: IndexClient, listed: ChatList, conversation: ConversationView, parent: QObject
    ) -> None:
        super().__init__(parent)
        self._conversation = conversation
        client = conversation.chats
        listed.searched.connect(client.list)
        listed.opened.connect(client.open)
        listed.renamed.connect(client.rename)
        listed.exported.connect(client.export)
        listed.hidden.connect(self._on_hidden)
        listed.erased.connect(client.settle)
        client.listed.connect(listed.show_chats)
        client.exported.connect(self._on_exported)
        conversation.chat.begun.connect(listed.show_current)
        listed.show_current(conversation.chat.id)
        # A worker that follows one that died has listed nothing yet.
        index.gone.connect(client.list)
        client.list()

    def _on_hidden(self, chat: str, hidden: bool) -> None:
        if hidden and chat == self._conversation.chat.id:
            self._conversation.begin_anew()
        self._conversation.chats.hide(chat, hidden=hidden)

    def _on_exported(self, message: ChatExported) -> None:
        name = os.fsdecode(os.fsencode(message.path.name))
        self._conversation.offer(tr("Saved as “{name}”.", name=name), {})
