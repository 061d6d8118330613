"""One adapter of the list: what it is for, and whether the language model answers with it."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QPushButton, QVBoxLayout

from app.model_files.model_list import Adapter
from app.ui.model_row import megabytes
from app.ui.plain_label import PlainLabel
from app.ui.texts import tr, translated


class AdapterRow(QFrame):
    """Shows an adapter.

    Signals:
        chosen(Adapter): the language model in use is to answer with it.
        released(): it is to answer alone again.
        unwanted(Adapter): it is to be removed.
    """

    chosen = Signal(object)
    released = Signal()
    unwanted = Signal(object)

    def __init__(self, adapter: Adapter, llm: str) -> None:
        """Take the name of the language model that is in use."""
        super().__init__()
        self.setObjectName("card")
        self._adapter = adapter
        self._buttons: list[QPushButton] = []
        column = QVBoxLayout()
        column.setSpacing(2)
        column.addWidget(PlainLabel(adapter.name, "passage"))
        column.addWidget(PlainLabel(_facts(adapter), "dim"))
        self._said = PlainLabel(translated(adapter.trouble), "dim")
        self._said.setVisible(bool(adapter.trouble))
        column.addWidget(self._said)
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(12, 8, 8, 8)
        self._row.addLayout(column, 1)
        if adapter.used:
            self._button(tr("Answer without it")).clicked.connect(self.released)
            return
        self._remove = self._button(tr("Remove"))
        self._remove.clicked.connect(self._on_remove)
        if llm in adapter.fits:
            self._button(tr("Answer with it")).clicked.connect(lambda: self.chosen.emit(adapter))

    def set_busy(self, busy: bool) -> None:
        """Allow nothing while a model is worked on."""
        for button in self._buttons:
            button.setEnabled(not busy)

    def _on_remove(self) -> None:
        answer = tr("Remove it")
        if self._remove.text() == answer:
            self.unwanted.emit(self._adapter)
            return
        self._remove.setText(answer)
        self._said.setText(tr("This frees {size}.", size=megabytes(self._adapter.bytes)))
        self._said.show()

    def _button(self, text: str) -> QPushButton:
        button = QPushButton(text)
        button.setAccessibleName(f"{text}: {self._adapter.name}")
        self._row.addWidget(button)
        self._buttons.append(button)
        return button


def _facts(adapter: Adapter) -> str:
    facts = [tr("makes a specialist of a model"), megabytes(adapter.bytes)]
    if adapter.fits:
        facts.append(tr("fits {models}", models=", ".join(adapter.fits)))
    elif not adapter.trouble:
        facts.append(tr("fits no model here"))
    return " · ".join(facts)
