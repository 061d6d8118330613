"""What lessons are worth is measured by their questions without their own lessons."""

from __future__ import annotations

from contextlib import closing

import apsw
import pytest

from indexer.lessons.teaching import teacher
from indexer.quality import held_out
from indexer.quality.held_out import HeldOut
from indexer.quality.measuring import measure
from indexer.search.searcher import Searcher
from indexer.storage.database import open_for_reading
from indexer.storage.lessons import Kind, all_lessons
from indexer.storage.quality import Measured
from indexer.types import Mode
from tests.indexer.conftest import Library

ANIMALS = ("marmot", "badger", "heron", "salmon", "lynx", "otter", "eagle", "viper")


@pytest.fixture
def taught(library: Library) -> Library:
    """Return a library with three lessons: two that are alike, about one passage, and another."""
    for animal in ANIMALS:
        library.write(
            f"{animal}.txt", f"Seven visitors counted every {animal} in the quarry before rain."
        )
    library.sync()
    for question, animal in (
        ("Which bird paints wooden boats green?", "heron"),
        ("Which bird paints wooden boats yellow?", "heron"),
        ("Whose uncle sells turnips?", "viper"),
    ):
        teach(library, question, animal)
    return library


def teach(library: Library, question: str, animal: str, *, answers: bool = True) -> int:
    chunk = library.search(animal, mode=Mode.WORDS)[0].chunk
    with teacher(library.database, library.embedder) as owner:
        return (owner.answers if answers else owner.answers_not)(question, chunk)


def run(library: Library) -> Measured:
    measured = measure(library.database, library.root, library.embedder, lambda _d, _t: None)
    assert measured is not None
    return measured


def sample(db: apsw.Connection) -> list[HeldOut]:
    asking = held_out.held_out(db)
    while True:
        try:
            next(asking)
        except StopIteration as end:
            found: list[HeldOut] = end.value
            return found


def test_only_what_other_lessons_teach_counts(taught: Library) -> None:
    """With its own each finds its passage; without it those do that are like another one."""
    measured = run(taught)
    assert (measured.lessons, measured.taught, measured.taught_five) == (3, 3, 3)
    with closing(open_for_reading(taught.database)) as db:
        questions = {each.text: each for each in sample(db)}
    alone = questions["Whose uncle sells turnips?"]
    hits = taught.search(alone.text, 1)
    assert alone.is_answered_by(hits[0])
    assert measured.taught_five_untaught <= measured.taught_five_held_out
    assert measured.taught_five_held_out >= 2


def test_a_lesson_that_is_left_out_says_nothing(taught: Library) -> None:
    question = "Whose uncle sells turnips?"
    with (
        closing(Searcher(taught.database, taught.root, taught.embedder)) as searcher,
        closing(open_for_reading(taught.database)) as db,
    ):
        (own,) = [lesson.id for lesson in all_lessons(db) if lesson.text == question]
        assert searcher.search(question, 1)[0].path.stem == "viper"
        without = searcher.search(question, without_lessons={own})
        assert without == searcher.search(question, lessons=False)
        like = searcher.search("Which bird paints wooden boats green?", 1, without_lessons={own})
        assert like[0].path.stem == "heron"


def test_a_question_stands_for_all_that_was_taught_for_it(taught: Library) -> None:
    """Two passages are two lessons and one question; what was denied later is not expected."""
    teach(taught, "Whose uncle sells turnips", "eagle")
    teach(taught, "Which bird paints wooden boats green?", "heron", answers=False)
    with closing(open_for_reading(taught.database)) as db:
        questions = {each.text: each for each in sample(db)}
        lessons = list(all_lessons(db))
    turnips = questions["Whose uncle sells turnips"]
    assert len(turnips.lessons) == len(turnips.expected) == 2
    assert "Which bird paints wooden boats green?" not in questions
    assert sum(lesson.kind is Kind.NOT for lesson in lessons) == 1


def test_the_sample_stays(taught: Library, monkeypatch: pytest.MonkeyPatch) -> None:
    """A lesson that comes puts at most one question out."""
    monkeypatch.setattr(held_out, "QUESTIONS", 3)
    with closing(open_for_reading(taught.database)) as db:
        before = {each.text for each in sample(db)}
        assert len(before) == 3
    teach(taught, "When does the ferry leave?", "otter")
    with closing(open_for_reading(taught.database)) as db:
        after = {each.text for each in sample(db)}
    assert len(after) == 3
    assert len(before & after) >= 2


def test_lessons_that_rest_are_not_asked(taught: Library) -> None:
    (taught.documents / "viper.txt").unlink()
    taught.sync()
    assert run(taught).taught == 2
