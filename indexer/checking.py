"""A whole library compared with itself: the tables, the full text, the vectors and their caches."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from indexer.storage.consistency import Check, Checker
from indexer.storage.database import in_words, open_for_reading, open_for_writing
from indexer.storage.lock import take_lock
from indexer.storage.store import Store
from indexer.vectors.library import LibraryVectors


@dataclass(frozen=True, slots=True)
class _Encoder:
    name: str
    dimensions: int


def check_library(database: Path, caches: Path) -> Iterator[Check]:
    """Compare one thing after the other, and say how much of it is wrong.

    Raises LibraryBusy, LibraryDamaged or IndexerError.
    """
    with _checker(database) as checker:
        yield from checker.check()
    yield Check("vectors in caches", sum(_wrong_in_caches(database, caches)))


def repair_library(database: Path, caches: Path) -> None:
    """Mend what can be mended from the library itself, and queue what has to be read again.

    Raises LibraryBusy, LibraryDamaged or IndexerError.
    """
    with _checker(database) as checker:
        checker.repair()
    for vectors in _vectors(database, caches):
        if vectors.wrong_in_cache():
            vectors.discard_caches()


@contextmanager
def _checker(database: Path) -> Iterator[Checker]:
    with (
        take_lock(database),
        closing(Store(database)) as store,
        closing(open_for_writing(database)) as db,
    ):
        yield Checker(store, db)


def _wrong_in_caches(database: Path, caches: Path) -> Iterator[int]:
    for vectors in _vectors(database, caches):
        yield vectors.wrong_in_cache()


def _vectors(database: Path, caches: Path) -> Iterator[LibraryVectors]:
    with in_words(database), closing(open_for_reading(database)) as db:
        encoders: list[Any] = db.execute("SELECT name, dimensions FROM encoders").fetchall()
        for name, dimensions in encoders:
            yield LibraryVectors(db, caches, _Encoder(name, dimensions))
