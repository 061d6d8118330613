"""The one writer of a library: folders become passages, one small step at a time.

`step` does at most one batch, so that whoever drives the engine can look at its messages between
two steps. Words come first: as long as a file waits to be read, nothing is embedded.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, closing
from dataclasses import dataclass
from pathlib import Path

from indexer.errors import IndexerError
from indexer.folders.audit import Audit
from indexer.folders.ignoring import Rules
from indexer.folders.reconcile import Reconciler
from indexer.lessons.keeping import LessonKeeper
from indexer.readers import Kind
from indexer.reading.intake import Intake
from indexer.reading.pool import ReaderPool
from indexer.reading.recognition import Recognition
from indexer.storage.erasure import remove_old_backups
from indexer.storage.lock import take_lock
from indexer.storage.relinking import Relinked
from indexer.storage.store import Folder, Store
from indexer.text.chunker import tokens_for
from indexer.types import Embedder, FileStatus
from indexer.vectors.embedding import EmbeddingQueue
from indexer.vectors.keeping import CacheKeeper

_ERASE_AGAIN = 5.0  # seconds after a search was in the way


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
        self._lock = take_lock(database)
        with ExitStack() as undo:
            undo.callback(self._lock.release)
            self.store = Store(database)
            undo.callback(self.store.close)
            self._reconciler = Reconciler(self.store, rules)
            self._audit = Audit(self.store.audited)
            self._caches = CacheKeeper(database, caches, embedder)
            tokens = tokens_for(embedder)
            self.recognising = True  # whether pages go to OCR; its owner may change it at any time
            # Asked in the midst of a step that could take longer: whether its owner is waited for.
            self.awaited: Callable[[], bool] = lambda: False
            self._encoder: int | None = None
            self._embedding: EmbeddingQueue | None = None
            self._held = False
            self._erase_at = 0.0
            # What was taken out when the last process ended can be taken back no longer.
            if hidden := self.store.hidden_folders():
                self.store.remove_folders(hidden)
            remove_old_backups(database)
            self.store.queue.close_attempts()
            self.store.use_kinds(" ".join(sorted(Kind)))
            if embedder is not None:
                self._encoder = self.store.contents.encoder_id(embedder.name, embedder.dimensions)
                self.store.use_encoder(self._encoder)
                self._embedding = EmbeddingQueue(self.store.contents, self._encoder, embedder)
            self._lessons = LessonKeeper(database, embedder, self._encoder)
            undo.callback(self._lessons.close)
            self._intake = Intake(self.store, pool, tokens, self._encoder, password_of)
            # A page that OCR reads is of a file that was opened before.
            self._recognition = (
                Recognition(self.store, ocr_pool, tokens, self.password_of, self._intake.forget)
                if ocr_pool
                else None
            )
            undo.pop_all()

    def close(self) -> None:
        """Leave everything in good order; files that were being read stay in the queue."""
        try:
            with closing(self.store), closing(self._lessons), closing(self._caches):
                self._intake.close()
                if self._recognition is not None:
                    self._recognition.close()
                self._audit.close()
                self.store.queue.abandon_attempts()
                while self.store.is_erasing and self.erase():
                    pass
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
        folder = self.store.add_folder(path)
        if folder.path == path:
            # Whoever adds a folder means the one that stands there now.
            self._reconciler.adopt(folder)
        return folder

    def remove(self, *paths: Path) -> None:
        """Take folders (or single files) out of the library; `erase` does the rest.

        Raises IndexerError, and removes nothing, if one of them was never added.
        """
        self.store.remove_folders(self._named(paths))

    def hide(self, *paths: Path, hidden: bool = True) -> None:
        """Show nothing of folders any more, or all again; what stays hidden is removed later.

        Raises IndexerError if one of them is not in the library, be it shown or hidden.
        """
        self.store.hide_folders(self._named(paths), hidden=hidden)

    def _named(self, paths: Sequence[Path]) -> list[Folder]:
        store = self.store
        folders = {folder.path: folder for folder in (*store.folders(), *store.hidden_folders())}
        for path in paths:
            if path not in folders:
                raise IndexerError(
                    "This is not a folder of the library.",
                    "`status` lists them as they were added.",
                    path,
                )
        return [folders[path] for path in paths]

    def erase(self) -> bool:
        """Do a part of erasing what was removed; False if no more of it can be done now.

        When it is done, no byte of it is in the library, its caches, or its older copies.
        """
        if self.store.erases_documents:
            self._caches.erase()
        return self.store.erase()

    def relink(self, olds: Sequence[str | Path], new: Path, *, anyway: bool = False) -> Relinked:
        """Take what stands under `new` for what stood at a path of the library.

        `olds` are ways to write that path. Raises IndexerError if it is not the same.
        """
        relinked = self.store.relink(olds, new, anyway=anyway)
        for folder in self.store.folders():
            if folder.path.is_relative_to(new):
                self._reconciler.adopt(folder)
        return relinked

    def forget_missing(self, *paths: Path) -> int:
        """Forget the files under `paths` that are kept although they are not there; how many."""
        return self.store.presences.forget(paths)

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
        """Have a file read by its password; False if it did not fail.

        A password that opens its file is remembered until the engine is closed, for OCR and for
        the owner, who wants to see a page: see `password_of`.
        """
        return self._intake.unlock(path, password)

    def password_of(self, path: Path) -> str | None:
        """Return the password that has opened a file, or that was kept for it."""
        return self._intake.password_of(path)

    def remember(self, path: Path, password: str) -> None:
        """Take a password that has opened a file, until the engine is closed."""
        self._intake.remember(path, password)

    @property
    def forgotten(self) -> int:
        """How many files were found to be gone since the library was opened."""
        return self._reconciler.forgotten

    # --- steps ---------------------------------------------------------------------------------

    def hold(self) -> list[FileStatus]:
        """Have all that works for the engine stand still until the next step.

        What was read whole is saved; returns the files that changed. No lock of the library is
        held that a search could wait for.
        """
        self._held = True
        if self._recognition is not None:
            self._recognition.hold()
        return self._intake.hold()

    def let_go(self) -> None:
        """End the readers and OCR, for the memory that they hold; their work begins anew."""
        self._intake.let_go()
        if self._recognition is not None:
            self._recognition.close()

    def _go_on(self) -> None:
        self._held = False
        self._intake.go_on()
        if self._recognition is not None:
            self._recognition.go_on()

    def step(self, *, words_only: bool = False) -> list[FileStatus] | None:
        """Do one small piece of work and return the files that changed; None if all is done."""
        if self._held:
            self._go_on()
        changed = [] if self.go_on_erasing() else self._intake.step()
        if changed is None and self._lessons.step():
            changed = []
        if changed is not None:
            return changed
        if self._intake.missed:
            return self._look_for(self._intake.missed.pop())
        if self._recognition is not None and self._recognition.busy:
            return self._recognise()
        if not words_only and self._encoder is not None:
            embedded = self._embed()
            if embedded is not None:
                return embedded
        if self._erase_orphans() or (not words_only and self._caches.step()):
            return []
        return None if words_only else self._recognise()

    def _erase_orphans(self) -> bool:
        """Erase a few contents that no file holds any more; False if there is none."""
        if not self.store.contents.erase_orphans():
            return False
        self.store.checkpoint()
        self._caches.blank()
        return True

    def audit(self) -> bool:
        """Hash a little of what was read, while there is nothing else to do.

        True if a file has other bytes at the same size and time: it waits to be read again.
        """
        return self._audit.step()

    def _look_for(self, path: Path) -> list[FileStatus]:
        """Compare the folder around a file that was not there when it was to be read."""
        for folder in self.store.folders():
            if path.is_relative_to(folder.path):
                inside = path.parent if path != folder.path else None
                return self.reconcile(folder, inside, deep=False)
        return []

    def go_on_erasing(self) -> bool:
        """Do a part of what is left of erasing; False if there is nothing to do now.

        A step does that, too; this is for who indexes nothing at this moment.
        """
        if not self.store.is_erasing or time.monotonic() < self._erase_at:
            return False
        if not self.erase():
            self._erase_at = time.monotonic() + _ERASE_AGAIN
        return True

    def progress(self) -> Progress:
        """Return what is left to do."""
        return Progress(
            self.store.queue.count_waiting(),
            0 if self._encoder is None else self.store.contents.count_unembedded(self._encoder),
            self.store.unread.count_waiting() if self._recognition and self.recognising else 0,
        )

    # --- embedding -----------------------------------------------------------------------------

    def _embed(self) -> list[FileStatus] | None:
        """Embed one batch; None if every chunk has its vector."""
        assert self._embedding is not None
        assert self._encoder is not None
        contents = self._embedding.step(self.awaited)
        if contents is None:
            return self.store.finish_embedded(self._encoder) or None
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
        if self._encoder is not None:
            self.store.finish_embedded(self._encoder)
        return self.store.statuses(files)


def pending(engine: Engine, *, words_only: bool = False) -> Iterator[list[FileStatus]]:
    """Yield what each step changed until nothing is left to do; closing it cancels."""
    while (changed := engine.step(words_only=words_only)) is not None:
        yield changed
