"""How a question was understood, in sentences that its owner can correct."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date

from indexer.sets.facts import noun_of
from indexer.sets.plan import Amount, Party, Period, SetPlan, Term

_MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September",
    "October", "November", "December",
)  # fmt: skip


def understood(plan: SetPlan, apart: Sequence[str]) -> tuple[str, ...]:
    """Return what was looked for, a sentence a condition."""
    return (*_which(plan), *(_condition(each) for each in plan.filters), *_loosely(apart))


def _which(plan: SetPlan) -> Iterator[str]:
    kinds = ", ".join(noun_of(kind) for kind in plan.kinds)
    if plan.unread:
        yield "Files that could not be read."
    if kinds:
        yield f"Files that are told to be {kinds}: by tag, folder, name, or how they begin."
    if plan.formats:
        formats = ", ".join(plan.formats)
        yield f"Files of the format {formats}."
    if plan.languages:
        languages = ", ".join(plan.languages)
        yield f"Written in the language {languages}."
    for folder in plan.folders:
        yield f"Inside a folder named {folder}."
    for folder in plan.outside:
        yield f"Not inside a folder named {folder}."
    for tag in plan.tags:
        yield f"With the tag {tag}."
    if not plan.narrows:
        yield "All files of the library."


def _condition(each: Term | Period | Party | Amount) -> str:
    match each:
        case Term():
            return _words(each)
        case Period():
            when = _when(each)
            if each.changed:
                return f"Not changed {when}." if each.absent else f"Changed {when}."
            return f"Not dated {when}." if each.absent else f"Dated {when}."
        case Party(name=name):
            if each.sender:
                return f"Not from {name}." if each.absent else f"From {name}."
            return f"Not to {name}." if each.absent else f"To {name}."
        case Amount():
            return _bounds(each)


def _words(term: Term) -> str:
    words = " / ".join(f"“{option}”" for option in term.options)
    if term.name_only:
        return f"Their name does not hold {words}." if term.absent else f"Their name holds {words}."
    if term.absent:
        return f"Their text does not hold {words}."
    if term.also_name:
        return f"Their text or name holds {words}."
    return f"Their text holds {words}."


def _when(period: Period) -> str:
    if period.months:
        months = ", ".join(_MONTHS[month - 1] for month in period.months)
        return f"in {months} of any year"
    since, until = _day(period.since), _day(period.until)
    if period.since == period.until:
        return f"on {since}"
    if period.since is None:
        return f"until {until}"
    if period.until is None:
        return f"since {since}"
    return f"from {since} to {until}"


def _day(day: date | None) -> str:
    return day.isoformat() if day else ""


def _bounds(amount: Amount) -> str:
    least, most = (
        f"{each:,.2f}" if each is not None else "" for each in (amount.least, amount.most)
    )
    if least and most:
        return f"Their total is between {least} and {most}."
    if least:
        return (
            f"Their total is above {least}."
            if amount.strict
            else f"Their total is at least {least}."
        )
    return f"Their total is below {most}." if amount.strict else f"Their total is at most {most}."


def _loosely(apart: Sequence[str]) -> Iterator[str]:
    for words in dict.fromkeys(apart):
        yield f"“{words}” stands nowhere side by side: files that hold all of its words."
