"""Looks for damage of a library whose last process was ended in the middle of its work."""

from __future__ import annotations

import threading
from pathlib import Path

from app.messages.index import Damaged
from app.messages.wire import to_wire
from app.pipes.worker import Pipe
from indexer.errors import IndexerError, LibraryDamaged
from indexer.storage.consistency import quick_check

_READY_SECONDS = 10.0  # in which the library is on screen and the encoder is loaded


def check_later(database: Path, pipe: Pipe, seconds: float = _READY_SECONDS) -> None:
    """Check the library beside all other work, and say it if it is damaged.

    100,000 chunks take 2 to 6 s.
    """

    def check() -> None:
        try:
            quick_check(database)
        except LibraryDamaged as error:
            pipe.write(to_wire(Damaged(error.title, error.detail)))
        except IndexerError:
            return  # whoever works on it says what this is

    timer = threading.Timer(seconds, check)
    timer.daemon = True
    timer.start()
