"""The language model, as the window speaks to its worker."""

from __future__ import annotations

import threading
from pathlib import Path

from PySide6.QtCore import QObject, Signal

from app.llm_process import LLM_ENVIRONMENT, load_message
from app.messages.general import Cancel
from app.messages.llm import Generate, Generated, ModelLoaded, Reading, Token
from app.messages.wire import Message
from app.paths import Profile
from app.speeds import SpeedMeter
from app.ui.workers.client import WorkerClient
from models.catalog import title_of


class LlmClient(WorkerClient):
    """The language model; started when it is first needed.

    Signals:
        loaded(ModelLoaded): it is ready.
        said(message): Reading, Token or Generated.
    """

    loaded = Signal(object)
    said = Signal(object)

    def __init__(
        self, profile: Profile, model: Path, context: int, parent: QObject | None = None
    ) -> None:
        super().__init__("llm", profile, parent)
        self.title = title_of(model.stem)
        self._meter = SpeedMeter(profile, model)
        self._load = load_message(profile, model, context)

    def choose(self, model: Path) -> None:
        """Use another model from now on; it is loaded at once if one was."""
        self.title = title_of(model.stem)
        self._meter = SpeedMeter(self._profile, model)
        self._load = load_message(self._profile, model, self._load.context)
        if self._worker is not None:
            self.send(self._load)

    def generate(self, request: Generate) -> None:
        """Answer a question; the worker is started if it is not there."""
        if self._worker is None:
            self.start()
        self.send(request)

    def cancel(self, id_: str) -> None:
        """Stop an answer; it still ends in Generated."""
        self.send(Cancel(id_))

    def _environment(self) -> dict[str, str]:
        return LLM_ENVIRONMENT

    def _greet(self) -> None:
        self.send(self._load)

    def _dead(self) -> str:
        return "The language model cannot be kept running."

    def _on_message(self, message: Message) -> None:
        match message:
            case ModelLoaded():
                self.loaded.emit(message)
            case Reading() | Token() | Generated():
                self._measure(message)
                self.said.emit(message)

    def _measure(self, message: Reading | Token | Generated) -> None:
        if isinstance(message, Generated):
            # The model's file is read for its size, which the window shall not wait for.
            threading.Thread(target=self._meter.take, args=(message,)).start()
        else:
            self._meter.take(message)
