"""What can go wrong while documents are read and found, in words for their owner."""

from __future__ import annotations

from pathlib import Path


class IndexerError(Exception):
    """Something about a file or the library that its owner can understand.

    `title` says what happened, `detail` what can be done about it, `path` where.
    """

    def __init__(self, title: str, detail: str = "", path: Path | None = None) -> None:
        super().__init__(title)
        self.title = title
        self.detail = detail
        self.path = path

    def __str__(self) -> str:
        return f"{self.title} {self.detail}".strip()


class Unreadable(IndexerError):
    """A file that cannot be read: damaged, encrypted, not what its name says."""


class Unsupported(IndexerError):
    """A kind of file that is not read; it ends as `skipped`."""


class LibraryBusy(IndexerError):
    """Another process is writing to this library."""


class LibraryDamaged(IndexerError):
    """The library's own files cannot be used."""


class LibraryLocked(IndexerError):
    """The library is encrypted, and its key is not known."""


class LibraryOutdated(IndexerError):
    """The library has an older schema; whoever opens it for writing brings it up to date."""
