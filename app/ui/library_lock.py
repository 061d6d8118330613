"""The lock of the library, as the window shows it: asked for, chosen, and put on or taken off."""

from __future__ import annotations

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QWidget

from app.messages.index import Encryption, Locked, Rewriting
from app.ui.conversation_view import ConversationView
from app.ui.encryption_dialogs import EncryptionDialog, UnlockDialog
from app.ui.library_view import LibraryView
from app.ui.texts import tr
from app.ui.workers.index import IndexClient


class LibraryLock(QObject):
    """Connects what the worker says of the library's encryption with what its owner wants."""

    def __init__(
        self,
        index: IndexClient,
        library: LibraryView,
        conversation: ConversationView,
        window: QWidget,
    ) -> None:
        super().__init__(window)
        self._index = index
        self._library = library
        self._conversation = conversation
        self._window = window
        self._state = Encryption(encrypted=False, kept=False)
        index.locked.connect(self._on_locked)
        index.rewriting.connect(self._on_rewriting)
        index.encryption.connect(self._on_encryption)
        library.encryption_asked.connect(self._choose)

    def _on_locked(self, message: Locked) -> None:
        self._library.show_encryption("")
        self._ask(wrong=message.wrong)

    def _ask(self, *, wrong: bool) -> None:
        dialog = UnlockDialog(wrong=wrong, parent=self._window)
        dialog.given.connect(self._index.unlock_library)
        dialog.rejected.connect(self._on_left_locked)
        dialog.open()

    def _on_left_locked(self) -> None:
        self._conversation.offer(
            tr("This library is encrypted."),
            {tr("Open the library"): lambda: self._ask(wrong=False)},
        )

    def _on_rewriting(self, message: Rewriting) -> None:
        percent = min(99, 100 * message.done // message.total) if message.total else 0
        self._library.show_encryption(tr("Rewriting the library: {percent} %", percent=percent))

    def _on_encryption(self, message: Encryption) -> None:
        self._state = message
        self._library.show_encryption(
            (tr("Encrypted") if message.encrypted else tr("Not encrypted")) + " ›", choosable=True
        )

    def _choose(self) -> None:
        dialog = EncryptionDialog(
            encrypted=self._state.encrypted, kept=self._state.kept, parent=self._window
        )
        dialog.chosen.connect(self._index.encrypt)
        dialog.decrypted.connect(self._index.decrypt)
        dialog.open()
