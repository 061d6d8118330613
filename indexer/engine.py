"""The one writer of a library: folders become passages, one small step at a time.

`step` does at most one batch, so that whoever drives the engine can look at its messages between
two steps. Words come first: as long as a file waits to be read, nothing is embedded.
"""

from __future__ import annotations

import hashlib
import logging
import os
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from filelock import FileLock, Timeout

from indexer.arriving import Arriving
from indexer.chunker import Chunker, offsets_for
from indexer.contents import NewContent
from indexer.embedding import EmbeddingQueue
from indexer.errors import IndexerError, LibraryBusy
from indexer.ignoring import Rules
from indexer.readers import Kind
from indexer.reading import (
    InfoRead,
    PageRead,
    PageUnread,
    ReadDone,
    ReaderDied,
    ReaderPool,
    ReadFailed,
)
from indexer.recognition import Recognition
from indexer.reconcile import Reconciler
from indexer.search import Searcher
from indexer.store import Folder, Store, WaitingFile
from indexer.types import Embedder, FileStatus, State, UnreadPage

log = logging.getLogger(__name__)

# Documents are committed together: each commit is a segment of the full-text index, and merging
# many small ones costs more than writing them.
_COMMIT_DOCUMENTS = 64
_COMMIT_SECONDS = 0.2
_READER_DEATHS = 2
_ENCRYPTED = "is encrypted."  # how the title ends of what waits for a password
_ENGINE_DEATHS = 3


@dataclass(frozen=True, slots=True)
class Progress:
    """What is left to do."""

    files: int  # waiting to be read
    chunks: int  # waiting for a vector
    pages: int = 0  # waiting for OCR; 0 where there is none


class Engine:
    """Reads, chunks, embeds and saves; also compares folders with the disk."""

    def __init__(
        self,
        database: Path,
        caches: Path,
        pool: ReaderPool,
        embedder: Embedder | None = None,
        rules: Callable[[], Rules] = Rules,
        ocr_pool: ReaderPool | None = None,
        password_of: Callable[[Path], str | None] = lambda _path: None,
    ) -> None:
        """Take the library's lock. `password_of` is asked for the password of an encrypted file.

        Raises LibraryBusy, LibraryDamaged or IndexerError.
        """
        self._lock = FileLock(database.with_suffix(".lock"))
        try:
            self._lock.acquire(timeout=0)
        except Timeout:
            raise LibraryBusy(
                "Another Pocket-LLM is working on this library.",
                "Wait until it has finished, or end it; searching works meanwhile.",
                database,
            ) from None
        try:
            self.store = Store(database)
        except BaseException:
            self._lock.release()
            raise
        self._reconciler = Reconciler(self.store, rules)
        self._database = database
        self._caches = caches
        self._pool = pool
        self._embedder = embedder
        self._token_offsets = offsets_for(embedder)
        self._recognition = (
            Recognition(self.store, ocr_pool, self._token_offsets) if ocr_pool else None
        )
        self.recognising = True  # whether pages go to OCR; its owner may change it at any time
        self._encoder = 0
        self._reading: dict[int, Arriving] = {}
        self._queue: list[WaitingFile] = []
        self._password_of = password_of
        self._passwords: dict[Path, str] = {}  # of files that are about to be read
        self._read: list[tuple[Arriving, NewContent]] = []
        self._read_since = 0.0
        self._embedding: EmbeddingQueue | None = None
        self._embedded = False
        self.store.close_attempts()
        self.store.use_kinds(" ".join(sorted(Kind)))
        if embedder is not None:
            self._encoder = self.store.contents.encoder_id(embedder.name, embedder.dimensions)
            self.store.use_encoder(self._encoder)
            self._embedding = EmbeddingQueue(self.store.contents, self._encoder, embedder)

    def close(self) -> None:
        """Leave everything in good order; files that were being read stay in the queue."""
        try:
            self._pool.close()
            if self._recognition is not None:
                self._recognition.close()
            self._save_read()
            self.store.abandon_attempts()
            if self._embedded:
                self._save_cache()
            self.store.close()
        finally:
            self._lock.release()

    # --- folders -------------------------------------------------------------------------------

    def add(self, path: Path) -> Folder:
        """Add a folder or file to the library. Raises IndexerError if it cannot be read."""
        try:
            if path.is_dir():
                with os.scandir(path):
                    pass
            elif not path.exists():
                raise IndexerError(
                    "There is no such folder or file.", "Check how the path is written.", path
                )
        except PermissionError as error:
            raise IndexerError(
                "This folder may not be read.", "Ask for the right to read it, then add it again.",
                path,
            ) from error  # fmt: skip
        return self.store.add_folder(path)

    def remove(self, *paths: Path) -> None:
        """Take folders (or single files) out of the library and erase what was stored of them.

        Raises IndexerError, and removes nothing, if one of them was never added.
        """
        folders = {folder.path: folder for folder in self.store.folders()}
        for path in paths:
            if path not in folders:
                raise IndexerError(
                    "This is not a folder of the library.",
                    "`status` lists them as they were added.",
                    path,
                )
        for path in paths:
            self.store.remove_folder(folders[path])
        while self.store.contents.erase_orphans():
            pass
        self.store.checkpoint()
        self._embedded = True  # the cache still holds their vectors

    def reconcile(
        self, folder: Folder, inside: Path | None = None, *, deep: bool = True, quiet: float = 0.0
    ) -> list[FileStatus]:
        """Compare a folder with the disk; queue what is new or changed, forget what is gone.

        With `inside`, only what lies at or below that path; without `deep`, only the entries of
        that folder and the folders in it that came or went. A file that changed less than
        `quiet` seconds ago is left, and its folder is in `unsettled` until it was looked at again.

        Returns the files that reached a final state by that alone.
        """
        return self._reconciler.compare(folder, inside, deep=deep, quiet=quiet)

    def unsettled(self) -> list[Path]:
        """Return the folders with files that were still being written to when last looked at."""
        return self._reconciler.unsettled()

    def unlock(self, path: Path, password: str) -> bool:
        """Have a file read by its password, which is then forgotten; False if it did not fail."""
        if not self.store.retry([path]):
            return False
        self._passwords[path] = password
        return True

    @property
    def forgotten(self) -> int:
        """How many files were found to be gone since the library was opened."""
        return self._reconciler.forgotten

    # --- steps ---------------------------------------------------------------------------------

    def step(self, *, words_only: bool = False) -> list[FileStatus] | None:
        """Do one small piece of work and return the files that changed; None if all is done."""
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
        if changed or self._queue or self.store.count_waiting():
            return changed
        if self._recognition is not None and self._recognition.busy:
            return self._recognise()
        if not words_only and self._embedder is not None:
            embedded = self._embed()
            if embedded is not None:
                return embedded
        if self.store.contents.erase_orphans():
            return []
        return None if words_only else self._recognise()

    def progress(self) -> Progress:
        """Return what is left to do."""
        return Progress(
            self.store.count_waiting(),
            self.store.contents.count_unembedded(self._encoder) if self._embedder else 0,
            self.store.unread.count_waiting() if self._recognition and self.recognising else 0,
        )

    # --- reading -------------------------------------------------------------------------------

    def _refill(self) -> list[FileStatus]:
        changed: list[FileStatus] = []
        submitted: list[Arriving] = []
        while self._pool.room > len(submitted):
            if not self._queue:
                taken = [*self._reading, *(item.file.id for item in submitted)]
                taken += [item.file.id for item, _ in self._read]
                self._queue = self.store.waiting(256, taken)
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
            self.store.begin_attempts(item.file.id for item in submitted)
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
            with self.store.transaction():
                self.store.forget_files([file.id])
            return None
        except OSError as error:
            changed += self._settle(file, State.FAILED, _os_reason(error))
            return None
        if stat[0] == 0:
            changed += self._settle(file, State.EMPTY, "The file is empty.")
            return None
        known = self.store.contents.find(sha256)
        if known is not None:
            content, state, reason = known
            with self.store.transaction():
                # Its vectors may still be missing; `_embed` or `finish_embedded` moves it on.
                here = State.WORDS if state is not State.EMPTY else state
                self.store.settle(file.id, here, reason, content)
            changed += self._after_words(content, file)
            return None
        return Arriving(file, stat, sha256, Chunker(self._token_offsets))

    def _after_words(self, content: int, file: WaitingFile) -> list[FileStatus]:
        done = self.store.finish_embedded(self._encoder, [content]) if self._embedder else []
        return done or self.store.statuses([file.id])

    def _on_event(self, event: object) -> list[FileStatus]:
        reading = self._reading.get(event.job)  # type: ignore[attr-defined]
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
            with self.store.transaction():
                self.store.forget_files([reading.file.id])
            return []
        state = State.SKIPPED if event.unsupported else State.FAILED
        return self._settle(reading.file, state, reason)

    def _unlocks(self, file: WaitingFile) -> bool:
        """Tell whether a password was kept for a file that was read without, and queue it again."""
        if self._passwords.pop(file.path, None) is not None:
            return False
        password = self._password_of(file.path)
        if password is None:
            return False
        self._passwords[file.path] = password
        return True

    def _on_died(self, reading: Arriving, event: ReaderDied) -> list[FileStatus]:
        reason = f"{event.title} {event.detail}".strip()
        with self.store.transaction():
            self.store.reader_died(reading.file.id)
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
            with self.store.transaction():
                self.store.forget_files([file.id])
            return []
        if now != reading.stat:
            # Written to while it was read: what we have is of no version of it.
            del self._reading[file.id]
            with self.store.transaction():
                self.store.requeue(file.id, *now)
            return []
        del self._reading[file.id]
        self._passwords.pop(file.path, None)
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
        with self.store.transaction():
            for reading, new in read:
                # Two copies may have been read side by side.
                known = self.store.contents.find(new.sha256)
                content = known[0] if known else self.store.contents.save(new)
                state = State.WORDS if new.chunks else new.state
                self.store.settle(reading.file.id, state, new.reason, content)
        return self.store.statuses([reading.file.id for reading, _ in read])

    def _settle(self, file: WaitingFile, state: State, reason: str) -> list[FileStatus]:
        with self.store.transaction():
            self.store.settle(file.id, state, reason, None)
        return self.store.statuses([file.id])

    # --- embedding -----------------------------------------------------------------------------

    def _embed(self) -> list[FileStatus] | None:
        """Embed one batch; None if every chunk has its vector."""
        assert self._embedding is not None
        contents = self._embedding.step()
        if contents is None:
            return self.store.finish_embedded(self._encoder) or None
        self._embedded = True
        return self.store.finish_embedded(self._encoder, contents)

    # --- OCR -----------------------------------------------------------------------------------

    @property
    def can_recognise(self) -> bool:
        """Whether there is OCR, be it switched on or off."""
        return self._recognition is not None

    def _recognise(self) -> list[FileStatus] | None:
        """Work on one page; None if none waits."""
        if self._recognition is None or not (self.recognising or self._recognition.busy):
            return None
        files = self._recognition.step()
        if not files:
            return files if files is None else []
        if self._embedder is not None:
            self.store.finish_embedded(self._encoder)
        return self.store.statuses(files)

    def _save_cache(self) -> None:
        try:
            searcher = Searcher(self._database, self._caches, self._embedder)
            searcher.save_cache()
            searcher.close()
        except OSError:
            log.warning("the vector cache could not be written; it will be made again")


def _stat(path: Path) -> tuple[int, int]:
    status = path.stat()
    return status.st_size, status.st_mtime_ns


def _sha256(path: Path) -> bytes:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").digest()


def _os_reason(error: OSError) -> str:
    if isinstance(error, PermissionError):
        return "This file may not be read. Ask for the right to read it, then try again."
    return "The disk could not read this file. Check the disk, then try again."


def pending(engine: Engine, *, words_only: bool = False) -> Iterator[list[FileStatus]]:
    """Yield what each step changed until nothing is left to do; closing it cancels."""
    while (changed := engine.step(words_only=words_only)) is not None:
        yield changed
