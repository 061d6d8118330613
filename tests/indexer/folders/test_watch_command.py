"""`watch` as a process of its own."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from contextlib import closing
from typing import IO, Any

import pytest

from indexer.storage.database import open_for_reading
from indexer.types import Mode
from tests.indexer.conftest import Library


def test_the_command_finds_what_was_saved_within_seconds(library: Library) -> None:
    """`watch` as a real process: a line for the file, one for the round, 130 at the end."""
    library.embedder = None
    library.write("a.txt", "The marmot sleeps.")
    command = [sys.executable, "-m", "app", "--profile", str(library.root), "--json"]
    subprocess.run([*command, "add", str(library.documents)], check=True, capture_output=True)
    with subprocess.Popen(
        [*command, "watch"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        try:
            assert process.stdout is not None
            _read_to(process.stdout, "done")
            saved = time.monotonic()
            path = library.write("b.txt", "The badger digs at night.")
            while not library.search("badger", mode=Mode.WORDS):
                assert time.monotonic() - saved < 5
                time.sleep(0.05)
            lines = _read_to(process.stdout, "done")
            assert lines[-1]["files"] == 1
            assert [line["path"] for line in lines if line["type"] == "file"] == [str(path)]
            path.unlink()
            _read_to(process.stdout, "done")
            assert not library.search("badger", mode=Mode.WORDS)
            process.send_signal(signal.SIGINT)
            _, errors = process.communicate(timeout=20)
            assert process.returncode == 130, errors
        finally:
            process.kill()


@pytest.mark.slow
@pytest.mark.skipif(not hasattr(signal, "SIGSTOP"), reason="this system stops no process")
def test_what_came_while_the_watcher_stood_still_is_found(library: Library) -> None:
    """20,000 files, of which the system tells it a part: one look at the disk finds all.

    On two busy cores it takes 5 s, of which 2 s are the quiet time.
    """
    library.write("before.txt", "The marmot sleeps.")
    command = [sys.executable, "-m", "app", "--profile", str(library.root), "--json"]
    subprocess.run([*command, "add", str(library.documents)], check=True, capture_output=True)
    with subprocess.Popen([*command, "watch"], stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            _read_to(process.stdout, "done")
            process.send_signal(signal.SIGSTOP)
            for folder in range(200):
                (library.documents / str(folder)).mkdir()
                for n in range(100):
                    (library.documents / str(folder) / f"{n}.txt").write_text(f"{folder} {n}")
            process.send_signal(signal.SIGCONT)
            started = time.monotonic()
            known = 1
            while known < 20_001:
                assert time.monotonic() - started < 60, known
                time.sleep(0.1)
                with closing(open_for_reading(library.database)) as db:
                    known = int(db.execute("SELECT count(*) FROM files").get)
        finally:
            process.kill()


def test_an_empty_library_cannot_be_watched(library: Library) -> None:
    """It says what to do."""
    ran = subprocess.run(
        [sys.executable, "-m", "app", "--profile", str(library.root), "watch"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 1
    assert "`add FOLDER`" in ran.stderr


def _read_to(stream: IO[str], kind: str) -> list[dict[str, Any]]:
    lines: list[dict[str, Any]] = []
    while not lines or lines[-1]["type"] != kind:
        lines.append(json.loads(stream.readline()))
    return lines
