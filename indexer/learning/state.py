"""A model as bytes and back. What is damaged is nothing: it is learned again."""

from __future__ import annotations

import hashlib
import io
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from indexer.learning.features import Columns
from indexer.learning.linear import Linear
from indexer.learning.model import Calibration, Evaluation, Judge, Kind, Model

_VERSION = 1
_SUM = 32  # bytes of SHA-256 before all else


@dataclass(frozen=True, slots=True)
class Stamp:
    """What a model was learned from, to see whether that has become something else."""

    encoder: int | None
    labels: str
    documents: int

    def serves(self, now: Stamp) -> bool:
        """Whether what was learned then is still worth something now."""
        grown = abs(now.documents - self.documents) > max(2, self.documents // 10)
        return (self.encoder, self.labels) == (now.encoder, now.labels) and not grown


@dataclass(frozen=True, slots=True)
class Learned:
    """A model, or that nothing could be learned, and from what."""

    stamp: Stamp
    model: Model | None


def to_bytes(learned: Learned) -> bytes:
    """Return what `from_bytes` takes; weights in 16 bits, which changes no accuracy."""
    model = learned.model
    arrays: dict[str, NDArray[Any]] = {}
    about: dict[str, Any] = {"version": _VERSION, "stamp": asdict(learned.stamp)}
    if model is not None:
        about |= {
            "kind": model.kind, "labels": model.labels, "evaluation": asdict(model.evaluation),
        }  # fmt: skip
        arrays |= {
            "hashes": model.columns.hashes.astype(np.uint32),
            "rarity": model.columns.weights,
            "words": model.words.weights.astype(np.float16),
            "words_bias": model.words.bias,
            "levels": model.calibration.levels,
            "precision": model.calibration.precision,
        }
        if model.meaning is not None:
            arrays["meaning"] = model.meaning.weights.astype(np.float16)
            arrays["meaning_bias"] = model.meaning.bias
    arrays["about"] = np.frombuffer(json.dumps(about).encode(), np.uint8)
    file = io.BytesIO()
    np.savez_compressed(file, allow_pickle=False, **arrays)
    data = file.getvalue()
    return hashlib.sha256(data).digest() + data


def from_bytes(data: bytes) -> Learned | None:
    """Return what was saved; None if it is damaged, or of another version."""
    if hashlib.sha256(data[_SUM:]).digest() != data[:_SUM]:
        return None
    with np.load(io.BytesIO(data[_SUM:]), allow_pickle=False) as arrays:
        about = json.loads(arrays["about"].tobytes())
        if about["version"] != _VERSION:
            return None
        return Learned(Stamp(**about["stamp"]), _model(about, arrays) if "kind" in about else None)


def _model(about: dict[str, Any], arrays: Mapping[str, NDArray[Any]]) -> Model:
    meaning = None
    if "meaning" in arrays:
        meaning = Linear(arrays["meaning"].astype(np.float32), arrays["meaning_bias"])
    evaluation = about["evaluation"] | {"judge": Judge(about["evaluation"]["judge"])}
    return Model(
        Kind(about["kind"]),
        tuple(about["labels"]),
        Columns(arrays["hashes"].astype(np.int64), arrays["rarity"]),
        Linear(arrays["words"].astype(np.float32), arrays["words_bias"]),
        meaning,
        Calibration(arrays["levels"], arrays["precision"]),
        Evaluation(**evaluation),
    )
