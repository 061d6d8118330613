"""A loaded model in its worker, and what is known of its context: whose conversation it holds."""

from __future__ import annotations

import functools
import logging
import threading
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import psutil

from app.llm.paces import Paces, load_paces, save_paces
from app.messages.llm import Generate, PromptPassage
from models.drafting import Pace
from models.errors import ModelError
from models.instructions import instructions
from models.llm import Llm
from models.prompt import (
    Part,
    Passage,
    Placed,
    Prompt,
    Slots,
    Turn,
    build,
    held,
    marks,
)
from models.state import State, States
from models.threads import Threads, counts, measure

log = logging.getLogger(__name__)

REMEMBERED = 32  # answers whose own tokens are kept for follow-up questions
# Less is read again in no time.
_LEAST = 96  # tokens
_BUSY = 50.0  # per cent of all cores; nothing can be measured beside so much
_MOST_MEMORY = 1 / 4  # of what is available, for the copy of a state that is written


class Session:
    """A loaded model and what we know of its context.

    A conversation's state is written when it is left, or when nothing else is to be done, by a
    thread: nobody waits for it.
    """

    def __init__(
        self, llm: Llm, caches: Path | None = None, *, states_bytes: int = 0, threads: int = 0
    ) -> None:
        """Take a model; `caches` keep states and measurements, `threads` 0 are measured."""
        self.llm = llm
        self.slots: Slots = ()
        self.answers: dict[str, list[int]] = {}
        self.count = functools.lru_cache(maxsize=4096)(self._count)
        # A model that thinks aloud would spend minutes on it before the first word.
        self._thinks = "enable_thinking" in (llm.template or "")
        self._states_bytes = states_bytes
        self._caches = caches
        self._states = self._open_states()
        self._paces = load_paces(caches, llm.base_fingerprint) if caches else Paces()
        # Whether it is still to be measured how many threads are best.
        self.measures = threads == 0 and caches is not None and self._paces.threads is None
        if threads == 0 and self._paces.threads:
            llm.held.use_threads(self._paces.threads.writing, self._paces.threads.reading)
        llm.pace = Pace(self._paces.seconds)
        psutil.cpu_percent()  # begins to count for `measure`
        self._conversation, self._key = "", b""
        self._unsaved = False
        self._writer: threading.Thread | None = None

    def close(self) -> None:
        """Save what is unsaved, and free the memory."""
        self.leave()
        self._save_paces()
        if self._writer is not None:
            self._writer.join()
        self.llm.close()

    def use_adapter(self, path: Path | None) -> str:
        """Answer with a LoRA adapter from now on, or without; return why that cannot be done.

        Then the model answers alone. What was read with another adapter is never used with this
        one: the computation was another.
        """
        adapter, trouble = self.llm.adapter, ""
        if adapter.is_attached(path):
            return ""
        try:
            if path is not None:
                adapter.read(path)
        except ModelError as error:
            path, trouble = None, str(error)
        if adapter.is_attached(path):
            return trouble
        self.leave()
        try:
            self.llm.use_adapter(path)
        except ModelError as error:
            trouble = str(error)
        self._forget()
        self._states = self._open_states()
        self._conversation, self._key = "", b""
        return trouble

    def enter(self, conversation: str, key: bytes) -> None:
        """Go on with a conversation: what was read for it is held again, if it was saved."""
        if conversation == self._conversation:
            if key != self._key and self._key:
                # Something of it was erased: it is not to be kept under another key.
                self._forget()
            self._key = key
            return
        self.leave()
        self._conversation, self._key = conversation, key
        if self._states is None or not conversation or not key:
            return
        if self._writer is not None:
            self._writer.join()
        state = self._states.load(conversation, key)
        if state is not None and isinstance(state.data, memoryview):
            if self.llm.held.restore(state.tokens, state.data):
                self.slots = _slots(state.notes["slots"])
                self.answers |= state.notes["answers"]
            else:
                self._forget()

    def leave(self) -> None:
        """Begin to save what the context holds, if a conversation's answer is complete in it."""
        unsaved, self._unsaved = self._unsaved, False
        if not unsaved or self._states is None or not self._key:
            return
        size = self.llm.held.state_bytes()
        most = psutil.virtual_memory().available * _MOST_MEMORY
        if size > most or not self._states.fits(size) or len(self.llm.tokens) < _LEAST:
            return
        text = {"slots": _notes(self.slots), "answers": dict(self.answers)}
        state = State(tuple(self.llm.tokens), self.llm.held.state(), text)
        if self._writer is not None:
            self._writer.join()
        self._writer = threading.Thread(
            target=self._states.save, args=(self._conversation, self._key, state)
        )
        self._writer.start()

    def measure(self) -> Iterator[None]:
        """Find out how many threads are best, unless that is known or the machine is busy."""
        busy = psutil.cpu_percent() > _BUSY
        if not self.measures or busy:
            return
        found: Threads | None = None
        self.measures = False
        try:
            for best in measure(self.llm.held, counts()):
                found = best
                yield
            if found is not None and not self.llm.interrupted:
                self._paces = Paces(found, time.time(), self._paces.seconds)
                self._save_paces()
        finally:
            if self._paces.threads is None:
                self.measures = found is not None  # it was interrupted
                self.llm.held.use_threads(self.llm.threads, self.llm.threads)
            else:
                self.llm.held.use_threads(self._paces.threads.writing, self._paces.threads.reading)

    def _save_paces(self) -> None:
        if self._caches is not None:
            paces = Paces(self._paces.threads, self._paces.measured, self.llm.pace.seconds)
            save_paces(self._caches, self.llm.base_fingerprint, paces)

    def _open_states(self) -> States | None:
        """Return the states of this model with the adapter that it has now."""
        if self._caches is None or not self._states_bytes:
            return None
        return States(self._caches, self.llm.fingerprint, self._states_bytes)

    def _forget(self) -> None:
        self.llm.held.clear()
        self.slots = ()
        self.answers.clear()

    def frame(self, roles: Sequence[str]) -> list[str]:
        """Return the model's marks around messages of these roles."""
        return marks(roles, self.llm.render, thinks=self._thinks)

    def prompt(self, message: Generate) -> Prompt:
        """Fit a question into the context and the time that it may take."""
        budget = message.reading_budget
        if message.reading_seconds is not None:
            if not self.llm.read_tokens_per_s:
                for _ in self.read_front(message.language):
                    pass
            budget = int(self.llm.read_tokens_per_s * message.reading_seconds)
        return build(
            Turn(message.question, "", _passages(message.passages), message.language, message.hint),
            [
                Turn(turn.question, turn.answer, _passages(turn.passages), turn.language, turn.hint)
                for turn in message.history
            ],
            frame=self.frame,
            count=self.count,
            budget=budget,
            room=self.llm.context - max(1, min(message.max_tokens, self.llm.context // 2)),
            read=self.slots,
        )

    def read_front(self, language: str) -> Iterator[int]:
        """Read what every question about documents in a language begins with, or its like."""
        opening = Part(self.frame(["system", "user"])[0], special=True)
        tokens = self.llm.prompt_tokens([opening, Part(instructions(language).system)])
        if self.llm.common(tokens) < len(tokens) - 1:
            yield from self.llm.read(tokens)

    def note_read(self, prompt: Prompt, tokens: Sequence[int]) -> None:
        """Note which passages of a prompt the context holds."""
        self.slots = held(prompt, self.count, self.llm.common(tokens))
        self._unsaved = False

    def remember(self, text: str, *, complete: bool) -> None:
        """Keep the tokens of the answer that was just written; save it if it is complete.

        What is cancelled may never become a turn of its conversation, and is not erased with it.
        """
        if text and self.llm.is_plain(self.llm.written):
            self.answers[text] = list(self.llm.written)
            while len(self.answers) > REMEMBERED:
                del self.answers[next(iter(self.answers))]
        self._unsaved = complete and bool(self._conversation)

    def _count(self, part: Part) -> int:
        return len(self.llm.tokenize(part.text, special=part.special))


def _passages(passages: Sequence[PromptPassage]) -> tuple[Passage, ...]:
    return tuple(Passage(passage.number, passage.title, passage.text) for passage in passages)


def _notes(slots: Slots) -> list[Any]:
    return [
        [[item.passage.number, item.passage.title, item.passage.text, item.text] for item in slot]
        for slot in slots
    ]


def _slots(notes: list[Any]) -> Slots:
    return tuple(
        tuple(Placed(Passage(number, title, text), cut) for number, title, text, cut in slot)
        for slot in notes
    )
