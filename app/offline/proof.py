"""Runs the main job under the guard and makes the receipt of it."""

from __future__ import annotations

import datetime
import json
import os
import platform
import socket
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from app import __version__
from app.offline import record
from app.offline.record import ATTEMPT, PROCESS, STARTED, Line
from app.paths import program_command
from indexer.errors import IndexerError

_LAST_SECONDS = 10.0  # for processes of the job to end behind it


@dataclass(frozen=True, slots=True)
class Receipt:
    """What a proof has found."""

    date: str
    version: str
    system: str
    means: str  # job.NOTED, REFUSED or WATCHED
    tried: tuple[str, ...]  # to see that the guard works
    refused: tuple[str, ...]  # of these
    noted: int  # of these, in the record
    steps: tuple[tuple[str, str], ...]  # of the job, with what came of each
    complete: bool  # whether the job came to its end
    processes: dict[str, int]  # how many of each role
    attempts: tuple[Line, ...]  # of the job, to reach another machine

    @property
    def guarded(self) -> bool:
        """Whether the guard refused and noted everything that was tried to test it."""
        return bool(self.tried) and self.tried == self.refused and self.noted >= len(self.tried)

    @property
    def proved(self) -> bool:
        """Whether the job was done, under a guard that works, without one attempt."""
        return self.complete and self.guarded and not self.attempts


def prove(say: Callable[[str, str], None]) -> Receipt:
    """Do the main job under the guard; each step is said as it is done. Raises IndexerError."""
    with tempfile.TemporaryDirectory(
        prefix="pocket-llm-offline-", ignore_cleanup_errors=True
    ) as name:
        path = Path(name) / "record.jsonl"
        path.touch(0o600)
        said = _run(Path(name), path, say)
        lines = record.read(path)
    guard = next((step for step in said if step["step"] == "guard"), None)
    if guard is None:
        raise IndexerError(
            "The proof could not begin.", "Run `doctor`, which says what has to be mended."
        )
    begun = next((at for at, line in enumerate(lines) if line.kind == STARTED), len(lines))
    steps = tuple(
        (step["step"], step["detail"]) for step in said if step["step"] not in ("guard", "failed")
    )
    return Receipt(
        date=datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds"),
        version=__version__,
        system=f"{platform.system()} {platform.release()}, Python {platform.python_version()}",
        means=guard["means"],
        tried=tuple(guard["tried"]),
        refused=tuple(guard["refused"]),
        noted=sum(line.kind == ATTEMPT for line in lines[:begun]),
        steps=steps,
        complete=bool(steps) and all(step["step"] != "failed" for step in said),
        processes=dict(Counter(line.what for line in lines if line.kind == PROCESS)),
        attempts=tuple(line for line in lines[begun:] if line.kind == ATTEMPT),
    )


def _run(folder: Path, path: Path, say: Callable[[str, str], None]) -> list[dict[str, Any]]:
    """Run the job and return what it said; `path` is the record."""
    with ExitStack() as stack:
        notified = None
        given = "-"
        inherited: tuple[int, ...] = ()
        if sys.platform == "linux":
            from app.offline.filters import Notified

            own, its = socket.socketpair()
            stack.enter_context(own)
            stack.enter_context(its)
            notified = Notified(own, record.writer(path))
            given, inherited = str(its.fileno()), (its.fileno(),)
        process = subprocess.Popen(
            [*program_command(), "--offline-job", str(folder), given],
            stdout=subprocess.PIPE,
            env={**os.environ, "PYTHONUTF8": "1", record.VARIABLE: str(path)},
            pass_fds=inherited,
            text=True,
            encoding="utf-8",
        )
        stack.enter_context(process)
        if notified is not None:
            its.close()
        said = []
        assert process.stdout is not None
        for line in process.stdout:
            step = json.loads(line)
            said.append(step)
            say(step["step"], step.get("detail", ""))
        process.wait()
        if notified is not None:
            notified.join(_LAST_SECONDS)
    return said
