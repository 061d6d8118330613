"""Opens a GGUF for writing: refused in a sentence, or a model and a context of llama.cpp's."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil

from models.adapters import Attached, fingerprint_of
from models.context import Context
from models.errors import ModelError
from models.gguf import Gguf, read_gguf, require_writer
from models.quiet_llama import calls, load_model
from models.quiet_llama import threads as physical_cores
from models.seal import require_sealed

BATCH = 512  # most tokens that one call computes
# Flash attention and keys and values of 8 bits are for a memory that has no room otherwise. Behind
# 1,500 tokens, in processor time: in a 7B's shape (Qwen2.5) a token took 45 ms, with flash
# attention 52, with 8 bits as well 58; in SmolLM2 20, 39 and 26. A token read took 16.8, 17.5 and
# 21.2 ms in the one, 7.4, 7.8 and 14 in the other.
_Q8_0 = 8  # ggml's number of the type
EIGHT_BITS = 34 / 64  # of 16: a block of 32 has a scale


@dataclass(frozen=True, slots=True)
class Opened:
    """A model with its context; `fingerprint` tells its states from those of others."""

    gguf: Gguf
    model: Any
    context: Context
    adapter: Attached
    threads: int
    fingerprint: str


def open_model(path: Path, context: int, threads: int, memory: int | None) -> Opened:
    """Load a model, as `Llm.load` says. Raises ModelMissing, ModelDamaged and ModelError."""
    require_sealed(path)
    gguf = read_gguf(path)
    require_writer(gguf)
    trained = gguf.number("context_length")
    context = min(context, trained) if trained else context
    total = psutil.virtual_memory().total if memory is None else memory
    room = 0.9 * total - gguf.bytes
    keys = gguf.context_bytes(context)
    if keys * EIGHT_BITS > room:
        raise ModelError(
            "This model is larger than this machine's memory.", "Choose a smaller one."
        )
    api = calls()
    threads = threads or physical_cores()
    model = load_model(gguf)
    if api.llama_model_has_encoder(model) or not api.llama_model_has_decoder(model):
        api.llama_model_free(model)
        raise ModelError(
            "This file is no language model that can write answers.",
            "Choose a chat model in GGUF format.",
        )
    wanted = api.llama_context_default_params()
    wanted.n_ctx = context
    wanted.n_batch = wanted.n_ubatch = min(BATCH, context)
    wanted.n_threads = wanted.n_threads_batch = threads
    narrow = keys > room
    wanted.flash_attn_type = int(narrow)
    if narrow:
        wanted.type_k = wanted.type_v = _Q8_0
    handle = api.llama_init_from_model(model, wanted)
    if not handle:
        api.llama_model_free(model)
        raise ModelError(
            "There is not enough free memory for this model.",
            "Close other programs, or choose a smaller model.",
        )
    held, adapter = Context(model, handle), Attached(model, gguf)
    return Opened(gguf, model, held, adapter, threads, _fingerprint(gguf, narrow=narrow))


def _fingerprint(gguf: Gguf, *, narrow: bool) -> str:
    import llama_cpp

    return f"{fingerprint_of(gguf)} {llama_cpp.__version__} {'q8_0' if narrow else 'f16'}"
