"""What a GGUF file says of itself, read before llama.cpp maps it.

llama.cpp answers a bad file with a null pointer or an abort of the process; this gives the owner
a sentence instead, and costs a tenth of a second. Format: ggml's docs/gguf.md.
"""

from __future__ import annotations

import math
import mmap
import struct
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType

from models.errors import ModelDamaged, ModelError, ModelMissing

_MOST = 1 << 20  # metadata entries or tensors; real files have hundreds
_LONGEST = 1 << 24  # bytes of a string
_SCALARS = dict(zip((0, 1, 2, 3, 4, 5, 6, 7, 10, 11, 12), "BbHhIif?Qqd", strict=True))
_STRING, _ARRAY = 8, 9
_MOST_DIMENSIONS = 4
_ALIGNMENT = 32  # where `general.alignment` says nothing else

# (weights, bytes) of a block by the number of its type, from ggml's type_traits. What is missing
# here counts as one bit a weight, so that a new type makes the check weaker and never wrong.
_BLOCKS = {
    0: (1, 4), 1: (1, 2), 2: (32, 18), 3: (32, 20), 6: (32, 22), 7: (32, 24), 8: (32, 34),
    10: (256, 84), 11: (256, 110), 12: (256, 144), 13: (256, 176), 14: (256, 210),
    16: (256, 66), 17: (256, 74), 18: (256, 98), 19: (256, 50), 20: (32, 18), 21: (256, 110),
    22: (256, 82), 23: (256, 136), 24: (1, 1), 25: (1, 2), 26: (1, 4), 27: (1, 8), 28: (1, 8),
    29: (256, 56), 30: (1, 2), 34: (256, 54), 35: (256, 66), 39: (32, 17),
}  # fmt: skip
_UNKNOWN = (8, 1)

_BEFORE_GGUF = (b"lmgg", b"fmgg", b"tjgg", b"algg")  # ggml, ggmf, ggjt, ggla; little-endian

# Architectures that turn text into a vector or an image into tokens, and cannot write.
_CANNOT_WRITE = frozenset(
    (
        *("bert", "modern-bert", "neo-bert", "nomic-bert", "nomic-bert-moe", "eurobert"),
        *("jina-bert-v2", "jina-bert-v3", "gemma-embedding", "llama-embed", "clip"),
        *("t5", "t5encoder", "wavtokenizer-dec"),
    )
)


@dataclass(frozen=True, slots=True)
class Gguf:
    """A GGUF file's metadata; arrays are left out."""

    path: Path
    bytes: int
    tensors: int
    metadata: Mapping[str, str | int | float | bool]
    expected: int | None  # bytes that the file must have; None if its list of tensors is cut off
    weights: int = 0  # their number
    shapes: Mapping[str, tuple[int, ...]] = field(default_factory=dict)  # of the tensors, by name
    kinds: Mapping[str, int] = field(default_factory=dict)  # ggml's numbers of their types

    @property
    def architecture(self) -> str:
        """The name under which llama.cpp knows this kind of model."""
        return str(self.metadata.get("general.architecture", ""))

    @property
    def template(self) -> str:
        """Its chat template, a program that is never run; "" if it has none."""
        return str(self.metadata.get("tokenizer.chat_template", ""))

    @property
    def name(self) -> str:
        """The model's own name, or the file's."""
        return str(self.metadata.get("general.name") or self.path.stem)

    def number(self, key: str, default: int = 0) -> int:
        """Return an integer of the architecture's own section, such as `block_count`."""
        value = self.metadata.get(f"{self.architecture}.{key}", default)
        return value if isinstance(value, int) else default

    def context_bytes(self, context: int) -> int:
        """Return the memory for keys and values of `context` tokens at 16 bits."""
        width, heads = self.number("embedding_length"), self.number("attention.head_count", 1)
        head = width // max(1, heads)
        keys = self.number("attention.key_length", head)
        values = self.number("attention.value_length", head)
        shared = self.number("attention.head_count_kv", heads)
        return 2 * context * self.number("block_count") * shared * (keys + values)


def read_gguf(path: Path) -> Gguf:
    """Read a file's metadata. Raises ModelMissing and ModelDamaged."""
    try:
        size = path.stat().st_size
        with path.open("rb") as stream:
            if size < 24:
                raise _no_gguf()
            with mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ) as data:
                cursor = _Cursor(data)
                tensors, metadata = cursor.header()
                expected, shapes, kinds = cursor.end(tensors, metadata)
    except FileNotFoundError:
        raise ModelMissing(
            "The model's file is not there.", "Choose another model, or fetch this one again."
        ) from None
    except OSError as error:
        raise ModelDamaged("The model's file could not be read.", str(error.strerror)) from error
    except (struct.error, UnicodeDecodeError, KeyError) as error:
        raise damaged() from error
    weights = sum(map(math.prod, shapes.values()))
    known = MappingProxyType(metadata)
    return Gguf(
        path, size, tensors, known, expected, weights, MappingProxyType(shapes),
        MappingProxyType(kinds),
    )  # fmt: skip


def require_writer(gguf: Gguf) -> None:
    """Refuse a model that cannot write text or is incomplete. Raises ModelError."""
    pooled = gguf.number("pooling_type") > 0
    causal = gguf.metadata.get(f"{gguf.architecture}.attention.causal", True)
    kind = gguf.metadata.get("general.type", "model")
    if pooled or not causal or "bert" in gguf.architecture:
        raise ModelError(
            "This file is no language model that can write answers.",
            "It is an encoder, which finds passages: import its sentence-transformers folder.",
        )
    if gguf.architecture in _CANNOT_WRITE or kind != "model":
        raise ModelError(
            "This file is no language model that can write answers.",
            "Choose a chat model in GGUF format.",
        )
    if gguf.tensors == 0 or gguf.expected is None or gguf.bytes < gguf.expected:
        raise damaged()


def damaged() -> ModelDamaged:
    """Return the error for a file that is incomplete or was changed."""
    return ModelDamaged("The model's file is damaged or incomplete.", "Fetch it again.")


def _no_gguf(head: bytes = b"") -> ModelDamaged:
    detail = "Choose a file in GGUF format."
    if head[8:10] in (b'{"', b"{ "):
        detail = "It is a part of a folder (safetensors): import the encoder's folder around it."
    elif head[:4] in _BEFORE_GGUF:
        detail = "It is of the time before GGUF: fetch a newer version of the model."
    return ModelDamaged("This file is no GGUF model.", detail)


class _Cursor:
    """Walks through the header; every length is checked before it is believed."""

    def __init__(self, data: mmap.mmap) -> None:
        self._data = data
        self._at = 0

    def header(self) -> tuple[int, dict[str, str | int | float | bool]]:
        if self._data[:4] != b"GGUF":
            raise _no_gguf(self._data[:16])
        self._at = 4
        version, tensors, entries = self._number("I"), self._number("Q"), self._number("Q")
        if 3 < version < 1 << 16:
            raise ModelDamaged(
                "This model's file was written for a newer Pocket-LLM.",
                "Update Pocket-LLM, or choose another file.",
            )
        if version not in (2, 3) or tensors > _MOST or entries > _MOST:
            raise damaged()
        metadata: dict[str, str | int | float | bool] = {}
        for _ in range(int(entries)):
            key, kind = self._string(), int(self._number("I"))
            if kind == _ARRAY:
                self._skip_array()
            else:
                metadata[key] = self._string() if kind == _STRING else self._number(_SCALARS[kind])
        return int(tensors), metadata

    def end(
        self, tensors: int, metadata: Mapping[str, object]
    ) -> tuple[int | None, dict[str, tuple[int, ...]], dict[str, int]]:
        """Return where the last tensor ends, and shape and type of each, by the list of tensors.

        None if the list is cut.
        """
        alignment = metadata.get("general.alignment", _ALIGNMENT)
        if not isinstance(alignment, int) or alignment < 1:
            raise damaged()
        last, shapes, kinds = 0, dict[str, tuple[int, ...]](), dict[str, int]()
        try:
            for _ in range(tensors):
                name = self._string()
                dimensions = int(self._number("I"))
                if not 0 < dimensions <= _MOST_DIMENSIONS:
                    return None, shapes, kinds
                shapes[name] = tuple(int(self._number("Q")) for _ in range(dimensions))
                kind, offset = int(self._number("I")), int(self._number("Q"))
                kinds[name] = kind
                block, size = _BLOCKS.get(kind, _UNKNOWN)
                last = max(last, offset + math.prod(shapes[name]) // block * size)
        except (struct.error, ModelDamaged):
            return None, shapes, kinds
        return -(-self._at // alignment) * alignment + last, shapes, kinds

    def _number(self, code: str) -> int | float | bool:
        value: int | float | bool
        (value,) = struct.unpack_from("<" + code, self._data, self._at)
        self._at += struct.calcsize("<" + code)
        return value

    def _string(self) -> str:
        length = int(self._number("Q"))
        if length > min(_LONGEST, len(self._data) - self._at):
            raise damaged()
        self._at += length
        # Token texts are no valid UTF-8 everywhere; names and templates that we use are.
        return self._data[self._at - length : self._at].decode("utf-8", "replace")

    def _skip_array(self) -> None:
        kind, count = int(self._number("I")), int(self._number("Q"))
        left = len(self._data) - self._at
        if kind == _STRING:
            if count > left // 8:
                raise damaged()
            at, data, length = self._at, self._data, struct.Struct("<Q").unpack_from
            for _ in range(count):
                at += 8 + length(data, at)[0]
            self._at = at
            if at > len(data):
                raise damaged()
        elif kind == _ARRAY:
            for _ in range(min(count, _MOST)):
                self._skip_array()
        else:
            self._at += count * struct.calcsize("<" + _SCALARS[kind])
