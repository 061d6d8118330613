"""The index worker's searching: a thread with a connection of its own.

A search never waits for a step of the engine.
"""

from __future__ import annotations

import logging
import time
from contextlib import suppress
from queue import Empty, SimpleQueue

from app.index_worker.chat_work import ChatWork
from app.index_worker.folder_lines import folders_message
from app.index_worker.specialist_work import SpecialistWork
from app.library import open_searcher
from app.messages.chats import ChatAsked
from app.messages.general import Failed
from app.messages.index import (
    Files,
    Found,
    GetPage,
    ListFiles,
    PageText,
    Search,
    TakeBack,
    Taught,
    Teach,
)
from app.messages.specialist import SpecialistAsked
from app.messages.wire import Message, to_wire
from app.paths import Profile
from app.pipes.worker import Pipe
from indexer.errors import IndexerError, LibraryOutdated
from indexer.lessons.teaching import teacher
from indexer.search.searcher import Searcher
from indexer.types import Embedder, Page
from models.errors import ModelError

# What is answered here.
Asked = Search | ListFiles | GetPage | Teach | TakeBack | ChatAsked | SpecialistAsked
# Loads the vectors and compiles the encoder, which the owner's first question need not wait for.
_FIRST = "first"
_PATIENCE_SECONDS = 20.0

log = logging.getLogger(__name__)


class SearchThread:
    """Answers what is asked; by word from the start, by meaning once there is an encoder.

    What is taught goes into the library from here, so that the next search counts by it.
    """

    def __init__(
        self, pipe: Pipe, profile: Profile, inbox: SimpleQueue[Asked | Embedder | None]
    ) -> None:
        self._pipe = pipe
        self._profile = profile
        self._inbox = inbox
        self._chats = ChatWork(profile.database, self._send)
        self._specialists = SpecialistWork(profile, self._send)

    def run(self) -> None:
        """Answer what comes until None comes; an encoder is used from where it comes."""
        searcher: Searcher | None = None
        embedder: Embedder | None = None
        # The library is on screen, and can be searched by word, while the encoder loads. What is
        # wrong with it is told by the indexing thread.
        if self._profile.database.exists():
            with suppress(IndexerError):
                searcher = Searcher(self._profile.database, self._profile.caches, None)
                self._send(folders_message("", *searcher.folder_states()))
        while (message := self._next()) is not None:
            id_ = message.id if isinstance(message, Asked) else ""
            try:
                if not isinstance(message, Asked):
                    if searcher is not None:
                        searcher.close()
                    embedder = message
                    searcher = self._open(embedder)
                    searcher.search(_FIRST, 1)
                    continue
                if searcher is None:
                    searcher = self._open(embedder)
                self._answer(message, searcher, embedder)
            except (IndexerError, ModelError) as error:
                self._send(Failed(id_, error.title, error.detail))
            except Exception as error:  # noqa: BLE001 -- without this thread nothing is answered
                log.warning("a search failed: %s", type(error).__name__)
                self._send(Failed(id_, "The search failed.", "Ask again; `doctor` says more."))
        while self._specialists.is_busy:  # what was asked last is still done
            self._specialists.step()

    def _answer(self, message: Asked, searcher: Searcher, embedder: Embedder | None) -> None:
        if isinstance(message, SpecialistAsked):
            self._specialists.handle(message, embedder)
        elif isinstance(message, Teach | TakeBack):
            self._learn(message, embedder)
        elif isinstance(message, ChatAsked):
            self._chats.handle(message, searcher)
        elif isinstance(message, Search):
            self._send(_found(searcher, message))
        elif isinstance(message, ListFiles):
            files, total = searcher.files(
                message.states, message.inside, message.offset, message.limit, message.named
            )
            self._send(Files(message.id, tuple(files), total))
        else:
            page = searcher.page(message.chunk) or Page("")
            self._send(PageText(message.id, page.text, page.lines))

    def _next(self) -> Asked | Embedder | None:
        """Return what comes next, and go on with what takes long until it comes."""
        while self._specialists.is_busy:
            try:
                return self._inbox.get_nowait()
            except Empty:
                self._specialists.step()
        return self._inbox.get()

    def _open(self, embedder: Embedder | None) -> Searcher:
        """Open the library, which the indexing thread may still have to make or bring up to date.

        Raises IndexerError.
        """
        end = time.monotonic() + _PATIENCE_SECONDS
        while time.monotonic() < end:
            if self._profile.database.exists():
                with suppress(LibraryOutdated):
                    return Searcher(self._profile.database, self._profile.caches, embedder)
            time.sleep(0.05)
        return open_searcher(self._profile, embedder)

    def _learn(self, message: Teach | TakeBack, embedder: Embedder | None) -> None:
        """Teach or forget, beside the writer. Raises IndexerError."""
        with teacher(self._profile.database, embedder) as owner:
            if isinstance(message, TakeBack):
                # The gaps of a large library take seconds to fill, and a search may wait.
                owner.forget([message.lesson], wholly=False)
                return
            teach = owner.answers if message.answers else owner.answers_not
            self._send(Taught(message.id, teach(message.question, message.chunk)))

    def _send(self, message: Message) -> None:
        self._pipe.write(to_wire(message))


def _found(searcher: Searcher, message: Search) -> Found:
    started = time.perf_counter()
    if message.sets and (files := searcher.find_set(message.question, message.scope)):
        ms = (time.perf_counter() - started) * 1000
        return Found(message.id, (), (), ms, files.coverage, files=files)
    hits = searcher.search(message.question, message.k, message.scope, message.mode)
    evidence = searcher.evidence(message.question, hits)
    ms = (time.perf_counter() - started) * 1000
    coverage = searcher.coverage(message.scope)
    wording = searcher.wording(message.question)
    answerable = searcher.may_answer(message.question, hits, evidence, message.scope)
    return Found(message.id, tuple(hits), tuple(evidence), ms, coverage, wording, answerable)
