"""A file that is being downloaded: `NAME.part`, what it has to become, and its hash so far.

What it has to become is kept beside it, so that a later run goes on only with the same file. What a
crash tore a hole into has another hash at the end, and is thrown away.
"""

from __future__ import annotations

import errno
import hashlib
import json
import os
import shutil
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import BinaryIO

from models.errors import ModelError

_BLOCK = 1 << 22
_MARGIN = 64 << 20  # bytes that stay free
_FULL = frozenset((errno.ENOSPC, errno.EFBIG, getattr(errno, "EDQUOT", errno.ENOSPC)))


@dataclass(frozen=True, slots=True)
class Expected:
    """What a file is known by before its first byte comes."""

    bytes: int
    sha256: str = ""
    git_sha1: str = ""  # of small files, which a hub keeps in git itself

    def fits(self, size: int, sha256: str, git_sha1: str) -> bool:
        """Whether a file is the one that was promised."""
        same = sha256 == self.sha256 if self.sha256 else git_sha1 == self.git_sha1
        return size == self.bytes and same


class Partial:
    """The beginning of a file."""

    def __init__(self, target: Path) -> None:
        self.target = target
        self.path = target.with_name(f"{target.name}.part")
        self._note = target.with_name(f"{target.name}.part.json")
        self.size = 0
        self.expected: Expected | None = None
        self._sha256 = hashlib.sha256()
        self._git = hashlib.sha1(usedforsecurity=False)
        self._file: BinaryIO | None = None

    def take_up(self) -> Iterator[int]:
        """Go on with what an earlier run left behind, yielding the bytes as they are read anew."""
        self.expected = self._noted()
        if self.expected is None:
            self.discard()
            return
        self._begin()
        with suppress(FileNotFoundError), self.path.open("rb") as file:
            while data := file.read(_BLOCK):
                self._count(data)
                yield self.size
        if self.size > self.expected.bytes:
            self.discard()

    def expect(self, expected: Expected) -> None:
        """Settle what the file has to become; a beginning of another file is thrown away.

        Raises ModelError.
        """
        if self.expected == expected:
            return
        self.discard()
        self.expected = expected
        self._begin()
        try:
            self._note.write_text(json.dumps(asdict(expected)), "utf-8")
            free = shutil.disk_usage(self.target.parent).free
        except OSError as error:
            raise _unwritable(error, expected.bytes) from error
        if free < expected.bytes + _MARGIN:
            raise _full(expected.bytes + _MARGIN - free)

    def append(self, data: bytes) -> None:
        """Write more of the file. Raises ModelError."""
        try:
            if self._file is None:
                self._file = self.path.open("ab")
            self._file.write(data)
        except OSError as error:
            raise self._stuck(error) from error
        self._count(data)

    def is_whole(self) -> bool:
        """Whether as many bytes are there as there have to be."""
        return self.expected is not None and self.size == self.expected.bytes

    def finish(self) -> str | None:
        """Put the file in its place and return its SHA-256; None if it is another file.

        Raises ModelError.
        """
        sha256, git = self._sha256.hexdigest(), self._git.hexdigest()
        if self.expected is None or not self.expected.fits(self.size, sha256, git):
            self.discard()
            return None
        try:
            if self._file is None:
                self._file = self.path.open("ab")
            self._file.flush()
            os.fsync(self._file.fileno())
            self.close()
            self.path.replace(self.target)
        except OSError as error:
            raise self._stuck(error) from error
        with suppress(OSError):
            self._note.unlink(missing_ok=True)
        return sha256

    def discard(self) -> None:
        """Throw away what is there."""
        with suppress(OSError):
            self.close()
        for path in (self.path, self._note):
            with suppress(OSError):
                path.unlink(missing_ok=True)
        self.expected = None
        self._begin()

    def close(self) -> None:
        """Let the file go; what is there stays for the next run. Raises OSError."""
        file, self._file = self._file, None
        if file is not None:
            file.close()

    def _begin(self) -> None:
        self.size = 0
        self._sha256 = hashlib.sha256()
        length = self.expected.bytes if self.expected else 0
        self._git = hashlib.sha1(b"blob %d\0" % length, usedforsecurity=False)

    def _count(self, data: bytes) -> None:
        self._sha256.update(data)
        if self.expected and self.expected.git_sha1:
            self._git.update(data)
        self.size += len(data)

    def _noted(self) -> Expected | None:
        try:
            return Expected(**json.loads(self._note.read_bytes()))
        except (OSError, ValueError, TypeError):
            return None

    def _stuck(self, error: OSError) -> ModelError:
        with suppress(OSError):
            self.close()  # what was not written yet fails again
        # What counts is what stands on the disk.
        left = self.expected.bytes - self.size if self.expected else 0
        return _unwritable(error, max(left, 1 << 20))


def has_partial(target: Path) -> bool:
    """Tell whether an unfinished download left anything."""
    return any(path.exists() for path in _left(target))


def remove_partial(target: Path) -> None:
    """Remove what an unfinished download left. Raises OSError."""
    for path in _left(target):
        path.unlink(missing_ok=True)


def _left(target: Path) -> list[Path]:
    return [target.with_name(target.name + suffix) for suffix in (".part", ".part.json")]


def _unwritable(error: OSError, wanted: int) -> ModelError:
    if error.errno in _FULL:
        return _full(wanted)
    return ModelError(
        "The model cannot be written.", "Check the rights of the profile's folder `models`."
    )


def _full(wanted: int) -> ModelError:
    megabytes = f"{-(-wanted // 10**6):,}"
    return ModelError(
        "There is not enough disk space for this model.",
        f"Free {megabytes} MB, then get it again: it goes on from where it was.",
    )
