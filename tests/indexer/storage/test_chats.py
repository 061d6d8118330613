"""Conversations: found by words, replaced, taken back, and erased with every byte."""

from __future__ import annotations

from pathlib import Path

import pytest

from indexer.storage import erasure
from indexer.storage.chats import (
    ChatPassage,
    ChatTurn,
    delete_chats,
    delete_selection,
    hide_chat,
    keep_turn,
    list_chats,
    list_selections,
    open_chat,
    save_selection,
    set_scope,
    settle,
    take_back_turn,
)
from indexer.storage.database import open_for_writing


@pytest.fixture
def database(tmp_path: Path) -> Path:
    """Return a library with two conversations."""
    path = tmp_path / "library.db"
    open_for_writing(path).close()
    for number in range(3):
        turn = ChatTurn(f"Question {number}?", f"Answer {number}.", (), key=f"k{number}")
        keep_turn(path, "one", turn, scope='{"paths": ["/a"]}')
    passages = (ChatPassage(1, 7), ChatPassage(2, 9))
    keep_turn(path, "two", ChatTurn("Wer schläft im Winter?", "Das Murmeltier.", passages, key="z"))
    return path


def questions(database: Path, chat: str) -> list[str]:
    kept = open_chat(database, chat)
    assert kept is not None
    return [turn.question for turn in kept.turns]


def finish_erasing(database: Path) -> None:
    db = open_for_writing(database)
    assert erasure.unfinished(db) is not None
    assert erasure.finish(db, database, erasure.What.CHATS)
    db.close()


def test_conversations_are_found_by_their_words(database: Path) -> None:
    """Each word of what is typed, in questions and answers, whatever its case."""
    assert [chat.id for chat in list_chats(database)] == ["two", "one"]
    assert [chat.id for chat in list_chats(database, "MURMEL winter")] == ["two"]
    assert [chat.id for chat in list_chats(database, "question 2")] == ["one"]
    assert list_chats(database, "murmel question") == []


def test_a_conversation_comes_back_whole(database: Path) -> None:
    """With the passages of each turn, and what it is asked about."""
    kept = open_chat(database, "two")
    assert kept is not None
    assert [passage.chunk for passage in kept.turns[0].passages] == [7, 9]
    assert (kept.title, kept.scope) == ("Wer schläft im Winter?", "{}")
    assert open_chat(database, "one").scope == '{"paths": ["/a"]}'  # type: ignore[union-attr]
    assert set_scope(database, "two", '{"types": ["pdf"]}')
    assert open_chat(database, "two").scope == '{"types": ["pdf"]}'  # type: ignore[union-attr]
    assert open_chat(database, "three") is None


def test_a_turn_that_is_written_twice_is_there_once(database: Path) -> None:
    """A worker that died may have done what it is told again."""
    keep_turn(database, "one", ChatTurn("Question 2?", "Answer 2.", (), key="k2"))
    assert len(questions(database, "one")) == 3


def test_a_replaced_turn_and_what_follows_can_be_put_back(database: Path) -> None:
    """The new one goes then, and with `settle` the old ones."""
    edited = ChatTurn("Edited?", "Anew.", (), key="new")
    keep_turn(database, "one", edited, instead_of="k1")
    assert questions(database, "one") == ["Question 0?", "Edited?"]
    assert [chat.turns for chat in list_chats(database)] == [2, 1]
    assert list_chats(database, "Question 2") == []
    take_back_turn(database, "one", "new")
    assert questions(database, "one") == ["Question 0?", "Question 1?", "Question 2?"]
    keep_turn(database, "one", ChatTurn("Again?", "Anew.", (), key="newer"), instead_of="k2")
    settle(database)
    take_back_turn(database, "one", "newer")
    assert questions(database, "one") == ["Question 0?", "Question 1?"]
    finish_erasing(database)
    assert b"Question 2" not in database.read_bytes()


def test_a_hidden_conversation_is_erased_when_it_cannot_be_taken_back(database: Path) -> None:
    """Until then it is not shown, and can be put back."""
    hide_chat(database, "two", hidden=True)
    assert [chat.id for chat in list_chats(database, "Murmeltier")] == []
    assert open_chat(database, "two") is None
    hide_chat(database, "two", hidden=False)
    assert questions(database, "two")
    assert settle(database) == []
    hide_chat(database, "two", hidden=True)
    assert settle(database) == ["two"]
    finish_erasing(database)
    assert b"Murmeltier" not in database.read_bytes()
    assert delete_chats(database, ["one"])


def test_a_selection_has_a_name(database: Path) -> None:
    """Another one of the same name replaces it."""
    save_selection(database, "Taxes", '{"paths": ["/a"]}')
    save_selection(database, "Taxes", '{"paths": ["/b"]}')
    assert list_selections(database) == {"Taxes": '{"paths": ["/b"]}'}
    assert delete_selection(database, "Taxes")
    assert not delete_selection(database, "Taxes")
