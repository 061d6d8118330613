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
from contextlib import suppress
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

from indexer.folders.changes import Change, Look, fold, looks
from indexer.folders.hearing import Ears, Handler, Places
from indexer.folders.mounts import is_remote
from indexer.folders.polling import polling_observer

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
    polled: bool = False  # the system does not say what happens in it


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
        remote: Callable[[Path], bool] = is_remote,
    ) -> None:
        """Take the folders to watch; what happens below `without` is not heard.

        A folder is due after `quiet` seconds without an event in it, or after `longest` seconds
        of steady noise; all of them are due after `everything` seconds. What `remote` says to be
        a drive of the network is polled.
        """
        self._roots = [_Root(path) for path in roots]
        self._quiet = quiet
        self._longest = longest
        self._everything = everything
        self._without = without
        self._native = native
        self._remote = remote
        self._observer: BaseObserver | None = None
        self._poller: BaseObserver | None = None
        # Of a watch that is shared by single files, the root is found by the name.
        self._heard: deque[tuple[float, _Root | None, Change]] = deque()
        self._files: dict[str, list[_Root]] = {}
        self._file_watches: dict[Path, ObservedWatch] = {}
        self._lost = False
        self._pending: dict[Path, _Pending] = {}
        self._notes: list[str] = []
        self._checked = self._last_everything = time.monotonic()
        self._asleep = time.time() - time.monotonic()
        self._ears = Ears(self._on_warning)

    def start(self) -> None:
        """Begin to listen. What was changed before is for a comparison to find."""
        logging.getLogger("watchdog").addHandler(self._ears)
        self._listen()

    def close(self) -> None:
        """Stop listening, and wait for watchdog's threads."""
        self._end_observers()
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
        if not all(observer.is_alive() for observer in self._observers):
            log.warning("the observer ended; a new one is started")
            self._end_observers()
            self._listen()
            self._mark_all(now)
            return
        emitters = [each for observer in self._observers for each in observer.emitters]
        dead = {emitter.watch for emitter in emitters if not emitter.is_alive()}
        place_of = Places()
        for root in self._roots:
            if root.watch is not None and (
                root.watch in dead or place_of(root.path, is_file=root.is_file) != root.identity
            ):
                self._unwatch(root)
                self._mark(Look(root.path, deep=True), now)
            if root.watch is None and now >= root.try_again and self._watch(root, now):
                self._mark(Look(root.path, deep=True), now)

    @property
    def _observers(self) -> list[BaseObserver]:
        return [each for each in (self._observer, self._poller) if each is not None]

    def _listen(self) -> None:
        """Start to watch all roots; what the system has no room for is polled."""
        try:
            self._observer = self._native()
            self._observer.start()
        except OSError as error:
            self._observer = None
            if error.errno not in _TOO_MANY:
                raise
        for root in self._roots:
            self._watch(root, time.monotonic())

    def _watch(self, root: _Root, now: float) -> bool:
        """Watch a root; False if it is away or cannot be watched now."""
        # Links are resolved once, here: no observer follows them by itself.
        root.real = Path(os.path.realpath(root.path))
        if not root.real.exists():
            return False
        root.is_file = not root.real.is_dir()
        identity = Places()(root.path, is_file=root.is_file)
        root.polled = root.polled or self._remote(root.real)
        if not root.polled and self._observer is None:
            self._poll(root)
        try:
            root.watch = self._watch_file(root) if root.is_file else self._schedule(root, root.real)
        except OSError as error:
            if error.errno in _TOO_MANY and not root.polled:
                self._poll(root)
                return self._watch(root, now)
            log.warning("a folder cannot be watched: %s", type(error).__name__)
            root.try_again = now + _TRY_AGAIN_SECONDS
            return False
        root.identity = identity
        if not (root.polled or root.is_file or self._has_room(root.watch)):
            # watchdog raises for the root only; folders below it may have been left out.
            self._poll(root)
            return self._watch(root, now)
        return True

    def _watch_file(self, root: _Root) -> ObservedWatch:
        folder = root.real.parent
        if folder not in self._file_watches:
            self._file_watches[folder] = self._schedule(None, folder, polled=root.polled)
        files = self._files.setdefault(os.fspath(root.real), [])
        if root not in files:
            files.append(root)
        return self._file_watches[folder]

    def _schedule(self, root: _Root | None, folder: Path, *, polled: bool = False) -> ObservedWatch:
        observer = self._observer
        if polled or (root is not None and root.polled):
            if self._poller is None:
                self._poller = polling_observer()
                self._poller.start()
            observer = self._poller
        assert observer is not None
        return observer.schedule(
            Handler(lambda event: self._on_event(root, event)),
            os.fspath(folder),
            recursive=root is not None,
            event_filter=_EVENTS,
        )

    def _unwatch(self, root: _Root) -> None:
        watch = root.watch
        for other in self._roots:
            if other.watch == watch:  # two files of one folder share it
                other.watch = None
        if watch is None:
            return
        self._file_watches = {f: w for f, w in self._file_watches.items() if w != watch}
        for observer in self._observers:
            with suppress(KeyError, OSError):  # it is the other's, or gone before it was ended
                observer.unschedule(watch)

    def _end_observers(self) -> None:
        for root in self._roots:
            root.watch = None
        self._files.clear()
        self._file_watches.clear()
        observers = self._observers
        self._observer = self._poller = None
        for observer in observers:
            observer.stop()
        for observer in observers:
            if observer.ident is not None:
                observer.join()

    def _poll(self, root: _Root) -> None:
        """Have a root polled from its next watch on, and say so."""
        self._unwatch(root)
        root.polled = True
        name = root.path.name or str(root.path)
        self._notes.append(
            f"The system cannot watch all of “{name}”: it is looked through now and then instead, "
            "which costs some power."
        )

    def _check_limit(self) -> None:
        """Poll the roots that were added last, until there is room for the others."""
        for root in reversed(self._roots):
            if root.polled or root.is_file or root.watch is None:
                continue
            if self._has_room(root.watch):
                return
            self._poll(root)
            self._watch(root, time.monotonic())

    def _has_room(self, watch: ObservedWatch) -> bool:
        """Tell whether the system watches one more folder: its limit is for all of a user's."""
        if sys.platform != "linux":
            return True
        try:
            probe = self._native()
            probe.start()
        except OSError:
            return True  # it is observers that are too many
        try:
            probe.schedule(FileSystemEventHandler(), watch.path)
        except OSError as error:
            return error.errno != errno.ENOSPC
        finally:
            probe.stop()
            probe.join()
        return True
