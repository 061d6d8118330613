"""The program as its user runs it: real processes, the starter models, a profile of its own."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from app.model_files.starters import prepare_starters


@dataclass(frozen=True)
class Ran:
    """A command that has ended."""

    status: int
    lines: list[dict[str, Any]]
    errors: str

    def of(self, kind: str) -> list[dict[str, Any]]:
        """Return the JSON lines of a type."""
        return [line for line in self.lines if line["type"] == kind]


@dataclass
class Program:
    """Runs commands on one profile."""

    profile: Path
    started: list[subprocess.Popen[str]] = field(default_factory=list)

    def run(self, *arguments: str, timeout: float = 100) -> Ran:
        """Run a command to its end, with --json."""
        process = self.start(*arguments)
        out, errors = process.communicate(timeout=timeout)
        return Ran(process.returncode, [json.loads(line) for line in out.splitlines()], errors)

    def start(self, *arguments: str) -> subprocess.Popen[str]:
        """Start a command, with --json."""
        process = subprocess.Popen(
            [sys.executable, "-m", "app", "--profile", str(self.profile), "--json", *arguments],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            encoding="utf-8",
        )
        self.started.append(process)
        return process

    def states(self) -> dict[str, tuple[str, str]]:
        """Return the ledger: name -> (state, reason)."""
        lines = self.run("status", "--files").of("file")
        return {Path(line["path"]).name: (line["state"], line["reason"]) for line in lines}


@pytest.fixture(scope="session", autouse=True)
def _starters() -> None:
    assert prepare_starters() == 0


@pytest.fixture
def program(tmp_path: Path) -> Any:
    """Return the program with an empty profile; whatever it left running is ended."""
    program = Program(tmp_path / "profile")
    yield program
    for process in program.started:
        if process.poll() is None:
            process.kill()
        process.communicate()


@pytest.fixture
def documents(tmp_path: Path) -> Path:
    """Return a folder with three documents in two languages."""
    folder = tmp_path / "documents"
    folder.mkdir()
    (folder / "clock.md").write_text(
        "# The clock in the hall\n\nThe clock in the hall was built in Besançon in 1887.\n\n"
        "It is wound every eight days, on Sunday evening.\n",
        "utf-8",
    )
    (folder / "cheese.txt").write_text(
        "Cellar book\n\nThe cheese ripens for sixty days in the north cellar.\n\fPage two.\n"
        "The cellar is kept at nine degrees.\n",
        "utf-8",
    )
    (folder / "保修.txt").write_text("打印机的保修期是三十个月，从购买之日起计算。\n", "utf-8")
    return folder


def wait_for(condition: Callable[[], bool], seconds: float = 20) -> None:
    """Wait until something is true."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.02)


def children(pid: int) -> list[int]:
    """Return the processes that a process has started, by asking the system."""
    import psutil

    try:
        return [child.pid for child in psutil.Process(pid).children(recursive=True)]
    except psutil.NoSuchProcess:
        return []


def kill(pid: int) -> None:
    """End a process as the system does when the memory is gone."""
    os.kill(pid, getattr(signal, "SIGKILL", signal.SIGTERM))
