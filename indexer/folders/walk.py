"""The disk as it stands: every path below a folder, each with the state that it ends in unread."""

from __future__ import annotations

import os
import stat
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from indexer.folders.ignoring import Ground
from indexer.folders.placeholders import (
    why_folder_in_a_cloud,
    why_in_a_cloud,
    why_named_by_icloud,
)
from indexer.readers import why_not
from indexer.types import State

# How far what is left out is counted, so that it costs next to nothing: entries and seconds.
_MOST_COUNTED = 10_000
_COUNTED_FOR = 0.2


@dataclass(frozen=True, slots=True)
class Seen:
    """A path as it stands on the disk; WAITING means that it should be read."""

    path: bytes
    size: int
    mtime_ns: int
    state: State
    reason: str = ""
    is_folder: bool = False  # left out as a whole
    unread_folder: bool = False  # what lies inside could not be listed, and may still be there
    in_a_cloud: bool = False  # its bytes are not on this computer


@dataclass(frozen=True, slots=True)
class Listing:
    """What stands in a folder: files and what is left out, and folders to look into."""

    seen: list[Seen]
    folders: list[bytes]
    ground: Ground  # what holds in it


def walk(root: Path, ground: Ground) -> Iterator[Seen]:
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
        yield from below(start, ground)
    else:
        # A file that was added by itself is wanted, whatever a pattern says of its folder.
        alone = replace(ground, own=None, inherited=())
        yield _judge(start, os.path.basename(start), status, alone)  # noqa: PTH119 -- bytes


def below(start: bytes, ground: Ground) -> Iterator[Seen]:
    """Yield every file below a folder; `ground` is what holds around it."""
    waiting = [(start, ground)]
    while waiting:
        folder, around = waiting.pop()
        try:
            listing = list_folder(folder, around)
        except (FileNotFoundError, NotADirectoryError):
            continue  # gone since it was listed
        except OSError:
            yield unlisted(folder)
            continue
        yield from listing.seen
        waiting += ((inner, listing.ground) for inner in reversed(listing.folders))


def list_folder(folder: bytes, around: Ground) -> Listing:
    """Return what stands in a folder. Raises OSError."""
    with os.scandir(folder) as scan:
        entries = sorted(scan, key=lambda entry: entry.name)
    names = {entry.name for entry in entries}
    ground = around.enter(folder, names)
    listing = Listing([], [], ground)
    for entry in entries:
        try:
            # lstat, never open: a fifo would hang, a placeholder would be fetched.
            status = entry.stat(follow_symlinks=False)
        except OSError:
            continue  # gone since it was listed, or the second look says that it is not
        if not stat.S_ISDIR(status.st_mode):
            listing.seen.append(_judge(entry.path, entry.name, status, ground))
        elif reason := why_folder_in_a_cloud(status):
            seen = Seen(entry.path, 0, 0, State.SKIPPED, reason, unread_folder=True)
            listing.seen.append(seen)
        elif reason := ground.reason(entry.path, entry.name, is_folder=True, beside=names):
            seen = Seen(entry.path, 0, 0, State.SKIPPED, reason, is_folder=True)
            listing.seen.append(seen)
        else:
            listing.folders.append(entry.path)
    return listing


def unlisted(folder: bytes) -> Seen:
    """Return a folder that cannot be listed."""
    reason = "This folder may not be read."
    return Seen(folder, 0, 0, State.FAILED, reason, unread_folder=True)


def held_by(folder: bytes) -> str:
    """Return in words how many files a folder holds that is left out, as far as that is quick."""
    end = time.monotonic() + _COUNTED_FOR
    count = looked = 0
    waiting = [folder]
    while waiting:
        try:
            with os.scandir(waiting.pop()) as scan:
                for entry in scan:
                    looked += 1
                    if looked > _MOST_COUNTED or time.monotonic() > end:
                        return f"It holds more than {count} files."
                    if entry.is_dir(follow_symlinks=False):
                        waiting.append(entry.path)
                    else:
                        count += 1
        except OSError:
            continue
    return "It holds one file." if count == 1 else f"It holds {count} files."


def _judge(path: bytes, name: bytes, status: os.stat_result, ground: Ground) -> Seen:
    seen = Seen(path, status.st_size, status.st_mtime_ns, State.WAITING)
    if reason := _why_not(path, name, status, ground):
        return replace(seen, state=State.SKIPPED, reason=reason)
    if reason := why_in_a_cloud(status):
        return replace(seen, state=State.SKIPPED, reason=reason, in_a_cloud=True)
    return seen


def _why_not(path: bytes, name: bytes, status: os.stat_result, ground: Ground) -> str:
    """Return why a file is not read, wherever its bytes are; "" if it is."""
    if stat.S_ISLNK(status.st_mode):
        return "Links are not followed."
    if not stat.S_ISREG(status.st_mode):
        return "This is no document but a device, a pipe or a socket."
    return (
        why_named_by_icloud(name)
        or ground.reason(path, name, is_folder=False)
        or why_not(os.fsdecode(name))
        or ground.too_large(status.st_size)
    )
