"""The noun phrase of an English question about a set: "2024 Acme invoices and receipts"."""

from __future__ import annotations

import re
from dataclasses import replace

from indexer.sets.building import Draft
from indexer.sets.dates import period_at
from indexer.sets.lexicon import (
    BY_NAME,
    FILES_ENGLISH,
    FORMAT_ADJECTIVES,
    FORMAT_WORDS,
    KINDS,
    LANGUAGES,
    plural,
)
from indexer.sets.plan import Party, SetPlan, Term

_WORD = re.compile(r"[\w'’&.-]*\w(?:'s)?")
_SMALL = (
    "how many which what who whose where when why is are was were do does did has have had can "
    "could will would should may might not no and or of in on at by for from to with about the a "
    "an that this there it they he she we you i than as if people"
)
_NO_MODIFIER = frozenset(_SMALL.split())
_MOST_MODIFIERS = 3

_NOUNS: dict[str, tuple[str, str]] = {}
for _kind in KINDS:
    for _noun in _kind.english:
        _NOUNS[_noun] = _NOUNS[plural(_noun)] = ("kind", _kind.name)
for _noun in FILES_ENGLISH:
    _NOUNS[_noun] = _NOUNS[f"{_noun}s"] = ("file", "")
_NOUNS["everything"] = ("file", "")
_NOUNS |= {word: ("format", name) for word, name in FORMAT_WORDS.items() if word.isascii()}
_PLURALS = frozenset(
    {plural(noun) for kind in KINDS for noun in kind.english}
    | {f"{noun}s" for noun in FILES_ENGLISH}
    | {"everything"}
    | {word for word in FORMAT_WORDS if word.endswith("s")}
)
_NOUN = re.compile(
    rf"(?:{'|'.join(sorted(map(re.escape, _NOUNS), key=len, reverse=True))})(?![\w-])",
    re.IGNORECASE,
)


def noun_phrase(text: str, at: int, plan: SetPlan) -> tuple[Draft, int, bool] | None:
    """Read "2024 Acme invoices and receipts"; return where it ends, and whether it is a plural."""
    draft = Draft(plan)
    unknown: list[str] = []
    for _ in range(_MOST_MODIFIERS + 1):
        noun = _NOUN.match(text, at)
        if noun is not None and not _is_modifier(text, noun):
            return _with_noun(text, noun, draft, unknown)
        period = period_at(text, at)
        if period is not None and text[period[1] : period[1] + 1] == " ":
            draft.add(period[0])
            at = period[1] + 1
            continue
        word = _WORD.match(text, at)
        if word is None or text[word.end() : word.end() + 1] != " ":
            return None
        if not _take_modifier(draft, word[0]):
            if word[0].lower() in _NO_MODIFIER or "n't" in word[0].replace("’", "'").lower():
                return None
            unknown.append(word[0])
        at = word.end() + 1
    return None


def _is_modifier(text: str, noun: re.Match[str]) -> bool:
    """Tell whether a noun stands before another one: "PDF files", "contract documents"."""
    following = re.match(r"\s+", text[noun.end() :])
    return bool(following and _NOUN.match(text, noun.end() + following.end()))


def _take_modifier(draft: Draft, word: str) -> bool:
    low = word.lower()
    plan = draft.plan
    if low in LANGUAGES:
        draft.plan = replace(plan, languages=(*plan.languages, LANGUAGES[low]))
    elif low in FORMAT_ADJECTIVES or low in FORMAT_WORDS:
        name = FORMAT_ADJECTIVES.get(low) or FORMAT_WORDS[low]
        draft.plan = replace(plan, formats=(*plan.formats, name))
    elif _NOUNS.get(low, ("", ""))[0] == "kind":
        draft.plan = replace(plan, kinds=(*plan.kinds, _NOUNS[low][1]))
    else:
        return low in ("dated", "total", "whole", "existing", "stored")
    return True


def _with_noun(
    text: str, noun: re.Match[str], draft: Draft, unknown: list[str]
) -> tuple[Draft, int, bool] | None:
    many = noun[0].lower() in _PLURALS
    own = take_noun(draft, noun[0])
    end = noun.end()
    while match := re.compile(r"\s*(?:,|and|or|or\s+else)\s+", re.IGNORECASE).match(text, end):
        other = _NOUN.match(text, match.end())
        if other is None or other[0].lower() not in _PLURALS:
            break
        take_noun(draft, other[0])
        end = other.end()
    if not unknown:
        return draft, end, many
    if all(word[:1].isupper() for word in unknown):
        draft.add(Party(re.sub(r"['’]s?$", "", " ".join(unknown)), sender=True))
        return draft, end, many
    if not own:
        return None
    words = " ".join(unknown)
    options = tuple(f"{words} {each}" for each in BY_NAME[own].english[:2])
    draft.add(Term(options, also_name=True))
    return draft, end, many


def take_noun(draft: Draft, noun: str) -> str:
    """Take a noun into the plan; return the name of its kind, if it is one."""
    what, name = _NOUNS[noun.lower()]
    plan = draft.plan
    if what == "kind" and name not in plan.kinds:
        draft.plan = replace(plan, kinds=(*plan.kinds, name))
    elif what == "format":
        draft.plan = replace(plan, formats=(*plan.formats, name))
    return name if what == "kind" else ""
