"""The conversations at the left: the last changed first, found by words, renamed, taken out."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from PySide6.QtCore import (
    QAbstractListModel,
    QDateTime,
    QEvent,
    QLocale,
    QModelIndex,
    QPersistentModelIndex,
    QPoint,
    Qt,
    QTimer,
    Signal,
)
from PySide6.QtGui import QAction, QKeyEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QFileDialog,
    QInputDialog,
    QLabel,
    QLineEdit,
    QListView,
    QMenu,
    QVBoxLayout,
    QWidget,
)

from app.messages.chats import Chats
from app.ui.elided_label import one_line, plain_tip
from app.ui.texts import tr
from app.ui.undo_bar import UndoBar
from indexer.chats import Chat

_Index = QModelIndex | QPersistentModelIndex
_CHAT = Qt.ItemDataRole.UserRole
_TYPING_MS = 200
# From so many on, one looks for words instead of reading the list.
_MANY = 8


class _Model(QAbstractListModel):
    """The conversations that were listed last."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.chats: list[Chat] = []

    def show(self, chats: list[Chat]) -> None:
        """Show these."""
        if chats == self.chats:
            return
        self.beginResetModel()
        self.chats = chats
        self.endResetModel()

    def rowCount(self, parent: _Index = QModelIndex()) -> int:  # noqa: B008, N802
        """Return how many there are."""
        return 0 if parent.isValid() else len(self.chats)

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Return a conversation: its title, when it was changed as a tooltip, or itself."""
        chat = self.chats[index.row()]
        if role == _CHAT:
            return chat
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole):
            return one_line(chat.title)
        if role == Qt.ItemDataRole.ToolTipRole:
            changed = QDateTime.fromMSecsSinceEpoch(chat.changed_ns // 10**6)
            when = QLocale().toString(changed, QLocale.FormatType.ShortFormat)
            return plain_tip(f"{one_line(chat.title)} · {when}")
        return None


class ChatList(QWidget):
    """Lists the conversations.

    Signals:
        searched(str): those that hold these words are wanted.
        opened(str): this one is to be shown.
        renamed(str, str): it is to have this title.
        hidden(str, bool): it may be erased, or is to stay.
        erased(str): it is to be erased, for good.
        exported(str, Path): it is to be written to this file.
    """

    searched = Signal(str)
    opened = Signal(str)
    renamed = Signal(str, str)
    hidden = Signal(str, bool)
    erased = Signal(str)
    exported = Signal(str, object)

    def __init__(self) -> None:
        super().__init__()
        self._shown = Chats("", "", (), 0, ())
        self._current = ""
        self._search = QLineEdit()
        self._search.setObjectName("search")
        self._search.setPlaceholderText(tr("Search the conversations"))
        self._search.setClearButtonEnabled(True)
        self._typing = QTimer(self)
        self._typing.setSingleShot(True)
        self._typing.setInterval(_TYPING_MS)
        self._typing.timeout.connect(lambda: self.searched.emit(self._search.text()))
        self._search.textChanged.connect(lambda _: self._typing.start())
        self._model = _Model(self)
        self._list = _List()
        self._list.setModel(self._model)
        self._list.clicked.connect(self._on_opened)
        self._list.pressed_key.connect(self._on_key)
        self._list.customContextMenuRequested.connect(self._on_menu)
        self._none = QLabel(tr("No conversation holds these words."))
        self._none.setObjectName("dim")
        self._none.setWordWrap(True)
        self._undo: UndoBar[str] = UndoBar()
        self._undo.undone.connect(self._on_undone)
        self._undo.settled.connect(self.erased.emit)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(6)
        for widget in (self._undo, self._search, self._none, self._list):
            column.addWidget(widget)
        self._update()

    def show_chats(self, message: Chats) -> None:
        """Show the conversations as they are now."""
        self._shown = message
        self._update()

    def show_current(self, chat: str) -> None:
        """Mark the conversation that is being read."""
        self._current = chat
        row = next((n for n, each in enumerate(self._model.chats) if each.id == chat), -1)
        self._list.setCurrentIndex(self._model.index(row) if row >= 0 else QModelIndex())

    def take_out(self, chat: Chat) -> None:
        """Take a conversation out; for some seconds it can be put back."""
        if self._undo.offers(chat.id):
            return
        self._undo.offer(chat.id, tr("Deleted: {name}", name=chat.title))
        self._update()
        self.hidden.emit(chat.id, True)

    def settle(self) -> None:
        """Erase now what could still be put back: the window closes."""
        self._undo.settle()

    def menu(self, chat: Chat) -> QMenu:
        """Return what can be done with a conversation."""
        menu = QMenu(self)
        for name, slot in (
            (tr("Rename…"), self._rename),
            (tr("Save as a file…"), self._export),
            (tr("Delete"), self.take_out),
        ):
            action = QAction(name, menu)
            action.triggered.connect(lambda _=False, slot=slot: slot(chat))
            menu.addAction(action)
        return menu

    def _update(self) -> None:
        chats = [chat for chat in self._shown.chats if not self._undo.offers(chat.id)]
        self._model.show(chats)
        self._list.setFixedHeight(self._list.height_of(len(chats)))
        self._list.setVisible(bool(chats))
        wanted = bool(self._shown.text)
        self._search.setVisible(wanted or self._search.hasFocus() or self._shown.total >= _MANY)
        self._none.setVisible(wanted and not chats)
        self.show_current(self._current)

    def _rename(self, chat: Chat) -> None:
        title, chosen = QInputDialog.getText(
            self, tr("Rename the conversation"), tr("Title"), text=chat.title
        )
        if chosen and title.strip():
            self.renamed.emit(chat.id, title.strip())

    def _export(self, chat: Chat) -> None:
        name = "".join(sign if sign.isalnum() else " " for sign in chat.title[:60])
        path, _ = QFileDialog.getSaveFileName(
            self,
            tr("Save the conversation"),
            f"{' '.join(name.split()) or 'chat'}.md",
            "Markdown (*.md);;JSON (*.json)",
        )
        if path:
            self.exported.emit(chat.id, Path(path))

    def _on_opened(self, index: _Index) -> None:
        self.opened.emit(index.data(_CHAT).id)

    def _on_key(self, key: int) -> None:
        index = self._list.currentIndex()
        if not index.isValid():
            return
        chat: Chat = index.data(_CHAT)
        if key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.opened.emit(chat.id)
        elif key == Qt.Key.Key_F2:
            self._rename(chat)
        else:
            self.take_out(chat)

    def _on_menu(self, place: QPoint) -> None:
        index = self._list.indexAt(place)
        if index.isValid():
            self.menu(index.data(_CHAT)).exec(self._list.viewport().mapToGlobal(place))

    def _on_undone(self, chat: str) -> None:
        self._update()
        self.hidden.emit(chat, False)


class _List(QListView):
    """As high as its rows: what is around it scrolls.

    Signals:
        pressed_key(int): Return, F2, Delete or Backspace.
    """

    pressed_key = Signal(int)
    _KEYS = (
        Qt.Key.Key_Return,
        Qt.Key.Key_Enter,
        Qt.Key.Key_F2,
        Qt.Key.Key_Delete,
        Qt.Key.Key_Backspace,
    )

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("chats")
        self.setAccessibleName(tr("CHATS").capitalize())
        self.setUniformItemSizes(True)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setTextElideMode(Qt.TextElideMode.ElideRight)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)

    def height_of(self, rows: int) -> int:
        """Return the height of so many rows."""
        return rows * max(self.sizeHintForRow(0), self.fontMetrics().height() + 10)

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802
        """Say which key was pressed, if it is for a conversation."""
        if event.key() in self._KEYS:
            self.pressed_key.emit(event.key())
        else:
            super().keyPressEvent(event)

    def wheelEvent(self, event: QEvent) -> None:  # noqa: N802
        """Leave the wheel to what is around."""
        event.ignore()
