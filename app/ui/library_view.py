"""The library at the left: folders with their state, and two dim lines that are always there."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtWidgets import (
    QFileDialog,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from app.messages.index import Folders, FolderStatus, Indexing
from app.ui.chat_list import ChatList
from app.ui.elided_label import ElidedLabel
from app.ui.folder_row import FolderRow, folder_name
from app.ui.specialist import SpecialistButton
from app.ui.texts import tr
from app.ui.theme import LIBRARY_WIDTH, Tokens
from app.ui.undo_bar import UndoBar
from app.ui.waiting_bar import WaitingBar

# A row takes 2 ms to make; a hundred at once would stop the window.
_ROWS_AT_ONCE = 10


class LibraryView(QWidget):
    """Lists the folders.

    Signals:
        added(list[Path]): folders were chosen.
        hidden(Path | None, bool): a folder (None: all single files) may leave, or is to stay.
        removed(Path | None): it leaves the library, for good.
        relinked(Path, Path): what stood at the first stands at the second now.
        paused(bool): the owner wants the indexing to stop, or to go on.
        recognition_asked(bool): the owner wants pictures to be read, or not.
        unread_asked(): the owner wants to see what became of the files.
        quality_asked(): the owner wants to see how well search finds.
        models_asked(): the owner wants to see the models.
        encryption_asked(): the owner wants to encrypt the library, or no longer.
        conversation_asked(): the owner wants to begin a new conversation.
        asked_only(Path): the owner wants to ask about this folder alone.
    """

    added = Signal(object)
    hidden = Signal(object, bool)
    removed = Signal(object)
    relinked = Signal(object, object)
    paused = Signal(bool)
    recognition_asked = Signal(bool)
    unread_asked = Signal()
    quality_asked = Signal()
    models_asked = Signal()
    encryption_asked = Signal()
    conversation_asked = Signal()
    asked_only = Signal(object)

    def __init__(self, tokens: Tokens) -> None:
        super().__init__()
        self.setObjectName("panel")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setFixedWidth(LIBRARY_WIDTH)
        self._tokens = tokens
        self._rows: dict[Path | None, FolderRow] = {}
        self._shown = Folders("", (), 0)
        self._seconds_left: float | None = None
        self._is_paused = False
        self._recognising: bool | None = None
        self._more = QTimer(self)
        self._more.setSingleShot(True)
        self._more.timeout.connect(self._update_rows)
        self._build()

    def _build(self) -> None:
        product = QLabel("Pocket-LLM")
        product.setObjectName("product")
        self._list = QVBoxLayout()
        self._list.setSpacing(2)
        add = QPushButton("+  " + tr("Add or drop a folder"))
        add.clicked.connect(self.choose_folder)
        new = QPushButton("+  " + tr("New conversation"))
        new.setObjectName("row")
        new.setToolTip("Ctrl+N")
        new.clicked.connect(self.conversation_asked)
        inner = QWidget()
        column = QVBoxLayout(inner)
        column.setContentsMargins(0, 0, 4, 0)
        column.setSpacing(8)
        column.addWidget(_label(tr("LIBRARY")))
        column.addLayout(self._list)
        column.addWidget(add)
        column.addSpacing(8)
        column.addWidget(_label(tr("CHATS")))
        column.addWidget(new)
        self.chats = ChatList()
        column.addWidget(self.chats)
        column.addStretch(1)
        scroll = QScrollArea()
        scroll.setWidgetResizable(True)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        scroll.setWidget(inner)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(18, 20, 10, 16)
        outer.setSpacing(8)
        outer.addWidget(product)
        outer.addWidget(scroll, 1)
        self._build_foot(outer)

    def _build_foot(self, outer: QVBoxLayout) -> None:
        self._undo: UndoBar[Path | None] = UndoBar()
        self._undo.undone.connect(self._on_undone)
        self._undo.settled.connect(self.removed)
        self.waiting = WaitingBar()
        self._pause = QPushButton()
        self._pause.clicked.connect(lambda: self.paused.emit(not self._is_paused))
        self._recognition = QPushButton()
        self._recognition.clicked.connect(
            lambda: self.recognition_asked.emit(not self._recognising)
        )
        self._unread = QPushButton()
        self._unread.clicked.connect(self.unread_asked)
        self._quality = QPushButton(tr("How well search finds") + " ›")
        self._quality.clicked.connect(self.quality_asked)
        self._encryption = QPushButton()
        self._encryption.clicked.connect(self.encryption_asked)
        self.specialist = SpecialistButton()
        outer.addWidget(self._undo)
        outer.addWidget(self.waiting)
        for button in (
            self._pause, self._recognition, self._unread, self._quality, self._encryption,
        ):  # fmt: skip
            button.setObjectName("dim")
            button.hide()
            outer.addWidget(button)
        outer.addWidget(self.specialist)
        models = QPushButton(tr("Models") + " ›")
        models.setObjectName("dim")
        models.clicked.connect(self.models_asked)
        outer.addWidget(models)
        self._model = ElidedLabel("")
        self._speed = QLabel()
        machine = QHBoxLayout()
        machine.setSpacing(0)
        for label, stretch in ((self._model, 1), (self._speed, 0)):
            label.setObjectName("dim")
            machine.addWidget(label, stretch)
        machine.addStretch(0)
        outer.addLayout(machine)

    def show_folders(self, message: Folders) -> None:
        """Show the folders as they are now."""
        self._shown = message
        wanted = {status.path for status in message.folders}
        for path in [path for path in self._rows if path not in wanted]:
            row = self._rows.pop(path)
            row.hide()
            row.deleteLater()
        self._update_rows()
        unread = self.unread
        self._show_recognition()
        has_files = any(status.files for status in message.folders)
        self._unread.setVisible(has_files)
        self._quality.setVisible(has_files)
        if not unread:
            text = tr("What was left out")
        elif unread == 1:
            text = tr("1 file could not be read")
        else:
            text = tr("{count} files could not be read", count=f"{unread:,}")
        self._unread.setText(text + " ›")

    @property
    def unread(self) -> int:
        """How many files could not be read."""
        return sum(status.unread for status in self._shown.folders)

    def show_indexing(self, message: Indexing, *, paused: bool) -> None:
        """Show how long the work will take; `paused` is whether the owner has stopped it."""
        self._seconds_left = message.seconds_left
        self._is_paused = paused
        self._recognising = message.recognising
        self._show_recognition()
        self.waiting.show_indexing(message, paused=paused)
        self._pause.setVisible(paused or bool(message.files or message.chunks or message.pages))
        self._pause.setText("▶  " + tr("Go on reading") if paused else "❚❚  " + tr("Pause reading"))

    def _show_recognition(self) -> None:
        waiting = any(status.pages for status in self._shown.folders)
        self._recognition.setVisible(waiting and self._recognising is not None)
        self._recognition.setText(
            tr("Leave pictures unread") if self._recognising else tr("Read pictures, too")
        )

    def show_encryption(self, text: str, *, choosable: bool = False) -> None:
        """Show whether the library is encrypted, or how far that is; nothing if it is not known."""
        self._encryption.setText(text)
        self._encryption.setEnabled(choosable)
        self._encryption.setVisible(bool(text))

    def show_machine(self, model: str, speed: str) -> None:
        """Show the model, its speed, and that it is offline."""
        self._model.ensurePolished()  # its font decides its width
        self._model.setMaximumWidth(self._model.fontMetrics().horizontalAdvance(model) + 2)
        self._model.set_full(model)
        self._speed.setText("".join(f" · {part}" for part in (speed, tr("offline")) if part))

    def choose_folder(self) -> None:
        """Ask for a folder to add."""
        folder = QFileDialog.getExistingDirectory(self, tr("Add a folder"))
        if folder:
            self.added.emit([Path(folder)])

    def take_out(self, path: Path | None) -> None:
        """Take a folder out of the library; for some seconds it can be put back."""
        if self._undo.offers(path):
            return
        self._undo.offer(path, tr("Taken out: {name}", name=folder_name(path)))
        self.show_folders(self._shown)
        self.hidden.emit(path, True)

    def settle(self) -> None:
        """Take out now what could still be put back: the window closes."""
        self._undo.settle()
        self.chats.settle()

    def _update_rows(self) -> None:
        """Bring the rows up to date; of many new ones, some now and the others soon after."""
        new = 0
        for place, status in enumerate(self._shown.folders):
            if status.path not in self._rows:
                new += 1
                if new > _ROWS_AT_ONCE:
                    self._more.start()
                    return
                self._rows[status.path] = self._add_row(status, place)
            row = self._rows[status.path]
            row.update_status(status, self._seconds_left)
            row.setVisible(not self._undo.offers(status.path))

    def _add_row(self, status: FolderStatus, place: int) -> FolderRow:
        row = FolderRow(status, self._tokens)
        path = status.path
        row.removed.connect(lambda: self.take_out(path))
        if path is not None:
            row.moved.connect(lambda: self._ask_where(path))
            row.asked_only.connect(lambda: self.asked_only.emit(path))
        self._list.insertWidget(place, row)  # one that was put back stands where it stood
        return row

    def _ask_where(self, path: Path) -> None:
        name = folder_name(path)
        new = QFileDialog.getExistingDirectory(self, tr("Where is {name} now?", name=name))
        if new:
            self.relinked.emit(path, Path(new))

    def _on_undone(self, path: Path | None) -> None:
        self.show_folders(self._shown)
        self.hidden.emit(path, False)


def _label(text: str) -> QLabel:
    label = QLabel(text)
    label.setObjectName("label")
    return label
