"""What the window asks about folders, done in slices between the steps of the engine."""

from __future__ import annotations

import time
from collections import Counter, deque
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from app.index_worker.folder_lines import folders_message
from app.library import open_watcher, take_looks, take_out
from app.messages.general import Failed
from app.messages.index import (
    AddPaths,
    ForgetMissing,
    HideFolder,
    RelinkFolder,
    RemoveFolder,
    RetryFiles,
    SyncFolders,
)
from app.messages.wire import Message
from app.paths import Profile
from indexer.engine import Engine
from indexer.errors import IndexerError
from indexer.folders.watcher import Watcher
from indexer.storage.store import Folder

# Adding and comparing goes on for so long before the next message is looked at.
_SLICE_SECONDS = 0.2
_MOST_REFUSED = 3  # sentences about paths of one request that cannot be added

Asked = (
    AddPaths | RemoveFolder | HideFolder | RelinkFolder | SyncFolders | RetryFiles | ForgetMissing
)


class FolderWork:
    """The paths that wait to be added, the folders that wait to be compared, and their watcher."""

    def __init__(self, profile: Profile, send: Callable[[Message], None]) -> None:
        self._profile = profile
        self._send = send
        self._to_add: deque[tuple[str, Path]] = deque()
        self._to_compare: deque[Folder] = deque()
        self._to_answer: list[str] = []
        self._refused: Counter[str] = Counter()
        self._watcher: Watcher | None = None
        self._watched: tuple[Path, ...] | None = None

    @property
    def waiting(self) -> bool:
        """Whether something is to be added, compared or answered."""
        return bool(self._to_add or self._to_compare or self._to_answer)

    def handle(self, engine: Engine, message: Asked) -> None:
        """Do what a message asks for, or queue it."""
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

    def compare_all(self, engine: Engine, id_: str | None = None) -> None:
        """Queue all folders to be compared with the disk; `id_` is answered when that is done."""
        self._watch(engine)  # before the comparison: nothing falls between the two
        self._to_compare = deque(engine.store.folders())
        if id_ is not None:
            self._to_answer.append(id_)

    def step(self, engine: Engine) -> bool:
        """Add and compare what is queued, as much as a slice holds; True when nothing is left."""
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
        if self._to_add or self._to_compare:
            return False
        for id_ in self._to_answer:
            if (more := self._refused.pop(id_, 0) - _MOST_REFUSED) > 0:
                self._send(Failed(id_, f"{more:,} more could not be added.", ""))
            self.tell(engine, id_)
        self._to_answer.clear()
        return True

    def close(self, engine: Engine) -> None:
        """Add what is still queued, unread: the window closes, and the next one reads it."""
        for _, path in self._to_add:
            with suppress(IndexerError):
                engine.add(path)
        if self._watcher is not None:
            self._watcher.close()

    def tell(self, engine: Engine, id_: str) -> None:
        """Send the folders as they are now, in answer to `id_` if there is one."""
        self._send(folders_message(id_, *engine.store.folder_states()))

    def look(self, engine: Engine) -> bool:
        """Compare what is due with the disk; tell whether there may be work now."""
        assert self._watcher is not None
        for note in self._watcher.notes():
            self._send(Failed("", note, ""))
        looks = self._watcher.due()
        if not looks:
            return False
        before = engine.store.changes
        take_looks(engine, self._watcher, looks)
        return engine.store.changes > before or engine.store.queue.count_waiting() > 0

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

    def _look_again(
        self, engine: Engine, message: SyncFolders | RetryFiles | ForgetMissing
    ) -> None:
        """Do what is asked about files, and compare all folders."""
        if isinstance(message, ForgetMissing):
            engine.forget_missing(message.path)
        # What could not be listed is a folder: only a look at the disk brings its files.
        if not isinstance(message, RetryFiles) or engine.store.queue.retry(message.paths):
            self.compare_all(engine)
        self._to_answer.append(message.id)

    def _relink(self, engine: Engine, message: RelinkFolder) -> None:
        try:
            engine.relink([message.path], message.new)
        except IndexerError as error:
            self._send(Failed(message.id, error.title, error.detail))
        self.compare_all(engine)
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
        self.tell(engine, message.id)
