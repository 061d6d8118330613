"""Readers that do on purpose what their files are called, and what is awaited of a pool."""

from __future__ import annotations

import sys
import textwrap
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from app.pipes.supervisor import Worker
from indexer.reading.messages import (
    Event,
    ReadDone,
    ReaderDied,
    ReadFailed,
)
from indexer.reading.pool import ReaderPool

# A reader that does what the file's name says.
ACTOR = textwrap.dedent("""
    import os, sys, time
    from app.pipes.worker import Pipe
    pipe = Pipe.claim("reader")
    pipe.write({"type": "Ready"})
    for message in pipe:
        job, name = message["job"], os.path.basename(message["path"])
        pipe.write({"type": "Info", "job": job, "kind": "pdf", "title": None, "pages": 9})
        pipe.write({"type": "Page", "job": job, "text": str(os.getpid()), "number": 1})
        if name.startswith("hang"):
            time.sleep(600)
        if name.startswith("drip"):
            while True:
                pipe.write({"type": "Page", "job": job, "text": "more"})
                time.sleep(0.02)
        if name.startswith("crash"):
            os._exit(3)
        if name.startswith("bloat"):
            kept = b"1" * 300_000_000
            time.sleep(600)
        if name.startswith("slow"):
            time.sleep(0.3)
        pipe.write({"type": "Done", "job": job})
""")


class Readers:
    """Starts readers and remembers them."""

    def __init__(self, *command: str) -> None:
        self.command = [sys.executable, *command]
        self.started: list[Worker] = []

    def __call__(self, inbox: Any) -> Worker:
        """Start one."""
        self.started.append(Worker(self.command, inbox=inbox))
        return self.started[-1]


MakePool = Callable[..., tuple[ReaderPool, Readers]]


def drain(pool: ReaderPool, count: int, until: type[Event] | None = None) -> list[Event]:
    """Poll until `count` jobs ended, or an event of a type came."""
    events: list[Event] = []
    end = time.monotonic() + 30
    while time.monotonic() < end:
        events += pool.poll(1.0)
        ends = [e for e in events if isinstance(e, ReadDone | ReadFailed | ReaderDied)]
        if len(ends) >= count or (until and any(isinstance(e, until) for e in events)):
            return events
    raise AssertionError(f"only {events}")


def read_all(pool: ReaderPool, paths: list[Path]) -> dict[int, list[Event]]:
    """Read files as the engine does: as many at once as there is room for."""
    todo = list(enumerate(paths))[::-1]
    by_job: dict[int, list[Event]] = {number: [] for number in range(len(paths))}
    left = len(paths)
    while left:
        while todo and pool.room:
            pool.submit(*todo.pop())
        for event in pool.poll(10):
            by_job[event.job].append(event)
            left -= isinstance(event, ReadDone | ReadFailed | ReaderDied)
    return by_job
