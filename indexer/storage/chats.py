"""Conversations, kept in the library: what was asked, what was answered, from which passages.

A turn names its passages by chunk, so that a document that is erased is erased from here too.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import apsw

from indexer.storage import erasure
from indexer.storage.database import in_words, open_for_writing

_TITLE_CHARACTERS = 80


@dataclass(frozen=True, slots=True)
class ChatPassage:
    """A passage that a turn added to its conversation, with the number that it keeps there."""

    number: int
    chunk: int


@dataclass(frozen=True, slots=True)
class ChatTurn:
    """One question, its answer, and the passages that it added."""

    question: str
    answer: str
    passages: tuple[ChatPassage, ...]


@dataclass(frozen=True, slots=True)
class Chat:
    """A conversation as it is listed; `changed_ns` are nanoseconds since 1970."""

    id: str
    title: str
    changed_ns: int
    turns: int


def list_chats(database: Path) -> list[Chat]:
    """Return all conversations, the last changed first."""
    with _opened(database) as db:
        rows: list[Any] = db.execute(
            "SELECT id, title, changed_ns, (SELECT count(*) FROM turns WHERE chat_id = chats.id) "
            "FROM chats ORDER BY changed_ns DESC"
        ).fetchall()
    return [Chat(*row) for row in rows]


def rename_chat(database: Path, chat: str, title: str) -> bool:
    """Give a conversation another title; False if there is no such one."""
    with _opened(database) as db:
        db.execute("UPDATE chats SET title = ? WHERE id = ?", (title[:_TITLE_CHARACTERS], chat))
        return db.changes() > 0


def delete_chats(database: Path, chats: Sequence[str]) -> bool:
    """Erase conversations; False if there is none of them.

    Where somebody else is erasing, or reading at this moment, the last of it goes with the next
    opening of the library.
    """
    with _opened(database) as db:
        before = db.total_changes()
        with db:
            db.executemany("DELETE FROM chats WHERE id = ?", ((chat,) for chat in chats))
            found = db.total_changes() > before
            if found:
                erasure.begin(db, erasure.What.CHATS)
        if erasure.unfinished(db) is erasure.What.CHATS:
            erasure.finish(db, database, erasure.What.CHATS)
    return found


def load_chat(database: Path, chat: str) -> list[ChatTurn] | None:
    """Return the turns of a conversation, oldest first; None if there is no such one."""
    with _opened(database) as db:
        if not db.execute("SELECT 1 FROM chats WHERE id = ?", (chat,)).fetchall():
            return None
        rows: list[Any] = db.execute(
            "SELECT question, answer, passages FROM turns WHERE chat_id = ? ORDER BY id",
            (chat,),
        ).fetchall()
    return [
        ChatTurn(question, answer, tuple(ChatPassage(*pair) for pair in json.loads(passages)))
        for question, answer, passages in rows
    ]


def append_turn(
    database: Path, chat: str, question: str, answer: str, passages: Sequence[ChatPassage]
) -> None:
    """Add a turn to a conversation, which begins with its first."""
    question, answer = (text.replace("\0", "") for text in (question, answer))
    pairs = json.dumps([[passage.number, passage.chunk] for passage in passages])
    with _opened(database) as db, db:
        now = time.time_ns()
        db.execute(
            "INSERT INTO chats VALUES (?1, ?2, ?3) ON CONFLICT (id) DO UPDATE SET changed_ns = ?3",
            (chat, question[:_TITLE_CHARACTERS], now),
        )
        db.execute(
            "INSERT INTO turns (chat_id, question, answer, passages) VALUES (?, ?, ?, ?)",
            (chat, question, answer, pairs),
        )


@contextmanager
def _opened(database: Path) -> Iterator[apsw.Connection]:
    with in_words(database), closing(open_for_writing(database)) as db:
        yield db
