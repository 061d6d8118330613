"""chats: the conversations that `ask` and the window have kept in the library."""

from __future__ import annotations

import argparse
import os
from contextlib import closing
from datetime import datetime

from app.chats.export import export as write_chat
from app.commands import Context
from app.index_worker.chat_work import open_whole, restore
from app.library import open_searcher
from app.paths import absolute
from indexer.errors import IndexerError
from indexer.storage.chats import delete_chats, list_chats, load_chat, rename_chat
from models.state import discard_states


def list_all(context: Context, arguments: argparse.Namespace) -> int:
    """Print a line a conversation, or each that holds some words, the last changed first."""
    output = context.output
    words = " ".join(getattr(arguments, "words", ()))
    database = context.profile.database
    chats = list_chats(database, words) if database.exists() else []
    for chat in chats:
        changed = datetime.fromtimestamp(chat.changed_ns / 1e9).astimezone()
        output.line(
            {
                "type": "chat", "id": chat.id, "title": chat.title, "turns": chat.turns,
                "changed": changed.isoformat(timespec="seconds"),
            }
        )  # fmt: skip
        output.text(f"{chat.id}  {changed:%Y-%m-%d %H:%M}  {chat.title}")
    if not chats and words:
        output.text("No conversation holds these words.")
    elif not chats:
        output.text("There are no conversations yet. `ask QUESTION` begins one.")
    return 0


def show(context: Context, arguments: argparse.Namespace) -> int:
    """Print what was asked and answered."""
    turns = load_chat(context.profile.database, _whole(context, arguments.id))
    if turns is None:
        raise _missing()
    for turn in turns:
        context.output.line({"type": "turn", "question": turn.question, "answer": turn.answer})
        context.output.text(f"> {turn.question}\n\n{turn.answer}\n")
    return 0


def rename(context: Context, arguments: argparse.Namespace) -> int:
    """Give a conversation another title."""
    if not rename_chat(context.profile.database, _whole(context, arguments.id), arguments.title):
        raise _missing()
    return 0


def delete(context: Context, arguments: argparse.Namespace) -> int:
    """Erase conversations."""
    if not delete_chats(context.profile.database, arguments.ids):
        raise _missing()
    discard_states(context.profile.caches, arguments.ids)
    context.output.text("Erased.")
    return 0


def export(context: Context, arguments: argparse.Namespace) -> int:
    """Write a conversation to a file, as Markdown or JSON."""
    kept = open_whole(context.profile.database, _whole(context, arguments.id))
    with closing(open_searcher(context.profile, None)) as searcher:
        turns = restore(kept, searcher)
    path = absolute(arguments.file)
    write_chat(kept.id, kept.title, turns, path)
    context.output.line({"type": "exported", "path": os.fspath(path), "turns": len(turns)})
    context.output.text(f"Written: {path}")
    return 0


def _whole(context: Context, begun: str) -> str:
    """Return the id that begins so. Raises IndexerError if several do."""
    database = context.profile.database
    ids = [chat.id for chat in list_chats(database)] if database.exists() else []
    found = [each for each in ids if each.startswith(begun)]
    if begun in ids or not found:
        return begun
    if len(found) > 1:
        raise IndexerError(
            "Several conversations begin like that.", "Write more of the one that is meant."
        )
    return found[0]


def _missing() -> IndexerError:
    return IndexerError("There is no such conversation.", "`chats` lists them.")
