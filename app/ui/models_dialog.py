"""The models: those that are here, those to be had, and how far the one is that is worked on."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import (
    QDialog,
    QFileDialog,
    QFrame,
    QHBoxLayout,
    QLabel,
    QProgressBar,
    QPushButton,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from app.messages.fetching import Fetching
from app.messages.preparing import Preparing
from app.model_files.installed import LLM
from app.model_files.model_list import Adapter, Offer
from app.ui.adapter_row import AdapterRow
from app.ui.model_row import ModelRow, megabytes
from app.ui.plain_label import PlainLabel
from app.ui.texts import tr, translated

_STEPS = 1000  # of the bar: bytes are more than its numbers hold


class ModelsDialog(QDialog):
    """Shows the models.

    Signals:
        chosen(Offer), wanted(Offer), unwanted(Offer | Adapter), shrunk(Offer, str),
        adapted(Adapter), released(): as of its rows.
        brought(Path): this file or folder is to be imported.
        stopped(): what is being done is to end.
    """

    chosen = Signal(object)
    wanted = Signal(object)
    unwanted = Signal(object)
    shrunk = Signal(object, str)
    adapted = Signal(object)
    released = Signal()
    brought = Signal(object)
    stopped = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setAcceptDrops(True)
        self.setWindowTitle(tr("Models"))
        self.resize(720, 640)
        self._rows: list[ModelRow | AdapterRow] = []
        self._is_busy = False
        self._list = QVBoxLayout()
        self._list.setSpacing(6)
        self._list.addWidget(QLabel(tr("Looking at this computer…")))
        inner = QWidget()
        column = QVBoxLayout(inner)
        column.addLayout(self._list)
        column.addStretch(1)
        scroll = QScrollArea()
        scroll.setWidgetResizable(True)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        scroll.setWidget(inner)
        self._said = PlainLabel("", "warning", selectable=True)
        self._said.hide()
        outer = QVBoxLayout(self)
        outer.addWidget(scroll, 1)
        outer.addWidget(self._said)
        outer.addWidget(self._build_work())
        outer.addLayout(self._build_foot())

    def _build_work(self) -> QFrame:
        self._work = QFrame()
        self._work.setObjectName("card")
        self._step = PlainLabel("", "passage")
        self._bar = QProgressBar()
        self._bar.setRange(0, _STEPS)
        self._bar.setTextVisible(False)
        stop = QPushButton(tr("Stop"))
        stop.clicked.connect(self.stopped)
        row = QHBoxLayout()
        row.addWidget(self._bar, 1)
        row.addWidget(stop)
        column = QVBoxLayout(self._work)
        column.addWidget(self._step)
        column.addLayout(row)
        self._work.hide()
        return self._work

    def _build_foot(self) -> QHBoxLayout:
        hint = QLabel(
            tr("Fetching is the only thing for which Pocket-LLM uses a network, and only then.")
        )
        hint.setObjectName("dim")
        hint.setWordWrap(True)
        self._import = QPushButton(tr("Import a file…"))
        self._import.clicked.connect(self._ask_which)
        close = QPushButton(tr("Close"))
        close.clicked.connect(self.accept)
        row = QHBoxLayout()
        row.addWidget(hint, 1)
        row.addWidget(self._import)
        row.addWidget(close)
        return row

    def show_offers(self, offers: Sequence[Offer], adapters: Sequence[Adapter] = ()) -> None:
        """Show the models and adapters as they are now."""
        while (item := self._list.takeAt(0)) is not None:
            if (widget := item.widget()) is not None:
                widget.hide()
                widget.deleteLater()
        self._rows = []
        llm = next((offer.name for offer in offers if offer.used and offer.kind == LLM), "")
        self._add_title(tr("ON THIS COMPUTER"))
        for offer in offers:
            if offer.path is not None:
                self._add_offer(offer)
        if adapters:
            self._add_title(tr("ADAPTERS"))
        for adapter in adapters:
            self._add_adapter(adapter, llm)
        self._add_title(tr("TO BE HAD"))
        for offer in offers:
            if offer.path is None:
                self._add_offer(offer)

    def _add_title(self, text: str) -> None:
        label = QLabel(text)
        label.setObjectName("label")
        self._list.addWidget(label)

    def _add_offer(self, offer: Offer) -> None:
        row = ModelRow(offer)
        row.chosen.connect(self.chosen)
        row.wanted.connect(self.wanted)
        row.unwanted.connect(self.unwanted)
        row.shrunk.connect(self.shrunk)
        self._add_row(row)

    def _add_adapter(self, adapter: Adapter, llm: str) -> None:
        row = AdapterRow(adapter, llm)
        row.chosen.connect(self.adapted)
        row.released.connect(self.released)
        row.unwanted.connect(self.unwanted)
        self._add_row(row)

    def _add_row(self, row: ModelRow | AdapterRow) -> None:
        row.set_busy(self._is_busy)
        self._rows.append(row)
        self._list.addWidget(row)

    def show_progress(self, message: Fetching | Preparing) -> None:
        """Show how far the work is."""
        self.set_busy(True)
        if isinstance(message, Fetching):
            done, total = megabytes(message.done), megabytes(message.total)
            text = tr("{done} of {total}", done=done, total=total)
            if message.host:
                speed = f"{message.bytes_per_s / 1e6:.1f} MB/s"
                text = tr(
                    "{progress} from {host}, {speed}",
                    progress=text,
                    host=message.host,
                    speed=speed,
                )
            share = message.done / message.total if message.total else 0.0
        else:
            text, share = translated(message.step), message.done
        if message.seconds_left:
            text += " · " + tr("about {minutes} min left", minutes=_minutes(message.seconds_left))
        self._step.setText(text)
        self._bar.setValue(round(_STEPS * share))

    def set_busy(self, busy: bool) -> None:
        """Show whether something is being done."""
        self._is_busy = busy
        self._work.setVisible(busy)
        self._import.setEnabled(not busy)
        for row in self._rows:
            row.set_busy(busy)

    def say(self, text: str) -> None:
        """Say what happened; nothing takes it away."""
        self._said.setText(text)
        self._said.setVisible(bool(text))

    def _ask_which(self) -> None:
        kinds = f"GGUF (*.gguf);;{tr('An encoder')} (modules.json)"
        name, _ = QFileDialog.getOpenFileName(self, tr("Import a file…"), "", kinds)
        if name:
            path = Path(name)
            self.brought.emit(path.parent if path.name == "modules.json" else path)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:  # noqa: N802
        """Take a model's file or folder."""
        if event.mimeData().hasUrls() and not self._is_busy:
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:  # noqa: N802
        """Import what was dropped."""
        paths = [Path(url.toLocalFile()) for url in event.mimeData().urls() if url.isLocalFile()]
        if paths:
            self.brought.emit(paths[0])
        event.acceptProposedAction()


def _minutes(seconds: float) -> int:
    return max(1, round(seconds / 60))
