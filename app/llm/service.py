"""The LLM worker: loads one model, answers one question after the other, ends with its parent.

Input is read by a thread of its own, so that a Cancel takes effect while the model reads or
writes. Everything else happens in the main thread.
"""

from __future__ import annotations

import logging
import os
import threading
import time
from dataclasses import replace
from pathlib import Path
from queue import Empty, SimpleQueue

from app.llm.answering import answering
from app.llm.session import Session
from app.messages.general import Cancel, Failed
from app.messages.llm import (
    Generate,
    Generated,
    LoadModel,
    ModelLoaded,
    Reading,
    Token,
)
from app.messages.wire import Message, from_wire, to_wire
from app.pipes.wire import ProtocolError
from app.pipes.worker import Pipe
from models.errors import ModelError
from models.llm import Llm

log = logging.getLogger(__name__)

READING_EVERY = 0.2  # seconds between two messages of progress
TOKEN_EVERY = 0.05
AGAIN = 30.0  # seconds until a machine that was too busy to measure is asked again
GRACE = 1.0  # seconds for the computation to notice that the parent is gone
IDLE = 2.0  # seconds without a question before what was read is saved


def serve(pipe: Pipe) -> None:
    """Answer messages until end-of-file."""
    _Service(pipe).run()


class _Service:
    def __init__(self, pipe: Pipe) -> None:
        self._pipe = pipe
        self._inbox: SimpleQueue[Message | None] = SimpleQueue()
        self._ended = threading.Event()
        self._lock = threading.Lock()  # over the next five
        self._pending: set[str] = set()  # asked and not yet answered
        self._cancelled: set[str] = set()
        self._running: str | None = None
        self._gone = False
        self._measuring = False
        self._session: Session | None = None
        self._sign: Path | None = None
        self._adapter: Path | None = None
        self._loaded: tuple[LoadModel, tuple[int, ...]] | None = None

    def run(self) -> None:
        threading.Thread(target=self._listen, daemon=True).start()
        try:
            while (message := self._next()) is not None:
                if isinstance(message, LoadModel):
                    self._load(message)
                elif isinstance(message, Generate):
                    self._answer(message)
        finally:
            self._ended.set()
            if self._session:
                self._session.close()

    def _next(self) -> Message | None:
        """Return what comes next, and use the time until it comes."""
        wait: float | None = IDLE
        while True:
            try:
                return self._inbox.get(timeout=wait)
            except Empty:
                wait = None
                if self._session:
                    self._session.leave()
                    self._measure(self._session)
                    wait = AGAIN if self._session.measures else None

    def _measure(self, session: Session) -> None:
        """Measure until something comes."""
        with self._lock:
            if self._gone or not self._inbox.empty():
                return
            session.llm.resume()
            self._measuring = True
        try:
            for _ in session.measure():
                if not self._inbox.empty():
                    break
        except ModelError as error:
            log.warning("threads could not be measured: %s", error.title)
        finally:
            with self._lock:
                self._measuring = False

    def _listen(self) -> None:
        try:
            for data in self._pipe:
                message = from_wire(data)
                with self._lock:
                    if isinstance(message, Generate):
                        self._pending.add(message.id)
                        if self._measuring and self._session:
                            self._session.llm.interrupt()
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
        self._sign, self._adapter = message.sign, message.adapter
        wanted = replace(message, adapter=None, language=""), _identity(Path(message.path))
        session = self._session
        if session is None or wanted != self._loaded:
            session = self._open(message)
            if session is None:
                return
        self._loaded = wanted
        with self._lock:
            if not self._gone:
                session.llm.resume()  # the last answer may have been cancelled
        session.use_adapter(message.adapter)  # what is wrong with it is said with each answer
        llm = session.llm
        self._send(ModelLoaded(llm.name, llm.context, round(time.perf_counter() - began, 3)))
        # What every question begins with is read while the owner still types; it also tells how
        # fast this machine reads.
        try:
            for _ in session.read_front(message.language):
                if not self._inbox.empty():
                    break
        except ModelError as error:
            self._send(Failed("", error.title, error.detail))

    def _open(self, message: LoadModel) -> Session | None:
        """Load a model instead of another; None if it cannot be, which is said."""
        with self._lock:
            old, self._session = self._session, None
        if old:
            old.close()  # before the new one: two may be more than the memory holds
        try:
            llm = Llm.load(Path(message.path), message.context, message.threads)
        except ModelError as error:
            self._send(Failed("", error.title, error.detail))
            return None
        llm.drafts &= message.drafts
        session = Session(
            llm, message.caches, states_bytes=message.states_bytes, threads=message.threads
        )
        with self._lock:
            self._session = session
            if self._gone:
                llm.interrupt()
        return session

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

    def _generate(self, session: Session, message: Generate) -> Generated:
        llm = session.llm
        trouble = session.use_adapter(message.adapter or self._adapter)
        session.enter(message.conversation, bytes.fromhex(message.key))
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
            session.note_read(prompt, tokens)
        text, speed = "", 0.0
        if not llm.interrupted:
            text, speed = self._write(llm, message, len(tokens))
            session.remember(text, complete=not llm.interrupted)
        written = len(llm.written) if text else 0
        stopped = llm.stopped
        if llm.interrupted and (not text or stopped != "end"):
            stopped = "cancelled"
        return Generated(
            message.id, text, prompt.numbers, len(tokens), reused, written, round(speed, 2),
            stopped, *((llm.drafted, llm.accepted) if text else (0, 0)), trouble=trouble,
        )  # fmt: skip

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


def _identity(path: Path) -> tuple[int, ...]:
    """Return what tells that a model's file was replaced by another one."""
    try:
        stat = path.stat()
    except OSError:
        return ()
    return stat.st_size, stat.st_mtime_ns
