"""llama.cpp's calls, with its own log on ours."""

from __future__ import annotations

import ctypes
import functools
import logging
import math
import os
import platform
from typing import Any

import psutil

from models.errors import ModelError
from models.gguf import Gguf, damaged

log = logging.getLogger(__name__)

# Types that llama.cpp 0.3.36 has other orders for: Q4_0, Q2_K, Q4_K, IQ4_NL, MXFP4; on Arm Q8_0,
# Q5_K and Q6_K too.
_REPACKED, _REPACKED_ARM = {2, 10, 12, 20, 39}, {8, 13, 14}
_ERROR = 4  # GGML_LOG_LEVEL_ERROR
_errors: list[str] = []


@functools.cache
def calls() -> Any:
    """Import llama.cpp's calls."""
    from llama_cpp import llama_cpp

    @llama_cpp.llama_log_callback  # type: ignore[untyped-decorator]
    def on_log(level: int, text: bytes | None, _data: Any) -> None:
        line = (text or b"").decode("utf-8", "replace").rstrip()
        if level == _ERROR or "error" in line:
            _errors.append(line)
            del _errors[:-20]
        if line and line != ".":
            log.debug("llama.cpp: %s", line)

    llama_cpp.llama_log_set(on_log, None)
    llama_cpp.on_log = on_log  # ctypes frees a callback that nobody holds
    llama_cpp.llama_backend_init()
    return llama_cpp


def threads() -> int:
    """Return how many threads compute: one a physical core."""
    return psutil.cpu_count(logical=False) or os.cpu_count() or 1


def load_model(gguf: Gguf, *, vocabulary_only: bool = False) -> Any:
    """Load a model, to be freed by the caller. Raises ModelError."""
    api = calls()
    _errors.clear()
    settings = api.llama_model_default_params()
    settings.n_gpu_layers = 0
    settings.vocab_only = vocabulary_only
    settings.load_mode = api.LLAMA_LOAD_MODE_NONE if is_repacked(gguf) else api.LLAMA_LOAD_MODE_MMAP
    model = api.llama_model_load_from_file(os.fsencode(gguf.path), settings)
    if model:
        return model
    if any("unknown model architecture" in line for line in _errors):
        raise unknown_kind(gguf)
    raise damaged()


def is_repacked(gguf: Gguf) -> bool:
    """Whether llama.cpp keeps most weights in an order of its own, in memory of its own.

    The file is then read and not mapped: its pages would stay in memory beside those that are used.
    A 7B in Q4_K took 8.1 GB mapped and 4.4 read, loading took the same 18 to 19 s of processor
    time, most of it for the order.
    """
    types = _REPACKED | (_REPACKED_ARM if platform.machine() in {"arm64", "aarch64"} else set())
    count = sum(math.prod(gguf.shapes[name]) for name, kind in gguf.kinds.items() if kind in types)
    return 2 * count > gguf.weights


def unknown_kind(gguf: Gguf) -> ModelError:
    """Return the error for an architecture that this llama.cpp does not know."""
    architecture = gguf.architecture[:40]
    return ModelError(
        f"Models of the kind {architecture!r} are not known here.",
        "Choose another one, or update Pocket-LLM.",
    )


def check_template(gguf: Gguf) -> str:
    """Tell whether llama.cpp knows a model, and its chat template: "known", "unknown" or "none".

    The template itself, which is a program (Jinja), is never run. Raises ModelError.
    """
    api = calls()
    model = load_model(gguf, vocabulary_only=True)
    try:
        if api.llama_model_has_encoder(model) or not api.llama_model_has_decoder(model):
            raise ModelError(
                "This file is no language model that can write answers.",
                "Choose a chat model in GGUF format.",
            )
        template = api.llama_model_chat_template(model, None)
        if not template:
            return "none"
        chat = (api.llama_chat_message * 1)(api.llama_chat_message(b"user", b"Hello"))
        buffer = ctypes.create_string_buffer(1 << 14)
        size = api.llama_chat_apply_template(template, chat, 1, True, buffer, len(buffer))
        return "known" if 0 < size <= len(buffer) else "unknown"
    finally:
        api.llama_model_free(model)
