"""The index worker: owns the library of one profile for as long as a window is open.

Four threads: the first works (one engine step at a time, so that it looks at its messages in
between), one listens, one searches with a connection of its own, so that a search never waits for
a step, and one does what is asked about whole documents.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from queue import Empty, SimpleQueue
from typing import Any

import app.settings
from app.index_worker.document_thread import DocumentThread
from app.index_worker.entering import Entering, read_opening
from app.index_worker.folder_work import FolderWork
from app.index_worker.language_fit import misfit
from app.index_worker.measuring import Measurements
from app.index_worker.pace import Pace
from app.index_worker.search_thread import Asked, SearchThread
from app.index_worker.serving import serving
from app.index_worker.tagging import Learning, Tagging
from app.index_worker.unlocking import Unlocking
from app.library import open_embedder, open_engine
from app.messages.documents import DocumentAsked
from app.messages.general import Failed
from app.messages.index import (
    AddPaths,
    AskPassword,
    ChooseRules,
    Damaged,
    EncoderReady,
    ForgetMissing,
    GoOn,
    HideFolder,
    Indexing,
    Pause,
    Recognise,
    RelinkFolder,
    RememberPassword,
    RemoveFolder,
    RetryFiles,
    SyncFolders,
    UnlockFile,
    WaitAgain,
)
from app.messages.quality import AskQuality, Measure, StopMeasuring
from app.messages.tags import AskTags, SetTags
from app.messages.wire import Message, from_wire, to_wire
from app.paths import Profile
from app.pausing.machine import on_battery
from app.pausing.pausing import LOOK_SECONDS, Pausing
from app.pausing.priority import give_way_in_thread
from app.pipes.wire import ProtocolError
from app.pipes.worker import Pipe
from indexer.engine import Engine, Progress
from indexer.errors import IndexerError, LibraryDamaged
from indexer.storage.database import in_words
from indexer.types import Embedder
from models.errors import ModelError

log = logging.getLogger(__name__)

_TELL_EVERY = 0.2  # seconds between two messages of progress
# ... and at most this share of the time: to count the files of many folders takes a while.
_TELL_SHARE = 0.05
_IDLE_WAIT = 0.5
_LOOK_EVERY = 0.5
_LAST_SECONDS = 2  # for what a thread was asked last

_NOTHING = Progress(0, 0)

_Inbox = SimpleQueue[Message | None]
_Searching = SimpleQueue[Asked | Embedder | None]


def serve(pipe: Pipe) -> None:
    """Serve one library until end-of-file."""
    opening = read_opening(pipe)
    if opening is None:
        return
    inbox: _Inbox = SimpleQueue()
    searching: _Searching = SimpleQueue()
    profile = Profile(opening.profile)
    entering = Entering(pipe, opening)
    if not entering.enter():
        return
    measurements = Measurements(profile, lambda message: pipe.write(to_wire(message)))
    documents = DocumentThread(profile, lambda message: pipe.write(to_wire(message)))
    for message in entering.left:
        _pass_on(message, inbox, searching, documents)
    documents.start()
    listening = (pipe, inbox, searching, documents, measurements.searched)
    threading.Thread(target=_listen, args=listening, daemon=True).start()
    searches = SearchThread(pipe, profile, searching)
    searcher = threading.Thread(target=searches.run, daemon=True)
    searcher.start()
    try:
        with in_words(profile.database):
            _Indexer(pipe, profile, inbox, searching, measurements).run()
    except (IndexerError, ModelError) as error:
        said: Message = Failed("", error.title, error.detail)
        if isinstance(error, LibraryDamaged):
            said = Damaged(error.title, error.detail)
        pipe.write(to_wire(said))
        # Searching may still be possible: the window decides when to end.
        while inbox.get() is not None:
            pass
    searching.put(None)
    documents.end(_LAST_SECONDS)
    searcher.join(_LAST_SECONDS)


def _listen(
    pipe: Pipe,
    inbox: _Inbox,
    searching: _Searching,
    documents: DocumentThread,
    searched: Callable[[], None],
) -> None:
    try:
        for data in pipe:
            message = from_wire(data)
            if isinstance(message, Asked):
                searched()
            _pass_on(message, inbox, searching, documents)
    except ProtocolError:
        log.warning("the parent broke the protocol")
    inbox.put(None)


def _pass_on(
    message: Message, inbox: _Inbox, searching: _Searching, documents: DocumentThread
) -> None:
    if isinstance(message, Asked):
        searching.put(message)
    elif isinstance(message, DocumentAsked):
        documents.put(message)
    else:
        inbox.put(message)


class _Indexer:
    """Drives the engine and tells the window how far it is."""

    def __init__(
        self,
        pipe: Pipe,
        profile: Profile,
        inbox: _Inbox,
        searching: _Searching,
        measurements: Measurements,
    ) -> None:
        self._pipe = pipe
        self._profile = profile
        self._embedder: Embedder | None = None
        self._serving: Embedder | None = None  # for a while another one than this
        self._inbox = inbox
        self._searching = searching
        self._paused = False
        self._idle = False
        self._waits = False  # for a better moment, or for the owner
        self._tell_at = 0.0
        self._looked = 0.0
        self._folders = FolderWork(profile, self._send)
        self._unlocking = Unlocking(profile, self._send)
        self._tagging = Tagging(profile, self._send)
        self._learning = Learning(profile)
        self._measurements = measurements
        self._pausing = Pausing(profile)
        self._pace = Pace()

    def run(self) -> None:
        """Work until end-of-file. Raises IndexerError if the library cannot be written."""
        settings = app.settings.load(self._profile.settings)
        try:
            self._embedder = open_embedder(self._profile, settings)
        except ModelError as error:
            # Searching and indexing by word goes on without.
            self._send(Failed("", error.title, error.detail))
        with closing(open_engine(self._profile, self._embedder)) as engine:
            if self._embedder is not None:
                self._serve(serving(self._profile, self._embedder))
                self._send(EncoderReady(self._embedder.name))
            self._measurements.open(self._embedder)
            self._folders.tell(engine, "")
            # Behind the encoder, whose threads search as well.
            give_way_in_thread()
            engine.awaited = lambda: self._pausing.due or not self._inbox.empty()
            try:
                self._folders.compare_all(engine)
                while self._work(engine):
                    pass
            finally:
                self._measurements.close()
                self._learning.close()
                self._tagging.close()
                self._folders.close(engine)

    @property
    def _busy(self) -> bool:
        return self._folders.waiting or not (self._idle or self._waits)

    def _work(self, engine: Engine) -> bool:
        """Do one thing; False at end-of-file."""
        now = time.monotonic()
        if now - self._looked >= _LOOK_EVERY:
            self._looked = now
            if self._folders.look(engine):
                self._idle = False
        erased = engine.go_on_erasing()  # also while the indexing stands still
        if erased:
            self._idle = False
        elif self._folders.waiting:
            self._idle = False
            if self._folders.step(engine):
                self._tell(engine)
        elif not self._idle:
            self._index(engine)
        elif not (self._paused or on_battery()):
            if engine.audit():
                self._idle = False
            elif not self._learning.step(engine):
                self._measurements.step()
        measured = self._measurements.go_on()
        if self._busy and time.monotonic() >= self._tell_at:
            self._tell(engine)
        wait = LOOK_SECONDS if self._waits else _IDLE_WAIT
        try:
            message = self._inbox.get(not (self._busy or erased or measured), wait)
        except Empty:
            return True
        if message is None:
            return False
        self._handle(engine, message)
        return True

    def _index(self, engine: Engine) -> None:
        """Do a step, unless it is better to wait."""
        look = self._pausing.look(engine, stopped=self._paused)
        self._waits = not look.goes
        changed = engine.step() if look.goes else look.files
        self._idle = changed is None
        for item in changed or ():
            self._unlocking.after(item)
        if self._idle:
            self._pausing.rest()
            self._serve(self._embedder)  # all is embedded by it
            self._say_misfit(engine)
        if self._idle or look.changed:
            self._tell(engine)

    def _serve(self, embedder: Embedder | None) -> None:
        """Have questions put to this encoder."""
        if embedder is not None and embedder is not self._serving:
            self._serving = embedder
            self._searching.put(embedder)

    def _say_misfit(self, engine: Engine) -> None:
        if self._embedder is None:
            return
        encoder = app.settings.load(self._profile.settings).encoder
        said = misfit(engine.store.contents, encoder, reads_cjk=self._embedder.reads_cjk)
        if said is not None:
            self._send(Failed("", *said))

    def _handle(self, engine: Engine, message: Message) -> None:
        self._idle = False
        match message:
            case (
                AddPaths() | RemoveFolder() | HideFolder() | RelinkFolder()
                | SyncFolders() | RetryFiles() | ForgetMissing()
            ):  # fmt: skip
                self._folders.handle(engine, message)
            case ChooseRules(id=id_):
                self._keep(
                    exclude=message.patterns,
                    gitignore=message.gitignore,
                    largest_file=message.most_megabytes,
                )
                self._folders.compare_all(engine, id_)
            case UnlockFile() | AskPassword() | RememberPassword():
                self._unlocking.handle(engine, message)
                if isinstance(message, UnlockFile):
                    self._folders.tell(engine, message.id)
            case AskTags() | SetTags():
                self._tagging.handle(engine, message)
            case AskQuality() | Measure() | StopMeasuring():
                self._measurements.handle(message)
            case Recognise(on=on):
                engine.recognising = on
                self._keep(ocr=on)
                self._tell(engine)
            case Pause(paused=paused):
                self._paused = paused
                self._index(engine)  # now: what waits behind other messages may be long
                self._tell(engine)
            case GoOn() | WaitAgain():
                self._overrule(message)
            case _:
                log.warning("a message that is not for the index worker")

    def _overrule(self, message: GoOn | WaitAgain) -> None:
        """Index although it would be better to wait, or wait again."""
        chosen = app.settings.load(self._profile.settings).index_despite
        if isinstance(message, WaitAgain):
            self._keep(index_despite=())
            return
        if message.always and self._pausing.reason is not None:
            self._keep(index_despite=(*chosen, self._pausing.reason.value))
        self._pausing.insist()

    def _keep(self, **choices: Any) -> None:
        chosen = app.settings.load(self._profile.settings)
        try:
            app.settings.save(replace(chosen, **choices), self._profile.settings)
        except OSError:
            log.warning("a choice could not be kept for the next run")

    def _tell(self, engine: Engine) -> None:
        began = time.monotonic()
        left = engine.progress()
        seconds = self._pace.seconds_left(left.files, left.chunks, left.pages)
        on = engine.recognising if engine.can_recognise else None
        waits = self._pausing.reason or "" if left != _NOTHING else ""
        self._send(
            Indexing(
                left.files, left.chunks, seconds, self._paused, left.pages, on, waits,
                bool(app.settings.load(self._profile.settings).index_despite),
            )
        )  # fmt: skip
        self._folders.tell(engine, "")
        now = time.monotonic()
        self._tell_at = now + max(_TELL_EVERY, (now - began) / _TELL_SHARE)

    def _send(self, message: Message) -> None:
        self._pipe.write(to_wire(message))
