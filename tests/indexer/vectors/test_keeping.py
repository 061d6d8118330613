"""The writer's care for the cache: written in steps, blanked at once, made anew when worth it."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import numpy as np
import pytest

from indexer.engine import Engine, pending
from indexer.storage.database import open_for_reading
from indexer.vectors import keeping
from indexer.vectors import library as of_library
from indexer.vectors.compact import CompactIndex
from indexer.vectors.library import LibraryVectors
from tests.indexer.conftest import Library


def fill(library: Library, first: int, documents: int) -> None:
    for number in range(first, first + documents):
        library.write(f"{number}.txt", f"Boat {number} left harbour {number % 9} at noon.")


def caches(library: Library) -> list[Path]:
    return sorted(library.root.glob("*.vectors*"))


def stored(library: Library, name: str) -> bytes:
    """Return the vector of a file's only chunk, as the library has it."""
    with closing(open_for_reading(library.database)) as db:
        return bytes(
            db.execute(
                "SELECT vector FROM vectors WHERE chunk_id IN (SELECT chunks.id FROM chunks "
                "JOIN files USING (content_id) WHERE CAST(path AS TEXT) LIKE ?)",
                (f"%{name}",),
            ).get  # type: ignore[arg-type]
        )


def test_a_cache_is_written_again_when_a_twentieth_has_changed(library: Library) -> None:
    """A smaller change is read from the library at the next start; there is one cache at a time."""
    fill(library, 0, 60)
    library.sync()
    (first,) = caches(library)
    fill(library, 60, 2)
    library.sync()
    assert caches(library) == [first]
    fill(library, 62, 4)
    library.sync()
    (second,) = caches(library)
    assert second != first
    assert len(library.search("boat 61 harbour", k=100)) > 60


def test_what_a_file_loses_stands_in_the_cache_no_longer(library: Library) -> None:
    """As soon as it is erased from the library, without the cache being written anew."""
    fill(library, 0, 60)
    library.sync()
    (cache,) = caches(library)
    vector = stored(library, "/7.txt")
    assert vector in cache.read_bytes()
    (library.documents / "7.txt").unlink()
    library.sync()
    assert caches(library) == [cache]
    assert vector not in cache.read_bytes()


def _idle(engine: Engine) -> None:
    for _ in pending(engine):
        pass


def test_a_search_goes_on_while_the_cache_is_replaced(
    library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What changes meanwhile is found, and the new file is taken when that saves memory."""
    monkeypatch.setattr(of_library, "_EXACT_ROWS", 20)
    monkeypatch.setattr(of_library, "PART_ROWS", 10)
    monkeypatch.setattr("indexer.vectors.tables.PART_ROWS", 10)
    fill(library, 0, 60)
    library.sync()
    assert library.embedder is not None
    query = library.embedder.embed_query("boat 61 left harbour 7 at noon")
    with (
        closing(library.engine()) as engine,
        closing(open_for_reading(library.database)) as db,
    ):
        vectors = LibraryVectors(db, library.root, library.embedder)
        assert len(vectors.search(query, 100)[0]) == 60
        fill(library, 60, 30)
        folder = engine.add(library.documents)
        engine.reconcile(folder)
        while not any(path.suffix == ".tmp" for path in caches(library)):
            assert engine.step() is not None
        assert len(vectors.search(query, 100)[0]) == 90
        (library.documents / "61.txt").unlink()
        fill(library, 90, 1)
        engine.reconcile(folder)
        _idle(engine)
        assert len(caches(library)) == 1
        ids, _ = vectors.search(query, 100)
        assert len(ids) == 90
        assert isinstance(vectors._index, CompactIndex)
        assert vectors._index.in_memory < 10
        assert vectors.wrong_in_cache() == 0


def test_what_a_killed_writer_has_left_is_removed(library: Library) -> None:
    """With the next cache that is written."""
    fill(library, 0, 20)
    library.sync()
    (cache,) = caches(library)
    left = cache.with_name(f"{cache.name}.99999.tmp")
    left.write_bytes(b"half a cache")
    old = cache.with_name(".".join(cache.name.split(".")[:2]) + ".vectors")
    old.write_bytes(b"a cache of an older version")
    fill(library, 20, 20)
    library.sync()
    (only,) = caches(library)
    assert only not in (cache, left, old)


def test_a_cache_that_nobody_may_delete_is_filled_with_zeros(
    library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As on Windows, where another process may have it mapped."""
    fill(library, 0, 20)
    library.sync()
    (cache,) = caches(library)
    vector = stored(library, "/7.txt")

    def refuse(path: Path, *, missing_ok: bool = False) -> None:
        if path.suffix == ".vectors":
            raise PermissionError

    monkeypatch.setattr(Path, "unlink", refuse)
    keeping.discard(cache)
    assert cache.exists()
    assert vector not in cache.read_bytes()
    assert not np.frombuffer(cache.read_bytes(), np.uint8).any()
    assert library.search("boat 7 harbour")
