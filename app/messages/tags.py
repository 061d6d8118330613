"""What the index worker is asked about one file's tags, and what it says."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class AskTags:
    """Ask what tags a file has and what is suggested for it; answered by Tags."""

    id: str
    path: Path


@dataclass(frozen=True, slots=True)
class SetTags:
    """Give a file these tags in place of those that it has; Tags, or Failed before it."""

    id: str
    path: Path
    tags: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Suggested:
    """A tag for a file, or a folder that holds what is like it, and the words that say so."""

    label: str
    is_folder: bool
    words: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Tags:
    """The tags of a file and what is suggested for it, surest first."""

    id: str
    path: Path
    tags: tuple[str, ...]
    suggestions: tuple[Suggested, ...] = ()
