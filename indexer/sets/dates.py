"""Dates in texts, names and questions."""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Iterator
from datetime import date, timedelta

from indexer.sets.lexicon import CHINESE_MONTHS, MONTH, MONTHS
from indexer.sets.plan import Period

_ISO = re.compile(r"(?<!\d)((?:19|20)\d\d)[-_./](\d{1,2})[-_./](\d{1,2})(?!\d)")
_COMPACT = re.compile(r"(?<!\d)((?:19|20)\d\d)(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])(?!\d)")
_DOTTED = re.compile(r"(?<![\d.])(\d{1,2})\.\s?(\d{1,2})\.\s?((?:19|20)\d\d|\d\d)(?![\d])")
_SLASHED = re.compile(r"(?<![\d/])(\d{1,2})/(\d{1,2})/((?:19|20)\d\d)(?![\d/])")
_DAY_FIRST = re.compile(
    rf"(?<!\d)(\d{{1,2}})(?:st|nd|rd|th|\.)?\s+(?:of\s+)?({MONTH})\.?,?\s+((?:19|20)\d\d)(?!\d)",
    re.IGNORECASE,
)
_MONTH_FIRST = re.compile(
    rf"\b({MONTH})\.?\s+(\d{{1,2}})(?:st|nd|rd|th)?,?\s+((?:19|20)\d\d)(?!\d)", re.IGNORECASE
)
_CHINESE = re.compile(r"((?:19|20)\d\d)\s*年\s*(\d{1,2})\s*月\s*(\d{1,2})\s*[日号]")
_NAME_MONTH = re.compile(r"(?<!\d)((?:19|20)\d\d)[-_. ]?(0[1-9]|1[0-2])(?!\d)")
_WORD_MONTH = re.compile(rf"(?<![^\W_])({MONTH})[\W_]+((?:19|20)\d\d)(?!\d)", re.IGNORECASE)


def days_in(text: str, *, month_first: bool = False) -> Iterator[tuple[int, date]]:
    """Yield the days that a text names with their places, in its order.

    `month_first`: what 03/04/2024 means where the numbers do not tell.
    """
    found: dict[int, date] = {}

    def note(at: int, year: str | int, month: str | int, day: str | int) -> None:
        number = int(year) + (2000 if int(year) < 100 else 0)
        try:
            found.setdefault(at, date(number, int(month), int(day)))
        except ValueError:
            return

    for pattern in (_ISO, _COMPACT, _CHINESE):
        for match in pattern.finditer(text):
            note(match.start(), *match.groups())
    for match in _DOTTED.finditer(text):
        note(match.start(), match[3], match[2], match[1])
    for match in _SLASHED.finditer(text):
        first, second = int(match[1]), int(match[2])
        if second > 12 or (month_first and first <= 12):
            note(match.start(), match[3], first, second)
        else:
            note(match.start(), match[3], second, first)
    for match in _DAY_FIRST.finditer(text):
        note(match.start(), match[3], MONTHS[match[2].lower()], match[1])
    for match in _MONTH_FIRST.finditer(text):
        note(match.start(), match[3], MONTHS[match[1].lower()], match[2])
    yield from sorted(found.items())


def month_first_of(text: str) -> bool | None:
    """Tell whether the slashed dates of a text have the month first; None if they do not tell."""
    for match in _SLASHED.finditer(text):
        if int(match[1]) > 12:
            return False
        if int(match[2]) > 12:
            return True
    return None


def day_in_name(name: str) -> date | None:
    """Return the day, or the first day of the month, that a file's or folder's name names."""
    for _, day in days_in(name):
        return day
    if match := _NAME_MONTH.search(name):
        return date(int(match[1]), int(match[2]), 1)
    if match := _WORD_MONTH.search(name):
        return date(int(match[2]), MONTHS[match[1].lower()], 1)
    return None


# --- what a question calls a time --------------------------------------------------------------

_YEAR = r"(?:19|20)\d\d"
_TIME = re.compile(
    rf"""(?:the\s+(?:month|year)\s+(?:of\s+)?|dem\s+jahr\s+|jahr\s+)?(?:
    (?P<day>{_YEAR}-\d\d?-\d\d?|\d\d?\.\s?\d\d?\.\s?{_YEAR}|\d\d?/\d\d?/{_YEAR}
       |\d\d?(?:st|nd|rd|th|\.)?\s+(?:of\s+)?(?:{MONTH})\.?,?\s+{_YEAR}
       |(?:{MONTH})\.?\s+\d\d?(?:st|nd|rd|th)?,?\s+{_YEAR})
    |(?P<iso_year>{_YEAR})-(?P<iso_month>\d\d)(?!\d)
    |(?P<number_month>0?[1-9]|1[0-2])/(?P<number_year>{_YEAR})
    |(?P<month>{MONTH})(?:\s+(?:of\s+)?(?P<month_year>{_YEAR}))?
    |(?:(?:the\s+)?(?P<ordinal>first|second|third|fourth|last)\s+quarter|q(?P<quarter>[1-4]))
       (?:\s+(?:of\s+)?(?P<quarter_year>{_YEAR}))?
    |(?P<year>{_YEAR})
    |(?P<relative>(?:this|last|diesem|letztem|letzten|diesen|vorigen)\s+
       (?:month|year|week|monat|jahr|woche))
    |(?P<near>today|yesterday|heute|gestern)
    )(?![\w-])""",
    re.IGNORECASE | re.VERBOSE,
)
_CHINESE_TIME = re.compile(
    rf"""(?:(?P<year>{_YEAR})\s*年(?:的)?)?\s*
    (?:(?P<month>1[0-2]|0?[1-9]|十[一二]|[一二三四五六七八九十])\s*月(?:份)?
       (?:(?P<day>\d{{1,2}})\s*[日号])?
       |第(?P<quarter>[一二三四1234])季度)?""",
    re.VERBOSE,
)
_ORDINALS = {"first": 1, "second": 2, "third": 3, "fourth": 4, "last": 4}


def period_at(  # noqa: PLR0911 -- a form of time each
    text: str, position: int = 0
) -> tuple[Period, int] | None:
    """Return the time that a question names at a place, and where it ends."""
    match = _TIME.match(text, position)
    if match is None:
        return None
    found = match.groupdict()
    if found["day"]:
        day = next((day for _, day in days_in(found["day"])), None)
        return (Period(day, day), match.end()) if day else None
    if found["iso_month"]:
        return _month(int(found["iso_year"]), int(found["iso_month"]), match.end())
    if found["number_month"]:
        return _month(int(found["number_year"]), int(found["number_month"]), match.end())
    if found["month"]:
        month = MONTHS[found["month"].lower()]
        if found["month_year"]:
            return _month(int(found["month_year"]), month, match.end())
        return Period(months=(month,)), match.end()
    if found["ordinal"] or found["quarter"]:
        quarter = int(found["quarter"] or _ORDINALS[(found["ordinal"] or "first").lower()])
        year = found["quarter_year"]
        return _quarter(quarter, int(year) if year else None), match.end()
    if found["year"]:
        year_number = int(found["year"])
        return Period(date(year_number, 1, 1), date(year_number, 12, 31)), match.end()
    return _relative((found["relative"] or found["near"]).lower()), match.end()


def chinese_period_at(  # noqa: PLR0911 -- a form of time each
    text: str, position: int = 0
) -> tuple[Period, int] | None:
    """Return the time that a Chinese question names at a place, and where it ends."""
    match = _CHINESE_TIME.match(text, position)
    if match is None or not match[0].strip():
        return None
    year = int(match["year"]) if match["year"] else None
    if match["quarter"]:
        number = "一二三四".find(match["quarter"]) + 1 or int(match["quarter"])
        return _quarter(number, year), match.end()
    if match["month"]:
        sign = match["month"]
        month = CHINESE_MONTHS.get(sign) or int(sign)
        if match["day"] and year:
            try:
                day = date(year, month, int(match["day"]))
            except ValueError:
                return None
            return Period(day, day), match.end()
        if year:
            return _month(year, month, match.end())
        return Period(months=(month,)), match.end()
    if year is None:
        return None
    return Period(date(year, 1, 1), date(year, 12, 31)), match.end()


def _month(year: int, month: int, end: int) -> tuple[Period, int] | None:
    if not 1 <= month <= 12:
        return None
    last = monthrange(year, month)[1]
    return Period(date(year, month, 1), date(year, month, last)), end


def _quarter(quarter: int, year: int | None) -> Period:
    months = tuple(range(3 * quarter - 2, 3 * quarter + 1))
    if year is None:
        return Period(months=months)
    last = monthrange(year, months[-1])[1]
    return Period(date(year, months[0], 1), date(year, months[-1], last))


def _relative(words: str) -> Period:
    today = date.today()  # noqa: DTZ011 -- the owner's own day
    if words in ("today", "heute"):
        return Period(today, today)
    if words in ("yesterday", "gestern"):
        day = today - timedelta(days=1)
        return Period(day, day)
    last = words.split(maxsplit=1)[0] not in ("this", "diesem", "diesen")
    if words.endswith(("year", "jahr")):
        year = today.year - last
        return Period(date(year, 1, 1), date(year, 12, 31))
    if words.endswith(("week", "woche")):
        monday = today - timedelta(days=today.weekday() + 7 * last)
        return Period(monday, monday + timedelta(days=6))
    first = today.replace(day=1)
    if last:
        first = (first - timedelta(days=1)).replace(day=1)
    return Period(first, first.replace(day=monthrange(first.year, first.month)[1]))
