"""specialist: all that was taught to a library as one file, taken in elsewhere, and taken back."""

from __future__ import annotations

import argparse
from datetime import datetime
from pathlib import Path

from app.commands import Context
from app.library import open_embedder
from app.model_files.installed import ENCODER
from app.model_files.specialist import (
    Imported,
    export_specialist,
    import_specialist,
    undo_specialist,
)
from app.output import one_line
from app.paths import absolute
from indexer.errors import IndexerError
from indexer.specialist.library import taken_in

_AT_ONCE = 200  # lessons in a transaction, and questions that are embedded before it


def list_all(context: Context, _arguments: argparse.Namespace) -> int:
    """Print a line a specialist that was imported."""
    taken = taken_in(context.profile.database)
    for each in taken:
        when = datetime.fromtimestamp(each.taken_ns / 1e9).astimezone()
        context.output.line({
            "type": "specialist", "id": each.id, "name": each.name,
            "imported": when.isoformat(timespec="seconds"),
            "lessons": each.lessons, "tags": each.tags,
        })  # fmt: skip
        context.output.text(
            f"{each.id}  {when:%Y-%m-%d}  {one_line(each.name)}: "
            f"{_lessons(each.lessons)}, {_tags(each.tags)}"
        )
    if not taken:
        context.output.text("No specialist was imported. `specialist import FILE` does.")
    return 0


def export(context: Context, arguments: argparse.Namespace) -> int:
    """Write lessons, tags and the models' names to a file."""
    file = absolute(arguments.file)
    given, models = export_specialist(context.profile, file)
    if not (given.lessons or given.tags):
        context.output.note("Nothing is taught yet: `teach` and `tags` do it.")
    context.output.line({
        "type": "exported", "path": str(file), "lessons": given.lessons, "tags": given.tags,
        "documents": given.documents,
        **{use: {"name": each.name, "sha256": each.sha256} for use, each in models.items()},
    })  # fmt: skip
    context.output.text(
        f"{_lessons(given.lessons)} and {_tags(given.tags)} were written to {file}: your questions "
        "and phrases, your tags, and nothing of the documents."
    )
    return 0


def import_(context: Context, arguments: argparse.Namespace) -> int:
    """Add what a specialist holds, and choose its models where they are on this machine."""
    file = absolute(arguments.file)
    embedder = open_embedder(context.profile, context.settings)
    steps = import_specialist(context.profile, embedder, file, _AT_ONCE)
    while True:
        try:
            done, total = next(steps)
        except StopIteration as end:
            imported: Imported = end.value
            break
        context.output.progress("Taking in", done, total)
    _print(context, file, imported)
    return 0


def undo(context: Context, arguments: argparse.Namespace) -> int:
    """Take back all that an import has brought: this one, or the last."""
    taken = taken_in(context.profile.database)
    if not taken:
        raise IndexerError("No specialist was imported.", "There is nothing to take back.")
    id_ = taken[-1].id if arguments.id is None else arguments.id
    lessons, tags = undo_specialist(context.profile, id_)
    context.output.line({"type": "undone", "id": id_, "lessons": lessons, "tags": tags})
    context.output.text(f"Taken back: {_lessons(lessons)}, {_tags(tags)}.")
    return 0


def _print(context: Context, file: Path, imported: Imported) -> None:
    brought, output = imported.brought, context.output
    output.line({
        "type": "imported", "path": str(file),
        "id": brought.specialist if imported.kept else None,
        "lessons": brought.lessons, "new_lessons": brought.new_lessons,
        "tags": brought.tags, "new_tags": brought.new_tags, "resting": brought.resting,
        "models": [
            {"kind": each.use, "name": each.name, "chosen": each.chosen, "missing": each.missing}
            for each in imported.models
        ],
    })  # fmt: skip
    output.text(
        f"{brought.new_lessons} of {_lessons(brought.lessons)} and {brought.new_tags} of "
        f"{_tags(brought.tags)} are new."
    )
    if brought.resting:
        output.text(f"{_lessons(brought.resting)} rest: their documents are not in the library.")
    for each in imported.models:
        if each.missing:
            output.text(each.missing)
        elif each.chosen:
            output.text(f"{each.name} is used from now on.")
            if each.use == ENCODER:
                output.text("`sync` embeds the library anew; until then the words decide.")
    if imported.kept:
        output.text(f"`specialist undo {brought.specialist}` takes all of it back.")


def _lessons(count: int) -> str:
    return f"{count:,} {'lesson' if count == 1 else 'lessons'}"


def _tags(count: int) -> str:
    return f"{count:,} {'tag' if count == 1 else 'tags'}"
