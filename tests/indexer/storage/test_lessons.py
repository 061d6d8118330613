"""Lessons are their owner's: they are saved from damage, and erased to the last byte."""

from __future__ import annotations

from contextlib import closing

import pytest

from indexer.checking import check_library
from indexer.lessons.teaching import teacher
from indexer.storage.database import open_for_reading, open_for_writing
from indexer.storage.lessons import NewLesson, all_lessons, count_lessons
from indexer.storage.rescue import rescue
from tests.indexer.conftest import Library
from tests.indexer.storage.test_erasure import traces

_CANARY = "qz000000{:03}"


@pytest.fixture
def taught(library: Library) -> Library:
    """Return a library with 120 lessons of three kinds, each with a word of its own."""
    for number in range(10):
        library.write(f"{number}.md", f"# Note {number}\n\nThe tide of day {number} is high.\n")
    library.sync()
    with teacher(library.database, library.embedder) as owner:
        for number in range(40):
            chunk = number % 10 + 1
            owner.answers(f"When is {_CANARY.format(number)} high?", chunk)
            owner.answers_not(f"Why is {_CANARY.format(number + 40)} high?", chunk)
            owner.means(_CANARY.format(number + 80), f"tide {number}")
    return library


def count(library: Library) -> int:
    with closing(open_for_reading(library.database)) as db:
        return count_lessons(db)


def test_a_lost_head_costs_no_lesson(taught: Library) -> None:
    """Saved rows get their stems and vectors again, and find their passages."""
    with closing(open_for_reading(taught.database)) as db:
        before = list(all_lessons(db))
    data = taught.database.read_bytes()
    taught.database.write_bytes(bytes(4096) + data[4096:])
    assert rescue(taught.database).lessons == 120
    taught.sync()
    with closing(open_for_reading(taught.database)) as db:
        assert list(all_lessons(db)) == before
        assert db.execute("SELECT count(DISTINCT lesson_id) FROM lesson_stems").get == 80
        assert db.execute("SELECT count(*) FROM lesson_vectors").get == 80
    hit = taught.search(f"When is {_CANARY.format(3)} high?")[0]
    assert hit.taught is not None
    assert hit.rank == 1
    assert not any(item.wrong for item in check_library(taught.database, taught.root))


def test_what_is_taken_back_leaves_no_byte(taught: Library) -> None:
    """Some of them, then all; the rest count on."""
    assert len(traces(taught.root)) == 120
    with closing(open_for_reading(taught.database)) as db:
        lessons = list(all_lessons(db))
    with teacher(taught.database, None) as owner:
        owner.forget([lesson.id for lesson in lessons[::2]])
        assert len(traces(taught.root)) == 60
        assert count(taught) == 60
        owner.forget([lesson.id for lesson in lessons])
        assert traces(taught.root) == set()
    assert count(taught) == 0
    assert taught.search("tide")


def test_the_engine_erases_what_was_taken_back_in_haste(taught: Library) -> None:
    """Without reading the vectors again, which hold nothing of it."""
    caches = {path: path.stat().st_mtime_ns for path in taught.root.glob("*.vectors*")}
    with closing(taught.engine()) as engine:
        with teacher(taught.database, None) as owner:
            owner.forget(range(1, 121), wholly=False)
        assert engine.go_on_erasing()
        assert not engine.store.is_erasing
    assert traces(taught.root) == set()
    assert caches
    assert {path: path.stat().st_mtime_ns for path in taught.root.glob("*.vectors*")} == caches


def test_a_lesson_of_which_the_kind_is_lost_says_nothing(taught: Library) -> None:
    """Until it is mended; the others count."""
    with closing(open_for_writing(taught.database)) as db:
        db.execute("UPDATE lessons SET kind = 'answerz' WHERE id = 1")
    for number, lesson in ((0, 1), (1, 4)):
        hits = taught.search(f"When is {_CANARY.format(number)} high?")
        by = [hit.taught.lesson for hit in hits if hit.taught]
        assert (lesson in by) == (lesson != 1)
    assert any(item.wrong for item in check_library(taught.database, taught.root))


def test_many_lessons_are_taught_in_parts(taught: Library) -> None:
    """What was taught before is not taught again."""
    with closing(open_for_reading(taught.database)) as db:
        known = list(all_lessons(db))
    with teacher(taught.database, taught.embedder) as owner:
        again = [NewLesson(item.kind, item.text, item.meaning, item.place) for item in known]
        assert owner.teach(again) == [lesson.id for lesson in known]
    assert count(taught) == 120
