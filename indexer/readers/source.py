"""What a reader reads: a file of the disk, or a member of one, which is in memory."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from io import BytesIO
from pathlib import Path
from typing import BinaryIO


@dataclass(slots=True)
class Allowance:
    """What may still be taken out of one file of the library, from all depths together.

    The bounds hold for what is expanded, which a small file can have without end.
    """

    members: int = 2_000
    data: int = 400_000_000  # bytes
    recognised: int = 500  # pages that OCR is to read; it opens the file again for each


@dataclass(slots=True)
class Sought:
    """A member that is to be found again: by its place among the members at each depth."""

    way: tuple[int, ...]
    names: list[str] = field(default_factory=list)  # of the members on the way, as they are called
    found: Source | None = None

    def reached(self, source: Source, name: str) -> bool:
        """Take note of the next member on the way; tell whether it is the one."""
        self.names.append(name)
        if source.depth == len(self.way):
            self.found = source
        return self.found is not None


@dataclass(frozen=True, slots=True)
class Source:
    """A document's bytes under a name.

    A member of an archive or a mail is never written to the disk: a reader may not write at all.
    """

    path: Path  # the file of the library; of a member, the file that it is in
    name: str  # its own name, which with its content decides the kind
    data: bytes | None = None  # of a member
    depth: int = 0  # how many files it is inside of
    password: str | None = field(default=None, repr=False)  # of the file itself
    allowance: Allowance = field(default_factory=Allowance, compare=False, repr=False)
    sought: Sought | None = field(default=None, compare=False, repr=False)  # None: all is read

    @staticmethod
    def of(path: Path, password: str | None = None) -> Source:
        """Return a file of the disk."""
        return Source(path, path.name, password=password)

    def member(self, name: str, data: bytes) -> Source:
        """Return a file that is inside this one."""
        return replace(self, name=name, data=data, depth=self.depth + 1, password=None)

    def open(self) -> BinaryIO:
        """Open it for reading. Raises OSError."""
        if self.data is None:
            return open(self.path, "rb")  # noqa: PTH123 (this runs for every small file)
        return BytesIO(self.data)

    @property
    def file(self) -> Path | BytesIO:
        """What a library takes that opens files by itself."""
        return self.path if self.data is None else BytesIO(self.data)
