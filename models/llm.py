"""A GGUF over llama.cpp's low-level calls: read a prompt in slices, write an answer, keep both.

What the context holds is remembered token by token, so that a prompt that begins like the last one
is read from where it differs. llama-cpp-python's own class does neither progress nor cancel.
"""

from __future__ import annotations

import codecs
import ctypes
import itertools
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import nullcontext
from pathlib import Path
from types import MappingProxyType

from models.drafting import Draft, Lookup, Pace, agreement
from models.errors import ModelError, PromptTooLong
from models.loading import BATCH, Opened, open_model
from models.loops import loops, repeats_lines
from models.prompt import Part
from models.quiet_llama import calls

SLICE_SECONDS = 0.8  # progress is shown between slices; a cancel does not wait for the next one
# Fewer tokens cost more each: on a 7B Q4_K (2 cores) 1.16 times as much in slices of 16 as in
# slices of 32, and 1.4 times in slices of 8; from 32 on they cost the same.
LEAST_SLICE = 32
_NOTICED = 0.3  # seconds of a batch


class Llm:
    """A loaded model with one context. Not thread-safe; one thread reads and writes.

    After an error, a cancel or a closed iterator the context holds exactly `tokens`.
    """

    def __init__(self, opened: Opened) -> None:
        self.name = opened.gguf.name
        self.base_fingerprint = opened.fingerprint
        self.threads = opened.threads
        self.written: list[int] = []  # by the last writing
        self.stopped = "end"  # why the last writing ended: "end" or "length"
        self.drafted = self.accepted = 0  # tokens of the last writing that were drafted
        self.read_tokens_per_s = 0.0  # measured while reading; 0.0 before
        self.pace = Pace()
        self.held = opened.context
        self.context = self.held.size
        self.drafts = self.held.forgets  # whether what may be quoted is computed ahead
        self._api = calls()
        self._model = opened.model
        self.adapter = opened.adapter
        self._vocabulary = self._api.llama_model_get_vocab(self._model)
        template = self._api.llama_model_chat_template(self._model, None)
        self.template: str | None = template.decode("utf-8", "replace") if template else None

    @classmethod
    def load(
        cls,
        path: Path,
        context: int = 4096,
        threads: int = 0,
        *,
        memory: int | None = None,
        adapter: Path | None = None,
    ) -> Llm:
        """Load a GGUF with room for `context` tokens (less if the model was trained on less).

        `threads` 0 takes one a physical core; `memory` is what the machine has, in bytes;
        `adapter` is a LoRA adapter for this model.
        Raises ModelMissing, ModelDamaged and ModelError.
        """
        llm = cls(open_model(path, context, threads, memory))
        if adapter is not None:
            try:
                llm.use_adapter(adapter)
            except ModelError:
                llm.close()
                raise
        return llm

    def use_adapter(self, path: Path | None) -> None:
        """Write with a LoRA adapter from now on, or with the model alone, as after an error.

        What was read with another one is forgotten. Raises ModelMissing, ModelDamaged and
        ModelError.
        """
        self.held.use_adapter(self.adapter, path)

    @property
    def fingerprint(self) -> str:
        """What tells the states of this model, with the adapter in use, from all others."""
        return f"{self.base_fingerprint} {self.adapter.fingerprint}".strip()

    def close(self) -> None:
        """Free the memory; the object is of no use afterwards."""
        if self._model:
            self.held.close()
            self._api.llama_model_free(self._model)
            self._model = None

    def interrupt(self) -> None:
        """End the reading or writing that runs, at once and from any thread.

        Its iterator simply ends; the flag stays until `resume`.
        """
        self.held.interrupt()

    def resume(self) -> None:
        """Allow reading and writing again after an `interrupt`."""
        self.held.resume()

    @property
    def interrupted(self) -> bool:
        """Whether `interrupt` was called since the last `resume`."""
        return self.held.interrupted

    @property
    def tokens(self) -> list[int]:
        """What the context holds."""
        return self.held.tokens

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
        self.held.keep(self.common(tokens))
        yield len(self.tokens)
        with self.held.abortable():
            yield from self._read_slices(tokens)

    def _read_slices(self, tokens: Sequence[int]) -> Iterator[int]:
        size = LEAST_SLICE
        while (done := len(self.tokens)) < len(tokens) and not self.interrupted:
            piece = tokens[done : done + size]
            began = time.perf_counter()
            if not self.held.decode(piece):
                return
            seconds = max(1e-6, time.perf_counter() - began)
            if len(piece) >= LEAST_SLICE:
                old, new = self.read_tokens_per_s, len(piece) / seconds
                self.read_tokens_per_s = 0.7 * old + 0.3 * new if old else new
            # By time, not by speed: the smaller a slice, the more of it is overhead.
            wish = size * min(2.0, max(0.5, SLICE_SECONDS / seconds))
            size = min(self.held.batch, max(LEAST_SLICE, round(wish / 8) * 8))
            yield len(self.tokens)

    def write(self, max_tokens: int) -> Iterator[str]:
        """Write on behind what was read, greedily, yielding pieces of text as they come.

        Ends at the model's own end, at `max_tokens`, at the end of the context, or when a loop is
        noticed. Closing the iterator stops it. Raises ModelError.
        """
        self.stopped = "length"
        self.drafted = self.accepted = 0
        written: list[int] = []
        self.written = written
        decoder = codecs.getincrementaldecoder("utf-8")("replace")
        text = ""
        for token in self._tokens(max_tokens):
            if self._api.llama_vocab_is_eog(self._vocabulary, token) or loops(written):
                self.stopped = "end"
                break
            written.append(token)
            # Of a sign that was cut short at the limit nothing is shown.
            if piece := decoder.decode(self._piece(token)):
                text += piece
                yield piece
                if "\n" in piece and repeats_lines(text):
                    self.stopped = "end"
                    break
            if self.interrupted:
                break

    def _tokens(self, most: int) -> Iterator[int]:
        """Yield up to `most` tokens, each the likeliest; the last is not in the context."""
        token = self.held.likeliest(-1)
        lookup = Lookup(self.tokens) if self.drafts else None
        while most:
            yield token
            most -= 1
            room = min(most, self.context - len(self.tokens))
            if not room:
                return
            draft, length = Draft(), 0
            if lookup is not None:
                lookup.add(token)
                draft = self._plain(lookup.draft())
                length = self.pace.length(draft, room - 1)
            following = self._follow(token, draft.tokens[:length])
            if not following:
                return
            self.pace.compared(draft, length, following)
            *right, token = following
            self.drafted += length
            self.accepted += len(right)
            for each in right:
                if lookup is not None:
                    lookup.add(each)
                yield each
                most -= 1

    def _follow(self, token: int, draft: Sequence[int]) -> list[int]:
        """Compute a token; return what of its draft is right, and the token behind that.

        The context keeps the token and what is right. Nothing is returned if it was interrupted.
        """
        kept = [*self.tokens, token]
        size = 1 + len(draft)
        began = time.perf_counter()
        with self.held.abortable() if self._is_long(size) else nullcontext():
            if not self.held.decode([token, *draft], every=True):
                return []
        likeliest = [self.held.likeliest(row) for row in range(size)]
        self.pace.computed(size, time.perf_counter() - began)
        right = agreement(draft, likeliest)
        if right < len(draft):
            kept += draft[:right]
            self.held.keep(len(kept))
            if self.tokens != kept:  # a model that cannot forget a part after all
                self.drafts = False
                parts = (kept[i : i + BATCH] for i in range(0, len(kept), BATCH))
                if not all(self.held.decode(part) for part in parts):
                    return []
        return likeliest[: right + 1]

    def _is_long(self, size: int) -> bool:
        """Whether somebody who stops the answer would wait for a batch."""
        return size > 1 and self.pace.cost(size) > _NOTICED

    def _plain(self, draft: Draft) -> Draft:
        """Cut a draft before its first control token: none is ever written."""
        tokens = tuple(itertools.takewhile(lambda token: self.is_plain([token]), draft.tokens))
        return Draft(tokens, draft.alike)

    def _piece(self, token: int) -> bytes:
        room = 256
        buffer = ctypes.create_string_buffer(room)
        size = self._api.llama_token_to_piece(self._vocabulary, token, buffer, room, 0, False)
        if size < 0:
            buffer = ctypes.create_string_buffer(-size)
            size = self._api.llama_token_to_piece(self._vocabulary, token, buffer, -size, 0, False)
        return buffer.raw[: max(0, size)]
