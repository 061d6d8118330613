"""Chunks become vectors in steps that end where somebody waits."""

from __future__ import annotations

from contextlib import closing

from indexer.engine import Engine, pending
from tests.indexer.conftest import Library


def _until_embedding(library: Library, engine: Engine) -> None:
    """Read forty files by their words."""
    for number in range(40):
        (library.documents / f"{number}.txt").write_text(f"The tide of day {number} is high.")
    engine.reconcile(engine.add(library.documents))
    for _ in pending(engine, words_only=True):
        pass


def test_a_step_of_embedding_ends_where_its_owner_is_awaited(library: Library) -> None:
    """After the smallest part; what was embedded by then is saved, and the rest comes later."""
    assert library.embedder is not None
    with closing(library.engine()) as engine:
        _until_embedding(library, engine)
        engine.awaited = lambda: True
        engine.step()
        assert library.embedder.embedded == 2
        assert engine.progress().chunks == 38
        for _ in pending(engine):
            pass
        assert engine.progress().chunks == 0
    assert library.embedder.embedded == 40


def test_a_step_of_embedding_is_worth_its_commit(library: Library) -> None:
    """While nobody waits, chunks that are quickly embedded are saved many at a time."""
    assert library.embedder is not None
    with closing(library.engine()) as engine:
        _until_embedding(library, engine)
        engine.step()
        assert library.embedder.embedded == 32
