"""One model of the list: what it is, what is to be expected of it, and what can be done with it."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import Signal, SignalInstance
from PySide6.QtWidgets import QFrame, QHBoxLayout, QMenu, QPushButton, QVBoxLayout

from app.model_files.installed import LLM
from app.model_files.model_list import Advice, Offer
from app.ui.plain_label import PlainLabel
from app.ui.texts import tr, translated
from models.advisor import Fit
from models.licences import terms_of
from models.quantize_gguf import KINDS, bytes_as

_WORTH = 0.95  # of its size; a model that stays larger than this is not worth writing again


class ModelRow(QFrame):
    """Shows an offer.

    Signals:
        chosen(Offer): it is to be used.
        wanted(Offer): it is to be fetched, under its licence.
        unwanted(Offer): it is to be removed.
        shrunk(Offer, str): it is to be written in this type.
    """

    chosen = Signal(object)
    wanted = Signal(object)
    unwanted = Signal(object)
    shrunk = Signal(object, str)

    def __init__(self, offer: Offer) -> None:
        super().__init__()
        self.setObjectName("card")
        self._offer = offer
        self._buttons: list[QPushButton] = []
        column = QVBoxLayout()
        column.setSpacing(2)
        column.addWidget(PlainLabel(offer.title, "passage"))
        column.addWidget(PlainLabel(" · ".join(_facts(offer)), "dim"))
        if offer.advice is not None:
            column.addWidget(PlainLabel(_speed(offer.advice), "dim"))
        self._said = PlainLabel(translated(offer.trouble), "dim")
        self._said.setVisible(bool(offer.trouble))
        column.addWidget(self._said)
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(12, 8, 8, 8)
        self._row.addLayout(column, 1)
        if offer.path is None:
            self._add_get()
        else:
            self._add_use()

    def set_busy(self, busy: bool) -> None:
        """Allow nothing while another model is worked on."""
        for button in self._buttons:
            button.setEnabled(not busy)

    def _add_get(self) -> None:
        offer = self._offer
        text = tr("Go on fetching") if offer.begun else tr("Get")
        get = self._button(text)
        if offer.advice is not None and offer.advice.fit is Fit.TOO_LARGE:
            self._buttons.remove(get)
            get.setEnabled(False)
        elif offer.entry is not None and (terms := terms_of(offer.entry.licence)):
            said = f"{terms.name}: {translated(terms.summary)} {terms.address}"
            get.clicked.connect(lambda: self._ask(get, said, tr("Accept and get"), self.wanted))
        else:
            get.clicked.connect(lambda: self.wanted.emit(offer))

    def _add_use(self) -> None:
        offer = self._offer
        kinds = [kind for kind in KINDS if offer.kind == LLM and _is_smaller(offer, kind)]
        if kinds:
            smaller = self._button(tr("Make smaller"))
            menu = QMenu(smaller)
            for kind in kinds:
                assert offer.advice is not None
                size = megabytes(bytes_as(offer.advice.size.weights, kind))
                action = menu.addAction(tr("{kind}, about {size}", kind=kind, size=size))
                action.triggered.connect(partial(self._on_kind, kind))
            smaller.setMenu(menu)
        if offer.removable and not offer.used:
            remove = self._button(tr("Remove"))
            said = tr("This frees {size}.", size=megabytes(offer.bytes))
            remove.clicked.connect(lambda: self._ask(remove, said, tr("Remove it"), self.unwanted))
        use = self._button(tr("In use") if offer.used else tr("Use"))
        if offer.used or (offer.advice is not None and offer.advice.fit is Fit.TOO_LARGE):
            self._buttons.remove(use)
            use.setEnabled(False)
        use.clicked.connect(lambda: self.chosen.emit(offer))

    def _on_kind(self, kind: str) -> None:
        self.shrunk.emit(self._offer, kind)

    def _ask(self, button: QPushButton, said: str, answer: str, signal: SignalInstance) -> None:
        """Say what it means before it is done; the second click does it."""
        if button.text() == answer:
            signal.emit(self._offer)
            return
        button.setText(answer)
        self._said.setText(said)
        self._said.show()

    def _button(self, text: str) -> QPushButton:
        button = QPushButton(text)
        button.setAccessibleName(f"{text}: {self._offer.title}")
        self._row.addWidget(button)
        self._buttons.append(button)
        return button


def megabytes(count: int) -> str:
    """Return a size in words."""
    return f"{count / 1e9:.1f} GB" if count >= 1e9 else f"{max(1, round(count / 1e6))} MB"


def _facts(offer: Offer) -> list[str]:
    size = megabytes(offer.bytes)
    facts = [tr("writes answers") if offer.kind == LLM else tr("finds passages")]
    if entry := offer.entry:
        if offer.path is None and not entry.is_pinned:
            size = tr("about {size}", size=size)
        terms = terms_of(entry.licence)
        facts += [size, ", ".join(entry.languages), terms.name if terms else entry.licence]
    else:
        facts.append(size)
    return facts


def _speed(advice: Advice) -> str:
    size = f"{advice.size.memory / 1e9:.1f} GB"
    if advice.fit is Fit.TOO_LARGE:
        return tr("Needs {size} of memory, more than there is", size=size)
    speed, was = advice.expected, advice.measured
    text = tr(
        "Needs {size} of memory; reads {reading} and writes {writing} tokens/s",
        size=size,
        reading=_tokens(speed.reading),
        writing=_tokens(speed.writing),
    )
    if was is not None:
        text += " " + tr(
            "(measured: {reading} and {writing})",
            reading=_tokens(was.reading),
            writing=_tokens(was.writing),
        )
    if advice.fit is Fit.TIGHT:
        text += " · " + tr("close other programs first")
    return text


def _tokens(speed: float) -> str:
    return f"{speed:.0f}" if speed >= 10 else f"{speed:.1f}"


def _is_smaller(offer: Offer, kind: str) -> bool:
    if offer.advice is None:
        return False
    return bytes_as(offer.advice.size.weights, kind) < _WORTH * offer.bytes
