"""The disk against the ledger: every path of a folder ends with a state, whatever it is."""

from __future__ import annotations

import os
import stat
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field, replace
from itertools import chain
from pathlib import Path

from indexer.folders.disappearance import Finding, SecondLook, are_many
from indexer.folders.identity import (
    SAMPLE,
    Standing,
    changed_volumes,
    is_same,
    place_of,
    standing,
    stood_alone,
)
from indexer.folders.ignoring import Ground, Rules, is_rule
from indexer.folders.walk import Seen, below, held_by, list_folder, unlisted, walk
from indexer.storage.presence import Known, Presence
from indexer.storage.store import Folder, KnownFile, Store
from indexer.types import FileStatus, State

# A file that is written to without a pause is read all the same after so many quiet times.
_PATIENCE = 30
# ... and each time that happens to it after twice as many, up to an hour of those of the window.
_MOST_PATIENCE = 1800

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


@dataclass(slots=True)
class _Look:
    """One comparison, while it goes on."""

    there: Standing
    away: list[bytes]  # where a volume inside of the folder came or went
    closed: set[bytes] = field(default_factory=set)  # what is not looked into
    unlisted: list[bytes] = field(default_factory=list)  # folders that could not be listed
    settled: list[bytes] = field(default_factory=list)
    returned: list[int] = field(default_factory=list)
    came: int = 0  # paths that the ledger did not have


class Reconciler:
    """Compares folders with the disk; remembers what was being written to meanwhile."""

    def __init__(self, store: Store, rules: Callable[[], Rules] = Rules) -> None:
        """`rules` is asked at each comparison: what changed in them is judged anew by it."""
        self._store = store
        self._rules = rules
        self._unsettled: dict[bytes, _Unsettled] = {}
        self._patience: dict[bytes, int] = {}  # of files that were taken without rest
        self.forgotten = 0  # files that were found to be gone, over its life

    def unsettled(self) -> list[Path]:
        """Return the folders with files that were left for the next look."""
        return sorted({Path(os.fsdecode(path)).parent for path in self._unsettled})

    def compare(
        self, folder: Folder, inside: Path | None, *, deep: bool, quiet: float
    ) -> list[FileStatus]:
        """Queue what is new or changed and forget what is gone; return what that settled."""
        asked = _Scope(os.fsencode(inside or folder.path), deep)
        presences = self._store.presences
        before = presences.known(folder)
        there = standing(folder.path, before.identity)
        if there is None or not is_same(
            before.identity, there, lambda: presences.sample(folder, SAMPLE)
        ):
            gone = there is None and self._is_deleted(folder, before)
            presences.keep(folder, replace(before, online=gone))
            asked = _Scope(os.fsencode(folder.path), deep=True)
            self._settle_all(path for path in self._unsettled if path in asked)
            return []
        away = changed_volumes(before.volumes, there.volumes) if before.identity else []
        if away:
            inside, deep = None, True  # what the ledger has of them is a matter of this look
        scope, ground = _scope(folder.path, inside, self._rules(), deep=deep)
        noted = {path for path in self._unsettled if path in scope or path in asked}
        look = _Look(there, [_inside(os.fsencode(folder.path / place)) for place in away])
        with self._store.transaction():
            known, disk = self._both(folder, scope, ground)
            for seen in disk:
                self._take(folder, seen, known, look, quiet, noted)
            presences.mark(look.returned, Presence.THERE)
            self._part(folder, known, look)
            presences.keep(folder, Known(True, there.lasting, there.volumes))
        self._settle_all(noted)
        return self._store.statuses_of_paths(look.settled)

    def _is_deleted(self, folder: Folder, known: Known) -> bool:
        """Forget a single file that was deleted; it stays a root, in case that it comes back."""
        path = os.fsencode(folder.path)
        if not stood_alone(known.identity, folder.path):
            return False
        if SecondLook(path, ())(path) is not Finding.ABSENT:
            return False
        with self._store.transaction():
            ids = [file.id for file in self._store.known_files(folder).values()]
            self._store.forget_files(ids)
        self.forgotten += len(ids)
        return True

    def adopt(self, folder: Folder) -> None:
        """Take what stands at a folder's place for the folder, if there is anything in it."""
        there = standing(folder.path)
        known = self._store.presences.known(folder)
        with suppress(OSError):
            if there is not None and not folder.path.is_dir():
                # Each file is the same; the first comparison says that it is one.
                self._store.presences.keep(folder, replace(known, identity=""))
            elif there is not None and any(folder.path.iterdir()):
                self._store.presences.keep(folder, replace(known, identity=there.lasting))

    def _take(
        self,
        folder: Folder,
        seen: Seen,
        known: dict[bytes, KnownFile],
        look: _Look,
        quiet: float,
        noted: set[bytes],
    ) -> None:
        """Enter what was seen into the ledger, unless it is there already."""
        if seen.unread_folder:
            look.unlisted.append(_inside(seen.path))
        elif seen.state is State.SKIPPED:
            look.closed.add(seen.path)
        before = known.pop(seen.path, None)
        if before is not None and before.presence is not Presence.THERE:
            look.returned.append(before.id)
        if before is not None and _is_settled(before, seen):
            return
        if seen.state is State.WAITING and self._is_moving(seen, quiet):
            noted.discard(seen.path)
            return
        look.came += before is None
        reason = f"{seen.reason} {held_by(seen.path)}" if seen.is_folder else seen.reason
        self._store.put_file(folder, seen.path, seen.size, seen.mtime_ns, seen.state, reason)
        if seen.state is not State.WAITING:
            look.settled.append(seen.path)

    def _part(self, folder: Folder, missed: dict[bytes, KnownFile], look: _Look) -> None:
        """Forget those of the missed files that are gone; keep those of which it is not sure."""
        unlisted = tuple(look.unlisted)
        again = SecondLook(os.fsencode(folder.path), look.closed)
        found = {path: again(path) for path in missed if not path.startswith(unlisted)}
        # A drive that was unplugged meanwhile looks as if all of it were deleted.
        if place_of(folder.path) != look.there.now:
            return
        left = [missed[path].id for path, what in found.items() if what is Finding.LEFT]
        absent = {
            path: missed[path].id
            for path, what in found.items()
            if what is Finding.ABSENT
            and missed[path].presence in (Presence.THERE, Presence.UNFOUND)
        }
        away = tuple(look.away)
        unplugged = [id_ for path, id_ in absent.items() if path.startswith(away)]
        gone = [id_ for path, id_ in absent.items() if not path.startswith(away)]
        presences = self._store.presences
        presences.mark(unplugged, Presence.AWAY)
        # To count is as slow as the folder is large.
        if are_many(len(gone), lambda: presences.count(folder) - look.came):
            gone = self._hold(folder, gone, look.came)
        if look.came and (held := presences.held()):
            gone += presences.elsewhere(held)
        self._store.forget_files(left + gone)
        self.forgotten += len(left) + len(gone)

    def _hold(self, folder: Folder, gone: list[int], came: int) -> list[int]:
        """Keep files that went at once until their owner is asked; return those that only moved."""
        presences = self._store.presences
        moved = presences.elsewhere(gone)
        unsure = [id_ for id_ in gone if id_ not in moved]
        if not are_many(len(unsure), lambda: presences.count(folder) - came):
            return gone
        presences.mark(unsure, Presence.HELD)
        return list(moved)

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
        if not (young or changing):
            self._patience.pop(seen.path, None)
            return False
        patience = self._patience.get(seen.path, _PATIENCE)
        if time.monotonic() - since > quiet * patience:
            # A log would be read again every minute, for ever.
            self._patience[seen.path] = min(2 * patience, _MOST_PATIENCE)
            return False
        self._unsettled[seen.path] = _Unsettled(since, seen.size, seen.mtime_ns)
        return True


def _is_settled(before: KnownFile, seen: Seen) -> bool:
    """Tell whether a path is as it was, and judged as it would be now."""
    if (before.size, before.mtime_ns) != (seen.size, seen.mtime_ns):
        return False
    if seen.in_a_cloud and before.has_content and before.state is not State.WAITING:
        return True  # it was read when its bytes were here
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


def _inside(folder: bytes) -> bytes:
    return folder.rstrip(_SEP) + _SEP
