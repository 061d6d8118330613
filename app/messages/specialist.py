"""What the index worker is asked about specialists, and what it says of them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class ExportSpecialist:
    """Write all that was taught to a file; answered by SpecialistExported, or Failed."""

    id: str
    file: Path


@dataclass(frozen=True, slots=True)
class ImportSpecialist:
    """Take in what such a file holds, between searches; SpecialistImported, or Failed.

    It may be asked for twice: what came the first time is known.
    """

    id: str
    file: Path


@dataclass(frozen=True, slots=True)
class UndoSpecialist:
    """Take back all that an import has brought; SpecialistUndone, or Failed if it is not there."""

    id: str
    specialist: int


SpecialistAsked = ExportSpecialist | ImportSpecialist | UndoSpecialist


@dataclass(frozen=True, slots=True)
class SpecialistExported:
    """A file was written that holds so much."""

    id: str
    file: Path
    lessons: int
    tags: int


@dataclass(frozen=True, slots=True)
class SpecialistImported:
    """So much was in a file, and so much of it was new."""

    id: str
    file: Path
    specialist: int | None  # None: there is nothing to take back
    lessons: int
    new_lessons: int
    tags: int
    new_tags: int
    resting: int  # lessons about documents that are not in the library
    chosen: tuple[str, ...]  # models that are used from the next start on
    missing: tuple[str, ...]  # sentences about those that are not here


@dataclass(frozen=True, slots=True)
class SpecialistUndone:
    """So much was taken back."""

    id: str
    lessons: int
    tags: int
