"""quality: how well search finds, measured by questions made of the library's own documents."""

from __future__ import annotations

import argparse
from contextlib import closing
from datetime import datetime
from typing import Any

from app.commands import Context
from app.library import open_embedder
from indexer.errors import IndexerError
from indexer.quality.measuring import measure
from indexer.storage import quality as kept
from indexer.storage.database import in_words, open_for_reading
from indexer.storage.quality import Measured

_MOST_LINES = 20


def quality(context: Context, arguments: argparse.Namespace) -> int:
    """Measure now, or print what was measured before."""
    if arguments.history:
        return _history(context)
    profile = context.profile
    if not profile.database.exists():
        raise IndexerError("There is no library yet.", "`add` a folder first.")
    embedder = open_embedder(profile, context.settings)

    def tell(done: int, total: int) -> None:
        context.output.progress("Asking", done, total)

    measured = measure(profile.database, profile.caches, embedder, tell)
    context.output.clear()
    if measured is None:
        raise IndexerError("The library holds no passages yet.", "`add` a folder first.")
    context.output.line(_line(measured))
    for sentence in _sentences(measured):
        context.output.text(sentence)
    return 0


def _history(context: Context) -> int:
    database = context.profile.database
    measurements: list[Measured] = []
    if database.exists():
        with in_words(database), closing(open_for_reading(database)) as db:
            measurements = kept.history(db, _MOST_LINES)
    for measured in measurements:
        context.output.line(_line(measured))
        day = datetime.fromtimestamp(measured.at_ns / 1e9).astimezone()
        context.output.text(
            f"{day:%Y-%m-%d %H:%M}  {_percent(measured.five, measured)} among five, "
            f"{_percent(measured.first, measured)} first; {measured.chunks:,} passages, "
            f"{_count(measured.lessons, 'lesson')}"
        )
    if not measurements:
        context.output.text("Nothing was measured yet. `quality` does it.")
    return 0


def _sentences(measured: Measured) -> list[str]:
    change = measured.change
    said = [
        f"Of {_count(measured.questions, 'question')} made of your documents' headings and "
        f"sentences {measured.five} find their passage among the first five "
        f"({_percent(measured.five, measured)}), {measured.first} find it first.",
        f"By words alone: {measured.five_by_words}.",
    ]
    if measured.lessons:
        said.append(f"Without your {_count(measured.lessons, 'lesson')}: {measured.five_untaught}.")
    if measured.taught:
        said.append(
            f"Of {_count(measured.taught, 'question')} that you taught {measured.taught_five} "
            f"find their passage, {measured.taught_five_held_out} without their own lesson, "
            f"{measured.taught_five_untaught} without any."
        )
    if change.both:
        said.append(
            f"Since the last time {change.gained} of {change.both} were gained and "
            f"{change.lost} lost."
        )
    if change.is_worse:
        said.append("That is worse than chance explains: what was changed since then?")
    return said


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def _percent(found: int, measured: Measured) -> str:
    return f"{100 * found / measured.questions:.0f} %"


def _line(measured: Measured) -> dict[str, Any]:
    return {
        "type": "quality", "at": measured.at_ns // 10**9, "chunks": measured.chunks,
        "encoder": measured.encoder, "lessons": measured.lessons,
        "questions": measured.questions, "first": measured.first, "five": measured.five,
        "five_by_words": measured.five_by_words, "five_untaught": measured.five_untaught,
        "taught": measured.taught, "taught_five": measured.taught_five,
        "taught_five_held_out": measured.taught_five_held_out,
        "taught_five_untaught": measured.taught_five_untaught,
        "gained": measured.gained, "lost": measured.lost,
    }  # fmt: skip
