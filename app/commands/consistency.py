"""doctor --check and --repair: the library compared with itself, and mended."""

from __future__ import annotations

import argparse

from app.commands import Context
from app.commands.library import sync
from indexer.checking import check_library, repair_library
from indexer.errors import LibraryDamaged
from indexer.storage.rescue import rescue


def check(context: Context, _arguments: argparse.Namespace) -> int:
    """Print a line for each thing that was compared; 1 if something is wrong."""
    profile = context.profile
    whole = True
    try:
        for item in check_library(profile.database, profile.caches):
            whole &= not item.wrong
            data = {"type": "check", "name": item.name, "ok": not item.wrong, "wrong": item.wrong}
            context.output.line(data)
            found = f"{item.wrong:,} wrong" if item.wrong else "none wrong"
            context.output.text(f"{'MEND' if item.wrong else 'ok  '}  {item.name}: {found}")
    except LibraryDamaged as error:
        whole = False
        context.output.line({"type": "check", "name": "database", "ok": False, "wrong": 1})
        context.output.text(f"MEND  database: {error.title}")
    context.output.line({"type": "done", "ok": whole})
    if not whole:
        context.output.note("`doctor --repair` mends it; your documents are never touched.")
    return 0 if whole else 1


def repair(context: Context, arguments: argparse.Namespace) -> int:
    """Mend what is wrong, read again what has to be, and check once more."""
    profile = context.profile
    try:
        repair_library(profile.database, profile.caches)
    except LibraryDamaged:
        saved = rescue(profile.database)
        context.output.text(
            f"The damaged library was put aside as {saved.aside.name}. Saved from it: "
            f"{saved.folders} folders, {saved.chats} conversations with {saved.turns} questions, "
            f"{saved.lessons} lessons, {saved.tags} tags."
        )
        context.output.line(
            {"type": "rescued", "folders": saved.folders, "chats": saved.chats,
             "turns": saved.turns, "lessons": saved.lessons, "tags": saved.tags,
             "aside": saved.aside.name}
        )  # fmt: skip
    arguments.words_only = False
    sync(context, arguments)
    return check(context, arguments)
