"""Two processes on one profile: one writes, all read, and a killed one is in nobody's way."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from app.library import open_searcher
from app.messages.general import Failed
from app.messages.index import Indexing, OpenLibrary
from app.messages.wire import Message, from_wire, to_wire
from app.paths import Profile
from app.pipes.supervisor import Worker
from indexer.storage import database
from indexer.storage.database import open_for_reading, open_for_writing
from indexer.storage.migrations import MIGRATIONS
from indexer.types import Mode

_BUSY = "Another Pocket-LLM is working on this library."


@pytest.fixture
def profile(tmp_path: Path) -> Profile:
    """Return a profile with a few documents."""
    documents = tmp_path / "documents"
    documents.mkdir()
    for number in range(5):
        (documents / f"{number}.md").write_text(f"# Note {number}\n\nThe tide of day {number}.\n")
    profile = Profile(tmp_path / "profile")
    profile.create()
    profile.settings.write_text(json.dumps({"encoder": "none", "ocr": False}))
    assert command(profile, "add", str(documents)).returncode == 0
    return profile


def command(profile: Profile, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "app", "--profile", str(profile.root), *arguments],
        capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip


def wait_for(worker: Worker, kind: type[Message], seconds: float = 30) -> Message:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        data = worker.receive(end - time.monotonic())
        if data is not None and isinstance(message := from_wire(data), kind):
            return message
    raise AssertionError("the message did not come")


@pytest.fixture
def window(profile: Profile) -> Iterator[Worker]:
    """Return an index worker that has the library open, as a window has."""
    worker = Worker([sys.executable, "-m", "app", "--worker", "index"])
    worker.send(to_wire(OpenLibrary(profile.root)))
    wait_for(worker, Indexing)
    yield worker
    worker.close()


def test_a_second_writer_is_told_and_readers_are_not_kept(profile: Profile, window: Worker) -> None:
    """Beside a window a command that writes ends with a sentence, and one that reads works."""
    refused = command(profile, "sync")
    assert (refused.returncode, _BUSY in refused.stderr) == (1, True)
    assert "3.md" in command(profile, "search", "tide of day 3").stdout
    second = Worker([sys.executable, "-m", "app", "--worker", "index"])
    with closing(second):
        second.send(to_wire(OpenLibrary(profile.root)))
        failed = wait_for(second, Failed)
        assert isinstance(failed, Failed)
        assert failed.title == _BUSY
    # The system gives back the lock of one that is killed; no file has to be removed by hand.
    window.kill()
    assert command(profile, "sync").returncode == 0


def test_a_reader_reads_on_while_another_process_writes(profile: Profile, tmp_path: Path) -> None:
    """It finds what it found before, or what is new; never an error, and nothing half."""
    for number in range(100, 400):
        (tmp_path / "documents" / f"{number}.md").write_text(
            f"# {number}\n\nThe ebb of {number}.\n"
        )
    writer = subprocess.Popen(
        [sys.executable, "-m", "app", "--quiet", "--profile", str(profile.root), "sync"],
        stdout=subprocess.DEVNULL,
    )
    searches = 0
    with closing(open_searcher(profile, None)) as searcher:
        while writer.poll() is None:
            assert searcher.search("tide of day 3", mode=Mode.WORDS)[0].path.name == "3.md"
            for hit in searcher.search("ebb", k=50, mode=Mode.WORDS):
                assert hit.text.endswith(f"The ebb of {hit.path.stem}.")
            searches += 1
        assert len(searcher.search("ebb", k=500, mode=Mode.WORDS)) == 300
    assert searches > 5
    assert writer.returncode == 0


def test_a_reader_reads_on_while_the_library_is_brought_up_to_date(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its connection was opened before, and sees the old rows or the new ones."""
    path = tmp_path / "library.db"
    with monkeypatch.context() as patched:
        patched.setattr(database, "MIGRATIONS", MIGRATIONS[:-1])
        with closing(open_for_writing(path)) as db:
            db.execute("INSERT INTO chats (id, title, changed_ns) VALUES ('one', 'First', 1)")
        reader = open_for_reading(path)
    open_for_writing(path).close()
    with closing(reader):
        assert reader.execute("SELECT title FROM chats").fetchall() == [("First",)]


def test_a_log_that_a_long_reader_kept_is_cut_again(tmp_path: Path) -> None:
    """While someone reads in the past the log grows; the next one to write gives the room back."""
    log, path = tmp_path / "library.db-wal", tmp_path / "library.db"
    with closing(open_for_writing(path)) as writer:
        with closing(open_for_reading(path)) as reader:
            reader.execute("BEGIN")
            reader.execute("SELECT count(*) FROM files").fetchall()
            for _ in range(40):
                writer.execute("INSERT OR REPLACE INTO library VALUES ('x', randomblob(1000000))")
            grown = log.stat().st_size
        for _ in range(3):
            writer.execute("INSERT OR REPLACE INTO library VALUES ('x', 0)")
            writer.execute("PRAGMA wal_checkpoint")
        assert log.stat().st_size <= 16 << 20 < grown
