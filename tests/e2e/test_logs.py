"""No log and no crash holds a word of a document, a question or a file's name."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from app.messages.index import AddPaths, OpenLibrary, Search
from app.messages.llm import Generate, LoadModel
from app.messages.viewer import RenderPage
from app.messages.wire import to_wire
from app.paths import Profile, starter_models, worker_command
from app.pipes.supervisor import Worker, WorkerGone
from tests.e2e.conftest import Program

NAME, TEXT, ASKED = "zanzibarzebra", "quokkaquartz", "wombatwaltz"
CANARIES = [word.encode() for word in (NAME, TEXT, ASKED)]
DAMAGED = {
    "pdf": b"%PDF-1.7\n" + TEXT.encode() * 50,
    "docx": b"PK\x03\x04" + TEXT.encode() * 50,
    "png": b"\x89PNG\r\n\x1a\n" + TEXT.encode() * 50,
    "tif": b"II*\0" + TEXT.encode() * 50,
    "xls": b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + TEXT.encode() * 50,
    "json": b'{"' + TEXT.encode() + b'": ',
}


@pytest.fixture
def canaries(tmp_path: Path) -> Path:
    """Return a folder of documents, good and damaged, with the words in names and texts."""
    folder = tmp_path / NAME
    folder.mkdir()
    for number in range(3):
        (folder / f"{NAME}{number}.md").write_text(f"# {TEXT}\n\nThe {TEXT} is blue.\n" * 20)
    for suffix, data in DAMAGED.items():
        (folder / f"{NAME}.{suffix}").write_bytes(data)
    return folder


def told(profile: Path) -> list[str]:
    """Return the logs, and other files that are left beside the library, with such a word."""
    return [
        path.name
        for path in (profile / "logs").rglob("*")
        if path.is_file() and any(word in path.read_bytes() for word in CANARIES)
    ]


def died(worker: Worker) -> bool:
    """Wait for a worker's end, past what it still said."""
    try:
        while worker.receive(20) is not None:
            continue
    except WorkerGone:
        return True
    return False


def test_the_logs_of_the_main_job_tell_nothing(program: Program, canaries: Path) -> None:
    """Whatever went wrong with the files."""
    assert program.run("add", str(canaries)).status == 0
    program.run("ask", f"where is the {ASKED} {TEXT}?", "--max-tokens", "4")
    program.run("remove", str(canaries))
    assert told(program.profile) == []
    if os.name == "posix":
        rights = {path.stat().st_mode & 0o077 for path in program.profile.rglob("*")}
        assert rights == {0}


@pytest.mark.skipif(sys.platform == "win32", reason="has no such signal")
def test_a_worker_that_crashes_in_the_middle_tells_nothing(tmp_path: Path, canaries: Path) -> None:
    """Each in what it does: its place in the program is in its log, not what it held."""
    profile = Profile(tmp_path / "profile")
    profile.create()
    model = starter_models() / "smollm2-135m-instruct.gguf"
    document = canaries / f"{NAME}0.md"
    page = {"type": "Read", "job": 1, "path": str(document)}
    asked = Generate("1", f"{ASKED} {TEXT}?", max_tokens=200)
    work = {
        "index": [
            to_wire(OpenLibrary(profile.root)),
            to_wire(AddPaths("1", (canaries,))),
            to_wire(Search("2", f"{ASKED} {TEXT}")),
        ],
        "llm": [to_wire(LoadModel(str(model), 512)), to_wire(asked)],
        "reader": [page],
        "viewer": [to_wire(RenderPage("1", canaries / f"{NAME}.pdf", 1, 200, TEXT))],
    }
    for role, messages in work.items():
        log = profile.logs / f"{role}.log"
        worker = Worker(worker_command(role), log_file=log)
        try:
            for message in messages:
                worker.send(message)
            worker.receive(20)
            time.sleep(0.5)
            os.kill(worker.pid, signal.SIGSEGV)
            assert died(worker)
        finally:
            worker.kill()
            worker.close()
        assert b"Segmentation fault" in log.read_bytes(), role
    assert told(profile.root) == []


def test_a_protocol_that_breaks_tells_nothing(tmp_path: Path) -> None:
    """What cannot be understood is not repeated."""
    for role in ("index", "llm", "reader", "viewer"):
        done = subprocess.run(
            [sys.executable, "-m", "app", "--worker", role],
            input=f'{{"type": "{ASKED}", "path": "{NAME}"}}\nno {TEXT}\n'.encode(),
            capture_output=True,
            timeout=60,
            check=False,
        )
        assert not any(word in done.stderr for word in CANARIES), role
