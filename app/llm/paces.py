"""How fast a model computes on this machine, as its worker has measured it, kept in the caches."""

from __future__ import annotations

import contextlib
import json
import os
import platform
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil

from models.threads import Threads

_NAME = "paces.json"
_MODELS = 16  # the last ones
# Other memory, another power plan, a machine that was busy when it was measured.
_FRESH_SECONDS = 30 * 24 * 3600


@dataclass(frozen=True, slots=True)
class Paces:
    """What was measured of one model; `seconds` are those of a batch by its tokens."""

    threads: Threads | None = None
    measured: float = 0.0  # when the threads were, in seconds since 1970
    seconds: dict[int, float] = field(default_factory=dict)


def load_paces(caches: Path, model: str) -> Paces:
    """Return what is known of a model on this machine; what is too old is not."""
    try:
        kept = _read(caches)[_key(model)]
        threads = kept["threads"]
        fresh = 0 <= time.time() - kept["measured"] < _FRESH_SECONDS
        return Paces(
            Threads(int(threads[0]), int(threads[1])) if threads and fresh else None,
            float(kept["measured"]),
            {int(size): float(seconds) for size, seconds in kept["seconds"].items()},
        )
    except (KeyError, TypeError, ValueError, AttributeError, IndexError):
        return Paces()


def save_paces(caches: Path, model: str, paces: Paces) -> None:
    """Keep what was measured; two workers at once keep what the later one says."""
    found = _read(caches)
    found.pop(_key(model), None)
    threads = (paces.threads.writing, paces.threads.reading) if paces.threads else None
    found[_key(model)] = {
        "threads": threads, "measured": paces.measured, "seconds": paces.seconds,
    }  # fmt: skip
    temporary = caches / f"{_NAME}.{os.getpid()}"
    with contextlib.suppress(OSError):
        temporary.write_text(json.dumps(dict(list(found.items())[-_MODELS:])), "utf-8")
        temporary.replace(caches / _NAME)


def _read(caches: Path) -> dict[str, Any]:
    try:
        found = json.loads((caches / _NAME).read_text("utf-8"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def _key(model: str) -> str:
    cores = f"{psutil.cpu_count(logical=False)}/{psutil.cpu_count()}"
    return f"{model} {platform.machine()} {platform.processor()} {cores}"
