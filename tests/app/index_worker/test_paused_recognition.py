"""A page that OCR has half read when indexing must wait: real processes, a clock of the test's."""

from __future__ import annotations

import sys
import textwrap
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import psutil
import pytest
from PIL import Image

from app.paths import Profile
from app.pausing import pausing as pausing_module
from app.pausing.machine import Machine
from app.pausing.pausing import Pausing
from app.pausing.pressure import Readings, Reason
from app.pipes.supervisor import Worker
from indexer.engine import Engine
from indexer.reading import pool as pool_module
from indexer.reading.pool import Inbox, ReaderPool
from indexer.search.searcher import Searcher

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="asks for the state of a process")

# OCR that takes half a second of the processor for a page, which says who read it.
OCR = textwrap.dedent("""
    import os, time
    from app.pipes.worker import Pipe
    from indexer.readers.service import serve
    from indexer.types import DocumentInfo, Page
    def items(message):
        yield DocumentInfo("picture")
        end = time.process_time() + 0.5
        while time.process_time() < end:
            sum(range(10_000))
        yield Page(f"marmots reader{os.getpid()}")
    pipe = Pipe.claim("ocr")
    serve(pipe, pipe.write, items)
""")


class Clock:
    """Real time, and what the test puts before it."""

    ahead = 0.0

    def monotonic(self) -> float:
        return time.monotonic() + self.ahead


@dataclass
class Computer(Machine):
    """A machine as busy as it is told to be."""

    clock: Clock
    others: float = 0.0
    available: int = 8 << 30

    def read(self) -> Readings:
        """Return what holds now."""
        return Readings(
            self.clock.monotonic(), available=self.available, bound=1 << 30, others=self.others
        )


def _worked(process: psutil.Process) -> float:
    """Return the seconds of the processor that a process has taken."""
    times = process.cpu_times()
    return times.user + times.system


class Scene:
    """An engine with one scan whose page is half read, and what lets it wait."""

    def __init__(self, root: Path, clock: Clock) -> None:
        (root / "documents").mkdir()
        Image.new("L", (200, 280), 9).save(root / "documents" / "letter.png")
        self.profile = Profile(root / "profile")
        self.profile.create()
        self.clock = clock
        self.computer = Computer(clock)
        self.pausing = Pausing(self.profile, machine=self.computer)
        self.processes: list[psutil.Process] = []
        reader = [sys.executable, "-m", "app", "--worker", "reader"]
        self.engine = Engine(
            self.profile.database, self.profile.caches,
            ReaderPool(lambda inbox: Worker(reader, inbox=inbox)), None,
            ocr_pool=ReaderPool(self._start_ocr, 1, silence=20, seconds=20),
        )  # fmt: skip
        self.engine.reconcile(self.engine.add(root / "documents"))
        self.work_until_half_read()

    def _start_ocr(self, inbox: Inbox) -> Worker:
        worker = Worker([sys.executable, "-c", OCR], inbox=inbox)
        self.processes.append(psutil.Process(worker.pid))
        return worker

    def work_until_half_read(self) -> None:
        """Work until the newest OCR process is in the midst of its page."""
        begun = len(self.processes)
        while len(self.processes) == begun or _worked(self.processes[-1]) < 0.4:
            assert self.engine.step() is not None, "the page was read before"

    def work(self) -> int:
        """Work until all is done; return which process has read the page."""
        while self.engine.step() is not None:
            pass
        with closing(Searcher(self.profile.database, self.profile.caches)) as searcher:
            (hit,) = searcher.search("marmots")
        return int(hit.text.rpartition("reader")[2])

    def looks(self, seconds: int) -> bool:
        """Look for so long, every five seconds; whether the engine may go on at the end."""
        goes = True
        for _ in range(0, seconds, 5):
            self.clock.ahead += 5
            goes = self.pausing.look(self.engine).goes
        return goes

    def stands_still(self) -> bool:
        """Tell whether OCR is stopped; a loaded system takes a moment for it."""
        end = time.monotonic() + 10
        while (status := self.processes[-1].status()) != psutil.STATUS_STOPPED:
            if time.monotonic() > end:
                break
            time.sleep(0.005)
        return status == psutil.STATUS_STOPPED


@pytest.fixture
def scene(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Scene]:
    clock = Clock()
    monkeypatch.setattr(pausing_module, "time", clock)
    monkeypatch.setattr(pool_module, "time", clock)
    scene = Scene(tmp_path, clock)
    with closing(scene.engine):
        yield scene


def test_a_page_stands_still_beside_other_programs_and_goes_on(scene: Scene) -> None:
    """Its time stands still, too: a limit of 20 seconds does not see the minutes."""
    scene.computer.others = 1.0
    assert not scene.looks(50)
    assert scene.pausing.reason is Reason.BUSY
    assert scene.stands_still()
    before = _worked(scene.processes[0])
    assert not scene.looks(200)
    time.sleep(0.1)
    assert _worked(scene.processes[0]) == before
    scene.computer.others = 0.1
    assert scene.looks(10)
    assert scene.work() == scene.processes[0].pid
    assert len(scene.processes) == 1


def test_its_process_is_ended_for_memory_and_after_five_minutes(scene: Scene) -> None:
    """The page waits again, and however often that happens, it has not failed."""
    scene.computer.available = 0
    assert not scene.looks(5)
    assert scene.pausing.reason is Reason.MEMORY
    assert not scene.processes[0].is_running()
    assert scene.engine.progress().pages == 1
    scene.computer.available = 8 << 30
    assert scene.looks(5)
    scene.work_until_half_read()
    scene.computer.others = 1.0
    assert not scene.looks(50 + 240)
    assert scene.stands_still()
    assert not scene.looks(60)
    assert not scene.processes[1].is_running()
    assert scene.engine.progress().pages == 1
    scene.computer.others = 0.1
    assert scene.looks(10)
    assert scene.work() == scene.processes[2].pid
