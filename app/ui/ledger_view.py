"""The ledger: which files could not be read, were read in part or were left out, and why."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, Qt, Signal
from PySide6.QtWidgets import (
    QComboBox,
    QDialog,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from app.messages.index import Files
from app.ui.desktop import show_in_folder
from app.ui.folder_row import count_files
from app.ui.ledger_rows import FILE, FilesModel, Ledger, list_of
from app.ui.password_dialog import PasswordDialog
from app.ui.tag_bar import TagBar
from app.ui.texts import tr
from indexer.types import FileStatus, State


class LedgerDialog(QDialog):
    """Lists files by what became of them, and offers what can be done about it.

    Signals:
        retried(list[Path]): these are to be tried again; none: all that failed.
        unlocked(Path, str, bool): this file is to be read by a password, which may be kept.
        asked_only(list[Path]): the owner wants to ask about these alone.
        summarised(Path): the owner wants to see in short what this one says.
        compared(Path, Path): ... and how these two differ.
        rules_asked(): the owner wants to see, or to change, what is left out.
    """

    retried = Signal(object)
    unlocked = Signal(object, str, bool)
    asked_only = Signal(object)
    summarised = Signal(object)
    compared = Signal(object, object)
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
        self._list = list_of(self.model)
        self.tags = TagBar()
        self._retry = QPushButton()
        self._open = QPushButton(tr("Open the folder"))
        self._unlock = QPushButton(tr("Enter the password"))
        self._unlock.setToolTip(tr("Choose a file that is encrypted"))
        self._only = QPushButton(tr("Ask only these"))
        self._only.setToolTip(tr("Choose files that can be found"))
        self._summarise = QPushButton(tr("Summarise"))
        self._summarise.setToolTip(tr("Choose a file that can be found"))
        self._compare = QPushButton(tr("Compare"))
        self._compare.setToolTip(tr("Choose two files that can be found"))
        self._rules = QPushButton(tr("Rules"))
        self._rules.setToolTip(tr("Choose what is left out"))
        self._lay_out()
        self._connect()
        self._on_states()

    def _lay_out(self) -> None:
        close = QPushButton(tr("Close"))
        close.clicked.connect(self.close)
        above, middle, below = QHBoxLayout(), QHBoxLayout(), QHBoxLayout()
        above.addWidget(self._states)
        above.addStretch(1)
        above.addWidget(self._count)
        below.addWidget(self._open)
        below.addWidget(self._unlock)
        for button in (self._only, self._summarise, self._compare):
            middle.addWidget(button)
        middle.addStretch(1)
        below.addWidget(self._rules)
        below.addStretch(1)
        below.addWidget(self._retry)
        below.addWidget(close)
        outer = QVBoxLayout(self)
        outer.addLayout(above)
        outer.addWidget(self._list, 1)
        outer.addWidget(self.tags)
        outer.addLayout(middle)
        outer.addLayout(below)

    def _connect(self) -> None:
        self._states.currentIndexChanged.connect(self._on_states)
        self._list.selectionModel().selectionChanged.connect(self._on_chosen)
        self._list.doubleClicked.connect(self._on_open)
        self._retry.clicked.connect(self._on_retry)
        self._open.clicked.connect(self._on_open)
        self._unlock.clicked.connect(self._on_unlock)
        self._only.clicked.connect(self._on_only)
        self._summarise.clicked.connect(self._on_summarise)
        self._compare.clicked.connect(self._on_compare)
        self._rules.clicked.connect(self.close)
        self._rules.clicked.connect(self.rules_asked)

    def take(self, message: Files) -> None:
        """Show rows that have come."""
        if self.model.take(message):
            self._count.setText(count_files(self.model.total))
            self._unlock.setVisible(self.model.any_wants_password)

    def chosen(self) -> list[FileStatus]:
        """Return the files whose rows are chosen."""
        rows = sorted(self._list.selectedIndexes(), key=QModelIndex.row)
        return [index.data(FILE) for index in rows]

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
        with_text = bool(chosen) and all(file.chunks for file in chosen)
        self._summarise.setEnabled(with_text and len(chosen) == 1)
        self._compare.setEnabled(with_text and len(chosen) == 2)
        self._retry.setText(tr("Try these again") if chosen else tr("Try all again"))
        states = self._kinds[self._states.currentIndex()]
        self._retry.setEnabled(State.FAILED in states or (State.PARTIAL in states and bool(chosen)))

    def _on_retry(self) -> None:
        self.retried.emit([file.path for file in self.chosen()])
        self.close()

    def _on_only(self) -> None:
        self.asked_only.emit([file.path for file in self.chosen() if file.chunks])
        self.close()

    def _on_summarise(self) -> None:
        (file,) = self.chosen()
        self.summarised.emit(file.path)
        self.close()

    def _on_compare(self) -> None:
        old, new = self.chosen()
        self.compared.emit(old.path, new.path)
        self.close()

    def _on_unlock(self) -> None:
        dialog = PasswordDialog(self.chosen()[0].path, self)
        dialog.given.connect(self.unlocked)
        dialog.accepted.connect(self.close)
        dialog.open()

    def _on_open(self) -> None:
        for file in self.chosen()[:1]:
            show_in_folder(file.path)
