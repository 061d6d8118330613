"""selections: folders and files that are asked about together, under a name."""

from __future__ import annotations

import argparse
import os
from collections.abc import Sequence
from pathlib import Path

from app.chats.named_scopes import read_selection, written_selection
from app.commands import Context
from app.commands.scope import note_what_is_missing
from app.model_files.installed import adapter_path, find_llm
from app.paths import absolute
from indexer.errors import IndexerError
from indexer.storage.chats import delete_selection, list_selections, save_selection
from indexer.types import Scope
from models.adapters import read_adapter, require_base
from models.gguf import read_gguf


def list_all(context: Context, _arguments: argparse.Namespace) -> int:
    """Print what each selection holds."""
    output = context.output
    database = context.profile.database
    named = list_selections(database) if database.exists() else {}
    for name, written in named.items():
        kept = read_selection(written)
        _print(context, name, kept.scope.paths, kept.adapter)
    if not named:
        output.text("There are no selections yet. `selections save NAME --in PATH` makes one.")
    return 0


def save(context: Context, arguments: argparse.Namespace) -> int:
    """Give folders and files a name, for `--selection NAME`, and maybe an adapter of their own."""
    scope = Scope(paths=tuple(absolute(path) for path in arguments.inside))
    adapter = arguments.adapter or ""
    if adapter:
        llm = find_llm(context.profile, context.settings.llm)
        require_base(read_adapter(adapter_path(context.profile, adapter)), read_gguf(llm))
    database = context.profile.database
    save_selection(database, arguments.name, written_selection(scope, adapter))
    _print(context, arguments.name, scope.paths, adapter)
    note_what_is_missing(context, scope)
    return 0


def use_selection(context: Context, arguments: argparse.Namespace) -> None:
    """Let --in have the paths of the selection that is asked for. Raises IndexerError."""
    if arguments.selection is None:
        return
    named = list_selections(context.profile.database)
    if arguments.selection not in named:
        raise _missing()
    arguments.inside += map(os.fspath, read_selection(named[arguments.selection]).scope.paths)


def delete(context: Context, arguments: argparse.Namespace) -> int:
    """Forget the name of a selection; its documents stay."""
    if not delete_selection(context.profile.database, arguments.name):
        raise _missing()
    return 0


def _print(context: Context, name: str, inside: Sequence[Path], adapter: str) -> None:
    paths = [os.fspath(path) for path in inside]
    line = {"type": "selection", "name": name, "paths": paths}
    context.output.line({**line, "adapter": adapter} if adapter else line)
    answers = f" (answered with {adapter})" if adapter else ""
    context.output.text(f"{name}: {', '.join(paths)}{answers}")


def _missing() -> IndexerError:
    return IndexerError("There is no such selection.", "`selections` lists them.")
