"""What the three grammars share: a plan that grows clause by clause, and topics as terms."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace

from indexer.sets.dates import period_at
from indexer.sets.lexicon import LANGUAGES
from indexer.sets.plan import Amount, Filter, Party, Period, SetPlan, Term
from indexer.text.words import STOP_WORDS

_QUOTED = re.compile(r"""["“”„«»「」『』'‘’]([^"“”„«»「」『』]+?)["“”«»「」『』'‘’](?!\w)""")
_MOST_WORDS = 8  # of a topic; more is no topic but a question about something else
MONEY = (
    r"(?:[€$£¥￥]|eur|usd|gbp|chf|rmb|cny)?\s*(\d[\d.,']*)\s*(k|m|万)?"
    r"\s*(?:[€$£]|eur|usd|gbp|chf|euros?|dollars?|pounds?|元|欧元|美元)?"
)


@dataclass
class Draft:
    """A plan that is being read, with a `not` that waits for its clause."""

    plan: SetPlan
    negated: bool = False

    def copy(self) -> Draft:
        """Return the same once more, to try a clause."""
        return replace(self)

    def add(self, *filters: Filter) -> None:
        """Take filters; a `not` before them turns each that can be turned."""
        if self.negated:
            filters = tuple(
                item if isinstance(item, Amount) else replace(item, absent=True) for item in filters
            )
            self.negated = False
        self.plan = replace(self.plan, filters=(*self.plan.filters, *filters))


# Takes a text, a position and a draft; returns where its clause ends, or None if none is there.
Clause = Callable[[str, int, Draft], int | None]


def terms_of(
    topic: str, *, conjunctions: str, alternatives: str, noise: re.Pattern[str], also_name: bool
) -> tuple[Term, ...] | None:
    """Return the terms of a topic ("arbitration and late fees"); None if it is none."""
    quoted: list[str] = []

    def keep(match: re.Match[str]) -> str:
        quoted.append(match[1].strip())
        return f"\ue000{len(quoted) - 1}\ue000"

    marked = _QUOTED.sub(keep, topic).strip(" ,;:.?!？。！")
    if not marked or len(marked.split()) > _MOST_WORDS:
        return None
    terms: list[Term] = []
    for part in re.split(conjunctions, marked, flags=re.IGNORECASE):
        options: list[str] = []
        exact = True
        for option in re.split(alternatives, part, flags=re.IGNORECASE):
            text = noise.sub("", option.strip(" ,;")).strip()
            if match := re.search("\ue000(\\d+)\ue000", text):
                text = quoted[int(match[1])]
            else:
                exact = False
            if not re.search(r"\w", text) or (not exact and text.lower() in STOP_WORDS):
                return None
            options.append(text)
        terms.append(Term(tuple(options), exact=exact, also_name=also_name))
    return tuple(terms)


def money(text: str, scale: str | None) -> float:
    """Return a number as it was typed: 1,000.50, 1.000,50, 1'000 or 3k."""
    digits = text.strip(".,'").replace("'", "")
    last = max(digits.rfind("."), digits.rfind(","))
    signs = {sign for sign in digits if sign in ".,"}
    if last >= 0:
        decimals = len(digits) - last - 1
        grouped = decimals == 3 and (len(signs) == 1)
        whole = re.sub(r"[.,]", "", digits if grouped else digits[:last])
        digits = whole if grouped else f"{whole}.{digits[last + 1 :]}"
    factor = {"k": 1e3, "m": 1e6, "万": 1e4}.get((scale or "").lower(), 1.0)
    return float(digits) * factor


@dataclass(frozen=True, slots=True)
class TimeWords:
    """The words before a time that say how it bounds, as expressions."""

    inside: str
    before: str  # the day itself does not count
    until: str  # it does
    after: str
    since: str
    between: tuple[str, str]
    upto: str  # between the two times of "from ... to ..."
    changed: str


def time_clause(words: TimeWords) -> Clause:
    """Return the clause of a time: "in March", "before 2023", "between May and July 2024"."""
    compiled = {
        name: re.compile(rf"(?:{getattr(words, name)})\s*", re.IGNORECASE)
        for name in ("inside", "before", "until", "after", "since", "changed")
    }
    first, second = (re.compile(rf"(?:{each})\s+", re.IGNORECASE) for each in words.between)
    upto = re.compile(rf"\s*(?:{words.upto})\s*", re.IGNORECASE)

    def clause(text: str, at: int, draft: Draft) -> int | None:
        changed = compiled["changed"].match(text, at)
        start = changed.end() if changed else at
        made = _bounds(text, start)
        if made is None:
            return None
        period, end = made
        draft.add(replace(period, changed=bool(changed)))
        return end

    def _bounds(text: str, at: int) -> tuple[Period, int] | None:  # noqa: PLR0911 -- one a form
        if (match := first.match(text, at)) and (one := period_at(text, match.end())):
            gap = re.compile(r"\s+").match(text, one[1])
            middle = second.match(text, gap.end() if gap else one[1])
            if middle and (other := period_at(text, middle.end())):
                return _range(one[0], other[0], other[1])
            return None
        for name in ("before", "until", "after"):
            match = compiled[name].match(text, at)
            if match and (found := period_at(text, match.end())):
                return _open(name, *found)
        if match := compiled["since"].match(text, at):
            found = period_at(text, match.end())
            if found and (to := upto.match(text, found[1])):
                other = period_at(text, to.end())
                if other:
                    return _range(found[0], other[0], other[1])
            if found and found[0].since and not compiled["inside"].match(text, at):
                return Period(since=found[0].since), found[1]
        if match := compiled["inside"].match(text, at):
            return period_at(text, match.end())
        return None

    return clause


def _open(name: str, period: Period, end: int) -> tuple[Period, int] | None:
    if period.since is None or period.until is None:
        return None
    if name == "before":
        return Period(until=period.since.fromordinal(period.since.toordinal() - 1)), end
    if name == "until":
        return Period(until=period.until), end
    return Period(since=period.until.fromordinal(period.until.toordinal() + 1)), end


def _range(one: Period, other: Period, end: int) -> tuple[Period, int] | None:
    if one.months and other.months:
        return Period(months=tuple(range(one.months[0], other.months[-1] + 1))), end
    if one.months and other.since and other.until:
        # "between May and July 2024": the year is said once.
        return Period(other.since.replace(month=one.months[0], day=1), other.until), end
    if one.since is None or other.until is None:
        return None
    return Period(one.since, other.until), end


def amount_clause(least: str, least_too: str, most: str, most_too: str, between: str) -> Clause:
    """Return the clause of a total: "over 1,000 EUR", "between 100 and 500"."""
    patterns = [
        (re.compile(rf"(?:{words})\s*{MONEY}(?![\w-])", re.IGNORECASE), name, strict)
        for words, name, strict in (
            (least, "least", True), (least_too, "least", False),
            (most, "most", True), (most_too, "most", False),
        )
    ]  # fmt: skip
    both = re.compile(between.replace("MONEY", MONEY), re.IGNORECASE)

    def clause(text: str, at: int, draft: Draft) -> int | None:
        if match := both.match(text, at):
            one, scale, other, other_scale = match.groups()
            draft.add(Amount(money(one, scale), money(other, other_scale), strict=False))
            return match.end()
        for pattern, name, strict in patterns:
            if match := pattern.match(text, at):
                value = money(match[1], match[2])
                bound = Amount(least=value) if name == "least" else Amount(most=value)
                draft.add(replace(bound, strict=strict))
                return match.end()
        return None

    return clause


def pattern_clause(pattern: str, take: Callable[[Draft, re.Match[str]], bool | None]) -> Clause:
    """Return a clause of one expression; `take` refuses it by returning False."""
    compiled = re.compile(pattern, re.IGNORECASE)

    def clause(text: str, at: int, draft: Draft) -> int | None:
        match = compiled.match(text, at)
        if match is None or take(draft, match) is False:
            return None
        return match.end()

    return clause


def party(draft: Draft, name: str, *, sender: bool) -> bool:
    """Take who a document comes from, or goes to; False if it is a time."""
    if period_at(name) is not None:
        return False
    draft.add(Party(name.strip(" .,;?!\"“”„'"), sender))
    return True


def take_language(draft: Draft, match: re.Match[str]) -> bool:
    """Take the language that a clause names; none that it excludes."""
    code = LANGUAGES[match["language"].lower()]
    draft.plan = replace(draft.plan, languages=(*draft.plan.languages, code))
    return not draft.negated


def take_unread(draft: Draft, _match: re.Match[str]) -> bool:
    """Take that files are asked for which could not be read."""
    draft.plan = replace(draft.plan, unread=True)
    draft.negated = False
    return True
