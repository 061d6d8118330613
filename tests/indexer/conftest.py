"""A library in a temporary folder, with real readers and an encoder that is cheap to run."""

from __future__ import annotations

import re
import sys
import zlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from acting_readers import MakePool, Readers
from numpy.typing import NDArray
from reader_items import items_of

from app.pipes.supervisor import Worker
from indexer.engine import Engine, pending
from indexer.folders.ignoring import Rules
from indexer.folders.watcher import Watcher
from indexer.reading.pool import ReaderPool
from indexer.search.searcher import Searcher
from indexer.text.chunker import ApproximateTokens
from indexer.text.words import STOP_WORDS
from indexer.types import DocumentInfo, FileStatus, Hit, Mode, ReaderItem, Scope
from tests.indexer.folders.watched import QUIET, Watched


class BagOfWords:
    """An encoder that counts hashed words: deterministic, and near where words are shared."""

    def __init__(self, name: str = "bag", dimensions: int = 64) -> None:
        self.name = name
        self.dimensions = dimensions
        self.reads_cjk = False
        self.embedded = 0  # passages, over its life

    def token_offsets(self, text: str) -> NDArray[np.int64]:
        return ApproximateTokens().token_offsets(text)

    def most_tokens(self, text: str) -> int:
        return len(self.token_offsets(text))

    def embed_passages(self, texts: Sequence[str]) -> NDArray[np.float32]:
        self.embedded += len(texts)
        return np.array([self._embed(text) for text in texts], np.float32).reshape(
            len(texts), self.dimensions
        )

    def embed_query(self, text: str) -> NDArray[np.float32]:
        return self._embed(text)

    def match(
        self, question: str, texts: Sequence[str]
    ) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """Take a word for a token, which is close to itself only."""
        asked = set(re.findall(r"\w+", question.lower())) - STOP_WORDS
        words = [set(re.findall(r"\w+", text.lower())) for text in texts]
        close = [sum(word in own for word in asked) / max(1, len(asked)) for own in words]
        vector = self.embed_query(question)
        cosines = [float(self.embed_query(text) @ vector) for text in texts]
        return np.array(cosines, np.float32), np.array(close, np.float32)

    def _embed(self, text: str) -> NDArray[np.float32]:
        row = np.full(self.dimensions, 1e-3, np.float32)
        for word in re.findall(r"\w+", text.lower()):
            row[zlib.crc32(word.encode()) % self.dimensions] += 1
        return row / np.float32(np.linalg.norm(row))


@dataclass
class Library:
    """A library under test; the engine is opened anew for each call, as a command does."""

    root: Path
    documents: Path
    embedder: BagOfWords | None
    rules: Rules = field(default_factory=Rules)

    @property
    def database(self) -> Path:
        return self.root / "library.db"

    def engine(self) -> Engine:
        pool = ReaderPool(
            lambda inbox: Worker([sys.executable, "-m", "app", "--worker", "reader"], inbox=inbox)
        )
        return Engine(self.database, self.root, pool, self.embedder, lambda: self.rules)

    def sync(self, *, words_only: bool = False) -> list[FileStatus]:
        """Add the folder of documents, index until idle, and return what changed."""
        with closing(self.engine()) as engine:
            changed = list(engine.reconcile(engine.add(self.documents)))
            for step in pending(engine, words_only=words_only):
                changed += step
        return changed

    def search(
        self, question: str, k: int = 10, scope: Scope | None = None, mode: Mode = Mode.HYBRID
    ) -> list[Hit]:
        with closing(Searcher(self.database, self.root, self.embedder)) as searcher:
            return searcher.search(question, k, scope, mode)

    def ledger(self) -> dict[str, tuple[str, str]]:
        """Return name -> (state, reason)."""
        from indexer.storage.database import open_for_reading
        from indexer.storage.ledger import ledger

        with closing(open_for_reading(self.database)) as db:
            return {item.path.name: (item.state.value, item.reason) for item in ledger(db)}

    def write(self, name: str, text: str) -> Path:
        path = self.documents / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
        return path


@pytest.fixture
def library(tmp_path: Path) -> Library:
    """Return an empty library with an encoder."""
    (tmp_path / "profile").mkdir()
    (tmp_path / "documents").mkdir()
    return Library(tmp_path / "profile", tmp_path / "documents", BagOfWords())


@pytest.fixture
def make_library(tmp_path: Path) -> Iterator[Callable[[str], Library]]:
    """Return a function that makes further libraries."""

    def make(name: str) -> Library:
        (tmp_path / name / "profile").mkdir(parents=True)
        (tmp_path / name / "documents").mkdir()
        return Library(tmp_path / name / "profile", tmp_path / name / "documents", BagOfWords())

    return make


@pytest.fixture
def write(tmp_path: Path) -> Callable[[str, bytes | str], Path]:
    """Return a function that writes a file and returns its path."""

    def write(name: str, content: bytes | str) -> Path:
        path = tmp_path / name
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    return write


@pytest.fixture
def make_pool() -> Iterator[MakePool]:
    """Return a function that makes a pool over real readers, or over a script's."""
    pools: list[ReaderPool] = []

    def make(script: str | None = None, **settings: Any) -> tuple[ReaderPool, Readers]:
        readers = Readers("-c", script) if script else Readers("-m", "app", "--worker", "reader")
        pool = ReaderPool(readers, **settings)
        pools.append(pool)
        return pool, readers

    yield make
    for pool in pools:
        pool.close()


@pytest.fixture
def written(
    write: Callable[[str, bytes | str], Path],
) -> Callable[[str, bytes | str], tuple[DocumentInfo, list[ReaderItem]]]:
    """Return a function that writes a file, reads it, and returns what is known and its items."""
    return lambda name, content: items_of(write(name, content))


@pytest.fixture
def make_watched(library: Library) -> Iterator[Callable[..., Watched]]:
    """Return a function that watches what is in the library's folder by then."""
    opened: list[Any] = []

    def make(**options: Any) -> Watched:
        engine = library.engine()
        opened.append(engine)
        folder = engine.add(library.documents)
        watcher = Watcher([library.documents], quiet=QUIET, **options)
        watcher.start()
        opened.append(watcher)
        engine.reconcile(folder)
        return Watched(library, engine, watcher)

    yield make
    for item in reversed(opened):
        item.close()
