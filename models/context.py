"""llama.cpp's context: what a model has read, token by token, and what it takes to go on."""

from __future__ import annotations

import ctypes
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

from models.adapters import Attached
from models.errors import ModelError
from models.quiet_llama import calls


class Context:
    """Computes tokens. Not thread-safe, but for `interrupt`.

    After an error or an interrupted call it holds exactly `tokens`.
    """

    def __init__(self, model: Any, handle: Any) -> None:
        """Take a context that llama.cpp has made for a model."""
        self.tokens: list[int] = []
        self._api = calls()
        self._handle = handle
        self._memory = self._api.llama_get_memory(handle)
        self._words = int(self._api.llama_vocab_n_tokens(self._api.llama_model_get_vocab(model)))
        self.size = int(self._api.llama_n_ctx(handle))
        self.batch = int(self._api.llama_n_batch(handle))
        # What a recurrent model has read cannot be taken back by a token.
        self.forgets = not (
            self._api.llama_model_is_recurrent(model) or self._api.llama_model_is_hybrid(model)
        )
        self._interrupted = threading.Event()
        # llama.cpp keeps only the address: these must live as long as the context.
        self._aborts = self._api.ggml_abort_callback(lambda _data: self._interrupted.is_set())
        self._never_aborts = self._api.ggml_abort_callback()

    def close(self) -> None:
        """Free the memory; the object is of no use afterwards."""
        if self._handle:
            self._api.llama_free(self._handle)
            self._handle = None

    def interrupt(self) -> None:
        """End the call that runs, if it is `abortable`, and those that follow, from any thread."""
        self._interrupted.set()

    def resume(self) -> None:
        """Allow calls again after an `interrupt`."""
        self._interrupted.clear()

    @property
    def interrupted(self) -> bool:
        """Whether `interrupt` was called since the last `resume`."""
        return self._interrupted.is_set()

    @contextmanager
    def abortable(self) -> Iterator[None]:
        """Let `interrupt` end calls in the block within milliseconds.

        Asked at every node of the graph, it would slow the writing of a small model, whose token
        is no time to wait for anyway.
        """
        self._api.llama_set_abort_callback(self._handle, self._aborts, None)
        try:
            yield
        finally:
            if self._handle:
                self._api.llama_set_abort_callback(self._handle, self._never_aborts, None)

    def use_adapter(self, adapter: Attached, path: Path | None) -> None:
        """Compute with a LoRA adapter from now on, or with none, which holds after an error.

        Everything is forgotten that was computed otherwise. Raises ModelMissing, ModelDamaged and
        ModelError.
        """
        if not adapter.is_attached(path):
            self.clear()
            adapter.attach(self._handle, path)

    def use_threads(self, writing: int, reading: int) -> None:
        """Compute single tokens, and batches of them, by so many threads."""
        self._api.llama_set_n_threads(self._handle, writing, reading)

    def decode(self, tokens: Sequence[int], *, every: bool = False) -> bool:
        """Compute tokens behind those in the context; False if it was interrupted.

        What is likely next is known behind the last, or behind `every` one. Raises ModelError.
        """
        held = (ctypes.c_int32 * len(tokens))(*tokens)
        batch = self._api.llama_batch_get_one(held, len(tokens))
        if every:
            batch.logits = (ctypes.c_int8 * len(tokens))(*([1] * len(tokens)))
        status = self._api.llama_decode(self._handle, batch)
        if status == 0:
            self._api.llama_synchronize(self._handle)
            self.tokens.extend(tokens)
            return True
        # Whatever a failed or interrupted call left behind its last good token is taken out again.
        if not self._api.llama_memory_seq_rm(self._memory, 0, len(self.tokens), -1):
            self.clear()
        if status == 2:
            return False
        raise ModelError(
            "The model failed while it computed.", "Ask again; if it stays, choose another model."
        )

    def likeliest(self, row: int) -> int:
        """Return the token that is likeliest behind one of the last batch; -1 is its last."""
        scores = self._api.llama_get_logits_ith(self._handle, row)
        return int(np.ctypeslib.as_array(scores, (self._words,)).argmax())

    def keep(self, count: int) -> None:
        """Forget all but the first `count` tokens; fewer where a model cannot forget a part."""
        if count < len(self.tokens) or not self.tokens:
            if count and self._api.llama_memory_seq_rm(self._memory, 0, count, -1):
                del self.tokens[count:]
            else:
                self.clear()

    def clear(self) -> None:
        """Forget everything."""
        self._api.llama_memory_clear(self._memory, False)
        self.tokens.clear()

    def state_bytes(self) -> int:
        """Return how large `state` is now."""
        return int(self._api.llama_state_seq_get_size(self._handle, 0))

    def state(self) -> bytearray:
        """Return all that the context holds beside its tokens, for `restore`."""
        data = bytearray(self.state_bytes())
        buffer = (ctypes.c_uint8 * len(data)).from_buffer(data)
        size = self._api.llama_state_seq_get_data(self._handle, buffer, len(data), 0)
        del buffer  # a bytearray that ctypes looks at keeps its size
        del data[size:]
        return data

    def restore(self, tokens: Sequence[int], state: bytearray | memoryview) -> bool:
        """Hold what another context of this model held; nothing, and False, if it does not fit."""
        self.clear()
        if len(tokens) > self.size:
            return False
        buffer = (ctypes.c_uint8 * len(state)).from_buffer(state)
        if not self._api.llama_state_seq_set_data(self._handle, buffer, len(state), 0):
            self.clear()
            return False
        self.tokens.extend(tokens)
        return True
