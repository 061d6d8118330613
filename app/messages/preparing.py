"""What the preparer is asked, and what it says."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class PrepareEncoder:
    """Make the int8 encoder of a sentence-transformers folder; Preparing..., Prepared or Failed.

    The prefixes count where the folder itself names none.
    """

    id: str
    source: str
    destination: str
    name: str
    query_prefix: str = ""
    passage_prefix: str = ""


@dataclass(frozen=True, slots=True)
class QuantizeModel:
    """Write a GGUF in fewer bits; Preparing..., Prepared or Failed. A Cancel ends the process."""

    id: str
    source: str
    destination: str
    kind: str  # as "Q4_K_M"


@dataclass(frozen=True, slots=True)
class ImportModel:
    """Copy a GGUF, verified, to its destination; Preparing..., Prepared or Failed."""

    id: str
    source: str
    destination: str


@dataclass(frozen=True, slots=True)
class Preparing:
    """Progress of a preparation."""

    id: str
    step: str  # a sentence for the owner
    done: float  # 0 to 1
    seconds_left: float | None = None


@dataclass(frozen=True, slots=True)
class Prepared:
    """A model was prepared and stands at its destination."""

    id: str
    name: str
    bytes: int
    seconds: float
    divergence: float | None = None  # of a quantized model from its source; None: not measured
    same_best: float | None = None  # share of the places where both expect the same token
    template: str = "known"  # the chat template of an imported one: "known", "unknown" or "none"
