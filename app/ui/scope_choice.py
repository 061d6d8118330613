"""What is asked about: everything, or a folder, a file, a selection, shown until it is removed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import partial

from PySide6.QtCore import Signal
from PySide6.QtGui import QAction, QActionGroup
from PySide6.QtWidgets import QHBoxLayout, QInputDialog, QMenu, QPushButton, QWidget

from app.chats.named_scopes import NamedScope, adapter_among
from app.messages.chats import Selection
from app.messages.index import Folders
from app.ui.choice import Choice
from app.ui.elided_label import one_line
from app.ui.folder_row import count_files
from app.ui.texts import tr
from indexer.types import EVERYTHING, Scope


class ScopeChoice(QWidget):
    """Chooses what is asked about.

    Signals:
        changed(Scope): the owner has chosen.
        named(str, Scope, str): what is chosen is to have this name, and to be answered with this
            adapter; "": with none of its own.
        forgotten(str): this name is not wanted any more.
    """

    changed = Signal(object)
    named = Signal(str, object, str)
    forgotten = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        self._folders: list[tuple[str, Scope]] = []
        self._selections: list[tuple[str, Scope]] = []
        self._kept: list[NamedScope] = []
        self._adapters: list[str] = []
        self._scope = EVERYTHING
        self._choice = Choice([(tr("All folders"), EVERYTHING)], tr("Where to look"))
        self._choice.chosen.connect(self._on_chosen)
        self._remove = QPushButton("×")
        self._remove.setObjectName("flat")
        self._remove.setAccessibleName(tr("Ask all documents again"))
        self._remove.setToolTip(tr("Ask all documents again"))
        self._remove.clicked.connect(lambda: self._on_chosen(EVERYTHING))
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        row.addWidget(self._choice)
        row.addWidget(self._remove)
        self._update()

    @property
    def scope(self) -> Scope:
        """What is chosen."""
        return self._scope

    def choose(self, scope: Scope) -> None:
        """Choose these paths; whatever else a scope says is chosen elsewhere."""
        self._scope = Scope(paths=scope.paths)
        self._update()

    def show_folders(self, message: Folders) -> None:
        """Offer the folders of the library."""
        paths = [status.path for status in message.folders if status.path is not None]
        folders = [(path.name or str(path), Scope(paths=(path,))) for path in paths]
        if folders == self._folders:
            return
        left = {scope for _, scope in self._folders} - {scope for _, scope in folders}
        self._folders = folders
        if self._scope in left:
            self._scope = EVERYTHING
        self._update()

    def show_selections(self, selections: Sequence[Selection]) -> None:
        """Offer what has a name."""
        named = [(item.name, replace(EVERYTHING, paths=item.scope.paths)) for item in selections]
        kept = [NamedScope(item.scope, item.adapter) for item in selections]
        if (named, kept) != (self._selections, self._kept):
            self._selections, self._kept = named, kept
            self._update()

    def offer_adapters(self, names: Sequence[str]) -> None:
        """Offer these adapters for what has a name."""
        if list(names) != self._adapters:
            self._adapters = list(names)
            self._update()

    def adapter_of(self, scope: Scope) -> str:
        """Return the name of the adapter that answers inside of a selection; "" if it has none."""
        return adapter_among(self._kept, scope)

    def _update(self) -> None:
        choices = [(tr("All folders"), EVERYTHING), *self._selections, *self._folders]
        name = next((name for name, scope in choices if scope == self._scope), None)
        if name is None:
            choices.insert(1, (name_of(self._scope), self._scope))
        self._choice.offer([(one_line(each), scope) for each, scope in choices])
        self._choice.choose(self._scope)
        self._offer_names()
        chosen = not self._scope.everything
        self._remove.setVisible(chosen)
        self._choice.setObjectName("chip" if chosen else "")
        self._choice.style().unpolish(self._choice)
        self._choice.style().polish(self._choice)

    def _offer_names(self) -> None:
        if self._scope.everything:
            return
        menu = self._choice.menu_
        menu.addSeparator()
        named = next((name for name, scope in self._selections if scope == self._scope), None)
        if named is None:
            action = QAction(tr("Give this selection a name…"), menu)
            action.triggered.connect(self._on_name)
        else:
            self._offer_adapters(named)
            action = QAction(tr("Forget the name “{name}”", name=one_line(named)), menu)
            action.triggered.connect(lambda: self.forgotten.emit(named))
        menu.addAction(action)

    def _offer_adapters(self, named: str) -> None:
        used = self.adapter_of(self._scope)
        # One that is gone or fits no more is still shown, so that it can be let go of.
        offered = [*self._adapters, *({used} - {"", *self._adapters})]
        if not offered:
            return
        menu = QMenu(tr("Answer with"), self._choice.menu_)
        group = QActionGroup(menu)
        for adapter in ("", *offered):
            text = one_line(adapter).replace("&", "&&") or tr("no adapter of its own")
            action = QAction(text, menu, checkable=True, checked=adapter == used)
            action.triggered.connect(partial(self._on_adapter, named, adapter))
            group.addAction(action)
            menu.addAction(action)
        self._choice.menu_.addMenu(menu)

    def _on_adapter(self, named: str, adapter: str) -> None:
        self.named.emit(named, self._scope, adapter)

    def _on_chosen(self, scope: Scope) -> None:
        self.choose(scope)
        self.changed.emit(self._scope)

    def _on_name(self) -> None:
        name, chosen = QInputDialog.getText(
            self, tr("Name the selection"), tr("Name"), text=name_of(self._scope)
        )
        if chosen and name.strip():
            self.named.emit(name.strip(), self._scope, "")


def name_of(scope: Scope) -> str:
    """Return what a scope is called that has no name."""
    if len(scope.paths) == 1:
        return scope.paths[0].name or str(scope.paths[0])
    return count_files(len(scope.paths))
