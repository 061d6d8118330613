"""Looks through folders again and again, where the system does not say what happens in them.

A drive of the network tells nothing of what other machines do to it; and the system watches only
so many folders at once.
"""

from __future__ import annotations

import os
import time
from typing import Any

from watchdog.events import DirCreatedEvent
from watchdog.observers.api import BaseObserver
from watchdog.observers.polling import PollingEmitter

# Between two looks, at least; and so many times as long as a look takes, so that a large folder
# costs a twentieth of the drive's time.
POLLING_SECONDS = 10.0
_PAUSES = 19.0


def polling_observer() -> BaseObserver:
    """Return an observer that polls each of its folders at a pace of its own."""
    return BaseObserver(_PacedEmitter, timeout=POLLING_SECONDS)


class _PacedEmitter(PollingEmitter):
    """Polls one folder, the less often the longer that takes."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        # lstat: a link is not followed here either.
        super().__init__(*arguments, stat=os.lstat, listdir=os.scandir, **options)
        self._took = 0.0

    def on_thread_start(self) -> None:
        """Take the first picture, and say that all before it is to be looked at."""
        began = time.monotonic()
        try:
            super().on_thread_start()
        except OSError:
            self.stop()  # whoever listens finds it dead, and tries again later
            return
        self._took = time.monotonic() - began
        self.queue_event(DirCreatedEvent(self.watch.path))

    def queue_events(self, timeout: float) -> None:
        """Wait, look, and tell of what is different."""
        pause = max(timeout, self._took * _PAUSES)
        began = time.monotonic()
        super().queue_events(pause)
        self._took = max(0.0, time.monotonic() - began - pause)
