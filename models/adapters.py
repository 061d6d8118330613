"""LoRA adapters: a small GGUF that changes some matrices of one base model.

An adapter is worth nothing without its base, and llama.cpp says of one that does not fit no more
than that it failed. So names and shapes are compared here, from the headers of both files alone.
"""

from __future__ import annotations

import ctypes
import os
from pathlib import Path
from typing import Any

from models.errors import ModelDamaged, ModelError, ModelMissing
from models.gguf import Gguf, damaged, read_gguf
from models.quiet_llama import calls

SUFFIX = ".lora"  # of an adapter's file among the models, so that no header is read to list them

_LEFT, _RIGHT = ".lora_a", ".lora_b"
_SKIPPED = "_norm.weight"  # changed vectors, which llama.cpp leaves as they are
_TRANSPOSED = "token_embd.weight"  # whose rows are looked up, not multiplied
_OUTPUT = "output.weight"  # missing where what is looked up is multiplied as well
_DIMENSIONS = 4


def is_adapter(gguf: Gguf) -> bool:
    """Whether a file changes another model instead of being one."""
    return gguf.metadata.get("general.type") == "adapter"


def read_adapter(path: Path) -> Gguf:
    """Read an adapter's header. Raises ModelMissing, ModelDamaged and ModelError."""
    try:
        gguf = read_gguf(path)
    except ModelMissing:
        raise ModelMissing(
            "The adapter's file is not there.", "Choose another one, or the model alone."
        ) from None
    if not is_adapter(gguf) or gguf.metadata.get("adapter.type") != "lora":
        raise ModelError(
            "This adapter is of a kind that is not known here.",
            "Choose a LoRA adapter in GGUF format.",
        )
    if gguf.tensors == 0 or gguf.expected is None or gguf.bytes < gguf.expected:
        raise damaged()
    _pairs(gguf)
    return gguf


def require_base(adapter: Gguf, base: Gguf) -> None:
    """Refuse an adapter of another model. Raises ModelError."""
    if adapter.architecture != base.architecture:
        kind = adapter.architecture[:40]
        raise ModelError(
            "This adapter is for another model.",
            f"It is for models of the kind {kind!r}: choose one of them first.",
        )
    for name in _pairs(adapter):
        shape = base.shapes.get(name)
        left, right = (_shape(adapter.shapes[name + end]) for end in (_LEFT, _RIGHT))
        if name == _TRANSPOSED:
            left, right = (right[1], right[0], *right[2:]), left
        if shape is None or not _changes(_shape(shape), left, right):
            raise ModelError(
                "This adapter is for another model.",
                "It was made for one of another size: choose that one first.",
            )
        # llama.cpp 0.3.36 would multiply by the exchanged halves, and abort.
        if name == _TRANSPOSED and _OUTPUT not in base.shapes:
            raise ModelError(
                "This adapter cannot be used with this model.",
                "It changes the vectors of words, which this model also writes with.",
            )


def attach(model: Any, context: Any, adapter: Gguf) -> None:
    """Have a context of llama.cpp's compute with an adapter; it is freed with the model.

    Raises ModelDamaged.
    """
    api = calls()
    loaded = api.llama_adapter_lora_init(model, os.fsencode(adapter.path))
    if not loaded:
        raise damaged()
    adapters = (api.llama_adapter_lora_p_ctypes * 1)(loaded)
    if api.llama_set_adapters_lora(context, adapters, 1, (ctypes.c_float * 1)(1.0)):
        raise damaged()


def _pairs(adapter: Gguf) -> list[str]:
    """Return the names of the changed matrices. Raises ModelDamaged if a half of one is missing."""
    names = [name for name in adapter.shapes if not name.endswith(_SKIPPED)]
    left = {name.removesuffix(_LEFT) for name in names if name.endswith(_LEFT)}
    right = {name.removesuffix(_RIGHT) for name in names if name.endswith(_RIGHT)}
    if left != right or not left or len(names) != 2 * len(left):
        raise ModelDamaged("The model's file is damaged or incomplete.", "Fetch it again.")
    return sorted(left)


def _shape(shape: tuple[int, ...]) -> tuple[int, ...]:
    return (*shape, *(1,) * (_DIMENSIONS - len(shape)))


def _changes(matrix: tuple[int, ...], left: tuple[int, ...], right: tuple[int, ...]) -> bool:
    """Whether `right` times `left` has a matrix's shape; ggml says columns before rows."""
    outside = matrix[0] == left[0] and matrix[1] == right[1]
    return outside and left[1] == right[0] and matrix[2:] == left[2:] == right[2:]
