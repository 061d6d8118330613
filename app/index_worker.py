"""The index worker: owns the library of one profile for as long as a window is open.

Three threads: the first works (one engine step at a time, so that it looks at its messages in
between), one listens, one searches with a connection of its own, so that a search never waits for
a step.
"""

from __future__ import annotations

import logging
import threading
import time
from contextlib import closing
from pathlib import Path
from queue import Empty, SimpleQueue

import app.settings
from app.library import (
    open_embedder,
    open_engine,
    open_searcher,
    open_watcher,
    take_looks,
)
from app.messages import (
    AddPaths,
    EncoderReady,
    Failed,
    Files,
    Folders,
    FolderStatus,
    Found,
    GetPage,
    Indexing,
    ListFiles,
    Message,
    OpenLibrary,
    PageText,
    Pause,
    RemoveFolder,
    RetryFiles,
    Search,
    SyncFolders,
    from_wire,
    to_wire,
)
from app.paths import Profile
from app.wire import ProtocolError
from app.worker import Pipe
from indexer.engine import Engine
from indexer.errors import IndexerError
from indexer.search import Searcher
from indexer.store import Folder
from indexer.types import Embedder, State
from indexer.watcher import Watcher
from models.errors import ModelError

log = logging.getLogger(__name__)

_TELL_EVERY = 0.2  # seconds between two messages of progress
_IDLE_WAIT = 0.5
_LOOK_EVERY = 0.5
# A pace measured over less is noise, and an estimate that jumps is worse than none.
_PACE_SECONDS = 2.0

_ASKED = Search | ListFiles | GetPage
_Inbox = SimpleQueue[Message | None]


def serve(pipe: Pipe) -> None:
    """Serve one library until end-of-file."""
    first = pipe.read()
    if first is None:
        return
    opening = from_wire(first)
    if not isinstance(opening, OpenLibrary):
        raise ProtocolError("The first message opens a library.")
    inbox: _Inbox = SimpleQueue()
    searching: _Inbox = SimpleQueue()
    profile = Profile(opening.profile)
    threading.Thread(target=_listen, args=(pipe, inbox, searching), daemon=True).start()
    searches = _Searches(pipe, profile, searching)
    searcher = threading.Thread(target=searches.run, daemon=True)
    searcher.start()
    try:
        _Indexer(pipe, profile, inbox, searches).run()
    except (IndexerError, ModelError) as error:
        pipe.write(to_wire(Failed("", error.title, error.detail)))
        # Searching may still be possible: the window decides when to end.
        while inbox.get() is not None:
            pass
    searching.put(None)
    searcher.join(2)


def _listen(pipe: Pipe, inbox: _Inbox, searching: _Inbox) -> None:
    try:
        for data in pipe:
            message = from_wire(data)
            (searching if isinstance(message, _ASKED) else inbox).put(message)
    except ProtocolError:
        log.warning("the parent broke the protocol")
    inbox.put(None)


class _Searches:
    """Answers Search and ListFiles; by word from the start, by meaning once there is an encoder."""

    def __init__(self, pipe: Pipe, profile: Profile, inbox: _Inbox) -> None:
        self._pipe = pipe
        self._profile = profile
        self._inbox = inbox
        self.embedder: Embedder | None = None  # set by the indexing thread

    def run(self) -> None:
        searcher: Searcher | None = None
        used: Embedder | None = None
        while (message := self._inbox.get()) is not None:
            try:
                if searcher is None or used is not self.embedder:
                    if searcher is not None:
                        searcher.close()
                    used = self.embedder
                    searcher = open_searcher(self._profile, used)
                if isinstance(message, Search):
                    self._pipe.write(to_wire(_found(searcher, message)))
                elif isinstance(message, ListFiles):
                    files, total = searcher.files(
                        message.states, message.inside, message.offset, message.limit
                    )
                    self._pipe.write(to_wire(Files(message.id, tuple(files), total)))
                elif isinstance(message, GetPage):
                    text = searcher.page_text(message.chunk)
                    self._pipe.write(to_wire(PageText(message.id, text)))
            except (IndexerError, ModelError) as error:
                id_ = message.id if isinstance(message, _ASKED) else ""
                self._pipe.write(to_wire(Failed(id_, error.title, error.detail)))


def _found(searcher: Searcher, message: Search) -> Found:
    started = time.perf_counter()
    hits = searcher.search(message.question, message.k, message.scope, message.mode)
    evidence = searcher.evidence(message.question, hits)
    return Found(message.id, tuple(hits), tuple(evidence), (time.perf_counter() - started) * 1000)


class _Indexer:
    """Drives the engine and tells the window how far it is."""

    def __init__(self, pipe: Pipe, profile: Profile, inbox: _Inbox, searches: _Searches) -> None:
        self._pipe = pipe
        self._profile = profile
        self._inbox = inbox
        self._searches = searches
        self._paused = False
        self._idle = False
        self._told = 0.0
        self._looked = 0.0
        self._watcher: Watcher | None = None
        self._watched: tuple[Path, ...] | None = None
        self._pace = _Pace()

    def run(self) -> None:
        """Work until end-of-file. Raises IndexerError if the library cannot be written."""
        settings = app.settings.load(self._profile.settings)
        embedder: Embedder | None = None
        try:
            embedder = open_embedder(self._profile, settings)
        except ModelError as error:
            # Searching and indexing by word goes on without.
            self._send(Failed("", error.title, error.detail))
        with closing(open_engine(self._profile, embedder)) as engine:
            self._searches.embedder = embedder
            if embedder is not None:
                self._send(EncoderReady(embedder.name))
            self._tell_folders(engine, "")
            try:
                self._watch(engine)  # before the comparison: nothing falls between the two
                for folder in engine.store.folders():
                    self._reconcile(engine, folder)
                while self._work(engine):
                    pass
            finally:
                if self._watcher is not None:
                    self._watcher.close()

    def _watch(self, engine: Engine) -> None:
        """Listen to the library's folders as they are now."""
        folders = engine.store.folders()
        paths = tuple(folder.path for folder in folders)
        if paths == self._watched:
            return
        if self._watcher is not None:
            self._watcher.close()
        self._watched = paths
        self._watcher = open_watcher(self._profile, folders)
        self._watcher.start()

    def _look(self, engine: Engine) -> None:
        """Compare what is due with the disk."""
        assert self._watcher is not None
        for note in self._watcher.notes():
            self._send(Failed("", note, ""))
        forgotten = engine.forgotten
        looks = self._watcher.due()
        if not looks:
            return
        settled = take_looks(engine, self._watcher, looks)
        if settled or engine.forgotten > forgotten or engine.store.count_waiting():
            self._idle = False

    def _work(self, engine: Engine) -> bool:
        """Do one thing; False at end-of-file."""
        now = time.monotonic()
        if now - self._looked >= _LOOK_EVERY:
            self._looked = now
            self._look(engine)
        if not (self._idle or self._paused):
            changed = engine.step()
            self._idle = changed is None
            now = time.monotonic()
            if self._idle or now - self._told >= _TELL_EVERY:
                self._told = now
                self._tell_progress(engine)
                self._tell_folders(engine, "")
        try:
            message = self._inbox.get(self._idle or self._paused, _IDLE_WAIT)
        except Empty:
            return True
        if message is None:
            return False
        self._handle(engine, message)
        return True

    def _handle(self, engine: Engine, message: Message) -> None:
        self._idle = False
        match message:
            case AddPaths(id=id_, paths=paths):
                for path in paths:
                    try:
                        self._reconcile(engine, engine.add(path))
                    except IndexerError as error:
                        self._send(Failed(id_, f"{path.name}: {error.title}", error.detail))
                self._tell_folders(engine, id_)
            case RemoveFolder(id=id_, path=path):
                try:
                    engine.remove(path)
                    self._watch(engine)
                except IndexerError as error:
                    self._send(Failed(id_, error.title, error.detail))
                self._tell_folders(engine, id_)
            case SyncFolders(id=id_):
                for folder in engine.store.folders():
                    self._reconcile(engine, folder)
                self._tell_folders(engine, id_)
            case RetryFiles(id=id_, paths=paths):
                engine.store.retry(paths)
                self._tell_folders(engine, id_)
            case Pause(paused=paused):
                self._paused = paused
                self._tell_progress(engine)
            case _:
                log.warning("a message that is not for the index worker")

    def _reconcile(self, engine: Engine, folder: Folder) -> None:
        self._watch(engine)
        engine.reconcile(folder)
        self._tell_folders(engine, "")

    def _tell_folders(self, engine: Engine, id_: str) -> None:
        statuses, chunks = engine.store.folder_statuses()
        self._send(Folders(id_, tuple(_folder_status(*status) for status in statuses), chunks))

    def _tell_progress(self, engine: Engine) -> None:
        left = engine.progress()
        seconds = self._pace.seconds_left(left.files, left.chunks)
        self._send(Indexing(left.files, left.chunks, seconds, self._paused))

    def _send(self, message: Message) -> None:
        self._pipe.write(to_wire(message))


def _folder_status(path: Path, online: bool, states: dict[State, int]) -> FolderStatus:
    return FolderStatus(
        path=path,
        online=online,
        files=sum(states.values()),
        waiting=states.get(State.WAITING, 0),
        words=states.get(State.WORDS, 0),
        unread=states.get(State.FAILED, 0) + states.get(State.QUARANTINED, 0),
    )


class _Pace:
    """Estimates what is left from how fast it has become less."""

    def __init__(self) -> None:
        self._since: tuple[float, int, bool] | None = None

    def seconds_left(self, files: int, chunks: int) -> float | None:
        """Return the seconds that this stage (reading, then embedding) will take, if known."""
        left, reading = files or chunks, bool(files)
        now = time.monotonic()
        if not left:
            self._since = None
            return None
        if self._since is None or self._since[2] != reading or left > self._since[1]:
            self._since = (now, left, reading)
            return None
        done, elapsed = self._since[1] - left, now - self._since[0]
        return elapsed / done * left if done and elapsed >= _PACE_SECONDS else None
