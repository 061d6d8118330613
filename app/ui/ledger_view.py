"""The ledger: which files could not be read, were read in part or were left out, and why."""

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
    Signal,
)
from PySide6.QtGui import QPainter, QPalette
from PySide6.QtWidgets import (
    QAbstractItemView,
    QComboBox,
    QDialog,
    QHBoxLayout,
    QLabel,
    QListView,
    QPushButton,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QVBoxLayout,
    QWidget,
)

from app.messages.index import Files
from app.ui.desktop import show_in_folder
from app.ui.elided_label import one_line, plain_tip
from app.ui.folder_row import count_files
from app.ui.password_dialog import PasswordDialog
from app.ui.tag_bar import TagBar
from app.ui.texts import tr, translated
from indexer.types import FileStatus, State

_PAGE = 200  # rows that are asked for at once
_MARGIN = 8  # pixels around a row's two lines

_Index = QModelIndex | QPersistentModelIndex
_FILE = Qt.ItemDataRole.UserRole


class Ledger(Protocol):
    """What the dialog asks for rows; IndexClient is one."""

    def list_files(self, states: Sequence[State], offset: int = 0, limit: int = 200) -> str:
        """Ask for rows, and return the id under which they will come."""


class FilesModel(QAbstractListModel):
    """Rows of the ledger in some states, asked for as they are scrolled to."""

    def __init__(self, ledger: Ledger, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._ledger = ledger
        self._states: tuple[State, ...] = ()
        self._files: list[FileStatus] = []
        self._awaited = ""
        self.total = 0

    def show_states(self, states: Sequence[State]) -> None:
        """Begin anew with files in these states."""
        self.beginResetModel()
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
        if role == _FILE:
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
        self._awaited = self._ledger.list_files(self._states, len(self._files), _PAGE)


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


def _list_of(model: FilesModel) -> QListView:
    """Return a list of files of which several may be chosen."""
    view = QListView()
    view.setModel(model)
    view.setItemDelegate(_Lines(view))
    view.setUniformItemSizes(True)
    view.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
    view.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    view.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
    return view


class LedgerDialog(QDialog):
    """Lists files by what became of them, and offers what can be done about it.

    Signals:
        retried(list[Path]): these are to be tried again; none: all that failed.
        unlocked(Path, str, bool): this file is to be read by a password, which may be kept.
        asked_only(list[Path]): the owner wants to ask about these alone.
        rules_asked(): the owner wants to see, or to change, what is left out.
    """

    retried = Signal(object)
    unlocked = Signal(object, str, bool)
    asked_only = Signal(object)
    rules_asked = Signal()

    def __init__(self, ledger: Ledger, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(tr("Files"))
        self.resize(640, 480)
        self._states = QComboBox()
        self._states.setAccessibleName(tr("Which files"))
        kinds = {
            tr("Could not be read"): (State.FAILED, State.QUARANTINED),
            tr("Read in part"): (State.PARTIAL,),
            tr("Without text"): (State.EMPTY,),
            tr("Left out"): (State.SKIPPED,),
            tr("Still to be read"): (State.WAITING,),
            tr("Can be found"): (State.INDEXED, State.WORDS),
        }
        self._kinds = list(kinds.values())
        self._states.addItems(list(kinds))
        self._count = QLabel()
        self._count.setObjectName("dim")
        self.model = FilesModel(ledger, self)
        self._list = _list_of(self.model)
        self.tags = TagBar()
        self._retry = QPushButton()
        self._open = QPushButton(tr("Open the folder"))
        self._unlock = QPushButton(tr("Enter the password"))
        self._unlock.setToolTip(tr("Choose a file that is encrypted"))
        self._only = QPushButton(tr("Ask only these"))
        self._only.setToolTip(tr("Choose files that can be found"))
        self._rules = QPushButton(tr("Rules"))
        self._rules.setToolTip(tr("Choose what is left out"))
        close = QPushButton(tr("Close"))
        above, below = QHBoxLayout(), QHBoxLayout()
        above.addWidget(self._states)
        above.addStretch(1)
        above.addWidget(self._count)
        below.addWidget(self._open)
        below.addWidget(self._unlock)
        below.addWidget(self._only)
        below.addWidget(self._rules)
        below.addStretch(1)
        below.addWidget(self._retry)
        below.addWidget(close)
        outer = QVBoxLayout(self)
        outer.addLayout(above)
        outer.addWidget(self._list, 1)
        outer.addWidget(self.tags)
        outer.addLayout(below)
        self._states.currentIndexChanged.connect(self._on_states)
        self._list.selectionModel().selectionChanged.connect(self._on_chosen)
        self._list.doubleClicked.connect(self._on_open)
        self._retry.clicked.connect(self._on_retry)
        self._open.clicked.connect(self._on_open)
        self._unlock.clicked.connect(self._on_unlock)
        self._only.clicked.connect(self._on_only)
        self._rules.clicked.connect(self.close)
        self._rules.clicked.connect(self.rules_asked)
        close.clicked.connect(self.close)
        self._on_states()

    def take(self, message: Files) -> None:
        """Show rows that have come."""
        if self.model.take(message):
            self._count.setText(count_files(self.model.total))
            self._unlock.setVisible(self.model.any_wants_password)

    def chosen(self) -> list[FileStatus]:
        """Return the files whose rows are chosen."""
        rows = sorted(self._list.selectedIndexes(), key=QModelIndex.row)
        return [index.data(_FILE) for index in rows]

    def show_state(self, state: State) -> None:
        """Show the files in this state, and those that belong to them."""
        self._states.setCurrentIndex(next(n for n, kind in enumerate(self._kinds) if state in kind))

    def _on_states(self) -> None:
        self._count.setText("")
        self._unlock.hide()
        self._rules.setVisible(State.SKIPPED in self._kinds[self._states.currentIndex()])
        self.model.show_states(self._kinds[self._states.currentIndex()])
        self._on_chosen()

    def _on_chosen(self) -> None:
        chosen = self.chosen()
        self._open.setEnabled(len(chosen) == 1)
        self.tags.show_file(chosen[0].path if len(chosen) == 1 and chosen[0].chunks else None)
        self._unlock.setEnabled(len(chosen) == 1 and chosen[0].wants_password)
        self._only.setEnabled(any(file.chunks for file in chosen))
        self._retry.setText(tr("Try these again") if chosen else tr("Try all again"))
        states = self._kinds[self._states.currentIndex()]
        self._retry.setEnabled(State.FAILED in states or (State.PARTIAL in states and bool(chosen)))

    def _on_retry(self) -> None:
        self.retried.emit([file.path for file in self.chosen()])
        self.close()

    def _on_only(self) -> None:
        self.asked_only.emit([file.path for file in self.chosen() if file.chunks])
        self.close()

    def _on_unlock(self) -> None:
        dialog = PasswordDialog(self.chosen()[0].path, self)
        dialog.given.connect(self.unlocked)
        dialog.accepted.connect(self.close)
        dialog.open()

    def _on_open(self) -> None:
        for file in self.chosen()[:1]:
            show_in_folder(file.path)


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
