"""What stands between watchdog and the watcher: its events, its warnings, and what it watches."""

from __future__ import annotations

import logging
import os
from collections.abc import Callable
from pathlib import Path

from watchdog.events import FileSystemEvent, FileSystemEventHandler

from indexer.folders.identity import place_of


class Handler(FileSystemEventHandler):
    """Hands each event on."""

    def __init__(self, heard: Callable[[FileSystemEvent], None]) -> None:
        self._heard = heard

    def dispatch(self, event: FileSystemEvent) -> None:
        """Take an event, in watchdog's thread."""
        self._heard(event)


class Ears(logging.Handler):
    """Hears watchdog's warnings, which would name files, and keeps them out of every log."""

    def __init__(self, heard: Callable[[], None]) -> None:
        super().__init__(logging.WARNING)
        self._on_record = heard

    def emit(self, record: logging.LogRecord) -> None:  # noqa: ARG002 -- logging's signature
        """Note that there was a warning."""
        self._on_record()


class Places:
    """Tells folders apart from others at the same place, in one look at many roots."""

    def __init__(self) -> None:
        self._known: dict[Path, tuple[int, int] | None] = {}

    def __call__(self, root: Path, *, is_file: bool) -> tuple[int, int] | None:
        """Return the identity of what is watched for a root: itself, or a file's folder."""
        if is_file and root.is_symlink():
            root = Path(os.path.realpath(root))
        place = root.parent if is_file else root
        if place not in self._known:
            self._known[place] = place_of(place)
        return self._known[place]
