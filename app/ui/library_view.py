"""The library at the left: folders with their state, and two dim lines that are always there."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QAction, QContextMenuEvent
from PySide6.QtWidgets import (
    QFileDialog,
    QFrame,
    QHBoxLayout,
    QLabel,
    QMenu,
    QProgressBar,
    QPushButton,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from app.messages import Folders, FolderStatus, Indexing
from app.ui.evidence_card import ElidedLabel
from app.ui.texts import tr
from app.ui.theme import LIBRARY_WIDTH, Tokens


class FolderRow(QFrame):
    """A folder: its name, how far it is, and a bar while it is worked on.

    Signals:
        removed(Path): the owner wants it out of the library.
    """

    removed = Signal(object)

    def __init__(self, status: FolderStatus, tokens: Tokens) -> None:
        super().__init__()
        self._tokens = tokens
        self._path = status.path
        self._dot = QLabel("●")
        self._dot.setFixedWidth(14)
        self._name = ElidedLabel(status.path.name or str(status.path))
        self._name.setToolTip(str(status.path))
        self._line = QLabel()
        self._line.setObjectName("dim")
        self._bar = QProgressBar()
        self._bar.setTextVisible(False)
        head = QHBoxLayout()
        head.setSpacing(4)
        head.addWidget(self._dot)
        head.addWidget(self._name, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 4, 0, 4)
        column.setSpacing(2)
        column.addLayout(head)
        for widget in (self._line, self._bar):
            widget.setContentsMargins(18, 0, 0, 0)
            column.addWidget(widget)
        self.update_status(status, None)

    def update_status(self, status: FolderStatus, seconds_left: float | None) -> None:
        """Show how far the folder is."""
        done = status.files - status.waiting
        colour = self._tokens.accent
        if not status.online:
            text, colour = f"{tr('away')} · {tr('passages kept')}", self._tokens.dim
        elif status.waiting:
            text, colour = tr("reading {done} of {total}", done=done, total=status.files), "#E0B84C"
        elif status.words:
            ready = status.files - status.words
            text = tr("searchable by word · {done} of {total}", done=ready, total=status.files)
            colour = "#E0B84C"
        else:
            text = f"{tr('{count} files', count=f'{status.files:,}')} · {tr('up to date')}"
        busy = status.online and bool(status.waiting or status.words)
        if busy and seconds_left is not None:
            text += f" · {time_left(seconds_left)}"
        self._dot.setStyleSheet(f"color: {colour}; font-size: 11px")
        self._line.setText(text)
        self._bar.setVisible(busy)
        self._bar.setRange(0, max(1, status.files))
        self._bar.setValue(done if status.waiting else status.files - status.words)
        self.setAccessibleName(f"{status.path.name}: {text}")

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:  # noqa: N802
        """Offer what can be done with a folder."""
        menu = QMenu(self)
        remove = QAction(tr("Take out of the library"), menu)
        remove.triggered.connect(lambda: self.removed.emit(self._path))
        menu.addAction(remove)
        menu.exec(event.globalPos())


class LibraryView(QWidget):
    """Lists the folders.

    Signals:
        added(list[Path]): folders were chosen.
        removed(Path): a folder is to leave the library.
        unread_asked(): the owner wants to see which files could not be read.
    """

    added = Signal(object)
    removed = Signal(object)
    unread_asked = Signal()

    def __init__(self, tokens: Tokens) -> None:
        super().__init__()
        self.setObjectName("panel")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setFixedWidth(LIBRARY_WIDTH)
        self._tokens = tokens
        self._rows: dict[Path, FolderRow] = {}
        self._status: dict[Path, FolderStatus] = {}
        self._seconds_left: float | None = None
        product = QLabel("Pocket-LLM")
        product.setObjectName("product")
        label = QLabel(tr("LIBRARY"))
        label.setObjectName("label")
        self._list = QVBoxLayout()
        self._list.setSpacing(2)
        add = QPushButton("+  " + tr("Add or drop a folder"))
        add.clicked.connect(self._on_add)
        inner = QWidget()
        column = QVBoxLayout(inner)
        column.setContentsMargins(0, 0, 0, 0)
        column.addLayout(self._list)
        column.addWidget(add)
        column.addStretch(1)
        scroll = QScrollArea()
        scroll.setWidgetResizable(True)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        scroll.setWidget(inner)
        self._unread = QPushButton()
        self._unread.setObjectName("dim")
        self._unread.clicked.connect(self.unread_asked)
        self._unread.hide()
        self._machine = QLabel()
        self._machine.setObjectName("dim")
        self._machine.setWordWrap(True)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(18, 20, 14, 16)
        outer.setSpacing(8)
        outer.addWidget(product)
        outer.addWidget(label)
        outer.addWidget(scroll, 1)
        outer.addWidget(self._unread)
        outer.addWidget(self._machine)

    def show_folders(self, message: Folders) -> None:
        """Show the folders as they are now."""
        wanted = {status.path: status for status in message.folders}
        for path in [path for path in self._rows if path not in wanted]:
            row = self._rows.pop(path)
            row.setParent(None)
            row.deleteLater()
        for path, status in wanted.items():
            if path not in self._rows:
                row = FolderRow(status, self._tokens)
                row.removed.connect(self.removed)
                self._rows[path] = row
                self._list.addWidget(row)
            self._rows[path].update_status(status, self._seconds_left)
        self._status = wanted
        unread = sum(status.unread for status in message.folders)
        self._unread.setVisible(bool(unread))
        self._unread.setText(tr("{count} files could not be read", count=f"{unread:,}") + " ›")

    def show_indexing(self, message: Indexing) -> None:
        """Show how long the work will take."""
        self._seconds_left = message.seconds_left

    def show_machine(self, text: str) -> None:
        """Show the model, its speed, and that it is offline."""
        self._machine.setText(text)

    def _on_add(self) -> None:
        folder = QFileDialog.getExistingDirectory(self, tr("Add a folder"))
        if folder:
            self.added.emit([Path(folder)])


def time_left(seconds: float) -> str:
    """Return "4 min left"."""
    if seconds < 90:
        return tr("{count} s left", count=max(1, round(seconds)))
    if seconds < 90 * 60:
        return tr("{count} min left", count=round(seconds / 60))
    return tr("{count} h left", count=f"{seconds / 3600:.1f}")
