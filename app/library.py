"""Puts the two libraries together: the engine with its readers and encoder, and the searcher."""

from __future__ import annotations

import os
from collections.abc import Sequence
from contextlib import suppress
from functools import partial
from pathlib import Path
from queue import SimpleQueue
from typing import TYPE_CHECKING, Any

from app import settings
from app.model_files.installed import find_encoder
from app.paths import Profile, is_frozen, repair, starter_models, worker_command
from app.pipes.supervisor import Worker
from app.settings import Settings
from indexer.errors import LibraryOutdated
from indexer.search.searcher import Searcher
from indexer.types import Embedder, FileStatus
from models.errors import ModelDamaged

if TYPE_CHECKING:
    # A search in a fresh process waits for every import, and needs no engine.
    from indexer.engine import Engine
    from indexer.folders.changes import Look
    from indexer.folders.watcher import Watcher
    from indexer.reading.pool import ReaderPool
    from indexer.storage.store import Folder

QUIET = 2.0  # seconds without a change before a folder is looked at


def open_embedder(profile: Profile, settings: Settings) -> Embedder | None:
    """Load the chosen encoder; None if it is not prepared. Raises ModelError if it is damaged."""
    from models.embedder import OpenVinoEmbedder

    folder = find_encoder(profile, settings.encoder)
    if folder is None:
        return None
    try:
        return OpenVinoEmbedder(folder)
    except ModelDamaged as error:
        if not folder.is_relative_to(starter_models()):
            raise
        raise ModelDamaged(error.title, _starter_remedy(folder)) from error


def _starter_remedy(folder: Path) -> str:
    if is_frozen():
        return repair()
    # The set-up of a checkout looks only whether the folder is there.
    return f"Delete {folder}. Run `python3 start.py` again."


def open_engine(profile: Profile, embedder: Embedder | None) -> Engine:
    """Open a profile's library for writing. Raises IndexerError."""
    from app.keys.passwords import password_of
    from indexer.engine import Engine
    from indexer.folders.ignoring import Rules
    from indexer.reading.pool import ReaderPool

    def start(inbox: SimpleQueue[tuple[Any, dict[str, Any] | None]]) -> Worker:
        return Worker(worker_command("reader"), log_file=profile.logs / "reader.log", inbox=inbox)

    def rules() -> Rules:
        chosen = settings.load(profile.settings)
        return Rules(chosen.exclude, chosen.gitignore, chosen.largest_file)

    ocr = _ocr_pool(profile) if has_ocr() else None
    engine = Engine(
        profile.database, profile.caches, ReaderPool(start), embedder, rules, ocr,
        partial(password_of, profile),
    )  # fmt: skip
    engine.recognising = settings.load(profile.settings).ocr
    return engine


def has_ocr() -> bool:
    """Tell whether what recognises text in pictures is installed."""
    from indexer.readers.ocr.networks import models_folder

    return models_folder() is not None


def _ocr_pool(profile: Profile) -> ReaderPool:
    from indexer.readers.ocr.process import PAGE_SECONDS, RECYCLE, RESIDENT
    from indexer.reading.pool import ReaderPool

    def start(inbox: SimpleQueue[tuple[Any, dict[str, Any] | None]]) -> Worker:
        return Worker(worker_command("ocr"), log_file=profile.logs / "ocr.log", inbox=inbox)

    return ReaderPool(
        start, 1, silence=PAGE_SECONDS, seconds=PAGE_SECONDS, recycle=RECYCLE, resident=RESIDENT
    )


def open_searcher(profile: Profile, embedder: Embedder | None) -> Searcher:
    """Open a profile's library for searching, made or brought up to date first if need be.

    Raises IndexerError.
    """
    if profile.database.exists():
        with suppress(LibraryOutdated):
            return Searcher(profile.database, profile.caches, embedder)
    from indexer.storage.store import Store

    Store(profile.database).close()
    return Searcher(profile.database, profile.caches, embedder)


def take_out(profile: Profile, engine: Engine, paths: Sequence[Path]) -> None:
    """Remove folders from a library, and the passwords that were kept for their files.

    Raises IndexerError, and removes nothing, if one of them is not in the library.
    """
    from app.keys import passwords

    store = engine.store
    folders = [f for f in (*store.folders(), *store.hidden_folders()) if f.path in paths]
    files = [Path(os.fsdecode(path)) for folder in folders for path in store.known_files(folder)]
    engine.remove(*paths)
    passwords.forget(profile, files)


def open_watcher(profile: Profile, folders: Sequence[Folder]) -> Watcher:
    """Return a watcher of the library's folders, not yet listening."""
    from indexer.folders.watcher import Watcher

    # What happens in the profile is our own doing; its library would wake us for ever.
    return Watcher([folder.path for folder in folders], quiet=QUIET, without=profile.root)


def take_looks(engine: Engine, watcher: Watcher, looks: Sequence[Look]) -> list[FileStatus]:
    """Compare the folders that are due with the disk; return the files that this settled."""
    settled: list[FileStatus] = []
    folders = {folder.path: folder for folder in engine.store.folders()}
    for look in looks:
        around = next(
            (f for p in (look.folder, *look.folder.parents) if (f := folders.get(p))), None
        )
        if around is not None:
            settled += engine.reconcile(around, look.folder, deep=look.deep, quiet=QUIET)
    for left in engine.unsettled():
        watcher.look_again(left)
    return settled
