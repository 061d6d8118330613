"""What is said of measurements: figures, what changed between two, and what to do about a loss."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from app.ui.texts import tr
from indexer.storage.quality import Measured


def percent(part: int, whole: int) -> str:
    """Return a share of questions."""
    return f"{100 * part / whole:.0f} %" if whole else "–"


def day(measured: Measured, *, exactly: bool = False) -> str:
    """Return when it was measured, as it is written in every language."""
    at = datetime.fromtimestamp(measured.at_ns / 1e9).astimezone()
    return f"{at:%Y-%m-%d %H:%M}" if exactly else f"{at:%Y-%m-%d}"


def changes(before: Measured | None, now: Measured) -> list[str]:
    """Return what was another between two measurements and may be why."""
    if before is None:
        return []
    found = []
    if now.encoder != before.encoder:
        found.append(tr("encoder: {name}", name=now.encoder or tr("none, words alone")))
    if now.chunks != before.chunks:
        found.append(
            tr("{before} → {now} passages", before=f"{before.chunks:,}", now=f"{now.chunks:,}")
        )
    if now.lessons != before.lessons:
        found.append(
            tr("{before} → {now} lessons", before=f"{before.lessons:,}", now=f"{now.lessons:,}")
        )
    elif _taught_anew(before, now):
        found.append(tr("other lessons"))
    return found


def is_notable(before: Measured | None, now: Measured) -> bool:
    """Tell whether a change between two measurements is marked."""
    return before is not None and now.stamp.differs_notably(before.stamp)


def summary(history: Sequence[Measured]) -> str:
    """Return the present state in a sentence; of nothing, what will come."""
    if not history:
        return tr("Nothing was measured yet.")
    now = history[0]
    return tr(
        "{share} of {count} questions find their passage among the first five.",
        share=percent(now.five, now.questions),
        count=now.questions,
    )


def explanation(history: Sequence[Measured]) -> str:
    """Return what the questions are, and what the lessons are worth."""
    said = [
        tr(
            "The questions are made of your documents' own headings and sentences. Yours are"
            " harder: what counts is how the figure changes."
        )
    ]
    if not history:
        said.append(
            tr(
                "It is measured when the computer is at rest, once a day at most, or now if you ask"
                " for it."
            )
        )
    elif (now := history[0]).taught:
        said.append(
            tr(
                "Of {count} questions that you taught, {own} find their passage; {others} by what"
                " the other lessons teach alone, {none} without any.",
                count=now.taught,
                own=now.taught_five,
                others=now.taught_five_held_out,
                none=now.taught_five_untaught,
            )
        )
    return _joined(said)


def warning(history: Sequence[Measured]) -> str:
    """Return what is to be said if search has become worse, and what to do; "" if it has not."""
    if not history or not history[0].change.is_worse:
        return ""
    now = history[0]
    before = history[1] if len(history) > 1 else None
    return _joined([loss(now), _advice(before, now)])


def loss(now: Measured) -> str:
    """Return by how much search has become worse."""
    return tr(
        "Search finds less than before: {lost} of {count} questions were lost and {gained} gained,"
        " which is more than chance explains.",
        lost=now.lost,
        count=now.compared,
        gained=now.gained,
    )


def _advice(before: Measured | None, now: Measured) -> str:
    if before is not None and before.encoder != now.encoder:
        return tr(
            "The encoder is another one: `pocket-llm models use` takes back the one that you had."
        )
    if before is not None and (before.lessons != now.lessons or _taught_anew(before, now)):
        return tr(
            "Lessons came or went: `pocket-llm lessons` shows what each does, and takes one back."
        )
    if before is not None and now.stamp.differs_notably(before.stamp):
        return tr(
            "Many documents came or went: leave out those that are only in the way, or ask within"
            " one folder."
        )
    return tr("Nothing else has changed much: `pocket-llm doctor` looks whether all is whole.")


def _joined(sentences: Sequence[str]) -> str:
    # Chinese has no space between sentences.
    return " ".join(sentences).replace("。 ", "。")


def _taught_anew(before: Measured, now: Measured) -> bool:
    # Another encoder's vectors of the same lessons count as a change of them, too.
    return (
        now.encoder == before.encoder
        and now.last_lesson_change != before.last_lesson_change
        and now.lessons > 0
    )
