"""The LLM worker as its parent sees it: started once, asked often, restarted when it dies."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from app import settings
from app.llm.speeds import SpeedMeter
from app.messages.general import Cancel, Failed
from app.messages.llm import Generate, Generated, LoadModel, ModelLoaded, Reading, Token
from app.messages.wire import Message, from_wire, to_wire
from app.model_files.installed import chosen_adapter
from app.paths import Profile, worker_command
from app.pipes.supervisor import Worker, WorkerGone
from models.errors import ModelError

# libgomp's threads spin while they wait; beside two busy cores a small model wrote 2 to 6 tokens/s
# with the default and 15 with this bound, at no loss on an idle machine. libgomp reads it once.
LLM_ENVIRONMENT = {"GOMP_SPINCOUNT": "1000"}


# Room for the budget of passages, an answer, and a few turns.
CONTEXT_TOKENS = 4096


# Until what was read of a conversation is saved; 500 MB, of a 7B without shared keys, take 2 s.
_SAVING = 10.0


def load_message(profile: Profile, model: Path, context: int) -> LoadModel:
    """Return what a profile's worker is told first."""
    chosen = settings.load(profile.settings)
    return LoadModel(
        str(model), context, chosen.threads, profile.answering, profile.caches,
        chosen.chat_states << 20, adapter=chosen_adapter(profile, chosen, model),
    )  # fmt: skip


class LlmProcess:
    """One LLM in a process of its own."""

    def __init__(
        self, profile: Profile, model: Path, context: int = CONTEXT_TOKENS, *, drafts: bool = True
    ) -> None:
        """Start loading at once; the first `generate` waits for it."""
        self.name = model.stem
        self._profile = profile
        self._meter = SpeedMeter(profile, model)
        self._load = replace(load_message(profile, model, context), drafts=drafts)
        self._worker: Worker | None = None
        self._loaded = False
        self._start()

    def _start(self) -> Worker:
        worker = Worker(
            worker_command("llm"),
            log_file=self._profile.logs / "llm.log",
            environment=LLM_ENVIRONMENT,
        )
        self._worker = worker
        self._loaded = False
        with suppress(WorkerGone):  # its end is met by whoever waits for its first message
            worker.send(to_wire(self._load))
        return worker

    def generate(self, request: Generate) -> Generator[Reading | Token | Generated, None, None]:
        """Yield what the worker says until its last message; closing the iterator cancels.

        Raises ModelError. A worker that has died is started anew at the next call.
        """
        worker = self._worker or self._start()
        finished = False
        try:
            self._wait_loaded(worker)
            worker.send(to_wire(request))
            while True:
                message = self._next(worker)
                if isinstance(message, Reading | Token | Generated) and message.id == request.id:
                    finished = isinstance(message, Generated)
                    self._meter.take(message)
                    yield message
                    if finished:
                        return
                elif isinstance(message, Failed):
                    finished = True
                    raise ModelError(message.title, message.detail)
        except WorkerGone as gone:
            finished = True
            self._worker = None
            raise ModelError(
                "The model stopped working.",
                "Ask again: it will be started anew. If it happens again, choose a smaller model.",
            ) from gone
        finally:
            if not finished:
                self._cancel(worker, request.id)

    def _wait_loaded(self, worker: Worker) -> None:
        while not self._loaded:
            message = self._next(worker)
            if isinstance(message, ModelLoaded):
                self._loaded = True
            elif isinstance(message, Failed):
                self.close()
                raise ModelError(message.title, message.detail)

    @staticmethod
    def _next(worker: Worker) -> Message:
        data = worker.receive()
        assert data is not None
        return from_wire(data)

    def _cancel(self, worker: Worker, id_: str) -> None:
        """Stop the answer and wait for its last message, so that none meets the next question."""
        try:
            worker.send(to_wire(Cancel(id_)))
            while (data := worker.receive(10)) is not None:
                message = from_wire(data)
                if isinstance(message, Generated | Failed):
                    return
        except WorkerGone:
            self._worker = None
            return
        worker.kill()
        self._worker = None

    def close(self) -> None:
        """End the worker."""
        if self._worker is not None:
            self._worker.close(_SAVING)
            self._worker = None
