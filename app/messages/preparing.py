"""What the preparer is asked, and what it says."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class PrepareEncoder:
    """Make the int8 encoder of a sentence-transformers folder; Preparing..., Prepared or Failed."""

    id: str
    source: str
    destination: str
    name: str


@dataclass(frozen=True, slots=True)
class Preparing:
    """Progress of a preparation."""

    id: str
    step: str  # a sentence for the owner
    done: float  # 0 to 1


@dataclass(frozen=True, slots=True)
class Prepared:
    """A model was prepared and stands at its destination."""

    id: str
    name: str
    bytes: int
    seconds: float
