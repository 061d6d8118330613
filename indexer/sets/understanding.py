"""How a question was understood, in sentences that its owner can correct."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from indexer.sets.facts import noun_of
from indexer.sets.plan import Amount, Filter, Party, Period, SetPlan, Term

_MONTHS = {
    "en": "January February March April May June July August September October November December",
    "de": "Januar Februar März April Mai Juni Juli August September Oktober November Dezember",
    "zh": "1月 2月 3月 4月 5月 6月 7月 8月 9月 10月 11月 12月",
}


def understood(plan: SetPlan, apart: Sequence[str]) -> tuple[str, ...]:
    """Return what was looked for, a sentence a condition."""
    conditions = (_condition(each, plan.asked_in) for each in plan.filters)
    return (*_which(plan), *conditions, *_loosely(apart))


def _which(plan: SetPlan) -> Iterator[str]:
    kinds = ", ".join(noun_of(kind, plan.asked_in) for kind in plan.kinds)
    if plan.unread:
        yield "Files that could not be read."
    if kinds:
        yield f"Files that are {kinds} by their tag, folder, name or beginning."
    if plan.formats:
        formats = ", ".join(plan.formats)
        yield f"Files of the format {formats}."
    if plan.languages:
        languages = ", ".join(plan.languages)
        yield f"Their language is {languages}."
    for folder in plan.folders:
        yield f"They lie in a folder named {folder}."
    for folder in plan.outside:
        condition = f"They lie in a folder named {folder}."
        yield f"All but these: {condition}"
    for tag in plan.tags:
        yield f"They have the tag {tag}."
    if not plan.narrows:
        yield "All files of the library."


def _condition(each: Filter, language: str) -> str:
    match each:
        case Term(absent=absent):
            condition = _words(each)
        case Period(absent=absent):
            condition = _when(each, language)
            if each.changed:
                condition = f"By their last change: {condition}"
        case Party(name=name, absent=absent):
            condition = f"They come from {name}." if each.sender else f"They go to {name}."
        case Amount():
            return _bounds(each)
    return f"All but these: {condition}" if absent else condition


def _words(term: Term) -> str:
    words = " / ".join(f"“{option}”" for option in term.options)
    if term.name_only:
        return f"Their name holds {words}."
    if term.also_name and not term.absent:
        return f"Their text or name holds {words}."
    return f"Their text holds {words}."


def _when(period: Period, language: str) -> str:
    if period.months:
        named = _MONTHS[language].split()
        months = ", ".join(named[month - 1] for month in period.months)
        return f"They are dated in {months} of any year."
    since, until = period.since, period.until
    if since == until:
        return f"They are dated {since}."
    if since is None:
        return f"They are dated {until} or earlier."
    if until is None:
        return f"They are dated {since} or later."
    return f"They are dated from {since} to {until}."


def _bounds(amount: Amount) -> str:
    bounds = (amount.least, amount.most)
    least, most = (f"{each:,.2f}" if each is not None else "" for each in bounds)
    if least and most:
        return f"Their total is between {least} and {most}."
    if least:
        above = f"Their total is above {least}."
        return above if amount.strict else f"Their total is {least} or more."
    below = f"Their total is below {most}."
    return below if amount.strict else f"Their total is {most} or less."


def _loosely(apart: Sequence[str]) -> Iterator[str]:
    for words in dict.fromkeys(apart):
        yield f"Nowhere do these words stand together, so that each counts alone: {words}"
