"""selections: folders and files that are asked about together, under a name."""

from __future__ import annotations

import argparse
import os
from collections.abc import Sequence
from pathlib import Path

from app.chat_turns import read_scope, written_scope
from app.commands import Context
from app.commands.scope import note_what_is_missing
from app.paths import absolute
from indexer.errors import IndexerError
from indexer.storage.chats import delete_selection, list_selections, save_selection
from indexer.types import Scope


def list_all(context: Context, _arguments: argparse.Namespace) -> int:
    """Print what each selection holds."""
    output = context.output
    database = context.profile.database
    named = list_selections(database) if database.exists() else {}
    for name, written in named.items():
        _print(context, name, read_scope(written).paths)
    if not named:
        output.text("There are no selections yet. `selections save NAME --in PATH` makes one.")
    return 0


def save(context: Context, arguments: argparse.Namespace) -> int:
    """Give folders and files a name, for `--selection NAME`."""
    scope = Scope(paths=tuple(absolute(path) for path in arguments.inside))
    save_selection(context.profile.database, arguments.name, written_scope(scope))
    _print(context, arguments.name, scope.paths)
    note_what_is_missing(context, scope)
    return 0


def use_selection(context: Context, arguments: argparse.Namespace) -> None:
    """Let --in have the paths of the selection that is asked for. Raises IndexerError."""
    if arguments.selection is None:
        return
    named = list_selections(context.profile.database)
    if arguments.selection not in named:
        raise _missing()
    arguments.inside += map(os.fspath, read_scope(named[arguments.selection]).paths)


def delete(context: Context, arguments: argparse.Namespace) -> int:
    """Forget the name of a selection; its documents stay."""
    if not delete_selection(context.profile.database, arguments.name):
        raise _missing()
    return 0


def _print(context: Context, name: str, inside: Sequence[Path]) -> None:
    paths = [os.fspath(path) for path in inside]
    context.output.line({"type": "selection", "name": name, "paths": paths})
    context.output.text(f"{name}: {', '.join(paths)}")


def _missing() -> IndexerError:
    return IndexerError("There is no such selection.", "`selections` lists them.")
