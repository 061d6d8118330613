"""A sign for all processes of a profile that a language model works: a lock, which dies with it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from filelock import FileLock, Timeout

# `is_answering` takes it for an instant; two models at once give one sign.
_PATIENCE = 0.1


@contextmanager
def answering(sign: Path | None) -> Iterator[None]:
    """Give the sign, if there is one, for as long as the block runs."""
    if sign is None:
        yield
        return
    lock = FileLock(sign)
    with suppress(Timeout, OSError):
        lock.acquire(timeout=_PATIENCE, poll_interval=0.01)
    try:
        yield
    finally:
        lock.release()


def is_answering(sign: Path) -> bool:
    """Tell whether somebody gives the sign."""
    lock = FileLock(sign)
    try:
        lock.acquire(timeout=0)
    except Timeout:
        return True
    except OSError:
        return False
    lock.release()
    return False
