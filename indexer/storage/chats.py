"""Conversations, kept in the library: what was asked, what was answered, from which passages.

A turn names its passages by chunk, so that a document that is erased is erased from here too. What
its owner replaces or deletes is put aside first, and is erased when it cannot be taken back.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import apsw

from indexer.chats import Chat, ChatPassage, ChatTurn, KeptChat
from indexer.errors import LibraryOutdated
from indexer.storage import erasure
from indexer.storage.database import in_words, open_for_reading, open_for_writing
from indexer.text.words import normalise

_TITLE_CHARACTERS = 80
# Of what was not replaced, in a conversation that was not taken out.
_SHOWN = "aside = '' AND chat_id IN (SELECT id FROM chats WHERE NOT removing)"


def list_chats(database: Path, text: str = "") -> list[Chat]:
    """Return all conversations, or those that hold each word of a text, the last changed first."""
    with _reading(database) as db:
        rows: list[Any] = db.execute(
            "SELECT id, title, changed_ns, "
            "(SELECT count(*) FROM turns WHERE chat_id = chats.id AND aside = '') "
            "FROM chats WHERE NOT removing ORDER BY changed_ns DESC, id"
        ).fetchall()
        words = _folded(text).split()
        if words:
            holding = _holding(db, words)
            rows = [row for row in rows if row[0] in holding]
    return [Chat(*row) for row in rows]


def _holding(db: apsw.Connection, words: Sequence[str]) -> set[str]:
    """Return the conversations whose title, questions and answers hold all words."""
    missing: dict[str, set[str]] = {}
    texts = db.execute(
        "SELECT id, title FROM chats UNION ALL "
        f"SELECT chat_id, question || char(10) || answer FROM turns WHERE {_SHOWN}"
    )
    for chat, text in texts:
        left = missing.setdefault(str(chat), set(words))
        if left:
            folded = _folded(str(text))
            left -= {word for word in left if word in folded}
    return {chat for chat, left in missing.items() if not left}


def _folded(text: str) -> str:
    return normalise(text).casefold()


def rename_chat(database: Path, chat: str, title: str) -> bool:
    """Give a conversation another title; False if there is no such one."""
    with _opened(database) as db:
        db.execute("UPDATE chats SET title = ? WHERE id = ?", (title[:_TITLE_CHARACTERS], chat))
        return db.changes() > 0


def set_scope(database: Path, chat: str, scope: str) -> bool:
    """Note what a conversation is asked about; False if there is no such one."""
    with _opened(database) as db:
        db.execute("UPDATE chats SET scope = ? WHERE id = ?", (scope, chat))
        return db.changes() > 0


def hide_chat(database: Path, chat: str, *, hidden: bool) -> None:
    """Show a conversation no more, until `settle` erases it, or show it again."""
    with _opened(database) as db:
        db.execute("UPDATE chats SET removing = ? WHERE id = ?", (hidden, chat))


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


def settle(database: Path, chat: str | None = None) -> list[str]:
    """Erase what was put aside of a conversation, or of all; return those that are gone wholly.

    Whoever has the library open erases the rest of it: here only the rows go.
    """
    with _opened(database) as db, db:
        clause, values = ("id = ?", (chat,)) if chat is not None else ("id NOT NULL", ())
        gone = db.execute(f"SELECT id FROM chats WHERE removing AND {clause}", values).fetchall()
        before = db.total_changes()
        db.execute(f"DELETE FROM chats WHERE removing AND {clause}", values)
        db.execute(f"DELETE FROM turns WHERE aside != '' AND chat_{clause}", values)
        if db.total_changes() > before:
            erasure.begin(db, erasure.What.CHATS)
    return [str(row[0]) for row in gone]


def load_chat(database: Path, chat: str) -> list[ChatTurn] | None:
    """Return the turns of a conversation, oldest first; None if there is no such one."""
    kept = open_chat(database, chat)
    return list(kept.turns) if kept is not None else None


def open_chat(database: Path, chat: str) -> KeptChat | None:
    """Return a conversation with all that is kept of it; None if there is no such one."""
    with _reading(database) as db:
        row: Any = db.execute(
            "SELECT title, scope FROM chats WHERE id = ? AND NOT removing", (chat,)
        ).fetchone()
        if row is None:
            return None
        turns: list[Any] = db.execute(
            "SELECT question, answer, passages, details, key FROM turns "
            "WHERE chat_id = ? AND aside = '' ORDER BY id",
            (chat,),
        ).fetchall()
    return KeptChat(
        chat,
        str(row[0]),
        str(row[1]),
        tuple(
            ChatTurn(
                question,
                answer,
                tuple(ChatPassage(*pair) for pair in json.loads(passages)),
                details,
                key,
            )
            for question, answer, passages, details, key in turns
        ),
    )


def append_turn(
    database: Path, chat: str, question: str, answer: str, passages: Sequence[ChatPassage]
) -> None:
    """Add a turn to a conversation, which begins with its first."""
    keep_turn(database, chat, ChatTurn(question, answer, tuple(passages)))


def keep_turn(
    database: Path, chat: str, turn: ChatTurn, *, scope: str = "{}", instead_of: str = ""
) -> None:
    """Add a turn to a conversation, which begins with its first; the same `key` adds it once.

    It takes the place of the turn `instead_of` and of all behind it: these are put aside.
    """
    texts = (turn.question.replace("\0", ""), turn.answer.replace("\0", ""))
    pairs = json.dumps([[passage.number, passage.chunk] for passage in turn.passages])
    with _opened(database) as db, db:
        if turn.key and db.execute("SELECT 1 FROM turns WHERE key = ?", (turn.key,)).fetchall():
            return
        now = time.time_ns()
        db.execute(
            "INSERT INTO chats (id, title, changed_ns, scope) VALUES (?1, ?2, ?3, ?4) "
            "ON CONFLICT (id) DO UPDATE SET changed_ns = ?3",
            (chat, texts[0][:_TITLE_CHARACTERS], now, scope),
        )
        if instead_of:
            db.execute(
                "UPDATE turns SET aside = ?1 WHERE chat_id = ?2 AND aside = '' "
                "AND id >= (SELECT id FROM turns WHERE chat_id = ?2 AND key = ?3)",
                (turn.key, chat, instead_of),
            )
        db.execute(
            "INSERT INTO turns (chat_id, question, answer, passages, details, key) "
            "VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
            (chat, *texts, pairs, turn.details, turn.key),
        )
        if not turn.key:
            db.execute("UPDATE turns SET key = id WHERE id = last_insert_rowid()")


def take_back_turn(database: Path, chat: str, key: str) -> None:
    """Erase a turn and all behind it, and put what it took the place of back."""
    with _opened(database) as db, db:
        db.execute(
            "DELETE FROM turns WHERE chat_id = ?1 AND aside = '' "
            "AND id >= (SELECT id FROM turns WHERE chat_id = ?1 AND key = ?2)",
            (chat, key),
        )
        if db.changes():
            erasure.begin(db, erasure.What.CHATS)
        db.execute("UPDATE turns SET aside = '' WHERE chat_id = ? AND aside = ?", (chat, key))


def list_selections(database: Path) -> dict[str, str]:
    """Return the scopes that have a name, by name."""
    with _reading(database) as db:
        rows = db.execute("SELECT name, scope FROM selections ORDER BY name").fetchall()
    return {str(name): str(scope) for name, scope in rows}


def save_selection(database: Path, name: str, scope: str) -> None:
    """Give a scope a name; another one of this name is replaced."""
    with _opened(database) as db:
        db.execute(
            "INSERT INTO selections VALUES (?, ?) "
            "ON CONFLICT (name) DO UPDATE SET scope = excluded.scope",
            (name[:_TITLE_CHARACTERS], scope),
        )


def delete_selection(database: Path, name: str) -> bool:
    """Forget the name of a scope; False if there is no such one."""
    with _opened(database) as db:
        db.execute("DELETE FROM selections WHERE name = ?", (name,))
        return db.changes() > 0


@contextmanager
def _reading(database: Path) -> Iterator[apsw.Connection]:
    with in_words(database):
        try:
            # One that was put aside is taken back by who writes.
            db = (open_for_reading if database.exists() else open_for_writing)(database)
        except LibraryOutdated:
            db = open_for_writing(database)
        with closing(db):
            yield db


@contextmanager
def _opened(database: Path) -> Iterator[apsw.Connection]:
    with in_words(database), closing(open_for_writing(database)) as db:
        yield db
