"""The parent's end of reading: a pool of reader processes that may hang, bloat and die.

Only the job that a reader was working on is blamed for its end; what waited behind it is given to
another. The caller keeps the pool busy (`room`, `submit`) and takes what was read (`poll`); nothing
happens in between, and there is no thread of the pool's own.
"""

from __future__ import annotations

import logging
import os
import time
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import Any, Protocol

import psutil

from indexer.errors import IndexerError
from indexer.readers.confinement.limits import MEMORY
from indexer.readers.sheet import MAX_CHARACTERS
from indexer.reading.messages import (
    Event,
    InfoRead,
    Message,
    PageRead,
    ReadDone,
    ReaderDied,
    ReadFailed,
    event_of,
)

log = logging.getLogger(__name__)

# (process, message), or (process, None) once it has ended.
Inbox = SimpleQueue[tuple[Any, Message | None]]

# A reader is replaced after so many files, before what a parser leaks adds up. Text is read without
# a foreign library and counts a tenth: a start costs 0.1 s, as much as a thousand small texts.
RECYCLE = 500
_LIGHT = frozenset(
    "text markdown code csv org rst asciidoc tex json notebook subtitles".split()  # noqa: SIM905
)
_LIGHT_WEIGHT = 0.1

_AHEAD = 1  # jobs that wait inside a reader, so that it finds the next one when it ends one
_BELIEVED = 2_000  # pages: a hostile file may announce billions, to be read for ever
_START = 30.0  # seconds that a reader may take to start, from a cold disk and past a virus scanner
_FALSE_STARTS = 3  # readers in a row that end before they are ready: the installation is broken
# A reader bounds its own memory where the platform can; this is seen from outside, on all of them,
# and counts what is no matter of the document: its libraries, and files that are mapped.
_RESIDENT = MEMORY + (512 << 20)
_WATCH_EVERY = 0.5  # seconds; a look costs 0.03 ms
_ATTENDED = 2.0  # seconds: a longer absence of the caller is not counted against a reader

_TOO_LONG = ("Reading this file takes too long.", "Save it again or in another format.")
_TOO_BIG = (
    "This file needs more memory than is allowed.",
    "Split it into smaller documents to have it read.",
)
_CRASHED = ("This file made its reader fail.", "It may be damaged. Try to save it again.")


class ReaderProcess(Protocol):
    """What the pool needs of a child process; app.pipes.supervisor.Worker has it."""

    @property
    def pid(self) -> int:
        """The process identifier."""

    def send(self, message: Message) -> None:
        """Send one message. Raises OSError if the process has ended."""

    def kill(self) -> None:
        """End the process at once."""

    def close(self, timeout: float = 2.0) -> None:
        """Let go of an ended process's pipes."""


@dataclass(frozen=True, slots=True)
class _Job:
    """What a reader is to read."""

    number: int  # the caller's
    path: Path
    page: int | None  # None: all of the file, or its only page
    member: tuple[int, ...]
    password: str | None = field(default=None, repr=False)


@dataclass(slots=True, eq=False)
class _Reader:
    """One process and its jobs; the first is the one that it works on."""

    process: ReaderProcess
    since: float  # when its first job began, on the pool's clock
    heard: float  # when it last sent anything
    ready: bool = False
    jobs: deque[_Job] = field(default_factory=deque)
    announced: int = 0  # pages of the present job, as far as that is believed
    pages: int = 0  # that came of it
    characters: int = 0  # that came of it
    weight: float = 0.0  # files read, for recycling
    light: bool = True  # whether the present job is a plain text


class ReaderPool:
    """Reads documents in child processes."""

    def __init__(
        self,
        start: Callable[[Inbox], ReaderProcess],
        workers: int = 2,
        *,
        silence: float = 15.0,
        seconds: float = 60.0,
        seconds_a_page: float = 0.5,
        recycle: float = RECYCLE,
        resident: int = _RESIDENT,
    ) -> None:
        """Start nothing yet; `start` makes a process that puts its messages into the given inbox.

        A job is ended after `silence` seconds without a page, and after `seconds` +
        `seconds_a_page` for each page in all, or when its process holds more than `resident` bytes.
        """
        self._start = start
        self._workers = workers
        self._silence = silence
        self._seconds = seconds
        self._seconds_a_page = seconds_a_page
        self._recycle = recycle
        self._resident = resident
        self._watch_at = 0.0
        self._inbox: Inbox = SimpleQueue()
        self._readers: dict[ReaderProcess, _Reader] = {}
        self._waiting: deque[_Job] = deque()
        self._cancelled: set[int] = set()
        self._false_starts = 0
        # The pool's clock stands still while nobody polls and while the machine sleeps.
        self._clock = 0.0
        self._looked = time.monotonic()

    @property
    def room(self) -> int:
        """How many more jobs keep every reader busy with one waiting behind it."""
        return max(0, self._workers * (1 + _AHEAD) - self._outstanding)

    @property
    def _outstanding(self) -> int:
        return len(self._waiting) + sum(len(reader.jobs) for reader in self._readers.values())

    def submit(
        self,
        job: int,
        path: Path,
        page: int | None = None,
        member: tuple[int, ...] = (),
        password: str | None = None,
    ) -> None:
        """Have a file read; `job` is the caller's number for it, in use only once at a time.

        OCR reads one `page`, of it or of a `member`. Raises IndexerError if no reader can start.
        """
        self._waiting.append(_Job(job, path, page, member, password))
        self._assign()

    def cancel(self, job: int) -> None:
        """Forget a job: no event of it will come any more."""
        for waiting in self._waiting:
            if waiting.number == job:
                self._waiting.remove(waiting)
                return
        for reader in list(self._readers.values()):
            if reader.jobs and reader.jobs[0].number == job:
                reader.jobs.popleft()
                self._replace(reader)
            elif any(each.number == job for each in reader.jobs):
                self._cancelled.add(job)

    def poll(self, timeout: float) -> list[Event]:
        """Return what was read since; wait up to `timeout` seconds if that is nothing yet.

        Returns at once where nothing is being read. Raises IndexerError if no reader can be
        started, again and again.
        """
        self._tick(_ATTENDED)
        events: list[Event] = []
        if self._false_starts >= _FALSE_STARTS:
            self._false_starts = 0
            raise _no_reader()
        if self._outstanding:
            self._assign()
            wait = max(0.0, min(timeout, self._next_limit() - self._clock, _WATCH_EVERY))
            with suppress(Empty):
                self._take(*self._inbox.get(timeout=wait), events)
            self._tick(wait + _ATTENDED)
        while not self._inbox.empty():
            self._take(*self._inbox.get_nowait(), events)
        for reader in list(self._readers.values()):
            if self._limit(reader) <= self._clock:
                self._give_up(reader, _TOO_LONG, events)
            elif reader.characters > MAX_CHARACTERS:
                # A reader ends there by itself: this one does not do as it was written.
                self._give_up(reader, _CRASHED, events)
        if self._clock >= self._watch_at:
            self._watch_at = self._clock + _WATCH_EVERY
            self._watch(events)
        if self._waiting:
            self._assign()
        return events

    def suspend(self) -> None:
        """Stop the readers where they are, until `resume`; `poll` must not be called meanwhile."""
        for reader in self._readers.values():
            with suppress(psutil.Error):
                psutil.Process(reader.process.pid).suspend()

    def resume(self) -> None:
        """Let the readers go on; for as long as they were stopped their time stood still."""
        for reader in self._readers.values():
            with suppress(psutil.Error):
                psutil.Process(reader.process.pid).resume()

    def close(self) -> None:
        """End all readers at once, hung ones too; what they were reading is lost."""
        self._waiting.clear()
        for reader in list(self._readers.values()):
            self._end(reader)

    # --- giving out ----------------------------------------------------------------------------

    def _assign(self) -> None:
        while self._waiting:
            reader = min(self._usable(), key=lambda reader: len(reader.jobs), default=None)
            if (reader is None or reader.jobs) and len(self._readers) < self._workers:
                process = self._launch()
                reader = _Reader(process, self._clock, self._clock)
                self._readers[process] = reader
            if reader is None or len(reader.jobs) > _AHEAD:
                return
            job = self._waiting.popleft()
            if not reader.jobs:
                self._begin(reader)
            reader.jobs.append(job)
            try:
                reader.process.send(_request(job))
            except OSError:
                log.debug("a reader ended before it could be asked")  # its end is in the inbox

    def _usable(self) -> list[_Reader]:
        return [
            reader
            for reader in self._readers.values()
            if reader.weight + len(reader.jobs) < self._recycle
        ]

    def _launch(self) -> ReaderProcess:
        try:
            return self._start(self._inbox)
        except OSError as error:
            log.warning("a reader could not be started: %s", type(error).__name__)
            raise _no_reader() from None

    def _begin(self, reader: _Reader) -> None:
        reader.since = reader.heard = self._clock
        reader.announced = reader.pages = reader.characters = 0
        reader.light = True

    # --- taking in -----------------------------------------------------------------------------

    def _take(self, process: ReaderProcess, message: Message | None, events: list[Event]) -> None:
        reader = self._readers.get(process)
        if reader is None:
            return  # one that was given up meanwhile
        if message is None:
            if reader.jobs and reader.ready:
                self._give_up(reader, _CRASHED, events)
            else:
                self._replace(reader)
            return
        reader.heard = self._clock
        if message["type"] == "Several":
            for each in message["messages"]:
                self._take_one(reader, each, events)
        else:
            self._take_one(reader, message, events)

    def _take_one(self, reader: _Reader, message: Message, events: list[Event]) -> None:
        kind = message["type"]
        if kind == "Ready":
            reader.ready = True
            self._false_starts = 0
            self._begin(reader)
            return
        event = event_of(message)
        ended = False
        match event:
            case PageRead(page=page):
                reader.pages += 1
                reader.characters += len(page.text)
            case ReadDone():
                ended = True
            case InfoRead(info=info):
                reader.announced = min(info.pages or 0, _BELIEVED)
                reader.light = info.kind in _LIGHT
            case ReadFailed():
                ended = True
                reader.light = event.unsupported
        job = event.job
        if job not in self._cancelled:
            events.append(event)
        if ended:
            self._finish(reader, job)

    def _finish(self, reader: _Reader, job: int) -> None:
        self._cancelled.discard(job)
        reader.jobs.popleft()
        reader.weight += _LIGHT_WEIGHT if reader.light else 1.0
        if reader.jobs:
            self._begin(reader)
        elif reader.weight >= self._recycle:
            self._end(reader)

    # --- limits and ends -----------------------------------------------------------------------

    def _tick(self, most: float) -> None:
        now = time.monotonic()
        self._clock += min(now - self._looked, most)
        self._looked = now

    def _limit(self, reader: _Reader) -> float:
        """Return when the reader will have taken too long, on the pool's clock."""
        if not reader.jobs:
            return float("inf")
        if not reader.ready:
            return reader.since + _START
        whole = self._seconds + self._seconds_a_page * max(reader.announced, reader.pages)
        return min(reader.heard + self._silence, reader.since + whole)

    def _watch(self, events: list[Event]) -> None:
        """End the readers that hold too much."""
        for reader in list(self._readers.values()):
            try:
                resident = psutil.Process(reader.process.pid).memory_info().rss
            except psutil.Error:
                continue  # it has ended; the inbox will say so
            if resident > self._resident:
                self._give_up(reader, _TOO_BIG, events)

    def _next_limit(self) -> float:
        return min((self._limit(reader) for reader in self._readers.values()), default=0.0)

    def _give_up(self, reader: _Reader, why: tuple[str, str], events: list[Event]) -> None:
        """Blame the first job of a reader that has ended or must end."""
        if reader.ready:
            job = reader.jobs.popleft().number
            if job not in self._cancelled:
                events.append(ReaderDied(job, *why))
            self._cancelled.discard(job)
        self._replace(reader)

    def _replace(self, reader: _Reader) -> None:
        """End a reader and give its jobs, in their order, to others."""
        waiting = [each for each in reader.jobs if each.number not in self._cancelled]
        self._cancelled.difference_update(each.number for each in reader.jobs)
        self._waiting.extendleft(reversed(waiting))
        self._end(reader)
        if not reader.ready:
            # No file can be to blame for a reader that never came up.
            self._false_starts += 1

    def _end(self, reader: _Reader) -> None:
        # A reader holds nothing that killing could damage, and killing is quick.
        del self._readers[reader.process]
        reader.process.kill()
        reader.process.close()


def _request(job: _Job) -> Message:
    request: Message = {"type": "Read", "job": job.number, "path": os.fspath(job.path)}
    if job.page is not None:
        request["page"] = job.page
    if job.member:
        request["member"] = job.member
    if job.password is not None:
        request["password"] = job.password
    return request


def _no_reader() -> IndexerError:
    return IndexerError("The reader of documents does not start.", "Install the program again.")
