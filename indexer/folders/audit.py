"""Finds files with other bytes at the same size and time, which no comparison with the disk sees.

A restored copy, a program that sets the time back, or a disk that lost bits: all of the library is
hashed again, a little at a time while nothing else is to be done, and begun anew at its end.
"""

from __future__ import annotations

import hashlib
import stat
import time
from dataclasses import dataclass, field
from typing import IO, Any

from indexer.folders.placeholders import why_in_a_cloud
from indexer.storage.audited import Audited, AuditedFile

# Some 10 s of a hard disk's time an hour; 25 GB are looked at in a day.
BYTES_AN_HOUR = 2**30
_BLOCK = 2**20  # takes a few milliseconds
_SAVED = 4 * _BLOCK  # of the allowance, while other work was done
_A_FILE = 4096  # what opening one counts for
_KEEP_SECONDS = 30.0


@dataclass(slots=True)
class _Hashing:
    """A file that is being hashed."""

    audited: AuditedFile
    file: IO[bytes]
    sha256: Any = field(default_factory=hashlib.sha256)


class Audit:
    """Hashes files in the order of their last check. Not thread-safe."""

    def __init__(self, audited: Audited, bytes_an_hour: float = BYTES_AN_HOUR) -> None:
        self._audited = audited
        self._pace = bytes_an_hour / 3600
        self._allowed = 0.0
        self._at = self._kept = time.monotonic()
        self._last = audited.last()
        self._hashing: _Hashing | None = None

    def close(self) -> None:
        """Remember how far it came."""
        self._end()
        self._audited.keep_last(self._last)

    def step(self) -> bool:
        """Hash one block if it is time; True if a file was found that is to be read again."""
        now = time.monotonic()
        self._allowed = min(_SAVED, self._allowed + (now - self._at) * self._pace)
        self._at = now
        if self._allowed <= 0:
            return False
        if now - self._kept >= _KEEP_SECONDS:
            self._kept = now
            self._audited.keep_last(self._last)
        if self._hashing is None:
            self._begin()
            return False
        return self._go_on(self._hashing)

    def _begin(self) -> None:
        self._allowed -= _A_FILE
        audited = self._audited.after(self._last)
        if audited is None:
            self._last = 0
            return
        self._last = audited.id
        try:
            if _is_as_read(audited):
                self._hashing = _Hashing(audited, audited.path.open("rb"))
        except OSError:
            return  # what is gone, or may not be read, is a matter of the comparison

    def _go_on(self, hashing: _Hashing) -> bool:
        try:
            block = hashing.file.read(_BLOCK)
        except OSError:
            self._end()
            return False
        self._allowed -= len(block)
        hashing.sha256.update(block)
        if block:
            return False
        self._end()
        audited = hashing.audited
        try:
            other = hashing.sha256.digest() != audited.sha256 and _is_as_read(audited)
        except OSError:
            return False
        if other:
            self._audited.queue(audited.id)
        return other

    def _end(self) -> None:
        hashing, self._hashing = self._hashing, None
        if hashing is not None:
            hashing.file.close()


def _is_as_read(audited: AuditedFile) -> bool:
    """Tell whether a file has the size and time that it was read with, and may be opened."""
    status = audited.path.lstat()
    same = (status.st_size, status.st_mtime_ns) == (audited.size, audited.mtime_ns)
    return same and stat.S_ISREG(status.st_mode) and not why_in_a_cloud(status)
