"""What the index worker is asked about how well search finds, and what it says."""

from __future__ import annotations

from dataclasses import dataclass

from indexer.storage.quality import Measured


@dataclass(frozen=True, slots=True)
class AskQuality:
    """Ask what was measured; answered by Quality."""

    id: str


@dataclass(frozen=True, slots=True)
class Measure:
    """Measure now; Measuring says how far it is, Quality that it has ended."""

    id: str


@dataclass(frozen=True, slots=True)
class StopMeasuring:
    """Leave a measurement, and keep nothing of it; answered by Quality."""

    id: str


@dataclass(frozen=True, slots=True)
class Measuring:
    """How many questions of how many were asked; of 0 as long as they are looked for."""

    done: int
    total: int


@dataclass(frozen=True, slots=True)
class Quality:
    """What was measured, the latest first; `is_new` if the latest has just been."""

    id: str
    history: tuple[Measured, ...]
    is_new: bool = False
