"""Readers that crash, hang, never end or take too much."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import pytest
from acting_readers import ACTOR, MakePool, drain, read_all

from indexer.reading import pool as reading
from indexer.reading.messages import (
    InfoRead,
    PageRead,
    ReadDone,
    ReaderDied,
)


def test_killed_reader_is_blamed_on_its_job_alone(make_pool: MakePool, tmp_path: Path):
    """What was read stays, the crash is told, and the job behind it is read by another."""
    pool, readers = make_pool(ACTOR, workers=1)
    pool.submit(1, tmp_path / "hang")
    pool.submit(2, tmp_path / "good")
    events = drain(pool, 1, until=PageRead)
    os.kill(readers.started[0].pid, getattr(signal, "SIGKILL", signal.SIGTERM))
    events += drain(pool, 2)
    assert [type(event) for event in events] == [
        InfoRead, PageRead, ReaderDied, InfoRead, PageRead, ReadDone,
    ]  # fmt: skip
    assert [event.job for event in events] == [1, 1, 1, 2, 2, 2]
    assert len(readers.started) == 2


def test_crashes_do_not_use_the_pool_up(make_pool: MakePool, tmp_path: Path):
    """Every crash is told, every good file read."""
    pool, _ = make_pool(ACTOR)
    names = ["crash", "good", "crash", "crash", "good", "good"]
    events = read_all(pool, [tmp_path / name for name in names])
    ends = [type(events[job][-1]) for job in range(len(names))]
    assert ends == [ReaderDied if name == "crash" else ReadDone for name in names]


def test_hung_reader_is_ended(make_pool: MakePool, tmp_path: Path):
    """Silence beyond the limit is too long; the next file is read."""
    pool, _ = make_pool(ACTOR, workers=1, silence=0.5)
    pool.submit(1, tmp_path / "hang")
    pool.submit(2, tmp_path / "good")
    events = drain(pool, 2)
    died = next(event for event in events if isinstance(event, ReaderDied))
    assert died.job == 1
    assert "too long" in died.title
    assert events[-1] == ReadDone(2)


def test_endless_document_is_ended(make_pool: MakePool, tmp_path: Path):
    """Signs of life do not help for ever."""
    pool, _ = make_pool(ACTOR, workers=1, seconds=0.5, seconds_a_page=0.0)
    pool.submit(1, tmp_path / "drip")
    assert isinstance(drain(pool, 1)[-1], ReaderDied)


def test_absence_of_the_caller_is_not_the_readers_fault(
    make_pool: MakePool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    """While nobody polls (a sleeping machine, a paused index), no limit runs out."""
    pool, _ = make_pool(ACTOR, workers=1, silence=10.0)
    pool.submit(1, tmp_path / "slow")
    real = time.monotonic
    drain(pool, 1, until=PageRead)
    monkeypatch.setattr(reading.time, "monotonic", lambda: real() + 3600)
    assert drain(pool, 1)[-1] == ReadDone(1)


def test_bloated_reader_is_ended_from_outside(make_pool: MakePool, tmp_path: Path):
    """Where a platform has no limit of its own, what a reader holds is seen; the next is read."""
    pool, _ = make_pool(ACTOR, workers=1, resident=250_000_000)
    pool.submit(1, tmp_path / "bloat")
    pool.submit(2, tmp_path / "good")
    events = drain(pool, 2)
    died = next(event for event in events if isinstance(event, ReaderDied))
    assert died.job == 1
    assert "more memory" in died.title
    assert events[-1] == ReadDone(2)


def test_reader_without_end_is_ended(
    make_pool: MakePool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    """A reader that a file has taken over cannot fill our memory."""
    monkeypatch.setattr(reading, "MAX_CHARACTERS", 100)
    pool, _ = make_pool(ACTOR, workers=1)
    pool.submit(1, tmp_path / "drip")
    assert isinstance(drain(pool, 1)[-1], ReaderDied)


@pytest.mark.skipif(sys.platform != "linux", reason="the limit is Linux's")
def test_memory_is_bounded():
    """A bloated document cannot take the machine's memory, and leaves no core file."""
    script = textwrap.dedent("""
        import resource
        from indexer.readers.confinement.limits import confine
        confine()
        assert resource.getrlimit(resource.RLIMIT_CORE) == (0, 0)
        kept = bytearray(300_000_000)
        try:
            bytearray(1_000_000_000)
        except MemoryError:
            print("refused")
    """)
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, timeout=60, check=False
    )
    assert done.stdout == "refused\n", done.stderr
