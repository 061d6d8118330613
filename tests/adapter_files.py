"""Writes LoRA adapters, as small as they can be."""

from __future__ import annotations

import struct
from collections.abc import Mapping
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from models.gguf import read_gguf

_ALIGNMENT = 32
_NAME = "blk.0.attn_q.weight"


def write_adapter(
    path: Path,
    base: Path,
    *,
    weight: float = 0.0,
    names: tuple[str, ...] = (_NAME,),
    wider: int = 0,
    kind: str = "lora",
    architecture: str = "",
) -> Path:
    """Write an adapter of rank 2 for matrices of a base; with `weight` 0 it changes nothing."""
    gguf = read_gguf(base)
    random = np.random.default_rng(0)
    tensors: dict[str, NDArray[np.float32]] = {}
    for name in names:
        columns, rows = gguf.shapes[name]
        # numpy's order of dimensions is the reverse of ggml's.
        left, right = (2, columns + wider), (rows, 2)
        if name == "token_embd.weight":
            left, right = (rows, 2), (columns, 2)
        tensors[f"{name}.lora_a"] = random.standard_normal(left, np.float32)
        tensors[f"{name}.lora_b"] = weight * random.standard_normal(right, np.float32)
    said = {
        "general.type": "adapter",
        "general.architecture": architecture or gguf.architecture,
        "adapter.type": kind,
    }
    path.write_bytes(_gguf(said, {"adapter.lora.alpha": 2.0}, tensors))
    return path


def _gguf(
    texts: Mapping[str, str],
    numbers: Mapping[str, float],
    tensors: Mapping[str, NDArray[np.float32]],
) -> bytes:
    entries = b"".join(_text(key) + struct.pack("<I", 8) + _text(texts[key]) for key in texts)
    entries += b"".join(_text(key) + struct.pack("<If", 6, numbers[key]) for key in numbers)
    lines, data = b"", b""
    for name, values in tensors.items():
        shape = values.shape[::-1]
        lines += _text(name) + struct.pack(f"<I{len(shape)}Q", len(shape), *shape)
        lines += struct.pack("<IQ", 0, len(data))
        data += values.tobytes()
        data += bytes(-len(data) % _ALIGNMENT)
    head = b"GGUF" + struct.pack("<IQQ", 3, len(tensors), len(texts) + len(numbers))
    head += entries + lines
    return head + bytes(-len(head) % _ALIGNMENT) + data


def _text(text: str) -> bytes:
    return struct.pack("<Q", len(text.encode())) + text.encode()
