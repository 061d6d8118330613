"""compare: how two documents of the library differ."""

from __future__ import annotations

import argparse
from contextlib import closing
from pathlib import Path
from typing import Any

from app.commands import Context
from app.library import open_searcher
from app.output import one_line
from app.paths import absolute
from indexer.documents.comparing import Change, Comparison, Difference, Replacement, compare
from indexer.documents.texts import Place, sentences_of
from indexer.storage.database import open_for_reading

_SIGNS = {
    Difference.ADDED: "+",
    Difference.REMOVED: "-",
    Difference.CHANGED: "~",
    Difference.MOVED: ">",
}


def compare_documents(context: Context, arguments: argparse.Namespace) -> int:
    """Print what was added, removed, changed and moved between two documents."""
    old, new = absolute(arguments.old), absolute(arguments.new)
    open_searcher(context.profile, None).close()  # makes it, or brings it up to date
    with closing(open_for_reading(context.profile.database)) as db:
        comparison = compare(sentences_of(db, old), sentences_of(db, new))
    for change in comparison.changes:
        context.output.line(_line(change))
        context.output.text(_text(change))
    _print_counts(context, comparison, old, new)
    return 0


def _print_counts(context: Context, comparison: Comparison, old: Path, new: Path) -> None:
    counts = {each.value: comparison.count(each) for each in Difference}
    values = sum(len(change.values) for change in comparison.changes)
    context.output.line({"type": "compared", **counts, "same": comparison.same, "values": values})
    if not comparison.changes:
        context.output.text("Both say the same.")
        return
    said = ", ".join(f"{count} {what}" for what, count in counts.items() if count)
    names = f"{one_line(old.name)} and {one_line(new.name)}"
    context.output.text(
        f"{names}, in sentences: {said}, {comparison.same} the same; "
        f"other numbers or dates: {values}."
    )


def _line(change: Change) -> dict[str, Any]:
    return {
        "type": "change",
        "difference": change.difference.value,
        "old": _place_field(change.old),
        "new": _place_field(change.new),
        "replaced": [_pair(item) for item in change.replaced],
        "values": [_pair(item) for item in change.values],
    }


def _place_field(place: Place | None) -> dict[str, Any] | None:
    if place is None:
        return None
    return {
        "text": place.text,
        "page": place.page,
        "label": place.label,
        "heading": place.heading,
    }


def _pair(item: Replacement) -> dict[str, str]:
    return {"old": item.old, "new": item.new}


def _text(change: Change) -> str:
    sign = _SIGNS[change.difference]
    shown = change.new if change.difference is Difference.MOVED else change.old
    lines = []
    if shown is not None:
        lines.append(f"{sign} {_where(shown)}{_one(shown.text)}")
    if change.new is not None and change.difference in (Difference.ADDED, Difference.CHANGED):
        begin = sign if change.difference is Difference.ADDED else " "
        lines.append(f"{begin} {_where(change.new)}{_one(change.new.text)}")
    lines += [f"    {item.old or '–'} → {item.new or '–'}" for item in change.values]
    return "\n".join(lines)


def _where(place: Place) -> str:
    number = place.label or place.page
    return f"[page {number}] " if number else ""


def _one(text: str) -> str:
    return " ".join(text.split())
