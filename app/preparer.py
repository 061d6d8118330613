"""The preparer: makes int8 encoders, since torch must not live in any other process of ours.

A cancelled or orphaned preparation ends at its next step, and the process with it if that takes
too long; what it was writing never looks finished.
"""

from __future__ import annotations

import importlib.resources
import logging
import os
import random
import re
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from queue import SimpleQueue

from app.messages.general import Cancel, Failed
from app.messages.preparing import Prepared, PrepareEncoder, Preparing
from app.messages.wire import Message, from_wire, to_wire
from app.paths import is_frozen
from app.wire import ProtocolError
from app.worker import Pipe
from models.errors import ModelError, ModelMissing

log = logging.getLogger(__name__)

GRACE = 3.0  # seconds that a step may take to notice that nobody wants it any more
MOST_PARAGRAPHS = 6  # together in one calibration text: short and long inputs must both occur


def serve(pipe: Pipe) -> None:
    """Answer messages until end-of-file."""
    _Service(pipe).run()


class _Service:
    def __init__(self, pipe: Pipe) -> None:
        self._pipe = pipe
        self._inbox: SimpleQueue[PrepareEncoder | None] = SimpleQueue()
        self._unwanted: set[str] = set()
        self._gone = threading.Event()
        self._ended = threading.Event()
        self._running: str | None = None

    def run(self) -> None:
        threading.Thread(target=self._listen, daemon=True).start()
        try:
            while (message := self._inbox.get()) is not None:
                self._running = message.id
                self._prepare(message)
                self._running = None
        finally:
            self._ended.set()

    def _listen(self) -> None:
        try:
            for data in self._pipe:
                message = from_wire(data)
                if isinstance(message, PrepareEncoder):
                    self._inbox.put(message)
                elif isinstance(message, Cancel):
                    self._unwanted.add(message.id)
                    threading.Thread(target=self._leave, args=(message.id,), daemon=True).start()
        except ProtocolError:
            log.warning("the parent broke the protocol")
        self._gone.set()
        self._inbox.put(None)
        if not self._ended.wait(GRACE):
            os._exit(0)

    def _leave(self, cancelled: str) -> None:
        """End the process if a cancelled preparation cannot be stopped otherwise."""
        until = time.monotonic() + GRACE
        while self._running == cancelled:
            if time.monotonic() > until:
                self._send(_cancelled(cancelled))
                os._exit(0)
            time.sleep(0.05)

    def _prepare(self, message: PrepareEncoder) -> None:
        began = time.perf_counter()
        destination = Path(message.destination)
        try:
            if is_frozen():
                raise ModelMissing(
                    "The installed program cannot prepare encoders: it comes without PyTorch.",
                    "Run `python3 start.py models import FOLDER` in a checkout of Pocket-LLM: "
                    "what it prepares is at hand here too.",
                )
            # Here, so that the worker can say hello before torch is loaded.
            from models.quantize import prepare_encoder

            steps = prepare_encoder(
                Path(message.source), destination, message.name, calibration_texts()
            )
            for step in steps:
                if message.id in self._unwanted or self._gone.is_set():
                    steps.close()
                    self._send(_cancelled(message.id))
                    return
                self._send(Preparing(message.id, step.sentence, round(step.done, 3)))
        except ModelError as error:
            self._send(Failed(message.id, error.title, error.detail))
            return
        size = sum(file.stat().st_size for file in destination.iterdir())
        seconds = round(time.perf_counter() - began, 1)
        self._send(Prepared(message.id, message.name, size, seconds))

    def _send(self, message: Message) -> None:
        self._pipe.write(to_wire(message))


def calibration_texts() -> list[str]:
    """Return some hundred texts of one to six paragraphs: the samples, and Python's own manual.

    The manual (`pydoc_data.topics`) is 330,000 characters of English prose that every machine
    with Python has. Calibrated on it, int8 vectors of medical abstracts keep a mean cosine of
    0.9975 to the float ones, as with any text we tried.
    """
    paragraphs = [*_manual(), *_samples()]
    # Always the same order, so that the same source gives the same encoder.
    order = random.Random(0)  # noqa: S311 - nothing secret
    texts = []
    while paragraphs:
        count = order.randint(1, MOST_PARAGRAPHS)
        texts.append(" ".join(paragraphs[:count]))
        del paragraphs[:count]
    order.shuffle(texts)
    return texts


def _manual() -> Iterator[str]:
    from pydoc_data.topics import topics

    for topic in topics.values():
        yield from _prose(topic)


def _samples() -> Iterator[str]:
    folder = importlib.resources.files("resources") / "samples"
    if not isinstance(folder, Path) or not folder.is_dir():
        return
    for path in sorted(folder.rglob("*")):
        if path.suffix in {".md", ".txt"}:
            yield from _prose(path.read_text(encoding="utf-8", errors="replace"))


def _prose(text: str) -> Iterator[str]:
    for paragraph in re.split(r"\n\s*\n", text):
        line = " ".join(paragraph.split())
        letters = sum(sign.isalpha() or sign == " " for sign in line)
        if len(line) > 60 and letters > 0.85 * len(line):
            yield line


def _cancelled(identifier: str) -> Failed:
    return Failed(identifier, "The preparation was cancelled.", "")
