"""The record of a proof: a file of JSON lines that every process of it appends to.

Its place is in the environment, so that whatever the job starts finds it; a line is written by one
call, so that no two mix.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

VARIABLE = "POCKET_LLM_OFFLINE_RECORD"

PROCESS, STARTED, ATTEMPT = "process", "job", "attempt"


@dataclass(frozen=True, slots=True)
class Line:
    """What one process noted."""

    kind: str  # PROCESS: it runs; STARTED: what comes now is the job; ATTEMPT: it was refused
    pid: int
    what: str = ""  # the role of a process, or the call that was refused
    family: str = ""  # of addresses, as in "AF_INET"
    by: str = ""  # who refused it: "kernel" or "Python"


def is_recorded() -> bool:
    """Tell whether this process is a part of a proof."""
    return VARIABLE in os.environ


def writer(path: Path) -> Callable[[Line], None]:
    """Return what appends to a record, which stays open: a reader may open nothing later.

    Raises OSError.
    """
    descriptor = os.open(path, os.O_WRONLY | os.O_APPEND)

    def write(line: Line) -> None:
        os.write(descriptor, json.dumps(asdict(line)).encode() + b"\n")

    return write


def read(path: Path) -> list[Line]:
    """Return all lines of a record. Raises OSError and ValueError."""
    return [Line(**json.loads(line)) for line in path.read_text("utf-8").splitlines()]
