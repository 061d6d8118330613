"""The limits of one file as they are shipped, by a clock of the test's own where they take long."""

from __future__ import annotations

import os
import sys
import textwrap
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from app.pipes.supervisor import Worker
from indexer.readers.sheet import MAX_CHARACTERS, TOO_LONG, bounded
from indexer.reading import pool as reading
from indexer.reading.messages import PageRead, ReadDone, ReaderDied, ReadFailed
from indexer.reading.pool import Inbox, ReaderPool
from indexer.types import DocumentInfo, Page, UnreadPage


@dataclass
class Clock:
    """Says what time it is to the pool."""

    now: float = 0.0

    def monotonic(self) -> float:
        return self.now


@dataclass(eq=False)
class FakeReader:
    """A reader that does what it is told to, in no time."""

    inbox: Inbox
    pid: int = field(default_factory=os.getpid)

    def __post_init__(self) -> None:
        self.say("Ready")

    def say(self, kind: str, /, **values: object) -> None:
        self.inbox.put((self, {"type": kind, **values}))

    def send(self, message: dict[str, object]) -> None:
        """Take a job and say nothing."""

    def kill(self) -> None:
        """End."""

    def close(self, timeout: float = 2.0) -> None:
        """Let go."""


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(reading, "time", clock)
    return clock


def started() -> tuple[ReaderPool, list[FakeReader]]:
    """Return a pool as it is shipped, which is reading a file."""
    readers: list[FakeReader] = []

    def start(inbox: Inbox) -> FakeReader:
        readers.append(FakeReader(inbox))
        return readers[-1]

    pool = ReaderPool(start, workers=1)
    pool.submit(1, Path("a.pdf"))
    pool.poll(0)
    return pool, readers


def seconds_until_the_end(
    pool: ReaderPool, clock: Clock, reader: FakeReader, every: float | None
) -> float:
    """Return when the reader is ended that gives a page `every` so many seconds, or none."""
    began = last = clock.now
    while True:
        clock.now += 0.5
        if every is not None and clock.now - last >= every:
            last = clock.now
            reader.say("Page", job=1, text="more")
        ended = [event for event in pool.poll(0) if isinstance(event, ReaderDied)]
        if ended:
            assert ended[0].title == "Reading this file takes too long."
            return clock.now - began
        assert clock.now - began < 2_000


def test_fifteen_seconds_without_a_page(clock: Clock) -> None:
    """A file whose reader says nothing is given up then."""
    pool, (reader,) = started()
    assert seconds_until_the_end(pool, clock, reader, None) == pytest.approx(15, abs=0.5)


@pytest.mark.parametrize(("pages", "seconds"), [(None, 63), (200, 160), (2**31, 1_060)])
def test_a_minute_and_half_a_second_a_page(clock: Clock, pages: int | None, seconds: float) -> None:
    """However often pages come; pages are counted as they come where they are not announced."""
    pool, (reader,) = started()
    reader.say("Info", job=1, kind="pdf", title=None, pages=pages)
    assert seconds_until_the_end(pool, clock, reader, 10) == pytest.approx(seconds, abs=0.5)


def test_output_is_bounded_on_both_sides() -> None:
    """The reader stops and says so; one that does not is ended."""
    piece = Page("a" * (MAX_CHARACTERS // 5))
    items = list(bounded(iter([DocumentInfo("text"), *[piece] * 9])))
    assert sum(len(item.text) for item in items if isinstance(item, Page)) == MAX_CHARACTERS
    assert items[-1] == UnreadPage(None, TOO_LONG)
    pool, (reader,) = started()
    for _ in range(6):
        reader.say("Page", job=1, text=piece.text)
    events = pool.poll(0)
    assert [type(event) for event in events] == [*[PageRead] * 6, ReaderDied]


HUNGRY = textwrap.dedent("""
    from app.pipes.worker import Pipe
    from indexer.readers.service import serve
    from indexer.types import DocumentInfo, Page
    def items(message):
        yield DocumentInfo("text")
        if "hungry" in message["path"]:
            yield Page(str(len(bytearray(200_000_000))))
        yield Page("Harmless.")
    pipe = Pipe.claim("reader")
    serve(pipe, pipe.write, items, memory=100_000_000)
""")


@pytest.mark.skipif(sys.platform != "linux", reason="the limit is Linux's")
def test_too_much_memory_is_a_sentence_and_the_reader_lives() -> None:
    """The kernel refuses; the file says so, and the same process reads the next one."""
    processes: list[Worker] = []

    def start(inbox: Inbox) -> Worker:
        processes.append(Worker([sys.executable, "-c", HUNGRY], inbox=inbox))
        return processes[-1]

    pool = ReaderPool(start, workers=1)
    events = []
    try:
        pool.submit(1, Path("hungry"))
        pool.submit(2, Path("modest"))
        while not any(isinstance(event, ReadDone) for event in events):
            events += pool.poll(5)
    finally:
        pool.close()
    (failed,) = (event for event in events if isinstance(event, ReadFailed))
    assert (failed.job, failed.title) == (1, "This file needs more memory than is allowed.")
    assert len(processes) == 1
