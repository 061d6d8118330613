"""The disk against the ledger: every path of a folder ends with a state, whatever it is."""

from __future__ import annotations

import os
import stat
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

from indexer.folders.ignoring import Ground, Rules, is_rule
from indexer.folders.walk import Seen, below, held_by, list_folder, unlisted, walk
from indexer.storage.store import Folder, KnownFile, Store
from indexer.types import FileStatus, State

# A file that is written to without a pause is read all the same after so many quiet times.
_PATIENCE = 30

_SEP = os.fsencode(os.sep)


@dataclass(frozen=True, slots=True)
class _Unsettled:
    """A file that was still being written to when it was looked at."""

    since: float  # time.monotonic() of the first look
    size: int
    mtime_ns: int


@dataclass(frozen=True, slots=True)
class _Scope:
    """The part of a folder that one comparison looks at."""

    start: bytes
    deep: bool

    def __contains__(self, path: bytes) -> bool:
        inside = _inside(self.start)
        if not path.startswith(inside):
            return path == self.start
        return self.deep or _SEP not in path[len(inside) :]


class Reconciler:
    """Compares folders with the disk; remembers what was being written to meanwhile."""

    def __init__(self, store: Store, rules: Callable[[], Rules] = Rules) -> None:
        """`rules` is asked at each comparison: what changed in them is judged anew by it."""
        self._store = store
        self._rules = rules
        self._unsettled: dict[bytes, _Unsettled] = {}
        self.forgotten = 0  # files that were found to be gone, over its life

    def unsettled(self) -> list[Path]:
        """Return the folders with files that were left for the next look."""
        return sorted({Path(os.fsdecode(path)).parent for path in self._unsettled})

    def compare(
        self, folder: Folder, inside: Path | None, *, deep: bool, quiet: float
    ) -> list[FileStatus]:
        """Queue what is new or changed and forget what is gone; return what that settled."""
        asked = _Scope(os.fsencode(inside or folder.path), deep)
        identity = identity_of(folder.path)
        self._store.set_online(folder, identity is not None)
        if identity is None:
            asked = _Scope(os.fsencode(folder.path), deep=True)
            self._settle_all(path for path in self._unsettled if path in asked)
            return []
        scope, ground = _scope(folder.path, inside, self._rules(), deep=deep)
        noted = {path for path in self._unsettled if path in scope or path in asked}
        closed: set[bytes] = set()  # files, links and folders that are not looked into
        unlisted: list[bytes] = []
        settled: list[bytes] = []
        with self._store.transaction():
            known, disk = self._both(folder, scope, ground)
            for seen in disk:
                if seen.unread_folder:
                    unlisted.append(_inside(seen.path))
                if seen.state is State.SKIPPED:
                    closed.add(seen.path)
                before = known.pop(seen.path, None)
                if before is not None and _is_settled(before, seen):
                    continue
                if seen.state is State.WAITING and self._is_moving(seen, quiet):
                    noted.discard(seen.path)
                    continue
                reason = f"{seen.reason} {held_by(seen.path)}" if seen.is_folder else seen.reason
                self._store.put_file(
                    folder, seen.path, seen.size, seen.mtime_ns, seen.state, reason
                )
                if seen.state is not State.WAITING:
                    settled.append(seen.path)
            gone = [
                file.id
                for path, file in known.items()
                if not path.startswith(tuple(unlisted)) and _is_gone(path, closed)
            ]
            # A drive that was unplugged meanwhile looks as if all of it were deleted.
            if identity_of(folder.path) == identity:
                self._store.forget_files(gone)
                self.forgotten += len(gone)
        self._settle_all(noted)
        return self._store.statuses_of_paths(settled)

    def _both(
        self, folder: Folder, scope: _Scope, ground: Ground
    ) -> tuple[dict[bytes, KnownFile], Iterator[Seen]]:
        """Return what the ledger has of a scope, and what the disk has."""
        start = Path(os.fsdecode(scope.start))
        if scope.deep:
            inside = None if start == folder.path else start
            return self._store.known_files(folder, inside), walk(start, ground)
        known = self._store.known_children(start)
        try:
            listing = list_folder(scope.start, ground)
        except OSError:
            return known, iter([unlisted(scope.start)])
        # What lies inside a folder that stayed has looks of its own; one that came or went is
        # part of this one.
        stayed = {_inside(scope.start) + name for name in self._store.known_folders(start)}
        for path in stayed.difference(listing.folders):
            known |= self._store.known_files(folder, Path(os.fsdecode(path)))
        came = (path for path in listing.folders if path not in stayed)
        inside_of = (seen for path in came for seen in below(path, listing.ground))
        return known, chain(listing.seen, inside_of)

    def _settle_all(self, paths: Iterable[bytes]) -> None:
        for path in list(paths):
            del self._unsettled[path]

    def _is_moving(self, seen: Seen, quiet: float) -> bool:
        """Tell whether a file is still being written to, and note it; never for ever."""
        before = self._unsettled.get(seen.path)
        young = 0 <= time.time() - seen.mtime_ns / 1e9 < quiet
        changing = before is not None and (before.size, before.mtime_ns) != (
            seen.size,
            seen.mtime_ns,
        )
        since = before.since if before else time.monotonic()
        if not (young or changing) or time.monotonic() - since > quiet * _PATIENCE:
            return False
        self._unsettled[seen.path] = _Unsettled(since, seen.size, seen.mtime_ns)
        return True


def identity_of(path: Path) -> tuple[int, int] | None:
    """Return what tells a folder or file from another at the same place; None if it is away."""
    try:
        status = path.stat()
    except OSError:
        return None
    return status.st_dev, status.st_ino


def _is_settled(before: KnownFile, seen: Seen) -> bool:
    """Tell whether a path is as it was, and judged as it would be now."""
    if (before.size, before.mtime_ns) != (seen.size, seen.mtime_ns):
        return False
    if seen.state is State.WAITING:
        return not is_rule(before.reason)
    return before.state is seen.state and before.reason.startswith(seen.reason)


def _scope(root: Path, inside: Path | None, rules: Rules, *, deep: bool) -> tuple[_Scope, Ground]:
    """Return where to look and what holds around there.

    What is no folder to look into is a matter of the one around it.
    """
    ground = Ground.of(root, rules)
    start = os.fsencode(root)
    if inside is None or inside == root:
        return _Scope(start, deep or not root.is_dir()), ground
    for part in map(os.fsencode, inside.relative_to(root).parts):
        path = _inside(start) + part
        try:
            is_folder = stat.S_ISDIR(os.lstat(path).st_mode)
            names = set(os.listdir(start))  # noqa: PTH208 -- bytes
        except OSError:
            is_folder, names = False, set[bytes]()
        within = ground.enter(start, names)
        if not is_folder or within.reason(path, part, is_folder=True, beside=names):
            return _Scope(start, deep=False), ground
        start, ground = path, within
    return _Scope(start, deep), ground


def _is_gone(path: bytes, closed: set[bytes]) -> bool:
    # Looked at once more: a listing may have missed it while it was moved about. What was noted
    # as a whole folder is listed file by file by now.
    if not os.path.lexists(path) or os.path.isdir(path):  # noqa: PTH112 -- bytes
        return True
    # It is still there behind a link, or in a folder that is left out by now.
    while (parent := os.path.dirname(path)) != path:  # noqa: PTH120 -- bytes
        if parent in closed:
            return True
        path = parent
    return False


def _inside(folder: bytes) -> bytes:
    return folder.rstrip(_SEP) + _SEP
