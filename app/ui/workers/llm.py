"""The language model, as the window speaks to its worker."""

from __future__ import annotations

import threading
from dataclasses import replace
from pathlib import Path

from PySide6.QtCore import QObject, Signal

from app.llm.process import LLM_ENVIRONMENT, load_message
from app.llm.speeds import SpeedMeter
from app.messages.general import Cancel
from app.messages.llm import Generate, Generated, LoadModel, ModelLoaded, Reading, Token
from app.messages.wire import Message
from app.model_files.installed import adapter_path
from app.paths import Profile
from app.ui.texts import system_language
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
        self._meter = SpeedMeter(profile, model)
        self._load = _load_message(profile, model, context)

    @property
    def title(self) -> str:
        """What the model in use is called, and the adapter that it answers with."""
        title = title_of(self.model.stem)
        return f"{title} + {self._load.adapter.stem}" if self._load.adapter else title

    @property
    def model(self) -> Path:
        """The file of the model in use."""
        return Path(self._load.path)

    def choose(self, model: Path) -> None:
        """Use another model from now on; it is loaded at once if one was."""
        self._meter = SpeedMeter(self._profile, model)
        self._load = _load_message(self._profile, model, self._load.context)
        if self._worker is not None:
            self.send(self._load)

    def generate(self, request: Generate, adapter: str = "") -> None:
        """Answer a question, maybe with an adapter; the worker is started if it is not there."""
        if adapter:
            request = replace(request, adapter=adapter_path(self._profile, adapter))
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


def _load_message(profile: Profile, model: Path, context: int) -> LoadModel:
    """Return what the worker is told first: most questions are in the desktop's language."""
    return replace(load_message(profile, model, context), language=system_language())
