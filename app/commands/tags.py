"""tags: the owner's tags of files, and what is suggested by them and by the folders."""

from __future__ import annotations

import argparse
import os
from contextlib import closing

from app.commands import Context
from app.output import one_line
from app.paths import absolute
from indexer.errors import IndexerError, LibraryBusy
from indexer.learning.library import Suggester, evaluate, fit, is_stale
from indexer.learning.model import Evaluation, Kind, Suggestion
from indexer.storage.database import in_words, open_for_reading, open_for_writing, transaction
from indexer.storage.ledger import ledger, under
from indexer.storage.store import Store
from indexer.storage.tags import all_tags, set_tags

_TOTAL = {Kind.FOLDERS: "folders", Kind.TAGS: "tags"}


def list_all(context: Context, _arguments: argparse.Namespace) -> int:
    """Print a line a tag, and how well suggestions do on documents that were held out."""
    output, database = context.output, context.profile.database
    _make(context)
    with in_words(database), closing(open_for_reading(database)) as db:
        tags = all_tags(db)
    for each in tags:
        output.line({"type": "tag", "tag": each.tag, "files": each.files})
        output.text(f"{each.tag}  {each.files} {'file' if each.files == 1 else 'files'}")
    if not tags:
        output.text("There are no tags yet. `tags set FILE TAG` gives one.")
    for kind, evaluation in evaluate(database).items():
        output.line(_learned_line(kind, evaluation))
        output.note(_learned_text(kind, evaluation))
    return 0


def set_of_file(context: Context, arguments: argparse.Namespace) -> int:
    """Give a file these tags in place of those that it has."""
    path, database = absolute(arguments.path), context.profile.database
    with in_words(database), closing(open_for_writing(database)) as db, transaction(db, database):
        tags = set_tags(db, path, arguments.tags)
    context.output.line({"type": "tagged", "path": os.fspath(path), "tags": list(tags)})
    context.output.text(f"{one_line(str(path))}: {', '.join(tags) or 'no tag'}")
    return 0


def suggest(context: Context, arguments: argparse.Namespace) -> int:
    """Print what a file, or each one of a folder, is like; learned now if it was not before."""
    path, database, output = absolute(arguments.path), context.profile.database, context.output
    _make(context)
    with in_words(database), closing(open_for_reading(database)) as db:
        clause, values = under([path])
        files = [status.path for status in ledger(db, clause, values)]
    if not files:
        raise IndexerError("This is not in the library.", "`status --files` lists what is.", path)
    if is_stale(database):
        _learn(context)
    count = 0
    with closing(Suggester(database)) as suggester:
        for file in files:
            found = suggester.suggest(file)
            for each in found.suggestions if found else ():
                count += 1
                output.line({"type": "suggestion", "path": os.fspath(file), **_fields(each)})
                output.text(f"{one_line(str(file))}: {_text(each)}")
    output.line({"type": "done", "files": len(files), "suggestions": count})
    if not count:
        output.note(_why_nothing(evaluate(database)))
    return 0


def _make(context: Context) -> None:
    """Make the library if there is none, or bring it up to date."""
    with closing(Store(context.profile.database)):
        pass


def _learn(context: Context) -> None:
    context.output.note("Learning from folders and tags.")
    for kind in Kind:
        try:
            for _ in fit(context.profile.database, kind):
                pass
        except LibraryBusy:
            context.output.note("Another program writes to the library: nothing new was learned.")


def _fields(each: Suggestion) -> dict[str, object]:
    return {
        "kind": each.kind.removesuffix("s"),
        "label": each.label,
        "confidence": round(each.confidence, 3),
        "words": list(each.words),
    }


def _text(each: Suggestion) -> str:
    what = "like those in" if each.kind is Kind.FOLDERS else "tag"
    words = f"; {', '.join(each.words)}" if each.words else ""
    return f"{what} {one_line(each.label)} ({each.confidence:.0%} sure{words})"


def _why_nothing(known: dict[Kind, Evaluation]) -> str:
    if not known:
        return (
            "There is too little to learn from: two folders of three files, or a tag that three "
            "files have, are the least."
        )
    return "Nothing is suggested: no folder or tag is sure enough."


def _learned_line(kind: Kind, evaluation: Evaluation) -> dict[str, object]:
    return {
        "type": "learned",
        "kind": kind,
        "documents": evaluation.documents,
        "labels": evaluation.labels,
        "accuracy": {judge: round(share, 4) for judge, share in evaluation.accuracy.items()},
        "judge": evaluation.judge,
        "suggested": round(evaluation.suggested, 4),
        "precision": round(evaluation.precision, 4),
        "skipped": round(evaluation.skipped, 5),
        "seconds": round(evaluation.seconds, 3),
    }


def _learned_text(kind: Kind, evaluation: Evaluation) -> str:
    return (
        f"Learned from {evaluation.labels} {_TOTAL[kind]} of {evaluation.documents} documents. Of "
        f"those that were held out {evaluation.suggested:.0%} get a suggestion, and "
        f"{evaluation.precision:.0%} of these are right."
    )
