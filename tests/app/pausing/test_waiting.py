"""Indexing that waits: real workers on a machine whose files under /proc and /sys are others."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import psutil
import pytest

from app import settings
from app.llm.answering import answering, is_answering
from app.messages.index import AddPaths, Found, GoOn, Indexing, OpenLibrary, Pause, Search
from app.messages.wire import Message, from_wire, to_wire
from app.paths import Profile
from app.pausing.machine import Machine
from app.pausing.priority import give_way_in_thread
from app.pipes.supervisor import Worker
from app.settings import Settings

STALLS = "/proc/pressure/memory"
POWER = "/sys/class/power_supply"
_STALL = "some avg10={0} avg60=0.00 avg300=0.00 total=0\n"
_INDEX = [sys.executable, "-m", "app", "--worker", "index"]


def _may_mount() -> bool:
    if sys.platform != "linux" or not shutil.which("unshare"):
        return False
    tried = subprocess.run(["unshare", "-m", "true"], capture_output=True, timeout=10, check=False)
    return tried.returncode == 0


@pytest.fixture
def profile(tmp_path: Path) -> Profile:
    profile = Profile(tmp_path / "profile")
    profile.create()
    # Whatever else runs beside the tests.
    settings.save(Settings(index_despite=("busy",)), profile.settings)
    return profile


@pytest.fixture
def documents(tmp_path: Path) -> Path:
    folder = tmp_path / "documents"
    folder.mkdir()
    for n in range(5):
        (folder / f"{n:02}.txt").write_text(f"Document number {n} is about marmots.")
    return folder


class Index:
    """Speaks to an index worker; `over` is what it sees in place of a path of the system."""

    def __init__(self, profile: Profile, over: dict[str, Path] | None = None) -> None:
        command = _INDEX
        if over:
            mounts = " && ".join(f"mount --bind '{at}' '{path}'" for path, at in over.items())
            command = ["unshare", "-m", "sh", "-c", f'{mounts} && exec "$@"', "sh", *command]
        self.worker = Worker(command)
        self.send(OpenLibrary(profile.root))

    def send(self, message: Message) -> None:
        self.worker.send(to_wire(message))

    def until(self, condition: Callable[[Any], bool], seconds: float = 60) -> Any:
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            data = self.worker.receive(end - time.monotonic())
            if data is not None and condition(message := from_wire(data)):
                return message
        raise AssertionError("the message did not come")

    def waits(self, reason: str) -> Indexing:
        found: Indexing = self.until(lambda m: isinstance(m, Indexing) and m.waits == reason)
        return found

    def done(self) -> None:
        self.until(lambda m: isinstance(m, Indexing) and m.files == m.chunks == 0)

    def finds(self, question: str) -> bool:
        self.send(Search(question, question))
        found: Found = self.until(lambda m: isinstance(m, Found) and m.id == question)
        return bool(found.hits)


@pytest.fixture
def stalls(tmp_path: Path) -> Path:
    if not _may_mount() or not Path(STALLS).exists():
        pytest.skip("needs the right to mount, and Linux's pressure stall information")
    file = tmp_path / "stalls"
    file.write_text(_STALL.format("40.00"))
    return file


def _status(profile: Profile, *, as_json: bool = True) -> Any:
    command = [sys.executable, "-m", "app", "--profile", str(profile.root)]
    done = subprocess.run(
        [*command, *(["--json"] if as_json else []), "status"],
        capture_output=True, text=True, timeout=60, check=True,
    )  # fmt: skip
    return json.loads(done.stdout) if as_json else done.stdout


def test_short_memory_is_waited_for_told_and_overruled(
    profile: Profile, documents: Path, stalls: Path
) -> None:
    """The window and `status` say why; searching goes on; the owner may go on, and it passes."""
    index = Index(profile, {STALLS: stalls})
    with closing(index.worker):
        index.send(AddPaths("1", (documents,)))
        assert index.waits("memory").files == 5
        assert not index.finds("marmots")
        assert _status(profile)["waits"] == "memory"
        assert "Indexing waits: memory is short." in _status(profile, as_json=False)
        index.send(GoOn())
        index.done()
        assert index.finds("marmots again")
        assert _status(profile)["waits"] is None


def test_waiting_ends_by_itself(profile: Profile, documents: Path, stalls: Path) -> None:
    index = Index(profile, {STALLS: stalls})
    with closing(index.worker):
        index.send(AddPaths("1", (documents,)))
        index.waits("memory")
        stalls.write_text(_STALL.format("0.00"))
        index.done()


def test_the_owners_pause_stands_above_all(profile: Profile, documents: Path, stalls: Path) -> None:
    """Neither what he overrules nor what passes ends it."""
    index = Index(profile, {STALLS: stalls})
    with closing(index.worker):
        index.send(Pause(paused=True))
        index.send(AddPaths("1", (documents,)))
        index.waits("memory")
        index.send(GoOn())
        stalls.write_text(_STALL.format("0.00"))
        time.sleep(1.5)
        assert not index.finds("marmots")
        index.send(Pause(paused=False))
        index.done()


def test_a_worker_that_is_killed_while_it_waits_is_not_told_of(
    profile: Profile, documents: Path, stalls: Path
) -> None:
    index = Index(profile, {STALLS: stalls})
    index.send(AddPaths("1", (documents,)))
    index.waits("memory")
    index.worker.kill()
    index.worker.close()
    assert _status(profile)["waits"] is None


def test_another_process_that_answers_is_waited_for(profile: Profile, documents: Path) -> None:
    """As `ask` in a terminal beside the window."""
    index = Index(profile)
    with closing(index.worker):
        with answering(profile.answering):
            assert is_answering(profile.answering)
            index.send(AddPaths("1", (documents,)))
            assert index.waits("answer").files == 5
            assert not index.finds("marmots")
        index.done()
        assert not is_answering(profile.answering)


@pytest.fixture
def long_letter(tmp_path: Path) -> Path:
    """Make a folder with a file that takes seconds to read and holds two lines."""
    folder = tmp_path / "letters"
    folder.mkdir()
    ignored = "{\\*\\generator " + "x\\par " * 800_000 + "}"
    (folder / "letter.rtf").write_text(
        f"{{\\rtf1\\ansi It begins with badgers.\\par {ignored} It ends with marmots.\\par}}"
    )
    return folder


@pytest.mark.skipif(sys.platform == "win32", reason="asks for the state of a process")
def test_a_half_read_file_stands_still_at_once_and_goes_on(
    profile: Profile, long_letter: Path
) -> None:
    """Within half a second the reader does nothing more; nothing of the file is lost or twice."""
    index = Index(profile)
    with closing(index.worker):
        index.send(AddPaths("1", (long_letter,)))
        reader = _working_reader(index.worker.pid)
        asked = time.monotonic()
        index.send(Pause(paused=True))
        took = _until_stopped(reader) - asked
        assert not index.finds("badgers")
        index.send(Pause(paused=False))
        index.done()
        assert index.finds("badgers again")
        assert index.finds("marmots")
    assert took < 0.5


@pytest.mark.skipif(sys.platform != "linux", reason="others do not end a child with its parent")
def test_a_stopped_reader_ends_with_a_killed_worker(profile: Profile, long_letter: Path) -> None:
    """It would see no end of its stdin: it must not stay for ever."""
    index = Index(profile)
    index.send(AddPaths("1", (long_letter,)))
    reader = _working_reader(index.worker.pid)
    index.send(Pause(paused=True))
    _until_stopped(reader)
    index.worker.kill()
    index.worker.close()
    _, alive = psutil.wait_procs([reader], timeout=5)
    assert not alive


def _working_reader(worker: int) -> psutil.Process:
    """Return the reader that works on a file, which takes it longer than to start."""
    end = time.monotonic() + 60
    while time.monotonic() < end:
        for child in psutil.Process(worker).children():
            if child.cpu_times().user > 0.5:
                return child
        time.sleep(0.02)
    raise AssertionError("no reader works")


def _until_stopped(process: psutil.Process) -> float:
    """Return when a process has been stopped."""
    end = time.monotonic() + 10
    while process.status() != psutil.STATUS_STOPPED:
        assert time.monotonic() < end, "it goes on"
        time.sleep(0.005)
    return time.monotonic()


@pytest.mark.slow
@pytest.mark.skipif(not _may_mount(), reason="needs the right to mount")
def test_a_laptop_waits_on_battery_and_goes_on_at_mains(profile: Profile, tmp_path: Path) -> None:
    """Unplugged in the midst of the work, and plugged in again."""
    power = tmp_path / "power"
    for name, files in {
        "BAT0": {"type": "Battery", "capacity": "60", "energy_now": "30", "energy_full": "50",
                 "power_now": "10", "status": "Unknown"},
        "AC": {"type": "Mains", "online": "0"},
    }.items():  # fmt: skip
        (power / name).mkdir(parents=True)
        for file, text in files.items():
            (power / name / file).write_text(f"{text}\n")
    folder = tmp_path / "documents"
    folder.mkdir()
    for n in range(2_000):
        (folder / f"{n}.txt").write_text(f"Document {n} of many. " * 200)
    index = Index(profile, {POWER: power})
    with closing(index.worker):
        index.send(AddPaths("1", (folder,)))
        index.waits("battery")
        (power / "AC" / "online").write_text("1\n")
        index.until(lambda m: isinstance(m, Indexing) and not m.waits and m.chunks > 0)
        (power / "AC" / "online").write_text("0\n")
        index.waits("battery")
        index.send(GoOn(always=True))
        index.until(lambda m: isinstance(m, Indexing) and not m.waits and m.chunks)
        assert json.loads(profile.settings.read_text())["index_despite"] == ["busy", "battery"]


def test_what_others_use_is_told_from_what_is_ours() -> None:
    """A child of ours that spins is not the machine being busy."""
    machine = Machine()
    assert machine.read().others is None
    with subprocess.Popen([sys.executable, "-c", "while True: pass"]) as own:
        try:
            time.sleep(0.2)
            before = psutil.Process(own.pid).cpu_times()
            machine.read()
            time.sleep(1)
            others = machine.read().others
            after = psutil.Process(own.pid).cpu_times()
        finally:
            own.kill()
    ours = (after.user - before.user) / (psutil.cpu_count() or 1)
    assert others is not None
    assert 0 <= others <= 1.15 - ours


@pytest.mark.skipif(sys.platform != "linux", reason="priorities of threads are Linux's")
def test_a_thread_gives_way_alone() -> None:
    """What searches in the same process keeps its priority."""
    found: list[int] = []

    def lower() -> None:
        give_way_in_thread()
        found.append(os.getpriority(os.PRIO_PROCESS, threading.get_native_id()))

    before = os.getpriority(os.PRIO_PROCESS, threading.get_native_id())
    thread = threading.Thread(target=lower)
    thread.start()
    thread.join()
    assert found == [max(10, before)]
    assert os.getpriority(os.PRIO_PROCESS, threading.get_native_id()) == before
