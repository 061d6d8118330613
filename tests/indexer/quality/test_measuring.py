"""A library measures itself by questions of its own, which go with its documents."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path
from random import Random

import pytest

from indexer.quality import measuring
from indexer.quality.measuring import measure
from indexer.quality.questions import Source, draw
from indexer.storage import quality
from indexer.storage.database import open_for_reading, open_for_writing, transaction
from indexer.storage.quality import Change, Measured
from tests.indexer.conftest import Library

ANIMALS = ("marmot", "badger", "heron", "salmon", "lynx", "otter", "eagle", "viper")
PLACES = ("river", "meadow", "quarry", "orchard", "harbour", "glacier")


@pytest.fixture
def filled(library: Library) -> Library:
    """Return a library of documents that each say something else, under headings."""
    for animal in ANIMALS:
        parts = [f"# Report about every {animal} seen\n"]
        for number, place in enumerate(PLACES, 3):
            parts.append(
                f"\n## The {animal} beside the {place}\n\nIn the morning {number * 7} visitors "
                f"watched how the {animal} crossed the {place} quietly before rain started.\n"
            )
        library.write(f"{animal}.md", "".join(parts))
    library.sync()
    return library


def run(library: Library) -> Measured:
    found = measure(library.database, library.root, library.embedder, lambda _done, _total: None)
    assert found is not None
    return found


def test_it_finds_most_of_what_it_asks_and_keeps_it(filled: Library) -> None:
    """The same questions are asked the next time, and nothing has changed."""
    first = run(filled)
    assert 10 < first.questions <= measuring.QUESTIONS
    assert first.five >= 0.8 * first.questions
    assert first.first <= first.five
    assert first.five_untaught == first.five
    assert first.change == Change(0, 0, 0)
    second = run(filled)
    assert second.questions == first.questions
    assert second.change == Change(first.questions, 0, 0)
    with closing(open_for_reading(filled.database)) as db:
        assert quality.history(db, 10) == [second, first]


def test_questions_are_of_headings_and_of_a_part_of_a_sentence(filled: Library) -> None:
    with closing(open_for_reading(filled.database)) as db:
        drawn = draw(db, 30, Random(1), set())  # noqa: S311 -- no secret
    assert {each.source for each in drawn} == set(Source)
    for each in drawn:
        if each.source is Source.SENTENCE:
            assert len(each.text.split()) < len(each.expected.split())
    assert len({each.chunk for each in drawn}) == len(drawn)


def test_what_search_cannot_find_any_more_is_lost(filled: Library) -> None:
    """Here the words of half of all documents are taken out of the full text."""
    run(filled)
    filled.embedder = None
    before = run(filled)
    with closing(open_for_writing(filled.database)) as db, transaction(db, filled.database):
        db.execute("INSERT INTO chunk_words (chunk_words) VALUES ('delete-all')")
    after = run(filled)
    assert after.five < before.five
    assert after.lost == before.five - after.five
    assert after.change.is_worse


def test_chance_is_no_change_for_the_worse() -> None:
    assert not Change(200, 10, 14).is_worse
    assert not Change(200, 0, 2).is_worse
    assert Change(200, 0, 4).is_worse
    assert not Change(200, 30, 0).is_worse


def test_questions_go_with_their_documents(filled: Library) -> None:
    """No byte of one stays, and others take their place."""
    run(filled)
    (filled.documents / "heron.md").unlink()
    with closing(filled.engine()) as engine:
        engine.remove(filled.documents)
    raw = b"".join(path.read_bytes() for path in filled.root.rglob("*") if path.is_file())
    assert b"heron" not in raw.lower()
    assert measure(filled.database, filled.root, None, lambda _done, _total: None) is None


def test_an_interrupted_measurement_is_not_kept(filled: Library) -> None:
    def interrupt(done: int, _total: int) -> None:
        if done == 3:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        measure(filled.database, filled.root, filled.embedder, interrupt)
    with closing(open_for_reading(filled.database)) as db:
        assert quality.history(db, 10) == []


def test_chinese_is_asked_by_a_part_of_its_signs(library: Library) -> None:
    library.write("狐狸.txt", "山谷里的狐狸每天清晨都会沿着小溪寻找食物，然后回到洞穴里休息。")
    library.sync()
    measured = run(library)
    assert (measured.questions, measured.five) == (1, 1)


def test_a_library_without_passages_asks_nothing(library: Library, tmp_path: Path) -> None:
    open_for_writing(library.database).close()
    assert measure(library.database, library.root, None, lambda _done, _total: None) is None
