"""The one box, for finding and asking, with what is asked and how long it may take beside it."""

from __future__ import annotations

from dataclasses import dataclass, replace

from PySide6.QtCore import Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QPushButton,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from app.messages.index import Folders
from app.ui.choice import Choice
from app.ui.question_input import QuestionInput
from app.ui.scope_choice import ScopeChoice
from app.ui.texts import tr
from indexer.types import Scope

# More than any context takes long to read.
_ALL_SECONDS = 3600.0
_LEAST_WHERE = 120  # pixels


@dataclass(frozen=True, slots=True)
class Effort:
    """How much of an answer is wanted."""

    answers: bool = True  # False: the passages are enough
    documents: bool = True  # False: a chat with the model alone
    reading_seconds: float | None = None  # for reading passages; None: as much as suits the model


ANSWER = Effort()
FIND = Effort(answers=False)
PLAIN = Effort(documents=False)


class AskBox(QFrame):
    """Takes a question.

    Signals:
        asked(str, Scope, Effort): the owner asks.
        stopped(): the answer that is being written is to stop.
        effort_chosen(Effort): from now on, this much of an answer is wanted.
        scope_chosen(Scope): from now on, this is asked about.
    """

    asked = Signal(str, object, object)
    stopped = Signal()
    effort_chosen = Signal(object)
    scope_chosen = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("box")
        self._busy = False
        self._speed = 0.0
        self._input = QuestionInput()
        self._input.submitted.connect(self._on_submit)
        self.where = ScopeChoice()
        self._types = Choice(_types(), tr("Which documents"))
        self._effort = Choice(_efforts(), tr("How to answer"))
        self._effort.chosen.connect(self._on_effort)
        for choice_changed in (self.where.changed, self._types.chosen):
            choice_changed.connect(lambda _: self.scope_chosen.emit(self.scope))
        self._go = QPushButton(tr("Ask"))
        self._go.setObjectName("primary")
        self._go.clicked.connect(self._on_submit)
        row = QHBoxLayout()
        for choice in (self.where, self._types, self._effort):
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

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802
        """Let a long name give way before the other choices do."""
        super().resizeEvent(event)
        self.where.setMaximumWidth(max(_LEAST_WHERE, self.width() // 3))

    def show_folders(self, message: Folders) -> None:
        """Offer the folders as scopes."""
        self.where.show_folders(message)

    @property
    def scope(self) -> Scope:
        """What is to be asked about."""
        return replace(self.where.scope, types=self._types.value)

    def choose_scope(self, scope: Scope) -> None:
        """Choose what is asked about, as far as the box has it."""
        self.where.choose(scope)
        offered = (types for _, types in _types())
        self._types.choose(scope.types if scope.types in offered else ())

    @property
    def effort(self) -> Effort:
        """How much of an answer is wanted."""
        return self._effort.value

    def choose_seconds(self, seconds: float) -> None:
        """Allow so much time for reading, if it is one of the choices."""
        wanted = Effort(reading_seconds=seconds)
        if seconds and wanted in (effort for _, effort in _efforts()):
            self.choose_effort(wanted)

    def choose_effort(self, effort: Effort) -> None:
        """Choose one of the efforts."""
        self._effort.choose(effort)
        self._on_effort(effort)

    def show_speed(self, tokens_per_s: float) -> None:
        """Say what the time for reading is worth on this machine."""
        self._speed = tokens_per_s
        self._say_worth()

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
            self.asked.emit(question, self.scope, self.effort)

    def _on_effort(self, effort: Effort) -> None:
        searches = effort.documents
        self._input.setPlaceholderText(tr("Ask your documents") if searches else tr("Chat"))
        self.where.setEnabled(searches)
        self._types.setEnabled(searches)
        self._say_worth()
        self.effort_chosen.emit(effort)

    def _say_worth(self) -> None:
        seconds = self.effort.reading_seconds
        worth = ""
        if self._speed and seconds is not None and seconds < _ALL_SECONDS:
            worth = tr(
                "Reads some {tokens} tokens in this time, at {speed} tokens/s.",
                tokens=f"{round(self._speed * seconds / 10) * 10:,}",
                speed=round(self._speed),
            )
        self._effort.setToolTip(f"{tr('How to answer')}\n{worth}".strip())


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
        (tr("about 10 s"), Effort(reading_seconds=10)),
        (tr("about 20 s"), Effort(reading_seconds=20)),
        (tr("about 1 min"), Effort(reading_seconds=60)),
        (tr("Read all that is found"), Effort(reading_seconds=_ALL_SECONDS)),
        (tr("Find only"), FIND),
        (tr("Without documents"), PLAIN),
    ]
