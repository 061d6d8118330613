"""All that was taught, given away as a file, and others' taken in: a button with two choices."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QFileDialog, QMenu, QPushButton

from app.messages.general import Failed
from app.messages.specialist import SpecialistExported, SpecialistImported, SpecialistUndone
from app.ui.conversation_view import ConversationView
from app.ui.texts import tr, translated
from app.ui.workers.index import IndexClient

_SUFFIX = ".specialist"


class SpecialistButton(QPushButton):
    """Asks for the file to be written or read.

    Signals:
        given(Path): all that was taught is to be written there.
        taken(Path): what this file holds is to be taken in.
    """

    given = Signal(object)
    taken = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("dim")
        menu = QMenu(self)
        menu.addAction(tr("Give away what was taught…")).triggered.connect(self._ask_where)
        menu.addAction(tr("Take in what others taught…")).triggered.connect(self._ask_which)
        self.setMenu(menu)
        self.show_busy(False)

    def show_busy(self, busy: bool) -> None:
        """Show whether something is being taken in."""
        self.setText(tr("Taking in what was taught…") if busy else tr("What was taught"))

    def _ask_where(self) -> None:
        title = tr("Give away what was taught…")
        name, _ = QFileDialog.getSaveFileName(self, title, f"pocket-llm{_SUFFIX}", _kinds())
        if name:
            file = Path(name)
            self.given.emit(file if file.suffix else file.with_name(file.name + _SUFFIX))

    def _ask_which(self) -> None:
        title = tr("Take in what others taught…")
        name, _ = QFileDialog.getOpenFileName(self, title, "", _kinds())
        if name:
            self.taken.emit(Path(name))


class Specialists(QObject):
    """Has specialists written and taken in, and says what came of it, with a button to undo."""

    def __init__(
        self,
        index: IndexClient,
        button: SpecialistButton,
        conversation: ConversationView,
        parent: QObject,
    ) -> None:
        super().__init__(parent)
        self._index = index
        self._button = button
        self._conversation = conversation
        self._taking: set[str] = set()
        button.given.connect(index.export_specialist)
        button.taken.connect(self._take)
        index.specialist.connect(self._on_answer)
        index.failed.connect(self._on_failed)

    def _take(self, file: Path) -> None:
        self._taking.add(self._index.import_specialist(file))
        self._button.show_busy(True)

    def _on_failed(self, message: Failed) -> None:
        self._end(message.id)

    def _end(self, id_: str) -> None:
        self._taking.discard(id_)
        self._button.show_busy(bool(self._taking))

    def _on_answer(
        self, message: SpecialistExported | SpecialistImported | SpecialistUndone
    ) -> None:
        self._end(message.id)
        offer = self._conversation.offer
        match message:
            case SpecialistExported(file=file, lessons=lessons, tags=tags):
                said = tr(
                    "“{name}” is written: {lessons} lessons and {tags} tags, "
                    "and nothing of the documents.",
                    name=file.name, lessons=f"{lessons:,}", tags=f"{tags:,}",
                )  # fmt: skip
                offer(said, {})
            case SpecialistUndone(lessons=lessons, tags=tags):
                said = tr(
                    "Taken back: {lessons} lessons and {tags} tags.",
                    lessons=f"{lessons:,}", tags=f"{tags:,}",
                )  # fmt: skip
                offer(said, {})
            case SpecialistImported(specialist=None):
                offer(_said(message), {})
            case SpecialistImported(specialist=int(specialist)):
                undo = partial(self._index.undo_specialist, specialist)
                offer(_said(message), {tr("Undo"): undo})


def _said(message: SpecialistImported) -> str:
    """Return what an import has brought, in a sentence or several."""
    said = [
        tr(
            "From “{name}”: {new_lessons} of {lessons} lessons and {new_tags} of {tags} tags "
            "are new.",
            name=message.file.name,
            new_lessons=f"{message.new_lessons:,}",
            lessons=f"{message.lessons:,}",
            new_tags=f"{message.new_tags:,}",
            tags=f"{message.tags:,}",
        )
    ]
    if message.resting:
        said.append(
            tr("{count} lessons wait for documents that are not here.",
               count=f"{message.resting:,}")
        )  # fmt: skip
    said += [tr("“{name}” is used from the next start on.", name=name) for name in message.chosen]
    said += map(translated, message.missing)
    return " ".join(said)


def _kinds() -> str:
    return f"{tr('Specialists')} (*{_SUFFIX});;{tr('All files')} (*)"
