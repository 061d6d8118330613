"""The keys of what a model has read: each conversation has its own, and they go in time."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import pytest

from indexer.chats import ChatPassage, ChatTurn
from indexer.storage.chat_keys import chat_key
from indexer.storage.chats import delete_chats, keep_turn, take_back_turn
from indexer.storage.database import open_for_writing
from tests.indexer.conftest import Library


@pytest.fixture
def database(tmp_path: Path) -> Path:
    """Return a library with two conversations that have keys."""
    path = tmp_path / "library.db"
    open_for_writing(path).close()
    for chat in ("one", "two"):
        keep_turn(path, chat, ChatTurn("Who sleeps?", "Marmots.", (), key=chat))
        chat_key(path, chat)
    return path


def test_each_conversation_has_a_key_that_stays(database: Path) -> None:
    """Also one that has no answer yet."""
    keys = [chat_key(database, chat) for chat in ("one", "two", "new")]
    assert len(set(keys)) == 3
    assert {len(key) for key in keys} == {32}
    assert [chat_key(database, chat) for chat in ("one", "two", "new")] == keys


def test_a_key_goes_with_its_conversation_or_a_part_of_it(database: Path) -> None:
    """No byte of it is left; the others stay."""
    one, two = chat_key(database, "one"), chat_key(database, "two")
    delete_chats(database, ["one"])
    for path in database.parent.iterdir():
        assert one not in path.read_bytes(), path.name
    assert chat_key(database, "one") != one
    assert chat_key(database, "two") == two
    take_back_turn(database, "two", "two")
    assert chat_key(database, "two") != two


def test_a_key_goes_with_a_document_that_was_read_for_it(library: Library) -> None:
    """Be it deleted or changed; those of other conversations stay."""
    path = library.write("a.txt", "The marmot sleeps in winter.")
    library.write("b.txt", "The heron fishes at dawn.")
    library.sync()
    for chat, word in (("marmots", "marmot"), ("herons", "heron")):
        chunk = library.search(word)[0].chunk
        passages = (ChatPassage(1, chunk),)
        keep_turn(library.database, chat, ChatTurn("Who?", "It.", passages, key=chat))
    marmots, herons = (chat_key(library.database, chat) for chat in ("marmots", "herons"))
    path.write_text("The marmot is awake now.")
    library.sync()
    assert chat_key(library.database, "marmots") != marmots
    assert chat_key(library.database, "herons") == herons
    with closing(library.engine()) as engine:
        engine.remove(library.documents)
    assert chat_key(library.database, "herons") != herons
