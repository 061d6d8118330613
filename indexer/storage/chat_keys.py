"""The key under which the language model may keep what it has read of a conversation.

It stands in the library, so that it is as secret as the conversation itself, and goes with it and
with each document that was read for it: whoever finds the file later cannot read it any more.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

import apsw

from indexer.storage.database import in_words, open_for_reading, open_for_writing

_BYTES = 32
_KEY = "SELECT key FROM chat_keys WHERE chat_id = ?"


def chat_key(database: Path, chat: str) -> bytes:
    """Return the key of a conversation, made at the first call. Raises IndexerError."""
    with in_words(database), closing(open_for_reading(database)) as db:
        row: Any = db.execute(_KEY, (chat,)).fetchone()
    if row is None:
        with in_words(database), closing(open_for_writing(database)) as db, db:
            # Those of questions that were never answered.
            db.execute("DELETE FROM chat_keys WHERE chat_id NOT IN (SELECT id FROM chats)")
            db.execute("INSERT OR IGNORE INTO chat_keys VALUES (?, ?)", (chat, os.urandom(_BYTES)))
            row = db.execute(_KEY, (chat,)).fetchone()
    return bytes(row[0])


def forget_readers(db: apsw.Connection, contents: Sequence[int]) -> None:
    """Forget the keys of all conversations for which one of these documents was read."""
    db.execute(
        "DELETE FROM chat_keys WHERE chat_id NOT IN (SELECT id FROM chats) OR chat_id IN "
        "(SELECT chat_id FROM turns, json_each(passages) AS read "
        f"WHERE (SELECT content_id FROM chunks WHERE id = read.value ->> 1) IN "
        f"({','.join('?' * len(contents))}))",
        tuple(contents),
    )
