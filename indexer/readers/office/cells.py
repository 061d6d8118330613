"""How the numbers of spreadsheets are written: dates in ISO form, shares in percent."""

from __future__ import annotations

import re
from datetime import date, datetime, time, timedelta

_DATES = frozenset([*range(14, 23), *range(27, 37), *range(45, 48), *range(50, 59)])
_BUILT_IN_PLACES = dict.fromkeys([2, 4, 7, 8, 39, 40, 43, 44], 2)
_PERCENT = frozenset([9, 10])
# What in a format is no placeholder: quoted, escaped and padding characters, colours and locales;
# elapsed hours as in [h] are kept.
_NO_PLACE = re.compile(r'"[^"]*"|\\.|_.|\*.|\[(?![hms]+\])[^\]]*\]', re.IGNORECASE)
_PLACE_OF_DATE = re.compile(r"[ymdhse]", re.IGNORECASE)
_LAST_DAY = 2_958_466  # the year 10000


class Formats:
    """Writes numbers as a workbook's styles mean them."""

    def __init__(self, styles: list[str], since_1904: bool = False) -> None:
        """Take the format of each style: its code, or the number of a built-in one."""
        self._dates = [_is_date(style) for style in styles]
        self._percent = [_is_percent(style) for style in styles]
        self._places = [_places(style) for style in styles]
        # 1900 counts as a leap year in Excel, so that from March 1900 on its day 0 is this one.
        self._start = datetime(1904, 1, 1) if since_1904 else datetime(1899, 12, 30)  # noqa: DTZ001

    def shown(self, value: str, style: int) -> str:
        """Return a number in the form of a style; what is no number as it is."""
        try:
            amount = float(value)
        except ValueError:
            return value
        if style < len(self._dates):
            if self._dates[style] and 0 <= amount < _LAST_DAY:
                return self._date(amount)
            if self._percent[style]:
                return f"{amount * 100:.10g}%"
            return _padded(number(amount), self._places[style])
        return number(amount)

    def _date(self, amount: float) -> str:
        moment = self._start + timedelta(seconds=round(amount * 86_400))
        return written(moment.time() if amount < 1 else moment)


def written(value: object) -> str:
    """Return a cell's value as text: dates in ISO form, without a midnight that nobody meant."""
    if isinstance(value, bool):
        return str(value).upper()
    if isinstance(value, float):
        return number(value)
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == time() else value.isoformat(" ")
    if isinstance(value, date | time):
        return value.isoformat()
    return " ".join(str(value).split())


def number(value: float) -> str:
    """Write a number without the digits that binary fractions add, and whole ones as such."""
    return f"{value:.15g}" if abs(value) < 1e15 else f"{value:.6g}"


def _padded(text: str, places: int) -> str:
    """Show a price of 12.5 as 12.50, as the sheet does; digits that it hides are kept."""
    whole, _, fraction = text.partition(".")
    if not places or "e" in text or len(fraction) >= places:
        return text
    return f"{whole}.{fraction:0<{places}}"


def _places(style: str) -> int:
    if style.isdecimal():
        return _BUILT_IN_PLACES.get(int(style), 0)
    first = _NO_PLACE.sub("", style).split(";")[0]
    zeros = re.search(r"0\.(0+)", first)
    return len(zeros.group(1)) if zeros and "E" not in first.upper() else 0


def _is_date(style: str) -> bool:
    if style.isdecimal():
        return int(style) in _DATES
    # Only a format's first section is for ordinary numbers; "General" holds an e.
    first = _NO_PLACE.sub("", style).split(";")[0]
    return first.lower() != "general" and "0" not in first and bool(_PLACE_OF_DATE.search(first))


def _is_percent(style: str) -> bool:
    if style.isdecimal():
        return int(style) in _PERCENT
    return "%" in _NO_PLACE.sub("", style)
