"""What bombs reach for, and what is harmless in them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

MARK = "marmot"  # stands in each bomb's harmless part, where it has one


@dataclass(frozen=True, slots=True)
class Lure:
    """What must not be reached."""

    secret: Path  # a file outside of the folder
    address: str  # of a server that nobody may connect to
