"""What the fetcher is asked, and what it says."""

from __future__ import annotations

from dataclasses import dataclass

from models.catalog import RemoteFile


@dataclass(frozen=True, slots=True)
class FetchModel:
    """Fetch a model's files; Fetching..., then Fetched or Failed. A Cancel keeps the beginning.

    Into the folder `target` by their paths, or, of one file alone, to the file `target`.
    """

    id: str
    files: tuple[RemoteFile, ...]
    target: str
    is_folder: bool
    bases: tuple[str, ...]  # addresses that are asked in turn


@dataclass(frozen=True, slots=True)
class Fetching:
    """Progress of a download."""

    id: str
    host: str  # that sends it; "" while what is there is read anew
    done: int  # bytes
    total: int
    bytes_per_s: float
    seconds_left: float | None


@dataclass(frozen=True, slots=True)
class Fetched:
    """All files are there and verified."""

    id: str
    sha256: tuple[str, ...]
