"""The disk against the ledger: every path of a folder ends with a state, whatever it is."""

from __future__ import annotations

import os
import stat
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

from indexer.readers import why_not
from indexer.store import Folder, KnownFile, Store
from indexer.types import FileStatus, State

# Above this a file is a database, a disk image or a film; reading it would hold up all others.
MOST_BYTES = 256 * 2**20

# A file that is written to without a pause is read all the same after so many quiet times.
_PATIENCE = 30

_SYSTEM_NAMES = frozenset({"thumbs.db", "desktop.ini", "icon\r", "$recycle.bin"})
_SEP = os.fsencode(os.sep)


@dataclass(frozen=True, slots=True)
class Seen:
    """A path as it stands on the disk; WAITING means that it should be read."""

    path: bytes
    size: int
    mtime_ns: int
    state: State
    reason: str = ""
    unread_folder: bool = False  # what lies inside could not be listed, and may still be there


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

    def __init__(self, store: Store) -> None:
        self._store = store
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
        scope = _scope(folder.path, inside, deep=deep)
        noted = {path for path in self._unsettled if path in scope or path in asked}
        closed: set[bytes] = set()  # files, links and folders that are not looked into
        unlisted: list[bytes] = []
        settled: list[bytes] = []
        with self._store.transaction():
            known, disk = self._both(folder, scope)
            for seen in disk:
                if seen.unread_folder:
                    unlisted.append(_inside(seen.path))
                if seen.state is State.SKIPPED:
                    closed.add(seen.path)
                before = known.pop(seen.path, None)
                if (
                    before is not None
                    and (before.size, before.mtime_ns) == (seen.size, seen.mtime_ns)
                    and (seen.state is State.WAITING or before.state is seen.state)
                ):
                    continue
                if seen.state is State.WAITING and self._is_moving(seen, quiet):
                    noted.discard(seen.path)
                    continue
                self._store.put_file(
                    folder, seen.path, seen.size, seen.mtime_ns, seen.state, seen.reason
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

    def _both(self, folder: Folder, scope: _Scope) -> tuple[dict[bytes, KnownFile], Iterator[Seen]]:
        """Return what the ledger has of a scope, and what the disk has."""
        start = Path(os.fsdecode(scope.start))
        if scope.deep:
            inside = None if start == folder.path else start
            return self._store.known_files(folder, inside), walk(start)
        known = self._store.known_children(start)
        try:
            files, folders = _listing(scope.start)
        except OSError:
            return known, iter([_unread(scope.start)])
        # What lies inside a folder that stayed has looks of its own; one that came or went is
        # part of this one.
        stayed = {_inside(scope.start) + name for name in self._store.known_folders(start)}
        for path in stayed.difference(folders):
            known |= self._store.known_files(folder, Path(os.fsdecode(path)))
        came = (seen for path in folders if path not in stayed for seen in _below(path))
        return known, chain(files, came)

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


def walk(root: Path) -> Iterator[Seen]:
    """Yield every file below a root (or the root itself, if it is a file), folder by folder.

    Links are not followed, except the root itself. Folders that cannot be listed, and folders
    that are left out as a whole, are yielded as one path with their reason.
    """
    start = os.fsencode(root)
    try:
        status = os.stat(start)  # noqa: PTH116 -- bytes paths throughout: names need not be UTF-8
    except OSError:
        return
    if stat.S_ISDIR(status.st_mode):
        yield from _below(start)
    else:
        yield _judge(start, os.path.basename(start), status)  # noqa: PTH119 -- bytes


def left_out(name: bytes) -> str:
    """Return why a file or folder of this name is left out; "" if it is not."""
    if name.startswith(b"."):
        return "Hidden files and folders are left out."
    if os.fsdecode(name).lower() in _SYSTEM_NAMES:
        return "Files of the system are left out."
    return ""


def identity_of(path: Path) -> tuple[int, int] | None:
    """Return what tells a folder or file from another at the same place; None if it is away."""
    try:
        status = path.stat()
    except OSError:
        return None
    return status.st_dev, status.st_ino


def _below(start: bytes) -> Iterator[Seen]:
    waiting = [start]
    while waiting:
        folder = waiting.pop()
        try:
            files, folders = _listing(folder)
        except (FileNotFoundError, NotADirectoryError):
            continue  # gone since it was listed
        except OSError:
            yield _unread(folder)
            continue
        yield from files
        waiting += reversed(folders)


def _listing(folder: bytes) -> tuple[list[Seen], list[bytes]]:
    """Return what stands in a folder, and the folders in it to look into. Raises OSError."""
    with os.scandir(folder) as listing:
        entries = sorted(listing, key=lambda entry: entry.name)
    files = []
    folders = []
    for entry in entries:
        try:
            # lstat, never open: a fifo would hang, a placeholder would be fetched.
            status = entry.stat(follow_symlinks=False)
        except OSError:
            continue  # gone since it was listed
        if not stat.S_ISDIR(status.st_mode):
            files.append(_judge(entry.path, entry.name, status))
        elif reason := left_out(entry.name):
            files.append(Seen(entry.path, 0, 0, State.SKIPPED, reason))
        else:
            folders.append(entry.path)
    return files, folders


def _scope(root: Path, inside: Path | None, *, deep: bool) -> _Scope:
    """Return where to look; what is no folder to look into is a matter of the one around it."""
    start = os.fsencode(root)
    if inside is None or inside == root:
        return _Scope(start, deep or not root.is_dir())
    for part in map(os.fsencode, inside.relative_to(root).parts):
        path = _inside(start) + part
        try:
            is_folder = stat.S_ISDIR(os.lstat(path).st_mode)
        except OSError:
            is_folder = False
        if not is_folder or left_out(part):
            return _Scope(start, deep=False)
        start = path
    return _Scope(start, deep)


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


def _unread(folder: bytes) -> Seen:
    reason = "This folder may not be read."
    return Seen(folder, 0, 0, State.FAILED, reason, unread_folder=True)


def _judge(path: bytes, name: bytes, status: os.stat_result) -> Seen:
    def skipped(reason: str) -> Seen:
        return Seen(path, status.st_size, status.st_mtime_ns, State.SKIPPED, reason)

    if stat.S_ISLNK(status.st_mode):
        return skipped("Links are not followed.")
    if not stat.S_ISREG(status.st_mode):
        return skipped("This is no document but a device, a pipe or a socket.")
    if reason := left_out(name):
        return skipped(reason)
    if (unread := why_not(os.fsdecode(name))) is not None:
        return skipped(unread)
    if status.st_size > MOST_BYTES:
        megabytes = MOST_BYTES // 2**20
        return skipped(f"The file is larger than {megabytes} MB.")
    return Seen(path, status.st_size, status.st_mtime_ns, State.WAITING)
