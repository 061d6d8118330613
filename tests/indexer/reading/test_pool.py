"""How the pool of readers takes jobs, gives them out and starts its processes."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import pytest
from acting_readers import ACTOR, MakePool, drain, read_all

from app.pipes.supervisor import Worker
from indexer.errors import IndexerError
from indexer.reading.messages import (
    PageRead,
    ReadDone,
)
from indexer.reading.pool import ReaderPool


def test_close_is_quick_with_a_hung_reader(make_pool: MakePool, tmp_path: Path):
    """Quitting does not wait for a document, and leaves no process."""
    pool, readers = make_pool(ACTOR)
    for job in range(4):
        pool.submit(job, tmp_path / "hang")
    drain(pool, 1, until=PageRead)
    began = time.monotonic()
    pool.close()
    assert time.monotonic() - began < 1.0
    assert not any(reader.alive for reader in readers.started)


def test_cancel(make_pool: MakePool, tmp_path: Path):
    """Neither a running, a queued nor a waiting job is heard of again."""
    pool, readers = make_pool(ACTOR, workers=1)
    for job, name in enumerate(["hang", "good", "good", "slow", "good", "good"]):
        pool.submit(job, tmp_path / name)
    drain(pool, 1, until=PageRead)
    pool.cancel(5)  # waiting in the pool
    pool.cancel(1)  # waiting in the reader
    pool.cancel(0)  # running
    events = drain(pool, 3)
    assert [event.job for event in events if isinstance(event, ReadDone)] == [2, 3, 4]
    assert {event.job for event in events} == {2, 3, 4}
    assert len(readers.started) == 2


def test_cancelled_in_a_reader_that_crashes(make_pool: MakePool, tmp_path: Path):
    """The crash of a cancelled job is nobody's news."""
    pool, _ = make_pool(ACTOR, workers=1)
    pool.submit(1, tmp_path / "slow")
    pool.submit(2, tmp_path / "crash")
    pool.cancel(2)
    pool.submit(3, tmp_path / "good")
    events = drain(pool, 2)
    assert {event.job for event in events} == {1, 3}
    assert events[-1] == ReadDone(3)


def test_room_and_laziness(make_pool: MakePool, tmp_path: Path):
    """One job runs and one waits in each reader; readers start as they are needed."""
    pool, readers = make_pool(ACTOR, workers=2)
    assert (pool.room, len(readers.started)) == (4, 0)
    pool.submit(1, tmp_path / "hang")
    assert (pool.room, len(readers.started)) == (3, 1)
    for job in (2, 3, 4):
        pool.submit(job, tmp_path / "hang")
    assert (pool.room, len(readers.started)) == (0, 2)


def test_readers_are_replaced_after_a_while(make_pool: MakePool, tmp_path: Path):
    """What a parser leaks is given back; no file is lost over it."""
    pool, readers = make_pool(ACTOR, workers=1, recycle=3)
    events = read_all(pool, [tmp_path / "good"] * 7)
    assert all(events[job][-1] == ReadDone(job) for job in range(7))
    assert len({events[job][1].page.text for job in range(7)}) == 3  # type: ignore[union-attr]
    assert len(readers.started) == 3


def test_reader_that_cannot_start_blames_no_file(make_pool: MakePool, tmp_path: Path):
    """A broken installation is an error of ours, after a few attempts."""
    pool, readers = make_pool("raise SystemExit(1)", workers=1)
    pool.submit(1, tmp_path / "good")
    with pytest.raises(IndexerError, match="does not start"):
        drain(pool, 1)
    assert len(readers.started) <= 4


def test_command_that_does_not_exist(tmp_path: Path):
    """The same where not even a process comes up."""

    def start(inbox: Any) -> Worker:
        return Worker([str(tmp_path / "nothing")], inbox=inbox)

    with pytest.raises(IndexerError, match="does not start"):
        ReaderPool(start).submit(1, tmp_path / "good")
