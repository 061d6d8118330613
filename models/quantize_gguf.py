"""A GGUF in fewer bits, by llama.cpp's own quantizer, and what that cost.

The quantizer neither tells how far it is nor stops when asked: progress is read from what it has
written, and whoever gives up ends the process. What is unfinished never has the model's name.
"""

from __future__ import annotations

import ctypes
import hashlib
import os
import re
import shutil
import threading
import time
from collections.abc import Generator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

import psutil

from models.divergence import Divergence, can_be_measured, measure
from models.errors import ModelError
from models.gguf import Gguf, read_gguf, require_writer
from models.quiet_llama import calls, threads
from models.seal import require_sealed, seal

# llama.cpp's number of a type (llama_ftype), and the bits of a weight in a 7B of that type;
# matrices that do not fit into its blocks take more.
_TYPES = MappingProxyType(
    {"Q8_0": (7, 8.5), "Q6_K": (18, 6.57), "Q5_K_M": (17, 5.70), "Q4_K_M": (15, 4.85)}
)
KINDS = tuple(_TYPES)
_MARGIN = 64 << 20  # bytes that stay free
# In 8 bits the matrices of attention that make values stay in 16: they are 2 % of SmolLM2's size
# and a quarter of its loss (KL 0.0041 with them, 0.0030 without). Where still more than this is
# lost, as in very small models, so do the embeddings (0.0022), a fifth of SmolLM2.
_F16 = 1
_EXACT = MappingProxyType({"Q8_0": (b"attn_v", b"token_embd")})
_MOST_LOST = 0.003
_WRITTEN = 0.7  # of the time; the rest is measuring, and reading through for the hash


@dataclass(frozen=True, slots=True)
class Step:
    """Progress; the last step has the result."""

    sentence: str
    done: float  # 0 to 1
    seconds_left: float | None = None
    bytes: int = 0
    divergence: Divergence | None = None


def bytes_as(weights: int, kind: str) -> int:
    """Return about how large a model of so many weights is in a type."""
    return round(weights * _TYPES[kind][1] / 8)


def quantize(source: Path, destination: Path, kind: str, text: str) -> Generator[Step, None, None]:
    """Write `source` as `kind` to `destination`, and measure on `text` what was lost.

    After closing the iterator the process has to end: the quantizer still runs. Raises ModelError.
    """
    require_sealed(source)
    gguf = read_gguf(source)
    require_writer(gguf)
    expected = _require_use(gguf, kind)
    sweep(destination)
    part = destination.with_name(f".{destination.name}.{os.getpid()}.part")
    try:
        _require_room(destination.parent, expected)
        exact = _EXACT.get(kind, ())
        yield from _write(gguf, part, kind, expected, exact[:1])
        result, lost = yield from _compare(gguf, part, text)
        if exact and lost is not None and lost.mean > _MOST_LOST:
            # It is small, so this takes seconds.
            for _ in _write(gguf, part, kind, expected, exact):
                yield Step("Writing it with more bits where they count.", 0.99)
            result, lost = yield from _compare(gguf, part, text, 0.99)
        digest = _sha256(part)
        part.replace(destination)
        seal(destination, digest)
    except OSError as error:
        raise ModelError(
            "The model could not be written.", "Make room on the disk and try again."
        ) from error
    finally:
        with suppress(OSError):
            part.unlink(missing_ok=True)
    yield Step("The model is ready.", 1.0, 0.0, result.bytes, lost)


def _compare(
    gguf: Gguf, part: Path, text: str, done: float = _WRITTEN
) -> Generator[Step, None, tuple[Gguf, Divergence | None]]:
    """Return what was written, and what was lost if the source fits into the free memory."""
    yield Step("Checking the result.", done)
    result = read_gguf(part)
    require_writer(result)
    lost: Divergence | None = None
    if can_be_measured(gguf):
        for said in measure(gguf, result, text):
            if isinstance(said, Divergence):
                lost = said
            else:
                yield Step("Comparing it with the model.", done + (0.99 - done) * said)
    return result, lost


def sweep(destination: Path) -> None:
    """Remove what quantizations that were ended left behind."""
    for left in destination.parent.glob(f".{destination.name}.*.part"):
        owner = re.search(r"\.(\d+)\.part$", left.name)
        if owner and not psutil.pid_exists(int(owner[1])):
            with suppress(OSError):
                left.unlink(missing_ok=True)


def _require_use(gguf: Gguf, kind: str) -> int:
    """Return about how many bytes it becomes. Raises ModelError where that is no gain."""
    expected = bytes_as(gguf.weights, kind)
    if not expected or expected > 0.95 * gguf.bytes:
        raise ModelError(
            f"This model has no more bits than {kind}.", "Choose a smaller type, or leave it."
        )
    return expected


def _require_room(folder: Path, expected: int) -> None:
    lacking = expected + _MARGIN - shutil.disk_usage(folder).free
    if lacking > 0:
        megabytes = f"{-(-lacking // 10**6):,}"
        raise ModelError(
            "There is not enough disk space for this model.",
            f"Free {megabytes} MB, then try again.",
        )


def _write(
    gguf: Gguf, part: Path, kind: str, expected: int, exact: Sequence[bytes]
) -> Generator[Step, None, None]:
    api = calls()
    settings = api.llama_model_quantize_default_params()
    settings.ftype = _TYPES[kind][0]
    settings.nthread = threads()
    settings.allow_requantize = True
    override = api.llama_model_tensor_override
    # A list that ends with a pattern of none, as llama.cpp reads it.
    overrides = (override * (len(exact) + 1))(*(override(each, _F16) for each in exact))
    settings.tt_overrides = ctypes.cast(overrides, ctypes.POINTER(override))
    status: list[int] = []

    def run() -> None:
        status.append(
            api.llama_model_quantize(
                os.fsencode(gguf.path), os.fsencode(part), ctypes.byref(settings)
            )
        )

    began = time.monotonic()
    worker = threading.Thread(target=run, daemon=True)
    worker.start()
    while worker.is_alive():
        worker.join(0.25)
        with suppress(FileNotFoundError):
            share = min(0.99, part.stat().st_size / expected)
            passed = time.monotonic() - began
            left = passed / share * (1 / _WRITTEN - share) if share > 0.02 else None
            yield Step("Writing the model in fewer bits.", _WRITTEN * share, left)
    if status != [0]:
        raise ModelError(
            "This model could not be made smaller.",
            "Make room on the disk, or choose another model.",
        )


def _sha256(path: Path) -> str:
    with path.open("rb+") as file:
        os.fsync(file.fileno())
        return hashlib.file_digest(file, "sha256").hexdigest()
