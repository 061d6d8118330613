"""The one box, for finding and asking, with what is asked and how long it may take beside it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Generic, TypeVar

from PySide6.QtCore import QPoint, QSize, Qt, Signal
from PySide6.QtGui import QAction, QKeyEvent, QResizeEvent
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QMenu,
    QPlainTextEdit,
    QPushButton,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from app.messages.index import Folders
from app.ui.texts import tr
from indexer.types import EVERYTHING, Scope

T = TypeVar("T")
_LINES = 4
_ARROW = " ▾"
# Pixels of a choice's button.
_LEAST_CHOICE, _MOST_CHOICE, _PADDING = 56, 220, 28


@dataclass(frozen=True, slots=True)
class Effort:
    """How much of an answer is wanted."""

    answers: bool = True  # False: the passages are enough
    reading_seconds: float | None = None  # for reading passages; None: as much as suits the model


ANSWER = Effort()
FIND = Effort(answers=False)


class _Input(QPlainTextEdit):
    """Grows with its text; Return asks, Shift+Return is a new line.

    Signals:
        submitted(): Return was pressed.
    """

    submitted = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.setPlaceholderText(tr("Ask your documents"))
        self.setTabChangesFocus(True)
        self.document().setDocumentMargin(0)
        self.document().documentLayout().documentSizeChanged.connect(lambda _: self._fit())
        self._fit()

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802
        """Submit on Return."""
        plain = not event.modifiers() & Qt.KeyboardModifier.ShiftModifier
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and plain:
            self.submitted.emit()
        else:
            super().keyPressEvent(event)

    def _fit(self) -> None:
        # A plain text document counts its height in lines.
        lines = min(max(1, round(self.document().size().height())), _LINES)
        self.setFixedHeight(self.fontMetrics().lineSpacing() * lines + 12)


class _Choice(QPushButton, Generic[T]):
    """A button that shows one of several values, and lets another be chosen."""

    def __init__(self, choices: Sequence[tuple[str, T]], meaning: str) -> None:
        super().__init__()
        self._menu = QMenu(self)
        self._meaning = meaning
        self._name = ""
        self.setToolTip(meaning)
        # The name gives way where the window is narrow; the menu has it whole.
        self.setMinimumWidth(_LEAST_CHOICE)
        self.clicked.connect(self._show_menu)
        self.value = choices[0][1]
        self.offer(choices)

    def offer(self, choices: Sequence[tuple[str, T]]) -> None:
        """Offer these; what is chosen stays if it is among them, else the first is."""
        self._menu.clear()
        for name, value in choices:
            action = QAction(name.replace("&", "&&"), self._menu)
            action.triggered.connect(lambda _=False, n=name, v=value: self._choose(n, v))
            self._menu.addAction(action)
        self._choose(*next((c for c in choices if c[1] == self.value), choices[0]))

    def sizeHint(self) -> QSize:  # noqa: N802
        """Return the size that the whole name needs, up to a limit."""
        text = self.fontMetrics().horizontalAdvance(self._name + _ARROW)
        return QSize(min(text + _PADDING, _MOST_CHOICE), super().sizeHint().height())

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802
        """Cut the name to the new width."""
        super().resizeEvent(event)
        self._fit()

    def _choose(self, name: str, value: T) -> None:
        self.value = value
        self._name = name
        self.setAccessibleName(f"{self._meaning}: {name}")
        self._fit()
        self.updateGeometry()

    def _fit(self) -> None:
        metrics = self.fontMetrics()
        room = self.width() - _PADDING - metrics.horizontalAdvance(_ARROW) + 2
        name = metrics.elidedText(self._name, Qt.TextElideMode.ElideRight, max(room, 0))
        self.setText(f"{name}{_ARROW}".replace("&", "&&"))

    def _show_menu(self) -> None:
        height = self._menu.sizeHint().height()
        self._menu.popup(self.mapToGlobal(self.rect().topLeft()) - QPoint(0, height + 4))


class AskBox(QFrame):
    """Takes a question.

    Signals:
        asked(str, Scope, Effort): the owner asks.
        stopped(): the answer that is being written is to stop.
    """

    asked = Signal(str, object, object)
    stopped = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("box")
        self._busy = False
        self._input = _Input()
        self._input.submitted.connect(self._on_submit)
        self._where = _Choice([(tr("All folders"), EVERYTHING)], tr("Where to look"))
        self._types = _Choice(_types(), tr("Which documents"))
        self._effort = _Choice(_efforts(), tr("How to answer"))
        self._go = QPushButton(tr("Ask"))
        self._go.setObjectName("primary")
        self._go.clicked.connect(self._on_submit)
        row = QHBoxLayout()
        for choice in (self._where, self._types, self._effort):
            choice.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
            row.addWidget(choice)
        row.addStretch(1)
        row.addWidget(self._go)
        column = QVBoxLayout(self)
        column.setContentsMargins(14, 12, 12, 10)
        column.setSpacing(8)
        column.addWidget(self._input)
        column.addLayout(row)
        self.setFocusProxy(self._input)

    def show_folders(self, message: Folders) -> None:
        """Offer the folders as scopes."""
        paths = [status.path for status in message.folders if status.path is not None]
        named = [(path.name or str(path), Scope(paths=(path,))) for path in paths]
        self._where.offer([(tr("All folders"), EVERYTHING), *named])

    def set_busy(self, busy: bool) -> None:
        """Offer to stop instead of to ask."""
        self._busy = busy
        self._go.setText(tr("Stop") if busy else tr("Ask"))

    def set_text(self, text: str) -> None:
        """Put a question into the box."""
        self._input.setPlainText(text)

    def _on_submit(self) -> None:
        if self._busy:
            self.stopped.emit()
            return
        question = self._input.toPlainText().strip()
        if question:
            self._input.clear()
            scope = replace(self._where.value, types=self._types.value)
            self.asked.emit(question, scope, self._effort.value)


def _types() -> list[tuple[str, tuple[str, ...]]]:
    """Return the kinds of documents, each with its suffixes."""
    return [
        (tr("Any type"), ()),
        ("PDF", ("pdf",)),
        ("Word", ("docx", "docm", "dotx", "doc", "odt", "fodt", "rtf")),
        (tr("Text"), ("txt", "text", "md", "markdown", "rst", "org", "tex", "adoc", "log")),
        (tr("Tables"), ("csv", "tsv", "psv", "xlsx", "xlsm", "xlsb", "xls", "ods", "fods")),
        (tr("Slides"), ("pptx", "pptm", "ppsx", "ppt", "odp", "fodp")),
        (tr("Mail"), ("eml", "emlx", "msg", "mbox")),
        (tr("Web pages"), ("html", "htm", "xhtml", "mht", "mhtml")),
        (tr("E-books"), ("epub", "fb2")),
        (tr("Pictures"), ("png", "jpg", "jpeg", "tif", "tiff", "webp", "bmp", "gif")),
    ]


def _efforts() -> list[tuple[str, Effort]]:
    return [
        (tr("Answer"), ANSWER),
        (tr("about 20 s"), Effort(reading_seconds=20)),
        (tr("about 1 min"), Effort(reading_seconds=60)),
        (tr("Find only"), FIND),
    ]
