"""Reads what follows the noun of a question: clauses in any order, and topics between them."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from indexer.sets.building import Clause, Draft
from indexer.sets.plan import SetPlan, Term

_SPACE = re.compile(r"[\s,;:]*")
_MOST_CLAUSES = 12
_EMPTY = SetPlan(counting=False)


@dataclass(frozen=True, slots=True)
class Grammar:
    """The clauses of a language.

    `fillers` say nothing; `negation` turns the clause behind it; `opener` is what a topic follows
    ("mention", "about"), with a group named `no` where it means the contrary and one named `about`
    where the name of a file counts, too.
    """

    clauses: Sequence[Clause]
    fillers: re.Pattern[str]
    negation: re.Pattern[str]
    opener: re.Pattern[str]
    terms: Callable[[str, bool], tuple[Term, ...] | None]  # of a topic, and whether it is "about"

    def read(  # noqa: PLR0911 -- each way to go on is tried in turn
        self, text: str, at: int, draft: Draft, depth: int = 0
    ) -> Draft | None:
        """Return the draft with all from `at` on; None if anything is not understood."""
        at = self._skip(text, at)
        if at >= len(text):
            return None if draft.negated else draft
        if depth > _MOST_CLAUSES:
            return None
        for clause in self.clauses:
            tried = draft.copy()
            end = clause(text, at, tried)
            if end is not None and (read := self.read(text, end, tried, depth + 1)):
                return read
        if (match := self.negation.match(text, at)) and not draft.negated:
            tried = draft.copy()
            tried.negated = True
            if read := self.read(text, match.end(), tried, depth + 1):
                return read
        if match := self.fillers.match(text, at):
            read = self.read(text, match.end(), draft, depth + 1)
            if read is not None:
                return read
        if match := self.opener.match(text, at):
            return self._topic(text, match, draft, depth)
        return None

    def _topic(self, text: str, opener: re.Match[str], draft: Draft, depth: int) -> Draft | None:
        """Take a topic up to the first place from which all the rest is clauses."""
        groups = opener.groupdict()
        start = opener.end()
        for end in [*_gaps(text, start), len(text)]:
            terms = self.terms(text[start:end], bool(groups.get("about")))
            if terms is None:
                continue
            if end < len(text) and not self._begins(text, end):
                continue
            tried = draft.copy()
            tried.negated = tried.negated != bool(groups.get("no") or groups.get("not"))
            tried.add(*terms)
            if read := self.read(text, end, tried, depth + 1):
                return read
        return None

    def _begins(self, text: str, at: int) -> bool:
        """Tell whether a clause begins here, maybe behind an "and", and no mere filler."""
        at = self._skip(text, at)
        for _ in range(4):
            if any(clause(text, at, Draft(_EMPTY)) is not None for clause in self.clauses):
                return True
            if self.opener.match(text, at) or self.negation.match(text, at):
                return True
            match = self.fillers.match(text, at)
            if match is None:
                return False
            at = self._skip(text, match.end())
        return False

    @staticmethod
    def _skip(text: str, at: int) -> int:
        match = _SPACE.match(text, at)
        return match.end() if match else at


def _gaps(text: str, start: int) -> list[int]:
    return [match.start() for match in re.finditer(r"[\s,]+", text) if match.start() > start]
