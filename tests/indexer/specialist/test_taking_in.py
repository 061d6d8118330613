"""What a specialist brings is merged, and taken back exactly, whatever happened meanwhile."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from indexer.errors import IndexerError
from indexer.lessons.teaching import teacher
from indexer.search.searcher import Searcher
from indexer.specialist.file import ModelName, read_specialist
from indexer.specialist.library import Brought, keep, take_back, take_in, taken_in, write_specialist
from indexer.storage.database import open_for_reading
from indexer.storage.tags import tags_of
from tests.indexer.conftest import BagOfWords, Library

MakeLibrary = Callable[[str], Library]
_QUESTION = "Who keeps the harbour light burning?"
_MARIT = "Old Marit climbs the tower with a can of oil."
_LOG = "The harbour keeps a light."


def fill(library: Library) -> Path:
    """Give a library two documents; the question's words stand in the wrong one."""
    marit = library.write("marit.txt", _MARIT)
    library.write("log.txt", _LOG)
    library.sync()
    return marit


def chunk(library: Library, text: str) -> int:
    return next(hit.chunk for hit in library.search(text) if hit.text == text)


def teach(library: Library, *, answers: bool = True, question: str = _QUESTION) -> int:
    with teacher(library.database, library.embedder) as owner:
        say = owner.answers if answers else owner.answers_not
        return say(question, chunk(library, _MARIT))


def tag(library: Library, path: Path, *tags: str) -> None:
    with closing(library.engine()) as engine:
        engine.store.set_tags(path, tags)


def tags(library: Library, path: Path) -> tuple[str, ...]:
    with closing(open_for_reading(library.database)) as db:
        return tags_of(db, path)


def bring(library: Library, file: Path, at_once: int = 2, stop_after: int | None = None) -> Brought:
    """Take in a file, or leave after some steps; return what came."""
    steps = take_in(library.database, library.embedder, read_specialist(file), file.name, at_once)
    count = 0
    while True:
        try:
            next(steps)
        except StopIteration as end:
            brought: Brought = end.value
            keep(library.database, brought.specialist, "")
            return brought
        count += 1
        if count == stop_after:
            steps.close()
            raise KeyboardInterrupt


def rows(library: Library) -> dict[str, list[Any]]:
    """Return all that is the owner's, to be compared; vectors and stems included."""
    queries = {
        "lessons": "SELECT kind, text, meaning, content, start, end, taught_ns FROM lessons",
        "stems": "SELECT text, stem FROM lesson_stems JOIN lessons ON lessons.id = lesson_id",
        "vectors": "SELECT text, vector FROM lesson_vectors JOIN lessons ON lessons.id = lesson_id",
        "tags": "SELECT sha256, tag, set_ns FROM tags",
        "specialists": "SELECT name FROM specialists",
        "lessons of specialists": "SELECT * FROM specialist_lessons",
        "tags of specialists": "SELECT * FROM specialist_tags",
    }
    with closing(open_for_reading(library.database)) as db:
        return {name: sorted(db.execute(query), key=repr) for name, query in queries.items()}


@pytest.fixture(scope="module")
def given(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the specialist of a library with the same documents, in other places."""
    root = tmp_path_factory.mktemp("giver")
    (root / "documents").mkdir()
    library = Library(root, root / "documents", BagOfWords())
    marit = fill(library)
    teach(library)
    with teacher(library.database, library.embedder) as owner:
        owner.means("blinkenlight", "tower oil")
        owner.answers("What does the log say?", chunk(library, _LOG))
    tag(library, marit, "people", "work")
    file = root / "harbour.specialist"
    held = write_specialist(library.database, {"encoder": ModelName("bag", "ab" * 32)}, file)
    assert (held.lessons, held.tags, held.documents) == (3, 2, 1)
    return file


def test_what_comes_counts_at_the_next_search_and_goes_whole(library: Library, given: Path) -> None:
    """In a search that runs; a second time nothing is new, and all of it goes at once."""
    marit = fill(library)
    before = rows(library)
    with closing(Searcher(library.database, library.root / "caches", library.embedder)) as search:
        found = [hit.text for hit in search.search(_QUESTION)]
        brought = bring(library, given)
        best = search.search(_QUESTION)[0]
        assert best.text == _MARIT
        assert best.taught is not None
        assert best.taught.question == _QUESTION
        assert (brought.new_lessons, brought.new_tags, brought.resting) == (3, 2, 0)
        assert tags(library, marit) == ("people", "work")
        again = bring(library, given)
        assert (again.lessons, again.new_lessons, again.tags, again.new_tags) == (3, 0, 2, 0)
        (taken,) = taken_in(library.database)
        assert (taken.name, taken.lessons, taken.tags) == (given.name, 3, 2)
        assert take_back(library.database, taken.id) == (3, 2)
        assert [hit.text for hit in search.search(_QUESTION)] == found
    assert rows(library) == before
    assert b"blinkenlight" not in library.database.read_bytes()
    with pytest.raises(IndexerError, match="no specialist"):
        take_back(library.database, taken.id)


def test_what_is_the_owners_own_stays(library: Library, given: Path) -> None:
    """Taught before it came, or taught again after."""
    marit = fill(library)
    teach(library)
    tag(library, marit, "people")
    before = rows(library)
    brought = bring(library, given)
    assert (brought.new_lessons, brought.new_tags) == (2, 1)
    take_back(library.database, brought.specialist)
    assert rows(library) == before
    brought = bring(library, given)
    with teacher(library.database, library.embedder) as owner:
        owner.means("blinkenlight", "tower oil")
    assert take_back(library.database, brought.specialist) == (1, 1)
    assert [row[1] for row in rows(library)["lessons"]] == [_QUESTION, "blinkenlight"]


def test_nothing_is_kept_of_one_that_brings_nothing(library: Library, tmp_path: Path) -> None:
    """As where it came from: there is nothing to take back."""
    marit = fill(library)
    teach(library)
    tag(library, marit, "people")
    before = rows(library)
    write_specialist(library.database, {}, tmp_path / "own")
    brought = bring(library, tmp_path / "own")
    assert (brought.lessons, brought.new_lessons, brought.tags, brought.new_tags) == (1, 0, 1, 0)
    assert taken_in(library.database) == []
    assert rows(library) == before


def test_the_later_of_two_to_the_contrary_counts(library: Library, given: Path) -> None:
    """An earlier lesson of others says nothing; a later one goes with its specialist."""
    fill(library)
    refused = teach(library, answers=False)
    assert bring(library, given).new_lessons == 2
    assert library.search(_QUESTION)[0].text == _LOG
    take_back(library.database, taken_in(library.database)[0].id)
    with teacher(library.database, None) as owner:
        owner.forget([refused])
    bring(library, given)
    teach(library, answers=False)
    assert library.search(_QUESTION)[0].text == _LOG
    take_back(library.database, taken_in(library.database)[0].id)
    assert [row[0] for row in rows(library)["lessons"]] == ["not"]


def test_what_two_have_brought_goes_with_the_last(
    library: Library, given: Path, make_library: MakeLibrary, tmp_path: Path
) -> None:
    """In whatever order they are taken back."""
    other = make_library("other")
    fill(other)
    teach(other)
    second = tmp_path / "second.specialist"
    write_specialist(other.database, {}, second)
    fill(library)
    one, two = bring(library, given), bring(library, second)
    assert (one.new_lessons, two.new_lessons) == (3, 0)
    assert take_back(library.database, one.specialist) == (2, 2)
    assert library.search(_QUESTION)[0].text == _MARIT
    assert take_back(library.database, two.specialist) == (1, 0)
    assert rows(library)["lessons"] == []


def test_one_that_is_broken_off_goes_on_or_back(library: Library, given: Path) -> None:
    """What a killed process has taken in is known, and belongs to the specialist."""
    fill(library)
    before = rows(library)
    with pytest.raises(KeyboardInterrupt):
        bring(library, given, at_once=1, stop_after=1)
    (taken,) = taken_in(library.database)
    assert (taken.lessons, taken.tags) == (1, 0)
    assert bring(library, given).new_lessons == 2
    (taken,) = taken_in(library.database)
    assert (taken.lessons, taken.tags) == (3, 2)
    take_back(library.database, taken.id)
    assert rows(library) == before


def test_one_that_is_taken_back_while_it_comes_ends(library: Library, given: Path) -> None:
    """With a sentence, and nothing of it is left."""
    fill(library)
    before = rows(library)
    steps = take_in(library.database, library.embedder, read_specialist(given), "x", 1)
    next(steps)
    take_back(library.database, taken_in(library.database)[0].id)
    with pytest.raises(IndexerError, match="taken back"):
        list(steps)
    assert rows(library) == before


def test_it_waits_for_documents_that_are_not_here(library: Library, given: Path) -> None:
    """Lessons rest and tags are kept until the same bytes come."""
    library.write("log.txt", _LOG)
    library.sync()
    assert bring(library, given).resting == 1
    marit = library.write("elsewhere/old.txt", _MARIT)
    library.sync()
    assert tags(library, marit) == ("people", "work")
    assert library.search(_QUESTION)[0].text == _MARIT


def test_tags_follow_a_file_and_are_taken_back_where_they_are(
    library: Library, given: Path
) -> None:
    """Those of the owner follow as well, although the bytes have tags of others."""
    marit = fill(library)
    bring(library, given)
    tag(library, marit, "people", "work", "own")
    draft = library.write("draft.txt", "A draft.")
    library.sync()
    tag(library, draft, "draft")
    draft.write_text(_MARIT, "utf-8")
    marit.write_text("Changed.", "utf-8")
    library.sync()
    assert set(tags(library, draft)) == {"people", "work", "own"}
    assert set(tags(library, marit)) == {"people", "work", "own"}
    (taken,) = taken_in(library.database)
    take_back(library.database, taken.id)
    assert tags(library, marit) == tags(library, draft) == ("own",)


def test_own_tags_follow_to_bytes_that_have_tags_of_others(library: Library, given: Path) -> None:
    """And stay there when the others' are taken back."""
    draft = library.write("draft.txt", "A draft.")
    library.sync()
    tag(library, draft, "draft")
    brought = bring(library, given)
    draft.write_text(_MARIT, "utf-8")
    library.sync()
    assert set(tags(library, draft)) == {"people", "work", "draft"}
    take_back(library.database, brought.specialist)
    assert tags(library, draft) == ("draft",)


def test_no_file_gets_more_tags_than_it_can_have(library: Library, given: Path) -> None:
    """The owner's own have the places."""
    marit = fill(library)
    own = tuple(f"tag {number}" for number in range(49))
    tag(library, marit, *own)
    assert bring(library, given).new_tags == 1
    assert tags(library, marit) == (*own, "people")


def test_a_file_that_cannot_be_written_leaves_nothing(library: Library, tmp_path: Path) -> None:
    """Neither half a file nor another's."""
    fill(library)
    folder = tmp_path / "folder"
    folder.mkdir()
    with pytest.raises(IndexerError, match="cannot be written"):
        write_specialist(library.database, {}, folder)
    assert list(tmp_path.glob("*.part")) == []
