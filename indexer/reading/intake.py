"""Waiting files become words: hashed, settled or read, and saved a few documents at a time."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable
from pathlib import Path
from stat import S_ISREG

from indexer.folders.placeholders import why_in_a_cloud
from indexer.readers.kinds.sniffing import stays
from indexer.reading.arriving import Arriving
from indexer.reading.messages import (
    Event,
    InfoRead,
    PageRead,
    PageUnread,
    ReadDone,
    ReaderDied,
    ReadFailed,
)
from indexer.reading.pool import ReaderPool
from indexer.storage.contents import NewContent
from indexer.storage.queue import WaitingFile
from indexer.storage.store import Store
from indexer.text.chunker import Chunker, TokenCounter
from indexer.types import FileStatus, State, UnreadPage

# Documents are committed together: each commit is a segment of the full-text index, and merging
# many small ones costs more than writing them.
_COMMIT_DOCUMENTS = 64
_COMMIT_SECONDS = 0.2
_BLOCK = 1 << 18  # bytes
_READER_DEATHS = 2
_ENCRYPTED = "is encrypted."  # how the title ends of what waits for a password
_ENGINE_DEATHS = 3
_REREADS = 3  # of a file that was written to while it was read
_UNREADABLE = "The disk could not read this file. Check the disk, then try again."
_RESTLESS = "It was written to while it was read, so that some of it may be missing."


class Intake:
    """The files that are being read, from the queue to their words."""

    def __init__(
        self,
        store: Store,
        pool: ReaderPool,
        tokens: TokenCounter,
        encoder: int | None,
        password_of: Callable[[Path], str | None],
    ) -> None:
        """Start nothing; with an `encoder` its vectors make a document complete, else words do."""
        self._store = store
        self._pool = pool
        self._tokens = tokens
        self._encoder = encoder
        self._password_of = password_of
        self._passwords: dict[Path, str] = {}  # of files that are about to be read
        self._opened: dict[Path, str] = {}  # those that have opened a file, in memory alone
        self.missed: list[Path] = []  # files that were not there, for its owner to look for
        self._sought: set[int] = set()  # all of them until now
        self._restless: dict[int, int] = {}  # how often a file has changed while it was read
        self._reading: dict[int, Arriving] = {}
        self._queue: list[WaitingFile] = []
        self._read: list[tuple[Arriving, NewContent]] = []
        self._read_since = 0.0

    def close(self) -> None:
        """Save what was read whole; files that were being read stay in the queue."""
        self._pool.close()
        self._save_read()

    def hold(self) -> list[FileStatus]:
        """Stop the readers where they are, and save what was read whole."""
        self._pool.suspend()
        return self._save_read()

    def go_on(self) -> None:
        """Let the readers go on."""
        self._pool.resume()

    def let_go(self) -> None:
        """End the readers: what they hold is memory. Their files are read from the beginning."""
        self._pool.close()
        self._store.queue.abandon_attempts()
        self._reading.clear()
        self._queue.clear()

    def unlock(self, path: Path, password: str) -> bool:
        """Have a file, or the pages of it that OCR could not open, read by its password.

        False if it did not fail.
        """
        if self._unlock_pages(path):
            self._opened[path] = password
            return True
        if not self._store.queue.retry([path]):
            return False
        self._passwords[path] = password
        return True

    def password_of(self, path: Path) -> str | None:
        """Return the password that has opened a file, or that was kept for it."""
        return self._opened.get(path) or self._password_of(path)

    def remember(self, path: Path, password: str) -> None:
        """Take a password that has opened a file; its pages may wait for that."""
        self._opened[path] = password
        self._unlock_pages(path)

    def forget(self, path: Path) -> None:
        """Forget a password that does not open a file."""
        self._opened.pop(path, None)

    def _unlock_pages(self, path: Path) -> bool:
        with self._store.transaction():
            return self._store.unread.unlock([path]) > 0

    def step(self) -> list[FileStatus] | None:
        """Do one small piece of work and return the files that changed; None if none waits."""
        changed = self._refill()
        if self._reading:
            for event in self._pool.poll(0.05):
                changed += self._on_event(event)
            if len(self._read) >= _COMMIT_DOCUMENTS or (
                self._read and time.monotonic() - self._read_since > _COMMIT_SECONDS
            ):
                changed += self._save_read()
            return changed
        changed += self._save_read()
        if changed or self._queue or self._store.queue.count_waiting():
            return changed
        # What an older version has read, or what was renamed, is seen to when nothing waits.
        more = self._store.naming.step() or self._store.contents.recognise_languages()
        return changed if more else None

    def _refill(self) -> list[FileStatus]:
        changed: list[FileStatus] = []
        submitted: list[Arriving] = []
        while self._pool.room > len(submitted):
            if not self._queue:
                taken = [*self._reading, *(item.file.id for item in submitted)]
                taken += [item.file.id for item, _ in self._read]
                self._queue = self._store.queue.waiting(256, taken)
            if not self._queue:
                break
            file = self._queue[0]
            if file.engine_deaths and (self._reading or submitted):
                break  # what may have killed an engine is read alone
            self._queue.pop(0)
            reading = self._open(file, changed)
            if reading is not None:
                submitted.append(reading)
            if len(changed) >= _COMMIT_DOCUMENTS:
                break
        if submitted:
            self._store.queue.begin_attempts(item.file.id for item in submitted)
            for item in submitted:
                self._reading[item.file.id] = item
                path = item.file.path
                self._pool.submit(item.file.id, path, password=self._passwords.get(path))
        return changed

    def _open(self, file: WaitingFile, changed: list[FileStatus]) -> Arriving | None:
        """Return what to read, unless the ledger can be settled without."""
        if file.engine_deaths >= _ENGINE_DEATHS:
            reason = "Pocket-LLM ended three times while it read this file."
            changed += self._settle(file, State.QUARANTINED, reason)
            return None
        try:
            stat = _stat(file.path)
            sha256 = _sha256(file.path)
        except FileNotFoundError:
            changed += self._miss(file)
            return None
        except OSError as error:
            changed += self._settle(file, State.FAILED, _os_reason(error))
            return None
        if stat[0] == 0:
            changed += self._settle(file, State.EMPTY, "The file is empty.")
            return None
        known = self._store.contents.of_bytes(sha256)
        same = next((each for each in known if stays(each.kind, file.path.name)), None)
        if same is not None:
            with self._store.transaction():
                # Its vectors may still be missing; the engine or `finish_embedded` moves it on.
                here = State.WORDS if same.state is not State.EMPTY else same.state
                self._store.queue.settle(file, here, same.reason, same.id)
                self._store.naming.enter(same.id, file.path)
            changed += self._after_words(same.id, file)
            return None
        return Arriving(file, stat, sha256, Chunker(self._tokens))

    def _after_words(self, content: int, file: WaitingFile) -> list[FileStatus]:
        done = []
        if self._encoder is not None:
            done = self._store.finish_embedded(self._encoder, [content])
        return done or self._store.statuses([file.id])

    def _on_event(self, event: Event) -> list[FileStatus]:
        reading = self._reading.get(event.job)
        if reading is None:
            return []
        match event:
            case InfoRead(info=info):
                reading.info = info
            case PageRead(page=page):
                reading.add(page)
            case PageUnread(page=unread):
                reading.add_unread(unread)
            case ReadDone():
                return self._finish(reading)
            case ReadFailed():
                return self._on_failed(reading, event)
            case ReaderDied():
                return self._on_died(reading, event)
        return []

    def _on_failed(self, reading: Arriving, event: ReadFailed) -> list[FileStatus]:
        reason = f"{event.title} {event.detail}".strip()
        if reading.chunks and not event.unsupported:
            return self._keep_part(reading, reason)
        del self._reading[reading.file.id]
        if event.title.endswith(_ENCRYPTED) and self._unlocks(reading.file):
            return []
        if not reading.file.path.exists():
            return self._miss(reading.file)
        state = State.SKIPPED if event.unsupported else State.FAILED
        return self._settle(reading.file, state, reason)

    def _unlocks(self, file: WaitingFile) -> bool:
        """Tell whether a password was kept for a file that was read without, and queue it again."""
        if self._passwords.pop(file.path, None) is not None:
            self._opened.pop(file.path, None)
            return False
        password = self.password_of(file.path)
        if password is None:
            return False
        self._passwords[file.path] = password
        return True

    def _on_died(self, reading: Arriving, event: ReaderDied) -> list[FileStatus]:
        reason = f"{event.title} {event.detail}".strip()
        with self._store.transaction():
            self._store.queue.reader_died(reading.file.id)
        last = reading.file.reader_deaths + 1 >= _READER_DEATHS
        if last and reading.chunks:
            return self._keep_part(reading, reason)
        del self._reading[reading.file.id]
        if not last:
            return []
        self._passwords.pop(reading.file.path, None)
        return self._settle(reading.file, State.QUARANTINED, reason)

    def _keep_part(self, reading: Arriving, reason: str) -> list[FileStatus]:
        """Save what was read before the reader failed."""
        reading.unread.append(UnreadPage(None, f"The rest of it could not be read: {reason}"))
        return self._finish(reading)

    def _finish(self, reading: Arriving) -> list[FileStatus]:
        file = reading.file
        try:
            now = _stat(file.path)
        except OSError:
            del self._reading[file.id]
            return self._miss(file)
        del self._reading[file.id]
        changes = self._restless.pop(file.id, 0)
        if now != reading.stat and changes < _REREADS:
            # Written to while it was read: what we have is of no version of it.
            self._restless[file.id] = changes + 1
            with self._store.transaction():
                self._store.queue.requeue(file.id, *now)
            return []
        if now != reading.stat:
            # It never rests, as a log. What was read is kept, under a sum that no other file has.
            reading.sha256 = hashlib.sha256(repr((reading.sha256, file.id, now)).encode()).digest()
            reading.add_unread(UnreadPage(None, _RESTLESS))
        if password := self._passwords.pop(file.path, None):
            self.remember(file.path, password)
        content = reading.content()
        if content.state is State.FAILED:
            return self._settle(file, State.FAILED, content.reason)
        if not self._read:
            self._read_since = time.monotonic()
        self._read.append((reading, content))
        return []

    def _save_read(self) -> list[FileStatus]:
        """Commit the documents that were read, each with all of its words."""
        if not self._read:
            return []
        read, self._read = self._read, []
        with self._store.transaction():
            for reading, new in read:
                # Two copies may have been read side by side, or one by another kind of name.
                known = self._store.contents.find(new.sha256, new.kind)
                content = known or self._store.contents.save(new)
                state = State.WORDS if new.chunks else new.state
                self._store.queue.settle(reading.file, state, new.reason, content)
                if known:
                    self._store.naming.enter(content, reading.file.path)
        return self._store.statuses([reading.file.id for reading, _ in read])

    def _miss(self, file: WaitingFile) -> list[FileStatus]:
        """Leave a file that is not there, or no file any more, to a comparison with the disk."""
        if file.id in self._sought:
            # It was listed all the same: some names can be listed and not be opened.
            return self._settle(file, State.FAILED, _UNREADABLE)
        self._sought.add(file.id)
        self.missed.append(file.path)
        with self._store.transaction():
            self._store.queue.miss(file.id)
        return []

    def _settle(self, file: WaitingFile, state: State, reason: str) -> list[FileStatus]:
        with self._store.transaction():
            self._store.queue.settle(file, state, reason, None)
        return self._store.statuses([file.id])


def _stat(path: Path) -> tuple[int, int]:
    status = path.stat()
    if not S_ISREG(status.st_mode) or why_in_a_cloud(status):
        # It has become a pipe, which to open may take for ever, or its bytes went into a cloud.
        raise FileNotFoundError
    return status.st_size, status.st_mtime_ns


def _sha256(path: Path) -> bytes:
    digest = hashlib.sha256()
    # hashlib.file_digest clears 256 KB for each file, which takes longer than a small one does.
    with path.open("rb", buffering=0) as file:
        while block := file.read(_BLOCK):
            digest.update(block)
    return digest.digest()


def _os_reason(error: OSError) -> str:
    if isinstance(error, PermissionError):
        return "This file may not be read. Ask for the right to read it, then try again."
    return _UNREADABLE
