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
from models.seal import require_sealed, sealed_sha256

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


class Attached:
    """The adapter that a model computes with: none at first, then one at a time.

    Changing it takes as long as reading its file; the model stays as it is.
    """

    def __init__(self, model: Any, base: Gguf) -> None:
        """Take a model of llama.cpp's and its file; what is attached is freed with the model."""
        self.fingerprint = ""  # of the adapter's file
        self._api = calls()
        self._model = model
        self._base = base
        self._file: tuple[Path, int, int] | None = None
        self._loaded: Any = None

    def is_attached(self, path: Path | None) -> bool:
        """Whether this very file, or none, is what is computed with."""
        if path is None:
            return self._file is None
        return self._file is not None and _identity(path) == self._file

    def read(self, path: Path) -> Gguf:
        """Read the header of an adapter for this model. Raises as `attach` does."""
        require_sealed(path)
        adapter = read_adapter(path)
        require_base(adapter, self._base)
        return adapter

    def attach(self, context: Any, path: Path | None) -> None:
        """Have a context compute with an adapter, or with none; with none after an error.

        Whatever the context holds was computed without it. Raises ModelMissing, ModelDamaged and
        ModelError.
        """
        if self._loaded:
            self._api.llama_set_adapters_lora(context, None, 0, None)
            self._api.llama_adapter_lora_free(self._loaded)
        self._loaded, self._file, self.fingerprint = None, None, ""
        if path is None:
            return
        identity, adapter = _identity(path), self.read(path)
        loaded = self._api.llama_adapter_lora_init(self._model, os.fsencode(path))
        if not loaded:
            raise damaged()
        adapters = (self._api.llama_adapter_lora_p_ctypes * 1)(loaded)
        if self._api.llama_set_adapters_lora(context, adapters, 1, (ctypes.c_float * 1)(1.0)):
            self._api.llama_adapter_lora_free(loaded)
            raise damaged()
        self._loaded, self._file = loaded, identity
        self.fingerprint = fingerprint_of(adapter)


def fingerprint_of(gguf: Gguf) -> str:
    """Return what tells a file from all others: its hash, or its name, size and time."""
    stat = gguf.path.stat()
    return sealed_sha256(gguf.path) or f"{gguf.name} {stat.st_size} {stat.st_mtime_ns}"


def _identity(path: Path) -> tuple[Path, int, int] | None:
    try:
        stat = path.stat()
    except OSError:
        return None
    return path, stat.st_size, stat.st_mtime_ns


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
