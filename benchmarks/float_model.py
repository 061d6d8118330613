"""Writes a quantized GGUF as a float one, whole or with its first layers only.

What the quantizer is tried on: a float model that every installation can make of its starter. It
knows the types that the starter has.
"""

from __future__ import annotations

import argparse
import math
import struct
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

_F32, _F16, _Q4_1, _Q8_0 = 0, 1, 3, 8
_SIZES = {0: 1, 1: 1, 2: 2, 3: 2, 4: 4, 5: 4, 6: 4, 7: 1, 10: 8, 11: 8, 12: 8}
_STRING, _ARRAY = 8, 9
_ALIGNMENT = 32


@dataclass(frozen=True, slots=True)
class _Tensor:
    name: bytes
    shape: tuple[int, ...]
    kind: int
    offset: int


class _Header:
    """What stands before the tensors, with the places of two of its values."""

    def __init__(self, data: bytes) -> None:
        self._data, self._at = data, 24
        tensors, entries = struct.unpack_from("<QQ", data, 8)
        self.places: dict[bytes, int] = {}
        for _ in range(entries):
            key, kind = self._text(), self._int("I")
            self.places[key] = self._at
            self._skip(kind)
        self.end = self._at
        self.tensors = [self._tensor() for _ in range(tensors)]
        self.data_at = -(-self._at // _ALIGNMENT) * _ALIGNMENT

    def _tensor(self) -> _Tensor:
        name = self._text()
        shape = tuple(self._int("Q") for _ in range(self._int("I")))
        return _Tensor(name, shape, self._int("I"), self._int("Q"))

    def _skip(self, kind: int) -> None:
        if kind == _STRING:
            self._text()
        elif kind == _ARRAY:
            item, count = self._int("I"), self._int("Q")
            for _ in range(count if item == _STRING else 0):
                self._text()
            self._at += 0 if item == _STRING else count * _SIZES[item]
        else:
            self._at += _SIZES[kind]

    def _text(self) -> bytes:
        length = self._int("Q")
        self._at += length
        return self._data[self._at - length : self._at]

    def _int(self, code: str) -> int:
        (value,) = struct.unpack_from("<" + code, self._data, self._at)
        self._at += struct.calcsize("<" + code)
        return int(value)


def main(arguments: Sequence[str] | None = None) -> int:
    """Write a model."""
    parser = argparse.ArgumentParser(description=__doc__, prog="python -m benchmarks.float_model")
    parser.add_argument("source", type=Path, help="a GGUF in Q4_1 and Q8_0")
    parser.add_argument("output", type=Path, help="the GGUF to write")
    parser.add_argument("--layers", type=int, help="so many of its layers; all if left out")
    parsed = parser.parse_args(arguments)
    write(parsed.source, parsed.output, parsed.layers)
    return 0


def write(source: Path, output: Path, layers: int | None = None) -> None:
    """Write `source` with matrices in 16 bits and vectors in 32."""
    data = source.read_bytes()
    header = _Header(data)
    fields = bytearray(data[24 : header.end])
    architecture = next(key for key in header.places if key.endswith(b".block_count"))
    if layers is not None:
        struct.pack_into("<I", fields, header.places[architecture] - 24, layers)
    struct.pack_into("<I", fields, header.places[b"general.file_type"] - 24, 1)
    kept = [tensor for tensor in header.tensors if _layer(tensor.name) < (layers or 1 << 20)]
    values = [_floats(data, header.data_at, tensor) for tensor in kept]
    lines, offset = b"", 0
    for tensor, value in zip(kept, values, strict=True):
        kind = _F32 if value.dtype == np.float32 else _F16
        lines += struct.pack("<Q", len(tensor.name)) + tensor.name
        lines += struct.pack(f"<I{len(tensor.shape)}Q", len(tensor.shape), *tensor.shape)
        lines += struct.pack("<IQ", kind, offset)
        offset += -(-value.nbytes // _ALIGNMENT) * _ALIGNMENT
    with output.open("wb") as file:
        file.write(data[:8] + struct.pack("<Q", len(kept)) + data[16:24] + fields + lines)
        for value in values:
            file.write(bytes(-file.tell() % _ALIGNMENT))
            file.write(value.tobytes())
        file.write(bytes(-file.tell() % _ALIGNMENT))


def _layer(name: bytes) -> int:
    parts = name.split(b".")
    return int(parts[1]) if parts[0] == b"blk" else -1


def _floats(data: bytes, start: int, tensor: _Tensor) -> NDArray[np.float32] | NDArray[np.float16]:
    """Return a tensor's weights: a vector as float32, a matrix as float16."""
    at, count = start + tensor.offset, math.prod(tensor.shape)
    if tensor.kind == _F32:
        values = np.frombuffer(data, np.float32, count, at)
    elif tensor.kind == _Q8_0:  # a scale, 32 bytes
        blocks = np.frombuffer(data, np.uint8, count // 32 * 34, at).reshape(-1, 34)
        scales = blocks[:, :2].copy().view(np.float16).astype(np.float32)
        values = blocks[:, 2:].view(np.int8) * scales
    elif tensor.kind == _Q4_1:  # a scale, a minimum, 32 half bytes: first the lower ones
        blocks = np.frombuffer(data, np.uint8, count // 32 * 20, at).reshape(-1, 20)
        scales = blocks[:, :4].copy().view(np.float16).astype(np.float32)
        quanta = np.concatenate([blocks[:, 4:] & 15, blocks[:, 4:] >> 4], axis=1)
        values = quanta * scales[:, :1] + scales[:, 1:]
    else:
        raise ValueError(f"type {tensor.kind} is not known here")
    flat = values.reshape(-1)
    return flat.astype(np.float16) if len(tensor.shape) > 1 else flat.astype(np.float32)


if __name__ == "__main__":
    sys.exit(main())
