"""A library learns from its own folders and tags, in steps, and forgets with its documents."""

from __future__ import annotations

import random
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from indexer.learning.library import Learner, Suggester, evaluate, fit, is_stale
from indexer.learning.model import Kind, Suggestion
from indexer.storage.database import open_for_writing

if TYPE_CHECKING:
    from conftest import Library

_TOPICS = {
    "bills": "invoice crowns payable vat supplier total due bank transfer receipt",
    "trips": "train hotel ticket museum luggage passport beach map hostel flight",
}
_CHANCE = random.Random(3)  # noqa: S311 -- the same texts in each run


def text(topic: str) -> str:
    return " ".join(_CHANCE.choices(_TOPICS[topic].split(), k=8) + _CHANCE.choices("abcdefgh", k=8))


@pytest.fixture
def sorted_library(library: Library) -> Library:
    """Return a library of two folders with a dozen documents each."""
    for topic in _TOPICS:
        for number in range(12):
            library.write(f"{topic}/{number}.txt", text(topic))
    library.sync()
    return library


def learn(library: Library) -> list[bool]:
    learned = []
    for kind in Kind:
        steps = fit(library.database, kind)
        while True:
            try:
                next(steps)
            except StopIteration as end:
                learned.append(end.value)
                break
    return learned


def suggest(library: Library, path: Path) -> tuple[Suggestion, ...]:
    with closing(Suggester(library.database)) as suggester:
        found = suggester.suggest(path)
        assert found is not None
        return found.suggestions


def test_a_new_document_is_suggested_a_folder_and_stays_where_it_is(
    sorted_library: Library,
) -> None:
    """Learned once, until there is more; the documents where they belong get no suggestion."""
    library = sorted_library
    assert is_stale(library.database)
    assert learn(library) == [True, True]
    assert learn(library) == [False, False]
    assert not is_stale(library.database)
    new = library.write("inbox/new.txt", text("bills"))
    library.sync()
    (found,) = suggest(library, new)
    assert found.kind is Kind.FOLDERS
    assert found.label == str(library.documents / "bills")
    assert found.words
    assert suggest(library, library.documents / "trips" / "1.txt") == ()
    assert new.exists()
    evaluation = evaluate(library.database)[Kind.FOLDERS]
    assert evaluation.accuracy[evaluation.judge] > 0.9
    assert evaluation.precision >= 0.9
    assert Kind.TAGS not in evaluate(library.database)


def test_tags_are_learned_and_suggested(sorted_library: Library) -> None:
    """Not for a file that has it already, and not for one that is like no tagged one."""
    library = sorted_library
    bills, trips = library.documents / "bills", library.documents / "trips"
    other = [library.write(f"other/{at}.txt", _CHANCE.choice("uvwxyz") * 9) for at in range(9)]
    library.sync()
    with closing(library.engine()) as engine:
        for number in range(9):
            engine.store.set_tags(bills / f"{number}.txt", ["to pay"])
            engine.store.set_tags(trips / f"{number}.txt", ["travel", "2026"])
    assert learn(library) == [True, True]
    assert [each.label for each in suggest(library, bills / "11.txt")] == ["to pay"]
    found = {each.label for each in suggest(library, trips / "11.txt")}
    assert found == {"travel", "2026"}
    assert suggest(library, bills / "1.txt") == ()
    assert suggest(library, other[0]) == ()


def test_what_was_learned_is_forgotten_with_the_documents(sorted_library: Library) -> None:
    """Also where they were taken out while it was being learned."""
    library = sorted_library
    learn(library)
    with closing(library.engine()) as engine:
        engine.reconcile(engine.add(library.documents))
        engine.remove(library.documents)
        assert evaluate(library.database) == {}
        while engine.erase():
            pass
    library.sync()
    steps = fit(library.database, Kind.FOLDERS)
    next(steps)
    with closing(library.engine()) as engine:
        engine.remove(library.documents)
        while engine.erase():
            pass
    for _ in steps:
        pass
    assert evaluate(library.database) == {}


def test_a_damaged_state_is_learned_again(sorted_library: Library) -> None:
    """Nothing is suggested by it meanwhile."""
    library = sorted_library
    learn(library)
    new = library.write("inbox/new.txt", text("bills"))
    library.sync()
    with closing(open_for_writing(library.database)) as db:
        db.execute("UPDATE learned SET state = substr(state, 1, length(state) - 40)")
    assert suggest(library, new) == ()
    assert is_stale(library.database)
    assert learn(library) == [True, True]
    assert suggest(library, new)


def test_a_learner_learns_in_steps_and_then_rests(sorted_library: Library) -> None:
    """What does not change is not looked at again; what was begun can be left."""
    library = sorted_library
    with closing(library.engine()) as engine:
        learner = Learner(library.database)
        assert learner.is_due(engine.store.version)
        learner.step(engine.store.version)
        learner.stop()
        learner = Learner(library.database)
        for _ in range(100):
            if not learner.is_due(engine.store.version):
                break
            learner.step(engine.store.version)
        assert not learner.is_due(engine.store.version)
    assert Kind.FOLDERS in evaluate(library.database)


def test_odd_folders_are_no_labels(library: Library) -> None:
    """Folders of one file, one folder alone, empty files and a name that is no UTF-8."""
    for number in range(5):
        library.write(f"f{number}/one.txt", text("bills"))
        library.write(f"empty/{number}.txt", "")
    for number in range(4):
        library.write(f"alone/{number}.txt", text("trips"))
    library.sync()
    assert learn(library) == [True, True]
    assert evaluate(library.database) == {}
    assert suggest(library, library.documents / "f1" / "one.txt") == ()
    assert suggest(library, library.documents / "empty" / "1.txt") == ()
    with closing(Suggester(library.database)) as suggester:
        assert suggester.suggest(library.documents / "missing.txt") is None
