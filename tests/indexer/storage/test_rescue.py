"""A damaged library: it is said, and what its owner wrote is saved before all is read again."""

from __future__ import annotations

import random
from contextlib import closing

import pytest

from indexer.checking import check_library
from indexer.errors import IndexerError, LibraryDamaged
from indexer.storage.chats import (
    ChatPassage,
    ChatTurn,
    append_turn,
    keep_turn,
    list_selections,
    load_chat,
    save_selection,
)
from indexer.storage.database import open_for_writing
from indexer.storage.rescue import rescue
from tests.indexer.conftest import Library

_LONG = "An answer of several pages. " * 600  # stands in pages of its own


@pytest.fixture
def filled(library: Library) -> Library:
    """Return a library with documents and conversations, some of them long."""
    for number in range(40):
        library.write(f"{number}.md", f"# Note {number}\n\nThe tide of day {number} is high.\n")
    library.sync()
    for number in range(30):
        answer = _LONG if number % 10 == 0 else f"Answer {number}."
        for turn in range(2):
            append_turn(
                library.database, f"chat-{number}", f"Question {number}.{turn}?", answer,
                [ChatPassage(1, number + 1)],
            )  # fmt: skip
    return library


def chats(library: Library) -> int:
    """Return how many questions are there, each with its answer as it was written."""
    count = 0
    for number in range(30):
        for turn in load_chat(library.database, f"chat-{number}") or ():
            assert turn.question.startswith(f"Question {number}.")
            assert turn.answer == (_LONG if number % 10 == 0 else f"Answer {number}.")
            count += 1
    return count


def test_a_lost_head_costs_no_conversation(filled: Library) -> None:
    """The first page holds the schema: without it no table is known, and all rows stand there."""
    save_selection(filled.database, "Tides", '{"paths":["/tides"]}')
    details = '{"evidence":[{"chunk":900}]}'
    keep_turn(filled.database, "chat-0", ChatTurn("Question 0.2?", _LONG, (), details, "key"))
    data = filled.database.read_bytes()
    filled.database.write_bytes(bytes(4096) + data[4096:])
    with pytest.raises(LibraryDamaged):
        list(check_library(filled.database, filled.root))
    saved = rescue(filled.database)
    assert (saved.folders, saved.chats, saved.turns) == (1, 30, 61)
    assert list_selections(filled.database) == {"Tides": '{"paths":["/tides"]}'}
    assert chats(filled) == 61
    assert saved.aside.read_bytes() == bytes(4096) + data[4096:]
    filled.sync()
    hits = filled.search("tide of day 7")
    assert len(hits) == 10
    assert min(hit.chunk for hit in hits) > 900, "a conversation would quote what it never read"
    assert not any(item.wrong for item in check_library(filled.database, filled.root))


def test_what_was_written_last_is_saved_from_the_log(filled: Library) -> None:
    """A process was killed: the newest conversation stands in the write-ahead log alone."""
    with closing(open_for_writing(filled.database)) as reader:
        reader.execute("BEGIN; SELECT count(*) FROM chats")
        append_turn(filled.database, "last", "The last question?", "Its answer.", [])
        log = filled.database.with_name("library.db-wal").read_bytes()
        data = filled.database.read_bytes()
    filled.database.write_bytes(bytes(4096) + data[4096:])
    filled.database.with_name("library.db-wal").write_bytes(log)
    rescue(filled.database)
    (turn,) = load_chat(filled.database, "last") or ()
    assert turn.answer == "Its answer."


def test_numbers_of_passages_are_not_used_again(filled: Library) -> None:
    """An old conversation must not cite what has taken its passage's number."""
    data = filled.database.read_bytes()
    filled.database.write_bytes(bytes(4096) + data[4096:])
    rescue(filled.database)
    filled.sync()
    assert min(hit.chunk for hit in filled.search("tide", k=100)) > 30


@pytest.mark.parametrize("rounds", [20, pytest.param(300, marks=pytest.mark.slow)])
def test_damage_anywhere_is_found(filled: Library, rounds: int) -> None:
    """Cut at any byte, a page zeroed, bits flipped: it is counted or said; nothing crashes."""
    good = filled.database.read_bytes()
    chance = random.Random(rounds)  # noqa: S311 -- the same damage in each run
    for number in range(rounds):
        data = bytearray(good)
        at = chance.randrange(len(data))
        match number % 3:
            case 0:
                del data[at:]
            case 1:
                page = at - at % 4096
                data[page : page + 4096] = bytes(4096)
            case 2:
                for place in chance.sample(range(len(data)), 20):
                    data[place] ^= 1 << chance.randrange(8)
        filled.database.write_bytes(data)
        found = faults(filled)
        # A flipped bit may be of a number that only the documents know better.
        assert found or number % 3 == 2 or data == good
        _remove(filled)
    filled.database.write_bytes(good)
    assert not faults(filled)


def faults(library: Library) -> list[str]:
    """Return what is said of a library that may be damaged."""
    try:
        return [item.name for item in check_library(library.database, library.root) if item.wrong]
    except IndexerError as error:
        return [error.title]


def _remove(library: Library) -> None:
    for suffix in ("", "-wal", "-shm"):
        library.database.with_name(f"library.db{suffix}").unlink(missing_ok=True)
