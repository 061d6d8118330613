"""What a question about a set of files asks for, as filters; and what it finds."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from pathlib import Path

from indexer.types import NOTHING_MISSING, Coverage, Hit


@dataclass(frozen=True, slots=True)
class Term:
    """Words that a file has to hold, or must not; `options` are joined by "or"."""

    options: tuple[str, ...]
    exact: bool = False  # stood in quotes: no other form of a word counts
    absent: bool = False
    name_only: bool = False  # only in the file's name or title
    also_name: bool = False  # there, too: what a file is about may stand in its name alone


@dataclass(frozen=True, slots=True)
class Period:
    """Days from `since` to `until`, both inclusive; or a month, or a quarter, of any year."""

    since: date | None = None
    until: date | None = None
    months: tuple[int, ...] = ()
    changed: bool = False  # when the file was changed, not what it is dated
    absent: bool = False

    def holds(self, day: date) -> bool:
        """Tell whether a day lies in it."""
        if self.months and day.month not in self.months:
            return False
        return (self.since is None or day >= self.since) and (
            self.until is None or day <= self.until
        )


@dataclass(frozen=True, slots=True)
class Party:
    """Who a document comes from (`sender`), or goes to."""

    name: str
    sender: bool
    absent: bool = False


@dataclass(frozen=True, slots=True)
class Amount:
    """Bounds of a document's total; `strict` bounds are not reached themselves."""

    least: float | None = None
    most: float | None = None
    strict: bool = True

    def holds(self, total: float) -> bool:
        """Tell whether a total lies between the bounds."""
        if self.strict:
            return (self.least is None or total > self.least) and (
                self.most is None or total < self.most
            )
        return (self.least is None or total >= self.least) and (
            self.most is None or total <= self.most
        )


Filter = Term | Period | Party | Amount


@dataclass(frozen=True, slots=True)
class SetPlan:
    """A question about a set of files.

    `kinds` are names of the lexicon, or none for all files; a file of any of them counts.
    """

    counting: bool
    kinds: tuple[str, ...] = ()
    formats: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    filters: tuple[Filter, ...] = ()
    folders: tuple[str, ...] = ()
    outside: tuple[str, ...] = ()  # folders in which it must not lie
    tags: tuple[str, ...] = ()
    unread: bool = False  # files that could not be read
    asked_in: str = "en"  # the language of the question, in which its words are looked for

    @property
    def narrows(self) -> bool:
        """Whether it asks for less than all files."""
        return self != SetPlan(self.counting, asked_in=self.asked_in)


@dataclass(frozen=True, slots=True)
class Member:
    """A file that was asked for, with the passage that shows why, if it has a text."""

    path: Path
    hit: Hit | None = None
    quote: str = ""
    away: bool = False
    file: int = 0  # its number in the library, which no other file ever has


class Nothing(StrEnum):
    """Why no file could be asked about."""

    LIBRARY = "library"  # it holds none
    SCOPE = "scope"  # what is asked about holds none


@dataclass(frozen=True, slots=True)
class SetAnswer:
    """All files that fulfil a plan."""

    counting: bool
    understood: tuple[str, ...]  # what was looked for, a sentence each
    members: tuple[Member, ...]
    among: int  # files of the kinds that were asked for, whatever else was
    undated: int = 0  # files that would count, had they a date
    without_total: int = 0  # files that would count, had they a total
    coverage: Coverage = NOTHING_MISSING
    nothing: Nothing | None = None  # why there are no files to ask about at all
