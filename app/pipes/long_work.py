"""A worker whose requests take minutes: progress is sent as it comes, a Cancel ends the process.

What a library computes in C cannot be stopped in any other way; a step that notices is given a
moment to clear away what it was writing.
"""

from __future__ import annotations

import logging
import os
import threading
import time
from collections.abc import Callable, Generator, Mapping
from queue import SimpleQueue
from typing import Any

from app.messages.general import Cancel, Failed
from app.messages.wire import Message, from_wire, to_wire
from app.pipes.wire import ProtocolError
from app.pipes.worker import Pipe
from models.errors import ModelError

log = logging.getLogger(__name__)

GRACE = 3.0  # seconds that a step may take to notice that nobody wants it any more

# What answers one kind of message: yields progress, then the last message.
Job = Callable[[Any], Generator[Message, None, None]]


def serve_long_work(pipe: Pipe, jobs: Mapping[type[Any], Job]) -> None:
    """Answer messages, one after the other, until end-of-file."""
    _Service(pipe, jobs).run()


class _Service:
    def __init__(self, pipe: Pipe, jobs: Mapping[type[Any], Job]) -> None:
        self._pipe = pipe
        self._jobs = jobs
        self._inbox: SimpleQueue[Any] = SimpleQueue()
        self._unwanted: set[str] = set()
        self._gone = threading.Event()
        self._ended = threading.Event()
        self._running: str | None = None

    def run(self) -> None:
        threading.Thread(target=self._listen, daemon=True).start()
        try:
            while (message := self._inbox.get()) is not None:
                self._running = message.id
                self._answer(message)
                self._running = None
        finally:
            self._ended.set()

    def _listen(self) -> None:
        try:
            for data in self._pipe:
                message = from_wire(data)
                if type(message) in self._jobs:
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
        """End the process if cancelled work cannot be stopped otherwise."""
        until = time.monotonic() + GRACE
        while self._running == cancelled:
            if time.monotonic() > until:
                self._end(cancelled)
            time.sleep(0.05)

    def _answer(self, message: Any) -> None:
        steps = self._jobs[type(message)](message)
        try:
            for said in steps:
                if message.id in self._unwanted or self._gone.is_set():
                    steps.close()
                    self._end(message.id)
                self._pipe.write(to_wire(said))
        except ModelError as error:
            self._pipe.write(to_wire(Failed(message.id, error.title, error.detail)))

    def _end(self, cancelled: str) -> None:
        self._pipe.write(to_wire(Failed(cancelled, "It was stopped as you wished.", "")))
        os._exit(0)
