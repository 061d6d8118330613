"""A folder in the list at the left: its name, how far it is, and a bar while it is worked on."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QAction, QContextMenuEvent, QKeyEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QMenu, QProgressBar, QVBoxLayout

from app.messages.index import FolderStatus
from app.ui.desktop import show_in_folder
from app.ui.elided_label import ElidedLabel, plain_tip
from app.ui.texts import tr
from app.ui.theme import Tokens


class FolderRow(QFrame):
    """Shows one folder.

    Signals:
        removed(): the owner wants it out of the library.
        moved(): it is away, and the owner knows where.
        asked_only(): the owner wants to ask about it alone.
    """

    removed = Signal()
    moved = Signal()
    asked_only = Signal()

    def __init__(self, status: FolderStatus, tokens: Tokens) -> None:
        super().__init__()
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._tokens = tokens
        self._path = status.path
        self._now: tuple[FolderStatus, float | None] | None = None
        self._called = folder_name(status.path)
        self._dot = QLabel("●")
        self._dot.setFixedWidth(14)
        self._name = ElidedLabel(self._called)
        if status.path is not None:
            self._name.setToolTip(plain_tip(str(status.path)))
        self._line = QLabel()
        self._line.setObjectName("dim")
        self._line.setWordWrap(True)
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
        below = QVBoxLayout()
        below.setContentsMargins(18, 0, 0, 0)
        below.addWidget(self._line)
        below.addWidget(self._bar)
        column.addLayout(below)
        self.update_status(status, None)

    def update_status(self, status: FolderStatus, seconds_left: float | None) -> None:
        """Show how far the folder is; `seconds_left` is that of all the work, if it is known."""
        busy = status.online and bool(status.waiting or status.words)
        now = (status, seconds_left if busy else None)
        if now == self._now:
            return  # setting a style anew costs a third of a millisecond a folder
        self._now = now
        done = status.files - status.waiting
        colour, hint = self._tokens.accent, ""
        if not status.online:
            text, colour = f"{tr('away')} · {tr('passages kept')}", self._tokens.dim
        elif status.waiting:
            colour = self._tokens.working
            text = tr("reading {done} of {total}", done=f"{done:,}", total=f"{status.files:,}")
        elif status.words:
            colour = self._tokens.working
            ready = status.files - status.words
            text = tr("embedding {done} of {total}", done=f"{ready:,}", total=f"{status.files:,}")
            hint = tr("All of it can be found by its words already.")
        elif status.pages:
            colour = self._tokens.working
            text = f"{count_files(status.files)} · {count_pages(status.pages)}"
            hint = tr("Pictures are read when everything else can be found.")
        else:
            text = f"{count_files(status.files)} · {tr('up to date')}"
        if busy and seconds_left is not None:
            text += f" · {time_left(seconds_left)}"
        self._dot.setStyleSheet(f"color: {colour}; font-size: 11px")
        self._line.setText(text)
        self._line.setToolTip(hint)
        self._bar.setVisible(busy)
        self._bar.setRange(0, max(1, status.files))
        self._bar.setValue(done if status.waiting else status.files - status.words)
        self.setAccessibleName(f"{self._called}: {text}")

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:  # noqa: N802
        """Offer what can be done with a folder."""
        self.menu().exec(event.globalPos())

    def menu(self) -> QMenu:
        """Return what can be done with the folder as it is now."""
        menu = QMenu(self)
        if self._path is not None:
            path = self._path
            only = QAction(tr("Ask only this folder"), menu)
            only.triggered.connect(self.asked_only)
            menu.addAction(only)
            show = QAction(tr("Show in folder"), menu)
            show.triggered.connect(lambda: show_in_folder(path))
            menu.addAction(show)
            if self._now is not None and not self._now[0].online:
                moved = QAction(tr("It is somewhere else now…"), menu)
                moved.triggered.connect(self.moved)
                menu.addAction(moved)
        remove = QAction(tr("Take out of the library"), menu)
        remove.triggered.connect(self.removed)
        menu.addAction(remove)
        return menu

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802
        """Take it out on Delete; there is an undo."""
        if event.key() in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace):
            self.removed.emit()
        else:
            super().keyPressEvent(event)


def folder_name(path: Path | None) -> str:
    """Return what a folder is called in the window."""
    if path is None:
        return tr("Single files")
    return path.name or str(path)


def count_files(count: int) -> str:
    """Return "12 files"."""
    return tr("1 file") if count == 1 else tr("{count} files", count=f"{count:,}")


def count_pages(count: int) -> str:
    """Return "12 pages wait for text recognition"."""
    if count == 1:
        return tr("1 page waits for text recognition")
    return tr("{count} pages wait for text recognition", count=f"{count:,}")


def time_left(seconds: float) -> str:
    """Return "4 min left"."""
    if seconds < 90:
        return tr("{count} s left", count=max(1, round(seconds)))
    if seconds < 90 * 60:
        return tr("{count} min left", count=round(seconds / 60))
    return tr("{count} h left", count=f"{seconds / 3600:.1f}")
