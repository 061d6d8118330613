"""Both ends of the pipe, with real processes."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from queue import SimpleQueue
from typing import Any

import pytest

from app.pipes.supervisor import Worker, WorkerGone

ECHO = """
from app.pipes.worker import Pipe
pipe = Pipe.claim("test")
for message in pipe:
    pipe.write(message)
"""

Start = Callable[..., Worker]


@pytest.fixture
def start() -> Iterator[Start]:
    """Return a function that starts a worker from a script."""
    workers: list[Worker] = []

    def start(script: str, **settings: Any) -> Worker:
        workers.append(Worker([sys.executable, "-c", textwrap.dedent(script)], **settings))
        return workers[-1]

    yield start
    for worker in workers:
        worker.kill()
        worker.close()


def ask(worker: Worker, message: dict[str, Any]) -> dict[str, Any] | None:
    """Send a message and wait for the next."""
    worker.send(message)
    return worker.receive(20)


def test_messages_arrive_as_they_were_sent(start: Start):
    """Unicode, surrogate escapes and long lines survive both ways."""
    worker = start(ECHO)
    for text in ("plain", "你好 \u2028 ü", "caf\udce9", "line\nline", "x" * 3_000_000):
        assert ask(worker, {"type": "Echo", "text": text}) == {"type": "Echo", "text": text}


def test_a_librarys_print_cannot_break_the_stream(start: Start, tmp_path: Path):
    """Whatever is printed, by Python, by C or by a child, ends in the log."""
    log = tmp_path / "log"
    worker = start(
        """
        import os, subprocess, sys
        from app.pipes.worker import Pipe
        pipe = Pipe.claim("test")
        print("python", flush=True)
        sys.__stdout__.write("original\\n"); sys.__stdout__.flush()
        os.write(1, b"descriptor\\n")
        subprocess.run([sys.executable, "-c", "print('child')"], check=True)
        for message in pipe:
            pipe.write(message)
        """,
        log_file=log,
    )
    assert ask(worker, {"type": "Echo"}) == {"type": "Echo"}
    worker.close()
    assert set(log.read_text().split()) == {"python", "original", "descriptor", "child"}


def test_a_child_of_a_library_cannot_eat_messages(start: Start):
    """The worker's descriptor 0 is not our pipe any more."""
    worker = start(
        """
        import sys
        from app.pipes.worker import Pipe
        pipe = Pipe.claim("test")
        eaten = sys.stdin.read()
        for message in pipe:
            pipe.write({"type": "Echo", "eaten": eaten})
        """
    )
    assert ask(worker, {"type": "Echo"}) == {"type": "Echo", "eaten": ""}


def test_a_killed_worker_is_reported(start: Start):
    """Waiting for it ends, sending to it fails, and both say how it ended."""
    worker = start(ECHO)
    assert ask(worker, {"type": "Echo"}) == {"type": "Echo"}
    os.kill(worker.pid, getattr(signal, "SIGKILL", signal.SIGTERM))
    for _ in range(2):
        with pytest.raises(WorkerGone) as gone:
            worker.receive(20)
        assert gone.value.status not in (0, None)
    assert not worker.alive
    with pytest.raises(WorkerGone):
        worker.send({"type": "Echo"})


def test_sending_never_waits(start: Start):
    """A worker that loads or hangs does not read; its parent is a window."""
    worker = start("import time; time.sleep(60)")
    began = time.monotonic()
    for _ in range(3):
        worker.send({"type": "Echo", "text": "x" * 3_000_000})
    worker.close(timeout=0.2)
    assert time.monotonic() - began < 5
    assert not worker.alive
    with pytest.raises(WorkerGone):
        worker.send({"type": "Echo"})


def test_what_was_sent_is_read_before_the_end(start: Start):
    """Closing at once loses nothing."""
    inbox: SimpleQueue[Any] = SimpleQueue()
    worker = start(ECHO, inbox=inbox)
    sent = [{"type": "Echo", "text": "x" * 100_000, "n": n} for n in range(20)]
    for message in sent:
        worker.send(message)
    worker.close(timeout=20)
    assert [inbox.get(timeout=20)[1] for _ in range(21)] == [*sent, None]


def test_a_shared_inbox_tells_who_ended(start: Start):
    """Several workers put their messages and their end into one inbox."""
    inbox: SimpleQueue[Any] = SimpleQueue()
    one, two = start(ECHO, inbox=inbox), start(ECHO, inbox=inbox)
    one.send({"type": "Echo", "n": 1})
    assert inbox.get(timeout=20) == (one, {"type": "Echo", "n": 1})
    two.kill()
    assert inbox.get(timeout=20) == (two, None)


def test_no_message_in_time_is_none(start: Start):
    """A time limit is not an end."""
    worker = start(ECHO)
    assert worker.receive(0.05) is None
    assert worker.alive


def test_end_of_file_ends_a_worker(start: Start):
    """Closing its stdin is enough."""
    worker = start(ECHO)
    assert ask(worker, {"type": "Echo"}) == {"type": "Echo"}
    began = time.monotonic()
    worker.close(timeout=20)
    assert time.monotonic() - began < 10
    with pytest.raises(WorkerGone) as gone:
        worker.receive(20)
    assert gone.value.status == 0


def test_no_orphan_stays_behind_a_killed_parent(tmp_path: Path):
    """A worker ends when its parent dies without a word."""
    parent = textwrap.dedent(f"""
        import os, sys, time
        from app.pipes.supervisor import Worker
        worker = Worker([sys.executable, "-c", {ECHO!r}])
        worker.send({{"type": "Echo"}})
        assert worker.receive(20)
        print(worker.pid, flush=True)
        time.sleep(60)
    """)
    with subprocess.Popen([sys.executable, "-c", parent], stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        orphan = int(process.stdout.readline())
        process.kill()
    for _ in range(200):
        if not _runs(orphan):
            return
        time.sleep(0.05)
    raise AssertionError("the worker outlived its parent")


def _runs(pid: int) -> bool:
    import psutil

    try:
        return bool(psutil.Process(pid).status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False


@pytest.mark.parametrize(
    "line",
    [
        "not json",
        "[1, 2]",
        '{"type": "Hello", "role": "test", "protocol": 999}',
    ],
)
def test_a_broken_line_ends_the_worker(start: Start, line: str):
    """What is no message of ours, or another version's, is not tried again."""
    worker = start(f"import time; print({line!r}, flush=True); time.sleep(60)")
    with pytest.raises(WorkerGone):
        worker.receive(20)
    assert not worker.alive


def test_a_hung_worker_is_killed_on_close(start: Start):
    """Closing is bounded in time."""
    worker = start("import time; time.sleep(60)")
    began = time.monotonic()
    worker.close(timeout=0.2)
    assert time.monotonic() - began < 5
    assert not worker.alive
