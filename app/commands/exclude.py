"""exclude: what is left out of the library, by the owner's patterns."""

from __future__ import annotations

import argparse
from dataclasses import replace
from pathlib import Path

from app import settings
from app.commands import Context
from app.commands.library import sync
from app.paths import absolute
from indexer.errors import IndexerError, LibraryBusy
from indexer.folders.ignoring import is_pattern


def exclude(context: Context, arguments: argparse.Namespace) -> int:
    """Add patterns or paths, or take them away; then compare the library with the disk."""
    before = context.settings
    lines = [_line(text) for text in arguments.patterns]
    chosen = list(before.exclude)
    for line in lines:
        if arguments.remove and line not in chosen:
            raise IndexerError(f"{line} is not left out.", "`exclude` lists what is.")
        if arguments.remove:
            chosen.remove(line)
        elif line not in chosen:
            chosen.append(line)
    now = replace(before, exclude=tuple(chosen))
    if arguments.gitignore is not None:
        now = replace(now, gitignore=arguments.gitignore == "on")
    if arguments.larger_than is not None:
        now = replace(now, largest_file=arguments.larger_than)
    if now != before:
        settings.save(now, context.profile.settings)
        _apply(context, arguments)
    _print(context, now)
    return 0


def _line(text: str) -> str:
    """Return what is kept of an argument: the whole path of what exists, else the pattern."""
    path = Path(text)
    if path.is_absolute() or path.exists():
        return str(absolute(text))
    if not is_pattern(text):
        raise IndexerError(
            f"{text} cannot be used as a pattern.",
            "Write a path, or a pattern as in a .gitignore file with three stars at most.",
        )
    return text


def _apply(context: Context, arguments: argparse.Namespace) -> None:
    if not context.profile.database.exists():
        return
    try:
        sync(context, arguments)
    except LibraryBusy:
        context.output.note(
            "The window that is open takes it up when it next compares a folder, or starts."
        )


def _print(context: Context, now: settings.Settings) -> None:
    context.output.line(
        {
            "type": "excluded",
            "patterns": list(now.exclude),
            "gitignore": now.gitignore,
            "larger_than": now.largest_file,
        }
    )
    for line in now.exclude:
        context.output.text(line)
    if not now.exclude:
        context.output.text("No pattern of yours leaves anything out.")
    context.output.text(
        f".gitignore files of repositories {'count' if now.gitignore else 'do not count'}."
    )
    context.output.text(f"Files of more than {now.largest_file} MB are left out.")
