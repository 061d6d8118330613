"""A GGUF over llama.cpp's low-level calls: read a prompt in slices, write an answer, keep both.

What the context holds is remembered token by token, so that a prompt that begins like the last one
is read from where it differs. llama-cpp-python's own class does neither progress nor cancel.
"""

from __future__ import annotations

import codecs
import ctypes
import functools
import logging
import os
import re
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Any

import psutil

from models.errors import ModelError, PromptTooLong
from models.gguf import Gguf, damaged, read_gguf, require_writer
from models.prompt import Part
from models.seal import require_sealed

log = logging.getLogger(__name__)

BATCH = 512  # most tokens that one call computes
SLICE_SECONDS = 0.8  # progress is shown between slices; a cancel does not wait for the next one
# On a 7B Q4_K (llama's shape, 2 cores) a token cost 133 ms of processor time in slices of 128, 131
# in slices of 32, 132 to 147 in slices of 16, and 190 in slices of 8.
FIRST_SLICE, LEAST_SLICE = 32, 16
# Greedy writing of a small model falls into loops; the answer ends where this many tokens stood in
# it before. A repetition penalty is no way out: at 1.1, over the written tokens alone, the starter
# model turned "330 metres" into "320 metres", because a 3 had just been written.
LOOP_TOKENS = 24
# ... or where so many lines were the same but for their numbers.
_SAME_LINES = 3
_LIST_MARK = re.compile(r"^\s*(?:[-*+]|\d+[.)])\s*")


class Llm:
    """A loaded model with one context. Not thread-safe; one thread reads and writes.

    After an error, a cancel or a closed iterator the context holds exactly `self.tokens`.
    """

    def __init__(self, gguf: Gguf, model: Any, handle: Any, threads: int) -> None:
        self.name = gguf.name
        self.threads = threads
        self.tokens: list[int] = []
        self.written: list[int] = []  # by the last writing
        self.stopped = "end"  # why the last writing ended: "end" or "length"
        self.read_tokens_per_s = 0.0  # measured while reading; 0.0 before
        self._api = _api()
        self._model, self._handle = model, handle
        self._vocabulary = self._api.llama_model_get_vocab(model)
        self._memory = self._api.llama_get_memory(handle)
        self.context = int(self._api.llama_n_ctx(handle))
        self.batch = int(self._api.llama_n_batch(handle))
        self._interrupted = threading.Event()
        # llama.cpp keeps only the address: these must live as long as the context.
        self._aborts = self._api.ggml_abort_callback(lambda _data: self._interrupted.is_set())
        self._never_aborts = self._api.ggml_abort_callback()
        template = self._api.llama_model_chat_template(model, None)
        self.template: str | None = template.decode("utf-8", "replace") if template else None

    @classmethod
    def load(
        cls, path: Path, context: int = 4096, threads: int = 0, *, memory: int | None = None
    ) -> Llm:
        """Load a GGUF with room for `context` tokens (less if the model was trained on less).

        `threads` 0 takes one a physical core; `memory` is what the machine has, in bytes.
        Raises ModelMissing, ModelDamaged and ModelError.
        """
        require_sealed(path)
        gguf = read_gguf(path)
        require_writer(gguf)
        trained = gguf.number("context_length")
        context = min(context, trained) if trained else context
        total = psutil.virtual_memory().total if memory is None else memory
        if gguf.bytes + gguf.context_bytes(context) > 0.9 * total:
            raise ModelError(
                "This model is larger than this machine's memory.", "Choose a smaller one."
            )
        api = _api()
        threads = threads or psutil.cpu_count(logical=False) or os.cpu_count() or 1
        _last_errors.clear()
        settings = api.llama_model_default_params()
        settings.n_gpu_layers = 0
        model = api.llama_model_load_from_file(os.fsencode(path), settings)
        if not model:
            if any("unknown model architecture" in line for line in _last_errors):
                raise ModelError(
                    f"Models of the kind {gguf.architecture[:40]!r} are not known here.",
                    "Choose another one, or update Pocket-LLM.",
                )
            raise damaged()
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
        handle = api.llama_init_from_model(model, wanted)
        if not handle:
            api.llama_model_free(model)
            raise ModelError(
                "There is not enough free memory for this model.",
                "Close other programs, or choose a smaller model.",
            )
        return cls(gguf, model, handle, threads)

    def close(self) -> None:
        """Free the memory; the object is of no use afterwards."""
        if self._handle:
            self._api.llama_free(self._handle)
            self._api.llama_model_free(self._model)
            self._handle = self._model = None

    def interrupt(self) -> None:
        """End the reading or writing that runs, at once and from any thread.

        Its iterator simply ends; the flag stays until `resume`.
        """
        self._interrupted.set()

    def resume(self) -> None:
        """Allow reading and writing again after an `interrupt`."""
        self._interrupted.clear()

    @property
    def interrupted(self) -> bool:
        """Whether `interrupt` was called since the last `resume`."""
        return self._interrupted.is_set()

    def tokenize(self, text: str, *, special: bool = False) -> list[int]:
        """Return the tokens of a text; chat marks in it count only where `special`."""
        data = text.encode("utf-8", "replace")
        room = len(data) + 2
        buffer = (ctypes.c_int32 * room)()
        count = self._api.llama_tokenize(
            self._vocabulary, data, len(data), buffer, room, False, special
        )
        if count < 0:
            raise ModelError("The model's vocabulary cannot write this text.", "")
        return list(buffer[:count])

    def prompt_tokens(
        self, parts: Sequence[Part], known: Mapping[str, Sequence[int]] = MappingProxyType({})
    ) -> list[int]:
        """Return the tokens of a whole prompt, with the mark of the beginning if it wants one.

        `known` are the tokens of texts as the model itself wrote them: spelt anew, a text can
        become other tokens, and would be read again.
        """
        tokens: list[int] = []
        for part in parts:
            spelt = None if part.special else known.get(part.text)
            tokens += self.tokenize(part.text, special=part.special) if spelt is None else spelt
        first = self._api.llama_vocab_bos(self._vocabulary)
        if self._api.llama_vocab_get_add_bos(self._vocabulary) and tokens[:1] != [first]:
            tokens.insert(0, first)
        return tokens

    def is_plain(self, tokens: Sequence[int]) -> bool:
        """Whether there is no chat mark or other control token among them."""
        return not any(self._api.llama_vocab_is_control(self._vocabulary, t) for t in tokens)

    def render(self, messages: Sequence[tuple[str, str]]) -> str | None:
        """Render (role, content) messages and the answer's opening mark as the model wants them.

        By llama.cpp's built-in templates; None where the file's own is none of them. A file's
        template is a program (Jinja), which is never run.
        """
        if not self.template:
            return None
        api, encoded = self._api, [(r.encode(), c.encode()) for r, c in messages]
        chat = (api.llama_chat_message * len(encoded))(
            *(api.llama_chat_message(role, content) for role, content in encoded)
        )
        room = 4096 + 256 * len(encoded) + 2 * sum(len(content) for _, content in encoded)
        buffer = ctypes.create_string_buffer(room)
        template = self.template.encode("utf-8", "replace")
        size = api.llama_chat_apply_template(template, chat, len(encoded), True, buffer, room)
        return buffer.raw[:size].decode("utf-8", "replace") if 0 < size <= room else None

    def common(self, tokens: Sequence[int]) -> int:
        """Return how many tokens at the beginning of a prompt need not be read."""
        count = 0
        for held, wanted in zip(self.tokens, tokens, strict=False):
            if held != wanted:
                break
            count += 1
        # The last one is read in any case: the first word of the answer comes out of it.
        return min(count, max(0, len(tokens) - 1))

    def read(self, tokens: Sequence[int]) -> Iterator[int]:
        """Bring a prompt into the context, yielding how many of its tokens are there.

        The first number is what was reused; it ends early when interrupted.
        Raises PromptTooLong and ModelError.
        """
        if not tokens or len(tokens) > self.context - 1:
            raise PromptTooLong("This is more text than the model can take in.", "Ask for less.")
        self._keep(self.common(tokens))
        yield len(self.tokens)
        # Only while it reads: asked at every node of the graph, it would slow the writing of a
        # small model, whose token is no time to wait for anyway.
        self._api.llama_set_abort_callback(self._handle, self._aborts, None)
        try:
            yield from self._read_slices(tokens)
        finally:
            if self._handle:
                self._api.llama_set_abort_callback(self._handle, self._never_aborts, None)

    def _read_slices(self, tokens: Sequence[int]) -> Iterator[int]:
        size = FIRST_SLICE
        while (done := len(self.tokens)) < len(tokens) and not self._interrupted.is_set():
            piece = tokens[done : done + size]
            began = time.perf_counter()
            if not self._decode(piece):
                return
            seconds = max(1e-6, time.perf_counter() - began)
            if len(piece) >= LEAST_SLICE:
                old, new = self.read_tokens_per_s, len(piece) / seconds
                self.read_tokens_per_s = 0.7 * old + 0.3 * new if old else new
            # By time, not by speed: the smaller a slice, the more of it is overhead.
            wish = size * min(2.0, max(0.5, SLICE_SECONDS / seconds))
            size = min(self.batch, max(LEAST_SLICE, round(wish / 8) * 8))
            yield len(self.tokens)

    def write(self, max_tokens: int) -> Iterator[str]:
        """Write on behind what was read, greedily, yielding pieces of text as they come.

        Ends at the model's own end, at `max_tokens`, at the end of the context, or when a loop is
        noticed. Closing the iterator stops it. Raises ModelError.
        """
        api = self._api
        self.stopped = "length"
        written: list[int] = []
        self.written = written
        decoder = codecs.getincrementaldecoder("utf-8")("replace")
        text = ""
        sampler = api.llama_sampler_init_greedy()
        try:
            while len(written) < max_tokens and len(self.tokens) < self.context:
                token = int(api.llama_sampler_sample(sampler, self._handle, -1))
                if api.llama_vocab_is_eog(self._vocabulary, token) or _loops(written):
                    self.stopped = "end"
                    break
                written.append(token)
                if piece := decoder.decode(self._piece(token)):
                    text += piece
                    yield piece
                    if "\n" in piece and _repeats_lines(text):
                        self.stopped = "end"
                        break
                if self._interrupted.is_set():
                    break
                if len(written) < max_tokens:
                    self._decode([token])
            # Of a sign that was cut short at the limit nothing is shown.
        finally:
            api.llama_sampler_free(sampler)

    def _piece(self, token: int) -> bytes:
        room = 256
        buffer = ctypes.create_string_buffer(room)
        size = self._api.llama_token_to_piece(self._vocabulary, token, buffer, room, 0, False)
        if size < 0:
            buffer = ctypes.create_string_buffer(-size)
            size = self._api.llama_token_to_piece(self._vocabulary, token, buffer, -size, 0, False)
        return buffer.raw[: max(0, size)]

    def _keep(self, count: int) -> None:
        """Forget all but the first `count` tokens; fewer where a model cannot forget a part."""
        if count < len(self.tokens) or not self.tokens:
            if not count or not self._api.llama_memory_seq_rm(self._memory, 0, count, -1):
                self._api.llama_memory_clear(self._memory, False)
                count = 0
            del self.tokens[count:]

    def _decode(self, tokens: Sequence[int]) -> bool:
        """Compute tokens behind those in the context; False if it was interrupted."""
        batch = (ctypes.c_int32 * len(tokens))(*tokens)
        status = self._api.llama_decode(
            self._handle, self._api.llama_batch_get_one(batch, len(tokens))
        )
        if status == 0:
            self._api.llama_synchronize(self._handle)
            self.tokens.extend(tokens)
            return True
        # Whatever a failed or interrupted call left behind its last good token is taken out again.
        if not self._api.llama_memory_seq_rm(self._memory, 0, len(self.tokens), -1):
            self._api.llama_memory_clear(self._memory, False)
            self.tokens.clear()
        if status == 2:
            return False
        raise ModelError(
            "The model failed while it computed.", "Ask again; if it stays, choose another model."
        )


def _repeats_lines(text: str) -> bool:
    """Tell whether the last lines are one and the same, whatever their numbers in a list."""
    lines = [_LIST_MARK.sub("", line).strip() for line in text.splitlines() if line.strip()]
    last = lines[-_SAME_LINES:]
    return len(last) == _SAME_LINES and len(set(last)) == 1


def _loops(written: Sequence[int]) -> bool:
    """Whether the last LOOP_TOKENS tokens stood there before."""
    tail = written[-LOOP_TOKENS:]
    starts = range(len(written) - LOOP_TOKENS)
    return any(written[i] == tail[0] and written[i : i + LOOP_TOKENS] == tail for i in starts)


_last_errors: list[str] = []


@functools.cache
def _api() -> Any:
    """Import llama.cpp's calls once, with its log on ours."""
    from llama_cpp import llama_cpp

    @llama_cpp.llama_log_callback  # type: ignore[untyped-decorator]
    def on_log(level: int, text: bytes | None, _data: Any) -> None:
        line = (text or b"").decode("utf-8", "replace").rstrip()
        if level == 4 or "error" in line:  # GGML_LOG_LEVEL_ERROR
            _last_errors.append(line)
            del _last_errors[:-20]
        if line and line != ".":
            log.debug("llama.cpp: %s", line)

    llama_cpp.llama_log_set(on_log, None)
    llama_cpp.on_log = on_log  # ctypes frees a callback that nobody holds
    llama_cpp.llama_backend_init()
    return llama_cpp
