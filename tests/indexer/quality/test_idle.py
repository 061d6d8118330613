"""A library measures itself at idle: when it has become another, and never half."""

from __future__ import annotations

import time
from contextlib import closing
from dataclasses import replace

import pytest

from indexer.lessons.teaching import teacher
from indexer.quality.idle import Measurer
from indexer.quality.measuring import Progress
from indexer.storage import quality
from indexer.storage.database import open_for_reading, open_for_writing
from indexer.storage.quality import Measured, Stamp
from tests.indexer.conftest import Library

DAY = 24 * 3600 * 10**9


@pytest.fixture
def filled(library: Library) -> Library:
    """Return a library of a few documents."""
    for animal in ("marmot", "badger", "heron", "salmon"):
        library.write(
            f"{animal}.txt", f"Seven visitors counted every {animal} in the quarry before rain."
        )
    library.sync()
    return library


def measurer(library: Library) -> Measurer:
    return Measurer(library.database, library.root, library.embedder)


def finish(measurer: Measurer) -> tuple[list[Progress], Measured | None]:
    steps: list[Progress] = []
    while isinstance(step := measurer.step(), Progress):
        steps.append(step)
    return steps, step


def history(library: Library) -> list[Measured]:
    with closing(open_for_reading(library.database)) as db:
        return quality.history(db, 10)


def test_a_step_is_one_search(filled: Library) -> None:
    """By both, and by words alone; when all is done nothing is due."""
    one = measurer(filled)
    assert one.is_due
    steps, measured = finish(one)
    assert measured is not None
    assert measured.questions == 4
    assert len(steps) >= 2 * measured.questions
    assert [step.done for step in steps] == sorted(step.done for step in steps)
    assert history(filled) == [measured]
    assert not measurer(filled).is_due


def test_it_goes_on_where_it_was_interrupted(filled: Library) -> None:
    """Unless the library has become another one meanwhile: then it begins anew."""
    one = measurer(filled)
    for _ in range(6):
        one.step()
    before = one.step()
    filled.write("lynx.txt", "Nine farmers met the quiet lynx behind the orchard last winter.")
    filled.sync()
    after = one.step()
    assert isinstance(before, Progress)
    assert isinstance(after, Progress)
    assert after.done < before.done
    _, measured = finish(one)
    assert measured is not None
    assert measured.questions == 5


def test_what_is_stopped_leaves_nothing(filled: Library) -> None:
    one = measurer(filled)
    for _ in range(6):
        one.step()
    one.stop()
    assert history(filled) == []
    assert measurer(filled).is_due


def test_what_was_told_is_done_whatever_happens(filled: Library) -> None:
    """Although nothing is due, and although documents come meanwhile."""
    finish(measurer(filled))
    one = measurer(filled)
    assert not one.is_due
    one.begin()
    assert one.is_due
    for _ in range(6):
        one.step()
    filled.write("lynx.txt", "Nine farmers met the quiet lynx behind the orchard last winter.")
    filled.sync()
    steps, measured = finish(one)
    assert steps[0].done > 0
    assert measured is not None
    assert len(history(filled)) == 2
    assert not one.is_due


def test_it_is_due_on_another_day_after_a_lesson(filled: Library) -> None:
    """Neither on the same day, nor on another one without a change."""
    finish(measurer(filled))
    now = time.time_ns()
    encoder = filled.embedder.name if filled.embedder else ""
    with closing(open_for_writing(filled.database)) as db:
        assert not quality.is_due(db, encoder, now + 2 * DAY)
        assert quality.is_due(db, "another encoder", now + 2 * DAY)
        assert not quality.is_due(db, "another encoder", now)
        chunk = filled.search("heron")[0].chunk
        with teacher(filled.database, filled.embedder) as owner:
            owner.answers("Which bird paints boats?", chunk)
        assert not quality.is_due(db, encoder, now)
        assert quality.is_due(db, encoder, now + 2 * DAY)
        # The clock was put back for years.
        assert quality.is_due(db, encoder, now - 900 * DAY)


def test_a_tenth_of_the_passages_is_notable() -> None:
    """Come, gone, or exchanged."""
    before = Stamp("encoder", 100, 500, 7)
    assert not before.differs_notably(before)
    assert not replace(before, chunks=110, last_chunk=510).differs_notably(before)
    assert replace(before, chunks=111, last_chunk=511).differs_notably(before)
    assert replace(before, chunks=89).differs_notably(before)
    assert replace(before, last_chunk=511).differs_notably(before)


def test_an_empty_library_is_never_due(library: Library) -> None:
    open_for_writing(library.database).close()
    one = measurer(library)
    assert not one.is_due
    one.begin()
    assert finish(one) == ([], None)
