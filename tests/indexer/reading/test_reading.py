"""The pool of reader processes, with real children, and with children that misbehave on purpose."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import documents
import pytest

from app.supervisor import Worker
from indexer.errors import IndexerError
from indexer.reading import pool as reading
from indexer.reading.messages import (
    Event,
    InfoRead,
    PageRead,
    PageUnread,
    ReadDone,
    ReaderDied,
    ReadFailed,
)
from indexer.reading.pool import ReaderPool
from indexer.types import DocumentInfo, Heading, Page

# A reader that does what the file's name says.
ACTOR = textwrap.dedent("""
    import os, sys, time
    from app.worker import Pipe
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


@pytest.fixture
def make() -> Iterator[MakePool]:
    """Return a function that makes a pool over real readers, or over a script's."""
    pools: list[ReaderPool] = []

    def make(script: str | None = None, **settings: Any) -> tuple[ReaderPool, Readers]:
        readers = Readers("-c", script) if script else Readers("-m", "app", "--worker", "reader")
        pool = ReaderPool(readers, **settings)
        pools.append(pool)
        return pool, readers

    yield make
    for pool in pools:
        pool.close()


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


def test_each_format_through_real_readers(make: MakePool, tmp_path: Path):
    """Every event arrives whole and in order, whatever the format."""
    pool, _ = make()
    documents.word(tmp_path / "a.docx")
    (tmp_path / "a.pdf").write_bytes(documents.pdf(["One", "Two"]))
    (tmp_path / "a.md").write_text("# Title\nbody\n")
    (tmp_path / "a.html").write_text("<html><title>T</title><p>body")
    (tmp_path / "a.csv").write_text("a,b\n1,2\n")
    names = ["a.docx", "a.pdf", "a.md", "a.html", "a.csv"]
    events = read_all(pool, [tmp_path / name for name in names])
    for job, kind in enumerate(["docx", "pdf", "markdown", "html", "csv"]):
        first, *pages, last = events[job]
        assert isinstance(first, InfoRead)
        assert first.info.kind == kind
        assert all(isinstance(page, PageRead) for page in pages)
        assert last == ReadDone(job)
    assert events[1][1:3] == [PageRead(1, Page("One", 1)), PageRead(1, Page("Two", 2))]
    assert events[2][:2] == [
        InfoRead(2, DocumentInfo("markdown")),
        PageRead(2, Page("# Title\nbody\n", None, (Heading(0, 1, "Title"),))),
    ]
    assert pool.poll(60) == []  # at once: nothing is being read


def test_failures_are_sentences(make: MakePool, tmp_path: Path):
    """A file that cannot be read says why; the reader lives on."""
    pool, readers = make(workers=1)
    (tmp_path / "binary.txt").write_bytes(bytes(range(256)) * 9)
    (tmp_path / "broken.pdf").write_bytes(b"%PDF-1.4 rubbish")
    (tmp_path / "good.txt").write_text("good")
    names = ["binary.txt", "broken.pdf", "gone.txt", "good.txt"]
    events = read_all(pool, [tmp_path / name for name in names])
    binary, broken, gone = (events[job][-1] for job in range(3))
    assert isinstance(binary, ReadFailed)
    assert binary.unsupported
    assert "not text" in binary.detail
    assert isinstance(broken, ReadFailed)
    assert not broken.unsupported
    assert broken.title == "This PDF is damaged."
    assert isinstance(gone, ReadFailed)
    assert gone.title == "This file is gone."
    assert events[3][-1] == ReadDone(3)
    assert len(readers.started) == 1


@pytest.mark.skipif(sys.platform == "win32", reason="permissions are not bits there")
def test_permission_denied(make: MakePool, tmp_path: Path):
    """A file that may not be opened is told from one that is gone."""
    path = tmp_path / "a.txt"
    path.write_text("secret")
    path.chmod(0)
    if os.access(path, os.R_OK):
        pytest.skip("the superuser may open everything")
    pool, _ = make()
    pool.submit(1, path)
    assert "may not be opened" in drain(pool, 1)[-1].title  # type: ignore[union-attr]


def test_permission_denied_is_a_sentence():
    """The same, for the superuser: what the system's refusal becomes."""
    from indexer.readers import service

    def refuse() -> Any:
        raise PermissionError
        yield

    sent: list[dict[str, Any]] = []
    service.answer(1, refuse(), sent.append)
    assert [each["title"] for each in sent] == ["This file may not be opened."]


@pytest.mark.parametrize("error", [RuntimeError("secret"), RecursionError(), MemoryError()])
def test_a_parser_may_raise_anything(caplog: pytest.LogCaptureFixture, error: Exception):
    """It becomes a plain sentence, and neither text nor name reaches the log."""
    from indexer.readers import service

    def fail() -> Any:
        yield DocumentInfo("text")
        raise error

    sent: list[dict[str, Any]] = []
    service.answer(1, fail(), sent.append)
    (several,) = sent
    assert [each["type"] for each in several["messages"]] == ["Info", "Failed"]
    assert ("memory" in several["messages"][1]["title"]) == isinstance(error, MemoryError)
    assert "secret" not in caplog.text + str(sent)


@pytest.mark.skipif(sys.platform != "linux", reason="names are Unicode elsewhere")
def test_names_that_are_not_utf8(make: MakePool, tmp_path: Path):
    """Any bytes that name a file reach the reader unharmed."""
    pool, _ = make()
    folder = os.fsencode(tmp_path)
    with open(folder + b"/caf\xe9.txt", "wb") as file:  # noqa: PTH123 (a name of bytes)
        file.write(b"hello")
    with open(folder + b"/caf\xe9.pdf", "wb") as file:  # noqa: PTH123
        file.write(documents.pdf(["hello"]))
    events = read_all(pool, sorted(tmp_path.iterdir()))
    for job in (0, 1):
        assert events[job][1].page.text == "hello"  # type: ignore[union-attr]
        assert events[job][-1] == ReadDone(job)


@pytest.mark.skipif(sys.platform == "win32", reason="an open file cannot be deleted there")
def test_file_deleted_while_it_is_read(make: MakePool, tmp_path: Path):
    """The open file stays whole; the job ends."""
    path = tmp_path / "a.pdf"
    path.write_bytes(documents.pdf([f"Page {number}" for number in range(400)]))
    pool, _ = make(workers=1)
    pool.submit(1, path)
    events = drain(pool, 1, until=InfoRead)
    path.unlink()
    if not isinstance(events[-1], ReadDone):
        events += drain(pool, 1)
    assert isinstance(events[-1], ReadDone)
    assert sum(isinstance(event, PageRead | PageUnread) for event in events) == 400


def test_killed_reader_is_blamed_on_its_job_alone(make: MakePool, tmp_path: Path):
    """What was read stays, the crash is told, and the job behind it is read by another."""
    pool, readers = make(ACTOR, workers=1)
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


def test_crashes_do_not_use_the_pool_up(make: MakePool, tmp_path: Path):
    """Every crash is told, every good file read."""
    pool, _ = make(ACTOR)
    names = ["crash", "good", "crash", "crash", "good", "good"]
    events = read_all(pool, [tmp_path / name for name in names])
    ends = [type(events[job][-1]) for job in range(len(names))]
    assert ends == [ReaderDied if name == "crash" else ReadDone for name in names]


def test_hung_reader_is_ended(make: MakePool, tmp_path: Path):
    """Silence beyond the limit is too long; the next file is read."""
    pool, _ = make(ACTOR, workers=1, silence=0.5)
    pool.submit(1, tmp_path / "hang")
    pool.submit(2, tmp_path / "good")
    events = drain(pool, 2)
    died = next(event for event in events if isinstance(event, ReaderDied))
    assert died.job == 1
    assert "too long" in died.title
    assert events[-1] == ReadDone(2)


def test_endless_document_is_ended(make: MakePool, tmp_path: Path):
    """Signs of life do not help for ever."""
    pool, _ = make(ACTOR, workers=1, seconds=0.5, seconds_a_page=0.0)
    pool.submit(1, tmp_path / "drip")
    assert isinstance(drain(pool, 1)[-1], ReaderDied)


def test_absence_of_the_caller_is_not_the_readers_fault(
    make: MakePool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    """While nobody polls (a sleeping machine, a paused index), no limit runs out."""
    pool, _ = make(ACTOR, workers=1, silence=10.0)
    pool.submit(1, tmp_path / "slow")
    real = time.monotonic
    drain(pool, 1, until=PageRead)
    monkeypatch.setattr(reading.time, "monotonic", lambda: real() + 3600)
    assert drain(pool, 1)[-1] == ReadDone(1)


def test_close_is_quick_with_a_hung_reader(make: MakePool, tmp_path: Path):
    """Quitting does not wait for a document, and leaves no process."""
    pool, readers = make(ACTOR)
    for job in range(4):
        pool.submit(job, tmp_path / "hang")
    drain(pool, 1, until=PageRead)
    began = time.monotonic()
    pool.close()
    assert time.monotonic() - began < 1.0
    assert not any(reader.alive for reader in readers.started)


def test_cancel(make: MakePool, tmp_path: Path):
    """Neither a running, a queued nor a waiting job is heard of again."""
    pool, readers = make(ACTOR, workers=1)
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


def test_cancelled_in_a_reader_that_crashes(make: MakePool, tmp_path: Path):
    """The crash of a cancelled job is nobody's news."""
    pool, _ = make(ACTOR, workers=1)
    pool.submit(1, tmp_path / "slow")
    pool.submit(2, tmp_path / "crash")
    pool.cancel(2)
    pool.submit(3, tmp_path / "good")
    events = drain(pool, 2)
    assert {event.job for event in events} == {1, 3}
    assert events[-1] == ReadDone(3)


def test_room_and_laziness(make: MakePool, tmp_path: Path):
    """One job runs and one waits in each reader; readers start as they are needed."""
    pool, readers = make(ACTOR, workers=2)
    assert (pool.room, len(readers.started)) == (4, 0)
    pool.submit(1, tmp_path / "hang")
    assert (pool.room, len(readers.started)) == (3, 1)
    for job in (2, 3, 4):
        pool.submit(job, tmp_path / "hang")
    assert (pool.room, len(readers.started)) == (0, 2)


def test_readers_are_replaced_after_a_while(make: MakePool, tmp_path: Path):
    """What a parser leaks is given back; no file is lost over it."""
    pool, readers = make(ACTOR, workers=1, recycle=3)
    events = read_all(pool, [tmp_path / "good"] * 7)
    assert all(events[job][-1] == ReadDone(job) for job in range(7))
    assert len({events[job][1].page.text for job in range(7)}) == 3  # type: ignore[union-attr]
    assert len(readers.started) == 3


def test_reader_that_cannot_start_blames_no_file(make: MakePool, tmp_path: Path):
    """A broken installation is an error of ours, after a few attempts."""
    pool, readers = make("raise SystemExit(1)", workers=1)
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


def test_bloated_reader_is_ended_from_outside(make: MakePool, tmp_path: Path):
    """Where a platform has no limit of its own, what a reader holds is seen; the next is read."""
    pool, _ = make(ACTOR, workers=1, resident=250_000_000)
    pool.submit(1, tmp_path / "bloat")
    pool.submit(2, tmp_path / "good")
    events = drain(pool, 2)
    died = next(event for event in events if isinstance(event, ReaderDied))
    assert died.job == 1
    assert "more memory" in died.title
    assert events[-1] == ReadDone(2)


def test_reader_without_end_is_ended(
    make: MakePool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    """A reader that a file has taken over cannot fill our memory."""
    monkeypatch.setattr(reading, "MAX_CHARACTERS", 100)
    pool, _ = make(ACTOR, workers=1)
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
