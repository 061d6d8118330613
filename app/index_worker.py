"""The index worker: owns the library of one profile for as long as a window is open.

Three threads: the first works (one engine step at a time, so that it looks at its messages in
between), one listens, one searches with a connection of its own, so that a search never waits for
a step.
"""

from __future__ import annotations

import logging
import threading
import time
from collections import Counter, deque
from contextlib import closing, suppress
from dataclasses import replace
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import Any

import app.settings
from app.damage import check_later
from app.folder_lines import folders_message
from app.library import open_embedder, open_engine, open_watcher, take_looks, take_out
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
    OpenLibrary,
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
from app.messages.wire import Message, from_wire, to_wire
from app.pace import Pace
from app.paths import Profile
from app.pausing import LOOK_SECONDS, Pausing
from app.priority import give_way_in_thread
from app.search_thread import Asked, SearchThread
from app.unlocking import Unlocking
from app.wire import ProtocolError
from app.worker import Pipe
from indexer.engine import Engine, Progress
from indexer.errors import IndexerError, LibraryDamaged
from indexer.folders.watcher import Watcher
from indexer.storage.consistency import ended_badly
from indexer.storage.database import in_words
from indexer.storage.rescue import rescue
from indexer.storage.store import Folder
from indexer.types import Embedder
from models.errors import ModelError

log = logging.getLogger(__name__)

_TELL_EVERY = 0.2  # seconds between two messages of progress
# ... and at most this share of the time: to count the files of many folders takes a while.
_TELL_SHARE = 0.05
# Adding and comparing goes on for so long before the next message is looked at.
_SLICE_SECONDS = 0.2
_MOST_REFUSED = 3  # sentences about paths of one request that cannot be added
_IDLE_WAIT = 0.5
_LOOK_EVERY = 0.5

_NOTHING = Progress(0, 0)

_Inbox = SimpleQueue[Message | None]
_Searching = SimpleQueue[Asked | Embedder | None]


def serve(pipe: Pipe) -> None:
    """Serve one library until end-of-file."""
    first = pipe.read()
    if first is None:
        return
    opening = from_wire(first)
    if not isinstance(opening, OpenLibrary):
        raise ProtocolError("The first message opens a library.")
    inbox: _Inbox = SimpleQueue()
    searching: _Searching = SimpleQueue()
    profile = Profile(opening.profile)
    if not opening.rebuild and ended_badly(profile.database):
        check_later(profile.database, pipe)
    if opening.rebuild:
        try:
            rescue(profile.database)
        except (IndexerError, OSError) as error:
            log.warning("a damaged library could not be saved: %s", type(error).__name__)
    threading.Thread(target=_listen, args=(pipe, inbox, searching), daemon=True).start()
    searches = SearchThread(pipe, profile, searching)
    searcher = threading.Thread(target=searches.run, daemon=True)
    searcher.start()
    try:
        with in_words(profile.database):
            _Indexer(pipe, profile, inbox, searching).run()
    except (IndexerError, ModelError) as error:
        said: Message = Failed("", error.title, error.detail)
        if isinstance(error, LibraryDamaged):
            said = Damaged(error.title, error.detail)
        pipe.write(to_wire(said))
        # Searching may still be possible: the window decides when to end.
        while inbox.get() is not None:
            pass
    searching.put(None)
    searcher.join(2)


def _listen(pipe: Pipe, inbox: _Inbox, searching: _Searching) -> None:
    try:
        for data in pipe:
            message = from_wire(data)
            if isinstance(message, Asked):
                searching.put(message)
            else:
                inbox.put(message)
    except ProtocolError:
        log.warning("the parent broke the protocol")
    inbox.put(None)


class _Indexer:
    """Drives the engine and tells the window how far it is."""

    def __init__(self, pipe: Pipe, profile: Profile, inbox: _Inbox, searching: _Searching) -> None:
        self._pipe = pipe
        self._profile = profile
        self._inbox = inbox
        self._searching = searching
        self._paused = False
        self._idle = False
        self._waits = False  # for a better moment, or for the owner
        self._tell_at = 0.0
        self._looked = 0.0
        self._to_add: deque[tuple[str, Path]] = deque()
        self._to_compare: deque[Folder] = deque()
        self._to_answer: list[str] = []
        self._refused: Counter[str] = Counter()
        self._unlocking = Unlocking(profile, self._send)
        self._pausing = Pausing(profile)
        self._watcher: Watcher | None = None
        self._watched: tuple[Path, ...] | None = None
        self._pace = Pace()

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
            if embedder is not None:
                self._searching.put(embedder)
                self._send(EncoderReady(embedder.name))
            self._tell_folders(engine, "")
            # Behind the encoder, whose threads search as well.
            give_way_in_thread()
            try:
                self._compare_all(engine)
                while self._work(engine):
                    pass
            finally:
                self._add_rest(engine)
                if self._watcher is not None:
                    self._watcher.close()

    def _compare_all(self, engine: Engine) -> None:
        self._watch(engine)  # before the comparison: nothing falls between the two
        self._to_compare = deque(engine.store.folders())

    def _add_some(self, engine: Engine) -> None:
        """Add and compare what is queued, as much as one slice holds."""
        end = time.monotonic() + _SLICE_SECONDS
        while self._to_add and time.monotonic() < end:
            id_, path = self._to_add.popleft()
            try:
                self._to_compare.append(engine.add(path))
            except IndexerError as error:
                self._refused[id_] += 1
                if self._refused[id_] <= _MOST_REFUSED:
                    self._send(Failed(id_, f"{path.name}: {error.title}", error.detail))
        if not self._to_add:
            self._watch(engine)
        while self._to_compare and not self._to_add and time.monotonic() < end:
            engine.reconcile(self._to_compare.popleft())
            self._idle = False
        if not (self._to_add or self._to_compare):
            for id_ in self._to_answer:
                if (more := self._refused.pop(id_, 0) - _MOST_REFUSED) > 0:
                    self._send(Failed(id_, f"{more:,} more could not be added.", ""))
                self._tell_folders(engine, id_)
            self._to_answer.clear()
            self._tell(engine)

    def _add_rest(self, engine: Engine) -> None:
        """Add what is still queued, unread: the window closes, and the next one reads it."""
        for _, path in self._to_add:
            with suppress(IndexerError):
                engine.add(path)

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
        looks = self._watcher.due()
        if not looks:
            return
        before = engine.store.changes
        take_looks(engine, self._watcher, looks)
        if engine.store.changes > before or engine.store.count_waiting():
            self._idle = False

    @property
    def _queued(self) -> bool:
        return bool(self._to_add or self._to_compare or self._to_answer)

    @property
    def _busy(self) -> bool:
        return self._queued or not (self._idle or self._waits)

    def _work(self, engine: Engine) -> bool:
        """Do one thing; False at end-of-file."""
        now = time.monotonic()
        if now - self._looked >= _LOOK_EVERY:
            self._looked = now
            self._look(engine)
        erased = engine.go_on_erasing()  # also while the indexing stands still
        if erased:
            self._idle = False
        elif self._queued:
            self._add_some(engine)
        elif not self._idle:
            self._index(engine)
        elif not self._paused and engine.audit():
            self._idle = False
        if self._busy and time.monotonic() >= self._tell_at:
            self._tell(engine)
        wait = LOOK_SECONDS if self._waits else _IDLE_WAIT
        try:
            message = self._inbox.get(not (self._busy or erased), wait)
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
        if self._idle or look.changed:
            self._tell(engine)

    def _handle(self, engine: Engine, message: Message) -> None:
        self._idle = False
        match message:
            case AddPaths(id=id_, paths=paths):
                self._to_add.extend((id_, path) for path in paths)
                self._to_answer.append(id_)
            case RemoveFolder() | HideFolder():
                self._take_out(engine, message)
            case RelinkFolder():
                self._relink(engine, message)
            case SyncFolders() | RetryFiles() | ForgetMissing():
                self._look_again(engine, message)
            case ChooseRules(id=id_):
                self._keep(
                    exclude=message.patterns,
                    gitignore=message.gitignore,
                    largest_file=message.most_megabytes,
                )
                self._compare_all(engine)
                self._to_answer.append(id_)
            case UnlockFile() | AskPassword() | RememberPassword():
                self._unlocking.handle(engine, message)
                if isinstance(message, UnlockFile):
                    self._tell_folders(engine, message.id)
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

    def _look_again(
        self, engine: Engine, message: SyncFolders | RetryFiles | ForgetMissing
    ) -> None:
        """Do what is asked about files, and compare all folders."""
        if isinstance(message, ForgetMissing):
            engine.forget_missing(message.path)
        # What could not be listed is a folder: only a look at the disk brings its files.
        if not isinstance(message, RetryFiles) or engine.store.retry(message.paths):
            self._compare_all(engine)
        self._to_answer.append(message.id)

    def _keep(self, **choices: Any) -> None:
        chosen = app.settings.load(self._profile.settings)
        try:
            app.settings.save(replace(chosen, **choices), self._profile.settings)
        except OSError:
            log.warning("a choice could not be kept for the next run")

    def _relink(self, engine: Engine, message: RelinkFolder) -> None:
        try:
            engine.relink([message.path], message.new)
        except IndexerError as error:
            self._send(Failed(message.id, error.title, error.detail))
        self._compare_all(engine)
        self._to_answer.append(message.id)

    def _take_out(self, engine: Engine, message: RemoveFolder | HideFolder) -> None:
        """Remove what may be one folder or all single files; or hide it, or show it again."""
        hides = isinstance(message, HideFolder) and message.hidden
        shows = isinstance(message, HideFolder) and not message.hidden
        single = engine.store.single_files()
        hidden = {folder.path for folder in engine.store.hidden_folders()}
        # Of single files those that were hidden, and not what was added since.
        going = single if hides else [file for file in single if file in hidden] or single
        paths = [message.path] if message.path else going
        try:
            if isinstance(message, HideFolder):
                engine.hide(*paths, hidden=hides)
            else:
                take_out(self._profile, engine, paths)
        except IndexerError as error:
            self._send(Failed(message.id, error.title, error.detail))
        self._to_compare = deque(f for f in self._to_compare if f.path not in paths)
        if shows:
            # What changed in it meanwhile was not looked at.
            self._to_compare.extend(f for f in engine.store.folders() if f.path in paths)
        self._watch(engine)
        self._tell_folders(engine, message.id)

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
        self._tell_folders(engine, "")
        now = time.monotonic()
        self._tell_at = now + max(_TELL_EVERY, (now - began) / _TELL_SHARE)

    def _tell_folders(self, engine: Engine, id_: str) -> None:
        self._send(folders_message(id_, *engine.store.folder_states()))

    def _send(self, message: Message) -> None:
        self._pipe.write(to_wire(message))
