"""Seconds, processor seconds and memory of this process with its children, and of a child."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import psutil

_SAMPLE_SECONDS = 0.1


def cpu_seconds() -> float:
    """Return the processor time of this process and of all its children, ended or not."""
    times = psutil.Process().cpu_times()
    total = float(times.user + times.system)
    # psutil has no time of ended children on Windows.
    total += float(getattr(times, "children_user", 0.0) + getattr(times, "children_system", 0.0))
    for child in psutil.Process().children(recursive=True):
        with suppress(psutil.Error):
            spent = child.cpu_times()
            total += float(spent.user + spent.system)
    return total


def children_bytes(process: psutil.Process | None = None) -> int:
    """Return the resident memory of the children of a process, or of this one."""
    total = 0
    for child in (process or psutil.Process()).children(recursive=True):
        with suppress(psutil.Error):
            total += child.memory_info().rss
    return total


@dataclass(frozen=True, slots=True)
class Ran:
    """A child process that has ended."""

    result: dict[str, Any]  # its last line on stdout, a JSON object
    seconds: float
    own_bytes: int  # the most resident memory of the process itself
    children_bytes: int  # the most resident memory of its children at one time


def run_module(module: str, arguments: Sequence[str]) -> Ran:
    """Run a module of ours in a process of its own and watch its memory.

    Raises subprocess.CalledProcessError if it fails.
    """
    command = [sys.executable, "-m", module, *arguments]
    began = time.perf_counter()
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, encoding="utf-8") as process:
        peaks = [0, 0]
        ended = threading.Event()
        watcher = threading.Thread(target=_watch, args=(process.pid, peaks, ended))
        watcher.start()
        output, _ = process.communicate()
        seconds = time.perf_counter() - began
        ended.set()
        watcher.join()
    if process.returncode:
        raise subprocess.CalledProcessError(process.returncode, command)
    return Ran(json.loads(output.splitlines()[-1]), seconds, peaks[0], peaks[1])


def _watch(pid: int, peaks: list[int], ended: threading.Event) -> None:
    with suppress(psutil.Error):
        process = psutil.Process(pid)
        while not ended.wait(_SAMPLE_SECONDS):
            peaks[0] = max(peaks[0], process.memory_info().rss)
            peaks[1] = max(peaks[1], children_bytes(process))
