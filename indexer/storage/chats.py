"""Conversations, kept in the library: what was asked, what was answered, from which passages.

A turn names its passages by chunk, so that a document that is erased is erased from here too.
"""

from __future__ import annotations

import json
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

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


def load_chat(database: Path, chat: str) -> list[ChatTurn] | None:
    """Return the turns of a conversation, oldest first; None if there is no such one."""
    with in_words(database):
        db = open_for_writing(database)
        try:
            if not db.execute("SELECT 1 FROM chats WHERE id = ?", (chat,)).fetchall():
                return None
            rows: list[Any] = db.execute(
                "SELECT question, answer, passages FROM turns WHERE chat_id = ? ORDER BY id",
                (chat,),
            ).fetchall()
        finally:
            db.close()
    return [
        ChatTurn(question, answer, tuple(ChatPassage(*pair) for pair in json.loads(passages)))
        for question, answer, passages in rows
    ]


def append_turn(
    database: Path, chat: str, question: str, answer: str, passages: Sequence[ChatPassage]
) -> None:
    """Add a turn to a conversation, which begins with its first."""
    pairs = json.dumps([[passage.number, passage.chunk] for passage in passages])
    with in_words(database):
        db = open_for_writing(database)
        try:
            with db:
                now = time.time_ns()
                db.execute(
                    "INSERT INTO chats VALUES (?1, ?2, ?3) "
                    "ON CONFLICT (id) DO UPDATE SET changed_ns = ?3",
                    (chat, question[:_TITLE_CHARACTERS], now),
                )
                db.execute(
                    "INSERT INTO turns (chat_id, question, answer, passages) VALUES (?, ?, ?, ?)",
                    (chat, question, answer, pairs),
                )
        finally:
            db.close()
