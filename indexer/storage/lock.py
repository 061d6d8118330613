"""The lock that makes a library's writer the only one, over all processes of the machine."""

from __future__ import annotations

from pathlib import Path

from filelock import FileLock, Timeout

from indexer.errors import IndexerError, LibraryBusy


def take_lock(database: Path) -> FileLock:
    """Take the lock of a library; a process that is killed gives it back. Raises IndexerError."""
    lock = FileLock(database.with_suffix(".lock"))
    try:
        lock.acquire(timeout=0)
    except Timeout:
        raise LibraryBusy(
            "Another Pocket-LLM is working on this library.",
            "Wait until it has finished, or end it; searching works meanwhile.",
            database,
        ) from None
    except OSError as error:
        raise IndexerError(
            "The library cannot be written to.",
            "Choose a folder that you may write to, with --profile DIR; searching works here, too.",
            database,
        ) from error
    return lock
