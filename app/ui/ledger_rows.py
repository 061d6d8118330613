"""Rows of the ledger: asked for as they are scrolled to, and drawn as two lines."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol

from PySide6.QtCore import (
    QAbstractListModel,
    QModelIndex,
    QPersistentModelIndex,
    QRect,
    QSize,
    Qt,
)
from PySide6.QtGui import QPainter, QPalette
from PySide6.QtWidgets import (
    QAbstractItemView,
    QListView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QWidget,
)

from app.messages.index import Files
from app.ui.elided_label import one_line, plain_tip
from app.ui.texts import tr, translated
from indexer.types import FileStatus, State

FILE = Qt.ItemDataRole.UserRole  # of a row: the file itself
_PAGE = 200  # rows that are asked for at once
_MARGIN = 8  # pixels around a row's two lines

_Index = QModelIndex | QPersistentModelIndex


class Ledger(Protocol):
    """What the dialog asks for rows; IndexClient is one."""

    def list_files(
        self, states: Sequence[State], offset: int = 0, limit: int = 200, *, named: str = ""
    ) -> str:
        """Ask for rows, and return the id under which they will come."""


class FilesModel(QAbstractListModel):
    """Rows of the ledger in some states, asked for as they are scrolled to."""

    def __init__(self, ledger: Ledger, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._ledger = ledger
        self._states: tuple[State, ...] = ()
        self._named = ""
        self._files: list[FileStatus] = []
        self._awaited = ""
        self.total = 0

    def show_states(self, states: Sequence[State], named: str = "") -> None:
        """Begin anew with files in these states whose path holds a text."""
        self.beginResetModel()
        self._named = named
        self._states, self._files, self.total = tuple(states), [], 0
        self.endResetModel()
        self._ask()

    def take(self, message: Files) -> bool:
        """Append rows, if they are those that were asked for."""
        if message.id != self._awaited:
            return False
        self._awaited = ""
        self.total = message.total if message.files else len(self._files)
        if message.files:
            first = len(self._files)
            self.beginInsertRows(QModelIndex(), first, first + len(message.files) - 1)
            self._files += message.files
            self.endInsertRows()
        return True

    @property
    def any_wants_password(self) -> bool:
        """Whether one of the rows that have come could be read by a password."""
        return any(file.wants_password for file in self._files)

    def rowCount(self, parent: _Index = QModelIndex()) -> int:  # noqa: B008, N802
        """Return how many rows have come."""
        return 0 if parent.isValid() else len(self._files)

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Return a row: its text, its whole text as a tooltip, or the file itself."""
        file = self._files[index.row()]
        if role == FILE:
            return file
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole):
            return f"{one_line(str(file.path))}\n{_what_became_of(file)}"
        if role == Qt.ItemDataRole.ToolTipRole:
            return plain_tip(f"{file.path}\n{_what_became_of(file)}").replace("\n", "<br>")
        return None

    def canFetchMore(self, parent: _Index) -> bool:  # noqa: N802
        """Tell whether there are rows that have not been asked for."""
        return not (parent.isValid() or self._awaited) and len(self._files) < self.total

    def fetchMore(self, parent: _Index) -> None:  # noqa: N802
        """Ask for the next rows."""
        if self.canFetchMore(parent):
            self._ask()

    def _ask(self) -> None:
        self._awaited = self._ledger.list_files(
            self._states, len(self._files), _PAGE, named=self._named
        )


class _Lines(QStyledItemDelegate):
    """Draws a row as two lines: the path, cut in its middle, and the reason."""

    def sizeHint(self, option: QStyleOptionViewItem, index: _Index) -> QSize:  # noqa: ARG002, N802
        """Return the height of two lines."""
        return QSize(0, 2 * _line_of(option) + 2 * _MARGIN)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: _Index) -> None:
        """Draw it in the view's colours."""
        self.initStyleOption(option, index)
        shown: Any = option
        path, _, reason = str(index.data()).partition("\n")
        shown.text = ""
        style = shown.widget.style()
        style.drawControl(QStyle.ControlElement.CE_ItemViewItem, option, painter, shown.widget)
        chosen = bool(shown.state & QStyle.StateFlag.State_Selected)
        role = QPalette.ColorRole
        colours = (role.HighlightedText,) * 2 if chosen else (role.Text, role.PlaceholderText)
        painter.save()
        line = _line_of(option)
        box: QRect = shown.rect.adjusted(_MARGIN, _MARGIN, -_MARGIN, -_MARGIN)
        cuts = (Qt.TextElideMode.ElideMiddle, Qt.TextElideMode.ElideRight)
        for number, text in enumerate((path, reason)):
            painter.setPen(shown.palette.color(colours[number]))
            place = QRect(box.left(), box.top() + number * line, box.width(), line)
            flags = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignAbsolute
            fitting = shown.fontMetrics.elidedText(text, cuts[number], place.width())
            painter.drawText(place, int(flags), fitting)
        painter.restore()


def list_of(model: FilesModel) -> QListView:
    """Return a list of files of which several may be chosen."""
    view = QListView()
    view.setModel(model)
    view.setItemDelegate(_Lines(view))
    view.setUniformItemSizes(True)
    view.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
    view.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    view.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
    return view


def _what_became_of(file: FileStatus) -> str:
    if file.reason or not file.chunks:
        return translated(file.reason)
    if file.chunks == 1:
        return tr("1 passage")
    return tr("{count} passages", count=f"{file.chunks:,}")


def _line_of(option: Any) -> int:
    """Return the height of a line; a name may need another font that is higher, as for Chinese."""
    height: int = option.fontMetrics.lineSpacing()
    return round(1.3 * height)
