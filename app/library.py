"""Puts the two libraries together: the engine with its readers and encoder, and the searcher."""

from __future__ import annotations

from queue import SimpleQueue
from typing import TYPE_CHECKING, Any

from app.installed import find_encoder
from app.paths import Profile, worker_command
from app.settings import Settings
from app.supervisor import Worker
from indexer.search import Searcher
from indexer.types import Embedder

if TYPE_CHECKING:
    # A search in a fresh process waits for every import, and needs no engine.
    from indexer.engine import Engine


def open_embedder(profile: Profile, settings: Settings) -> Embedder | None:
    """Load the chosen encoder; None if it is not prepared. Raises ModelError if it is damaged."""
    from models.embedder import OpenVinoEmbedder

    folder = find_encoder(profile, settings.encoder)
    return OpenVinoEmbedder(folder) if folder else None


def open_engine(profile: Profile, embedder: Embedder | None) -> Engine:
    """Open a profile's library for writing. Raises IndexerError."""
    from indexer.engine import Engine
    from indexer.reading import ReaderPool

    def start(inbox: SimpleQueue[tuple[Any, dict[str, Any] | None]]) -> Worker:
        return Worker(worker_command("reader"), log_file=profile.logs / "reader.log", inbox=inbox)

    return Engine(profile.database, profile.caches, ReaderPool(start), embedder)


def open_searcher(profile: Profile, embedder: Embedder | None) -> Searcher:
    """Open a profile's library for searching; an empty one is made first. Raises IndexerError."""
    if not profile.database.exists():
        from indexer.store import Store

        Store(profile.database).close()
    return Searcher(profile.database, profile.caches, embedder)
