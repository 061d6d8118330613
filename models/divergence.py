"""How far a quantized model's expectations are from those of the model that it was made from.

The Kullback-Leibler divergence of what both expect as the next token, averaged over the places of a
text: 0 where nothing was lost. The measure of llama.cpp's own tables.
"""

from __future__ import annotations

import ctypes
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import psutil
from numpy.typing import NDArray

from models.errors import ModelError
from models.gguf import Gguf
from models.quiet_llama import calls, load_model, threads

PLACES = 448  # of the text; twice as many gave the same first two digits
_SKIPPED = 32  # of them at the beginning: without a context every model guesses
_SLICE = 64  # tokens a call, between which progress is shown
_SPARE = 1 << 29  # bytes of memory beside the weights


@dataclass(frozen=True, slots=True)
class Divergence:
    """What was lost."""

    mean: float  # Kullback-Leibler, in nats a token
    same_best: float  # share of the places where both expect the same token most


def can_be_measured(source: Gguf) -> bool:
    """Whether the source is computed within the free memory, and not from the disk."""
    return source.bytes + _SPARE < int(psutil.virtual_memory().available)


def measure(source: Gguf, result: Gguf, text: str) -> Iterator[float | Divergence]:
    """Yield how much is done, from 0 to 1, and last the divergence. Raises ModelError."""
    kept: list[NDArray[np.float32]] = []
    tokens: list[int] = []
    for tokens, logits in _expectations(source, text):
        kept.append(_log_shares(logits))
        yield 0.5 * sum(map(len, kept)) / len(tokens)
    divergences: list[NDArray[np.float64]] = []
    same = 0
    for (now, logits), before in zip(_expectations(result, text), kept, strict=True):
        if now != tokens:
            raise _failed()
        shares = _log_shares(logits)
        divergences.append(
            np.sum(np.exp(before, dtype=np.float64) * (before - shares), axis=1, dtype=np.float64)
        )
        same += int(np.sum(before.argmax(axis=1) == shares.argmax(axis=1)))
        yield 0.5 + 0.5 * sum(map(len, divergences)) / len(tokens)
    counted = np.concatenate(divergences)[_SKIPPED:]
    mean = float(counted.mean())
    if not np.isfinite(mean):
        raise _failed()
    yield Divergence(max(0.0, mean), same / len(tokens))


def _expectations(gguf: Gguf, text: str) -> Iterator[tuple[list[int], NDArray[np.float32]]]:
    """Yield all tokens, and what is expected behind those of a slice: (slice, vocabulary)."""
    api = calls()
    model = load_model(gguf)
    try:
        vocabulary = api.llama_model_get_vocab(model)
        tokens = _tokens(api, vocabulary, text)
        wanted = api.llama_context_default_params()
        wanted.n_ctx = wanted.n_batch = wanted.n_ubatch = PLACES
        wanted.n_threads = wanted.n_threads_batch = threads()
        context = api.llama_init_from_model(model, wanted)
        if not context:
            raise _failed()
        try:
            width = int(api.llama_vocab_n_tokens(vocabulary))
            for start in range(0, len(tokens), _SLICE):
                yield tokens, _decode(api, context, tokens[start : start + _SLICE], start, width)
        finally:
            api.llama_free(context)
    finally:
        api.llama_model_free(model)


def _tokens(api: Any, vocabulary: Any, text: str) -> list[int]:
    data = text.encode()
    room = len(data) + 8
    buffer = (ctypes.c_int32 * room)()
    count = api.llama_tokenize(vocabulary, data, len(data), buffer, room, True, False)
    if count <= _SKIPPED:
        raise _failed()
    return list(buffer[: min(count, PLACES)])


def _decode(
    api: Any, context: Any, tokens: list[int], start: int, width: int
) -> NDArray[np.float32]:
    batch = api.llama_batch_init(len(tokens), 0, 1)
    try:
        batch.n_tokens = len(tokens)
        for at, token in enumerate(tokens):
            batch.token[at], batch.pos[at] = token, start + at
            batch.n_seq_id[at], batch.logits[at] = 1, 1
            batch.seq_id[at][0] = 0
        if api.llama_decode(context, batch):
            raise _failed()
        found = np.ctypeslib.as_array(api.llama_get_logits(context), (len(tokens), width))
        return found.copy()  # the next call overwrites it
    finally:
        api.llama_batch_free(batch)


def _log_shares(logits: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return the logarithms of the shares that logits stand for (log-softmax)."""
    shifted = logits - logits.max(axis=1, keepdims=True)
    total = np.log(np.exp(shifted).sum(axis=1, dtype=np.float64)).astype(np.float32)
    return np.asarray(shifted - total[:, None], np.float32)


def _failed() -> ModelError:
    return ModelError(
        "What the model lost could not be measured.", "Choose another type, or another model."
    )
