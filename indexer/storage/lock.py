"""The lock that makes a library's writer the only one, over all processes of the machine."""

from __future__ import annotations

from pathlib import Path

from filelock import FileLock, Timeout

from indexer.errors import LibraryBusy


def take_lock(database: Path) -> FileLock:
    """Take the lock of a library; a process that is killed gives it back. Raises LibraryBusy."""
    lock = FileLock(database.with_suffix(".lock"))
    try:
        lock.acquire(timeout=0)
    except Timeout:
        raise LibraryBusy(
            "Another Pocket-LLM is working on this library.",
            "Wait until it has finished, or end it; searching works meanwhile.",
            database,
        ) from None
    return lock
