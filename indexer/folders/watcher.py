"""Watches folders. Events are hints, the comparison with the disk is the truth.

Nothing here reads a document, and there is no thread but watchdog's: whoever drives the engine
asks `due` now and then, and compares what it names.
"""

from __future__ import annotations

import errno
import logging
import os
import sys
import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from watchdog.events import (
    DirCreatedEvent,
    DirDeletedEvent,
    DirMovedEvent,
    FileClosedEvent,
    FileCreatedEvent,
    FileDeletedEvent,
    FileModifiedEvent,
    FileMovedEvent,
    FileSystemEvent,
    FileSystemEventHandler,
)
from watchdog.observers import Observer
from watchdog.observers.api import BaseObserver, ObservedWatch
from watchdog.observers.polling import PollingObserverVFS

from indexer.folders.changes import Change, Look, fold, looks
from indexer.folders.identity import place_of

log = logging.getLogger(__name__)

# Not those that say that a file was opened or closed unchanged: our own readers cause them.
_EVENTS: list[type[FileSystemEvent]] = [
    DirCreatedEvent,
    DirDeletedEvent,
    DirMovedEvent,
    FileClosedEvent,
    FileCreatedEvent,
    FileDeletedEvent,
    FileModifiedEvent,
    FileMovedEvent,
]
# When so many wait to be looked at, a look at everything is cheaper than the events.
_MOST_EVENTS = 20_000
_POLLING_SECONDS = 10.0
_TRY_AGAIN_SECONDS = 30.0
_RESUMED_SECONDS = 60.0  # the clock on the wall went on, ours stood still
_TOO_MANY = (errno.ENOSPC, errno.EMFILE)


@dataclass(slots=True)
class _Root:
    """A folder (or single file) of the library, and how it is watched."""

    path: Path
    watch: ObservedWatch | None = None
    identity: tuple[int, int] | None = None  # of what is watched
    real: Path = Path()  # as events spell it
    is_file: bool = False  # its folder is watched, since a file that is replaced is another one
    try_again: float = 0.0


@dataclass(slots=True)
class _Pending:
    first: float
    last: float
    deep: bool


class Watcher:
    """Tells which folders are worth a look. Use `start`, `due` and `close` from one thread."""

    def __init__(
        self,
        roots: Sequence[Path],
        *,
        quiet: float = 2.0,
        longest: float = 10.0,
        everything: float = 3600.0,
        without: Path | None = None,
        native: Callable[[], BaseObserver] = Observer,
    ) -> None:
        """Take the folders to watch; what happens below `without` is not heard.

        A folder is due after `quiet` seconds without an event in it, or after `longest` seconds
        of steady noise; all of them are due after `everything` seconds.
        """
        self._roots = [_Root(path) for path in roots]
        self._quiet = quiet
        self._longest = longest
        self._everything = everything
        self._without = without
        self._native = native
        self._observer: BaseObserver | None = None
        self._polling = False
        # Of a watch that is shared by single files, the root is found by the name.
        self._heard: deque[tuple[float, _Root | None, Change]] = deque()
        self._files: dict[str, list[_Root]] = {}
        self._file_watches: dict[Path, ObservedWatch] = {}
        self._lost = False
        self._pending: dict[Path, _Pending] = {}
        self._notes: list[str] = []
        self._checked = self._last_everything = time.monotonic()
        self._asleep = time.time() - time.monotonic()
        self._ears = _Ears(self._on_warning)

    def start(self) -> None:
        """Begin to listen. What was changed before is for a comparison to find."""
        logging.getLogger("watchdog").addHandler(self._ears)
        self._listen()

    def close(self) -> None:
        """Stop listening, and wait for watchdog's threads."""
        self._end_observer()
        logging.getLogger("watchdog").removeHandler(self._ears)

    def notes(self) -> list[str]:
        """Return what the owner should know, each sentence once."""
        notes, self._notes = self._notes, []
        return notes

    def look_again(self, folder: Path) -> None:
        """Have a folder looked at once more after the quiet time."""
        now = time.monotonic()
        self._pending.setdefault(folder, _Pending(now, now, deep=False))

    def due(self) -> list[Look]:
        """Return the folders that are worth a look by now, none of them inside a deep one."""
        now = time.monotonic()
        if now - self._checked >= self._quiet:
            self._checked = now
            self._check(now)
        self._take(now)
        due = [
            folder
            for folder, pending in self._pending.items()
            if now - pending.last >= self._quiet or now - pending.first >= self._longest
        ]
        return fold(Look(folder, self._pending.pop(folder).deep) for folder in due)

    # --- what was heard ------------------------------------------------------------------------

    def _on_event(self, root: _Root | None, event: FileSystemEvent) -> None:
        # In watchdog's thread, which loses events while it is kept: note it, do nothing else.
        if len(self._heard) >= _MOST_EVENTS:
            self._lost = True
            return
        change = Change(
            os.fsdecode(event.src_path),
            os.fsdecode(event.dest_path),
            event.is_directory,
            created=event.event_type == "created",
        )
        self._heard.append((time.monotonic(), root, change))

    def _on_warning(self) -> None:
        # watchdog tells of an overflow in its log only; whatever else it warns of, events may
        # be lost.
        self._lost = True

    def _take(self, now: float) -> None:
        if self._lost:
            self._lost = False
            self._heard.clear()
            self._mark_all(now)
        for _ in range(len(self._heard)):
            at, root, change = self._heard.popleft()
            if root is None:
                for path in (change.path, change.moved_to):
                    for file in self._files.get(path, ()):
                        self._mark(Look(file.path, deep=True), at)
                continue
            for look in looks([change], root.path, root.real):
                if self._without is None or not look.folder.is_relative_to(self._without):
                    self._mark(look, at)

    def _mark(self, look: Look, at: float) -> None:
        pending = self._pending.setdefault(look.folder, _Pending(at, at, look.deep))
        pending.last = max(pending.last, at)
        pending.deep = pending.deep or look.deep

    def _mark_all(self, now: float) -> None:
        for root in self._roots:
            self._mark(Look(root.path, deep=True), now)

    # --- whether anybody listens ---------------------------------------------------------------

    def _check(self, now: float) -> None:
        asleep = time.time() - time.monotonic()
        if asleep - self._asleep > _RESUMED_SECONDS:
            self._mark_all(now)
        self._asleep = asleep
        if now - self._last_everything >= self._everything:
            self._last_everything = now
            self._mark_all(now)
            self._check_limit()
        if self._observer is None or not self._observer.is_alive():
            log.warning("the observer ended; a new one is started")
            self._end_observer()
            self._listen()
            self._mark_all(now)
            return
        dead = {emitter.watch for emitter in self._observer.emitters if not emitter.is_alive()}
        place_of = _Places()
        for root in self._roots:
            if root.watch is not None and (
                root.watch in dead or place_of(root.path, is_file=root.is_file) != root.identity
            ):
                self._unwatch(root)
                self._mark(Look(root.path, deep=True), now)
            if root.watch is None and now >= root.try_again and self._watch(root, now):
                self._mark(Look(root.path, deep=True), now)

    def _listen(self) -> None:
        """Start an observer for all roots; one that polls if the system has no room for more."""
        try:
            self._observer = self._poller() if self._polling else self._native()
        except OSError as error:
            if error.errno not in _TOO_MANY:
                raise
            self._fall_back()
            return
        self._observer.start()
        for root in self._roots:
            polled = self._polling
            self._watch(root, time.monotonic())
            if polled != self._polling:
                return  # everything is watched by the new observer
        self._check_limit()

    def _watch(self, root: _Root, now: float) -> bool:
        """Watch a root; False if it is away or cannot be watched now."""
        # Links are resolved once, here: no observer follows them by itself.
        root.real = Path(os.path.realpath(root.path))
        if not root.real.exists():
            return False
        root.is_file = not root.real.is_dir()
        identity = _Places()(root.path, is_file=root.is_file)
        try:
            root.watch = self._watch_file(root) if root.is_file else self._schedule(root, root.real)
        except OSError as error:
            if error.errno in _TOO_MANY and not self._polling:
                self._fall_back()
                return root.watch is not None
            log.warning("a folder cannot be watched: %s", type(error).__name__)
            root.try_again = now + _TRY_AGAIN_SECONDS
            return False
        root.identity = identity
        return True

    def _watch_file(self, root: _Root) -> ObservedWatch:
        folder = root.real.parent
        if folder not in self._file_watches:
            self._file_watches[folder] = self._schedule(None, folder)
        files = self._files.setdefault(os.fspath(root.real), [])
        if root not in files:
            files.append(root)
        return self._file_watches[folder]

    def _schedule(self, root: _Root | None, folder: Path) -> ObservedWatch:
        assert self._observer is not None
        return self._observer.schedule(
            _Handler(lambda event: self._on_event(root, event)),
            os.fspath(folder),
            recursive=root is not None,
            event_filter=_EVENTS,
        )

    def _unwatch(self, root: _Root) -> None:
        watch = root.watch
        for other in self._roots:
            if other.watch == watch:  # two files of one folder share it
                other.watch = None
        if watch is None or self._observer is None:
            return
        self._file_watches = {f: w for f, w in self._file_watches.items() if w != watch}
        try:
            self._observer.unschedule(watch)
        except (KeyError, OSError):
            log.info("a watch was gone before it was ended")

    def _end_observer(self) -> None:
        for root in self._roots:
            root.watch = None
        self._files.clear()
        self._file_watches.clear()
        observer, self._observer = self._observer, None
        if observer is None:
            return
        observer.stop()
        if observer.ident is not None:
            observer.join()

    def _fall_back(self) -> None:
        self._polling = True
        self._notes.append(
            "The system cannot watch so many folders: they are looked through every "
            f"{_POLLING_SECONDS:.0f} seconds instead, which costs some power."
        )
        self._end_observer()
        self._listen()
        self._mark_all(time.monotonic())

    def _poller(self) -> BaseObserver:
        # lstat: a link is not followed here either.
        return PollingObserverVFS(os.lstat, os.scandir, polling_interval=_POLLING_SECONDS)

    def _check_limit(self) -> None:
        """Fall back if folders below a root could not be watched.

        watchdog raises for a root only. The system's limit is for all of a user's watches, so
        that one more would be refused as well.
        """
        watched = next((root for root in self._roots if root.watch is not None), None)
        if sys.platform != "linux" or self._polling or watched is None or watched.watch is None:
            return
        try:
            probe = self._native()
        except OSError:
            return
        probe.start()
        try:
            probe.schedule(FileSystemEventHandler(), watched.watch.path)
        except OSError as error:
            if error.errno in _TOO_MANY:
                self._fall_back()
        finally:
            probe.stop()
            probe.join()


class _Handler(FileSystemEventHandler):
    """Hands each event on."""

    def __init__(self, heard: Callable[[FileSystemEvent], None]) -> None:
        self._heard = heard

    def dispatch(self, event: FileSystemEvent) -> None:
        self._heard(event)


class _Ears(logging.Handler):
    """Hears watchdog's warnings, which would name files, and keeps them out of every log."""

    def __init__(self, heard: Callable[[], None]) -> None:
        super().__init__(logging.WARNING)
        self._on_record = heard

    def emit(self, record: logging.LogRecord) -> None:  # noqa: ARG002 -- logging's signature
        """Note that there was a warning."""
        self._on_record()


class _Places:
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
