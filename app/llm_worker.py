"""The LLM worker: loads one model, answers one question after the other, ends with its parent.

Input is read by a thread of its own, so that a Cancel takes effect while the model reads or
writes. Everything else happens in the main thread.
"""

from __future__ import annotations

import functools
import logging
import os
import threading
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from queue import SimpleQueue

from app.answering import answering
from app.messages.general import Cancel, Failed
from app.messages.llm import (
    Generate,
    Generated,
    LoadModel,
    ModelLoaded,
    PromptPassage,
    Reading,
    Token,
)
from app.messages.wire import Message, from_wire, to_wire
from app.wire import ProtocolError
from app.worker import Pipe
from models.errors import ModelError
from models.llm import Llm
from models.prompt import (
    SYSTEM,
    Part,
    Passage,
    Prompt,
    Slots,
    Turn,
    build,
    held,
    marks,
)

log = logging.getLogger(__name__)

READING_EVERY = 0.2  # seconds between two messages of progress
TOKEN_EVERY = 0.05
GRACE = 1.0  # seconds for the computation to notice that the parent is gone
REMEMBERED = 32  # answers whose own tokens are kept for follow-up questions


def serve(pipe: Pipe) -> None:
    """Answer messages until end-of-file."""
    _Service(pipe).run()


class _Service:
    def __init__(self, pipe: Pipe) -> None:
        self._pipe = pipe
        self._inbox: SimpleQueue[Message | None] = SimpleQueue()
        self._ended = threading.Event()
        self._lock = threading.Lock()  # over the next three
        self._pending: set[str] = set()  # asked and not yet answered
        self._cancelled: set[str] = set()
        self._running: str | None = None
        self._gone = False
        self._session: _Session | None = None
        self._sign: Path | None = None

    def run(self) -> None:
        threading.Thread(target=self._listen, daemon=True).start()
        try:
            while (message := self._inbox.get()) is not None:
                if isinstance(message, LoadModel):
                    self._load(message)
                elif isinstance(message, Generate):
                    self._answer(message)
        finally:
            self._ended.set()

    def _listen(self) -> None:
        try:
            for data in self._pipe:
                message = from_wire(data)
                with self._lock:
                    if isinstance(message, Generate):
                        self._pending.add(message.id)
                    elif isinstance(message, Cancel):
                        if message.id in self._pending:
                            self._cancelled.add(message.id)
                        if message.id == self._running and self._session:
                            self._session.llm.interrupt()
                        continue
                self._inbox.put(message)
        except ProtocolError:
            log.warning("the parent broke the protocol")
        with self._lock:
            self._gone = True
            if self._session:
                self._session.llm.interrupt()
        self._inbox.put(None)
        # Loading cannot be interrupted, and nobody waits for it any more.
        if not self._ended.wait(GRACE):
            os._exit(0)

    def _load(self, message: LoadModel) -> None:
        began = time.perf_counter()
        self._sign = message.sign
        with self._lock:
            old, self._session = self._session, None
        if old:
            old.llm.close()  # before the new one: two may be more than the memory holds
        try:
            llm = Llm.load(Path(message.path), message.context, message.threads)
        except ModelError as error:
            self._send(Failed("", error.title, error.detail))
            return
        with self._lock:
            self._session = _Session(llm)
            if self._gone:
                llm.interrupt()
        self._send(ModelLoaded(llm.name, llm.context, round(time.perf_counter() - began, 3)))
        # What every question begins with is read while the owner still types; it also tells how
        # fast this machine reads.
        try:
            for _ in self._session.read_front():
                if not self._inbox.empty():
                    break
        except ModelError as error:
            self._send(Failed("", error.title, error.detail))

    def _answer(self, message: Generate) -> None:
        with self._lock:
            session = self._session
            self._running = message.id
            if session and not self._gone:
                session.llm.resume()
                if message.id in self._cancelled:
                    session.llm.interrupt()
        try:
            if session is None:
                raise ModelError("No model is loaded.", "Choose a model first.")
            with answering(self._sign):
                generated = self._generate(session, message)
            self._send(generated)
        except ModelError as error:
            self._send(Failed(message.id, error.title, error.detail))
        finally:
            with self._lock:
                self._running = None
                self._pending.discard(message.id)
                self._cancelled.discard(message.id)

    def _generate(self, session: _Session, message: Generate) -> Generated:
        llm = session.llm
        prompt = session.prompt(message)
        tokens = llm.prompt_tokens(prompt.parts, session.answers)
        reused = 0
        told = None
        try:
            for done in llm.read(tokens):
                if told is None:
                    reused = done
                now = time.monotonic()
                if told is None or now - told >= READING_EVERY or done == len(tokens):
                    told = now
                    self._send(Reading(message.id, done, len(tokens), reused))
        finally:
            session.slots = held(prompt, session.count, llm.common(tokens))
        text, speed = "", 0.0
        if not llm.interrupted:
            text, speed = self._write(llm, message, len(tokens))
            session.remember(text)
        written = len(llm.written) if text else 0
        stopped = llm.stopped
        if llm.interrupted and (not text or stopped != "end"):
            stopped = "cancelled"
        return Generated(
            message.id, text, prompt.numbers, len(tokens), reused, written, round(speed, 2), stopped
        )

    def _write(self, llm: Llm, message: Generate, prompt_tokens: int) -> tuple[str, float]:
        """Send the answer as it comes; return it and its tokens a second."""
        room = max(1, min(message.max_tokens, llm.context - prompt_tokens))
        pieces: list[str] = []
        unsent = ""
        sent = first = last = 0.0
        for piece in llm.write(room):
            pieces.append(piece)
            unsent += piece
            last = time.monotonic()
            first = first or last
            if last - sent >= TOKEN_EVERY:
                self._send(Token(message.id, unsent))
                unsent, sent = "", last
        if unsent:
            self._send(Token(message.id, unsent))
        count = len(llm.written)
        speed = (count - 1) / (last - first) if count > 1 and last > first else 0.0
        return "".join(pieces), speed

    def _send(self, message: Message) -> None:
        self._pipe.write(to_wire(message))


class _Session:
    """A loaded model and what we know of its context."""

    def __init__(self, llm: Llm) -> None:
        self.llm = llm
        self.slots: Slots = ()
        self.answers: dict[str, list[int]] = {}
        self.count = functools.lru_cache(maxsize=4096)(self._count)
        # A model that thinks aloud would spend minutes on it before the first word.
        self._thinks = "enable_thinking" in (llm.template or "")

    def frame(self, roles: Sequence[str]) -> list[str]:
        """Return the model's marks around messages of these roles."""
        return marks(roles, self.llm.render, thinks=self._thinks)

    def prompt(self, message: Generate) -> Prompt:
        """Fit a question into the context and the time that it may take."""
        budget = message.reading_budget
        if message.reading_seconds is not None:
            if not self.llm.read_tokens_per_s:
                for _ in self.read_front():
                    pass
            budget = int(self.llm.read_tokens_per_s * message.reading_seconds)
        return build(
            message.question,
            _passages(message.passages),
            [
                Turn(turn.question, turn.answer, _passages(turn.passages))
                for turn in message.history
            ],
            frame=self.frame,
            count=self.count,
            budget=budget,
            room=self.llm.context - max(1, min(message.max_tokens, self.llm.context // 2)),
            read=self.slots,
        )

    def read_front(self) -> Iterator[int]:
        """Read what every question about documents begins with, unless it is there."""
        opening = Part(self.frame(["system", "user"])[0], special=True)
        tokens = self.llm.prompt_tokens([opening, Part(SYSTEM)])
        if self.llm.common(tokens) < len(tokens) - 1:
            yield from self.llm.read(tokens)

    def remember(self, text: str) -> None:
        """Keep the tokens of the answer that was just written."""
        if text and self.llm.is_plain(self.llm.written):
            self.answers[text] = list(self.llm.written)
            while len(self.answers) > REMEMBERED:
                del self.answers[next(iter(self.answers))]

    def _count(self, part: Part) -> int:
        return len(self.llm.tokenize(part.text, special=part.special))


def _passages(passages: Sequence[PromptPassage]) -> tuple[Passage, ...]:
    return tuple(Passage(passage.number, passage.title, passage.text) for passage in passages)
