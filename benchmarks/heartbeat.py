"""A timer of a few milliseconds in an event loop: the gaps between its beats are the loop's stalls.

Run as a command it beats with nothing else to do until end-of-file on stdin. What such a process
misses at the same time is the machine's doing, not the window's.
"""

from __future__ import annotations

import argparse
import gc
import json
import os
import sys
import threading
import time
from array import array
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from typing import Any, Literal

from PySide6.QtCore import QCoreApplication, QObject, Qt, QTimer

BEAT_MS = 2
_WORST = 10
# Linux says here how long this thread was ready to run while no core was free.
_SCHEDULER = "/proc/thread-self/schedstat"


@dataclass(frozen=True, slots=True)
class Gap:
    """What lay between two beats; all in seconds."""

    at: float  # of time.perf_counter(), which all processes share
    seconds: float
    own: float  # processor time of this thread
    others: float  # processor time of the process's other threads; they may have held the GIL
    queued: float  # this thread was ready and had no core; 0.0 where the system does not say
    during: tuple[str, ...] = ()  # what was noted in it


class Beats:
    """Records the gaps between the calls of beat(), all of them from one thread."""

    def __init__(self) -> None:
        self._columns = array("d")
        self._notes: dict[int, list[str]] = {}
        self._scheduler = -1
        with suppress(OSError):
            self._scheduler = os.open(_SCHEDULER, os.O_RDONLY)
        self._last = self._clocks()

    def __len__(self) -> int:
        return len(self._columns) // 5

    def note(self, what: str) -> None:
        """Say what happens between the last beat and the next."""
        self._notes.setdefault(len(self), []).append(what)

    def beat(self) -> None:
        """End a gap and begin the next."""
        now = self._clocks()
        wall, own, process, queued = (b - a for a, b in zip(self._last, now, strict=True))
        self._columns.extend((self._last[0], wall, own, max(0.0, process - own), queued))
        self._last = now

    def close(self) -> None:
        """Let the system's file go."""
        if self._scheduler >= 0:
            os.close(self._scheduler)
        self._scheduler = -1

    def seconds(self) -> list[float]:
        """Return the lengths of all gaps, shortest first."""
        return sorted(self._columns[1::5])

    def worst(self, by: Literal["seconds", "own"], count: int = _WORST) -> list[Gap]:
        """Return the longest gaps, or those that cost this thread most, worst first."""
        column = self._columns[1 if by == "seconds" else 2 :: 5]
        order = sorted(range(len(self)), key=lambda place: -column[place])
        return [self._gap(place) for place in order[:count]]

    def longer_than(self, seconds: float) -> list[Gap]:
        """Return the gaps above this length as they came."""
        places = [place for place, gap in enumerate(self._columns[1::5]) if gap > seconds]
        return [self._gap(place) for place in places]

    def _gap(self, place: int) -> Gap:
        at, seconds, own, others, queued = self._columns[5 * place : 5 * place + 5]
        return Gap(at, seconds, own, others, queued, tuple(self._notes.get(place, ())))

    def _clocks(self) -> tuple[float, float, float, float]:
        queued = 0.0
        if self._scheduler >= 0:
            queued = int(os.pread(self._scheduler, 64, 0).split()[1]) / 1e9
        return time.perf_counter(), time.thread_time(), time.process_time(), queued


class Heart(QObject):
    """Lets Beats beat in the event loop of the thread that makes it, and notes Python's GC."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.beats = Beats()
        self._timer = QTimer(self)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self.beats.beat)
        self._timer.start(BEAT_MS)
        gc.callbacks.append(self._on_gc)

    def stop(self) -> None:
        """End it with a last beat; the beats can still be read."""
        self._timer.stop()
        self.beats.beat()
        gc.callbacks.remove(self._on_gc)
        self.beats.close()

    def _on_gc(self, phase: str, details: dict[str, int]) -> None:
        if phase == "start" and details["generation"] == 2:
            self.beats.note("gc")


def summary(beats: Beats) -> dict[str, Any]:
    """Return what a process prints of its beats."""
    lengths = beats.seconds()
    return {
        "beats": len(lengths),
        "longest": lengths[-1],
        "p999": lengths[round(0.999 * (len(lengths) - 1))],
        "worst": [asdict(gap) for gap in beats.worst("seconds")],
        "costliest": [asdict(gap) for gap in beats.worst("own")],
    }


def main(arguments: Sequence[str] | None = None) -> int:
    """Beat until end-of-file, then print the gaps."""
    parser = argparse.ArgumentParser(description=__doc__, prog="python -m benchmarks.heartbeat")
    parser.add_argument(
        "--longer", type=float, default=0.01, metavar="SECONDS", help="print these gaps (0.01)"
    )
    parsed = parser.parse_args(arguments)
    application = QCoreApplication(sys.argv[:1])
    heart = Heart()

    def wait_for_end() -> None:
        sys.stdin.read()
        application.quit()

    waiting = threading.Thread(target=wait_for_end, daemon=True)
    QTimer.singleShot(0, waiting.start)  # before the loop runs, quit() would be lost
    application.exec()
    heart.stop()
    gaps = [(gap.at, gap.seconds) for gap in heart.beats.longer_than(parsed.longer)]
    print(json.dumps(summary(heart.beats) | {"gaps": gaps}))
    return 0


if __name__ == "__main__":
    sys.exit(main())
