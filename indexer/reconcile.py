"""The disk against the ledger: every path of a folder ends with a state, whatever it is."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from indexer.readers import why_not
from indexer.types import State

# Above this a file is a database, a disk image or a film; reading it would hold up all others.
MOST_BYTES = 256 * 2**20

_SYSTEM_NAMES = frozenset({"thumbs.db", "desktop.ini", "icon\r", "$recycle.bin"})


@dataclass(frozen=True, slots=True)
class Seen:
    """A path as it stands on the disk; WAITING means that it should be read."""

    path: bytes
    size: int
    mtime_ns: int
    state: State
    reason: str = ""
    unread_folder: bool = False  # what lies inside could not be listed, and may still be there


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
    if not stat.S_ISDIR(status.st_mode):
        yield _judge(start, os.path.basename(start), status)  # noqa: PTH119 -- bytes
        return
    folders = [start]
    while folders:
        folder = folders.pop()
        try:
            with os.scandir(folder) as listing:
                entries = sorted(listing, key=lambda entry: entry.name)
        except OSError:
            yield Seen(
                folder, 0, 0, State.FAILED, "This folder may not be read.", unread_folder=True
            )
            continue
        below = []
        for entry in entries:
            try:
                # lstat, never open: a fifo would hang, a placeholder would be fetched.
                status = entry.stat(follow_symlinks=False)
            except OSError:
                continue  # gone since it was listed
            if stat.S_ISDIR(status.st_mode) and not (reason := _left_out(entry.name)):
                below.append(entry.path)
            elif stat.S_ISDIR(status.st_mode):
                yield Seen(entry.path, 0, 0, State.SKIPPED, reason)
            else:
                yield _judge(entry.path, entry.name, status)
        folders += reversed(below)


def _judge(path: bytes, name: bytes, status: os.stat_result) -> Seen:
    def skipped(reason: str) -> Seen:
        return Seen(path, status.st_size, status.st_mtime_ns, State.SKIPPED, reason)

    if stat.S_ISLNK(status.st_mode):
        return skipped("Links are not followed.")
    if not stat.S_ISREG(status.st_mode):
        return skipped("This is no document but a device, a pipe or a socket.")
    if reason := _left_out(name):
        return skipped(reason)
    if (unread := why_not(os.fsdecode(name))) is not None:
        return skipped(unread)
    if status.st_size > MOST_BYTES:
        return skipped(f"The file is larger than {MOST_BYTES // 2**20} MB.")
    return Seen(path, status.st_size, status.st_mtime_ns, State.WAITING)


def _left_out(name: bytes) -> str:
    if name.startswith(b"."):
        return "Hidden files and folders are left out."
    if os.fsdecode(name).lower() in _SYSTEM_NAMES:
        return "Files of the system are left out."
    return ""
