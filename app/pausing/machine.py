"""Reads what the machine says: battery, memory, and how much of it others use."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import psutil

from app.model_files.installed import find_llm
from app.paths import Profile
from app.pausing.pressure import Readings
from app.settings import Settings
from models.errors import ModelMissing

_STALLS = Path("/proc/pressure/memory")
# What must stay available beside a model: two readers seldom take more together.
_RESERVE = 512 << 20
# A bound above this share would keep a small machine, or one with a large model, from ever working.
_MOST = 1 / 4


class Machine:
    """The machine as this process, which indexes, sees it."""

    def __init__(self, model_bytes: Callable[[], int] = lambda: 0) -> None:
        """`model_bytes` says what the language model will still take of what is available."""
        self._model_bytes = model_bytes
        self._own: dict[tuple[int, float], float] = {}
        self._busy, self._all = 0.0, 0.0

    def read(self) -> Readings:
        """Return what holds now; the load of others is that since the last call."""
        memory = psutil.virtual_memory()
        bound = min(_RESERVE + self._model_bytes(), int(memory.total * _MOST))
        return Readings(
            time.monotonic(), on_battery(), memory.available, bound, _stalled(), self._others()
        )

    def _others(self) -> float | None:
        """Return the share of all cores that other programs took; None at the first call."""
        times = psutil.cpu_times()
        # On Linux a guest's time is in `user` as well, and what a host took is no program's.
        everything = sum(times) - getattr(times, "guest", 0.0) - getattr(times, "guest_nice", 0.0)
        rest = times.idle + getattr(times, "iowait", 0.0) + getattr(times, "steal", 0.0)
        own, grown = _own_times(), 0.0
        for process, seconds in own.items():
            grown += seconds - self._own.get(process, 0.0)
        busy, self._busy = everything - rest - self._busy, everything - rest
        passed, self._all = everything - self._all, everything
        first, self._own = not self._own, own
        return None if first or passed <= 0 else min(1.0, max(0.0, (busy - grown) / passed))


def on_battery() -> bool | None:
    """Tell whether the computer runs on battery; None if it has none."""
    try:
        battery = psutil.sensors_battery()
    except (AttributeError, OSError, RuntimeError, ValueError):
        return None  # what a board reports of its power may be anything
    return None if battery is None or battery.power_plugged is None else not battery.power_plugged


def model_bytes(profile: Profile, settings: Settings) -> int:
    """Return what the chosen language model will still take of what is available."""
    try:
        size = find_llm(profile, settings.llm).stat().st_size
    except (ModelMissing, OSError):
        return 0
    # Elsewhere what a loaded model has mapped is not available any more; Linux calls it so.
    return size if sys.platform == "linux" else max(0, size - _loaded())


def _loaded() -> int:
    """Return the bytes that the language models beside us hold."""
    held = 0
    with suppress(psutil.Error):
        parent = psutil.Process().parent()
        for process in parent.children() if parent is not None else ():
            with suppress(psutil.Error):
                if process.cmdline()[-2:] == ["--worker", "llm"]:
                    held += process.memory_info().rss
    return held


def _own_times() -> dict[tuple[int, float], float]:
    """Return the processor seconds of this process and all below it."""
    this = psutil.Process()
    found = {}
    with suppress(psutil.Error):
        for process in (this, *this.children(recursive=True)):
            with suppress(psutil.Error):
                times = process.cpu_times()
                found[process.pid, process.create_time()] = times.user + times.system
    return found


def _stalled() -> float | None:
    """Return Linux's share of the last ten seconds in which a program stood still for memory."""
    try:
        some = _STALLS.read_text(encoding="ascii").splitlines()[0].split()
        return float(some[1].removeprefix("avg10=")) / 100
    except (OSError, IndexError, ValueError):
        return None
