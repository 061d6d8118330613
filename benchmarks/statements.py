"""Sentences that say what a passage says in other words, or say something else, made by rules.

A paraphrase drops adverbs and what stands in brackets, turns clauses round, turns the passive and
"X is Y", and takes other words from a list of our own. A changed sentence has one value in the
place of another: of another text, or of elsewhere in the same passage.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from random import Random

_MONTH_WORDS = (
    "January February March April May June July August September October November December"
)
_MONTHS = tuple(_MONTH_WORDS.split())
_MONTH = re.compile(rf"\b(?:{'|'.join(_MONTHS)})\b")
_YEAR = re.compile(r"\b1[0-9]\d\d\b|\b20[0-2]\d\b")
_NUMBER = re.compile(r"(?<![\w.,])\d{1,3}(?:,\d{3})+(?:\.\d+)?(?![\w])|(?<![\w.,])\d+(?:\.\d+)?\b")
_CAPITALISED = r"[A-Z][\w'’-]*[a-z][\w'’-]*"
_NAME = re.compile(rf"(?<=[a-z,;] )(?:{_CAPITALISED})(?: (?:{_CAPITALISED}))*")
_BEGINNINGS = "The A An In On At It He She They This These Those Although While If When"
_NO_NAMES = frozenset(_BEGINNINGS.split()) | {"I", *_MONTHS}
_OTHER_BEGINNINGS = (
    "His Her Its Their There Some Many Most All Both Each As By For From With During After Since "
    "Under Until Before Between Because One Other Another Several Such No"
)
_USUAL = frozenset(_BEGINNINGS.split()) | frozenset(_OTHER_BEGINNINGS.split())

_SYNONYM_PAIRS = (
    "began=started started=began large=big big=large built=constructed constructed=built "
    "many=numerous numerous=many several=various important=significant significant=important "
    "received=got ended=finished finished=ended create=make created=made made=created "
    "used=employed shows=displays found=discovered discovered=found called=named named=called "
    "located=situated situated=located city=town near=close often=frequently people=persons "
    "main=chief primary=main major=principal war=conflict conflict=war help=assist "
    "helped=assisted needed=required required=needed allowed=permitted lived=resided "
    "chose=selected selected=chosen rapidly=quickly quickly=rapidly fast=quick area=region "
    "region=area nation=country country=nation children=kids buildings=structures "
    "students=pupils companies=firms company=firm workers=labourers kill=slay killed=slain "
    "died=perished said=stated stated=said argued=claimed claimed=asserted wrote=penned "
    "led=headed increased=rose decreased=fell won=gained defeated=beat became=turned "
    "throughout=across roughly=about approximately=about nearly=almost almost=nearly "
    "however=but also=too mainly=chiefly mostly=largely around=about current=present "
    "beginning=start end=close rich=wealthy poor=needy common=usual rare=unusual "
    "difficult=hard simple=easy old=ancient new=recent famous=known show=display"
)
_SYNONYMS = dict(pair.split("=") for pair in _SYNONYM_PAIRS.split())
_IRREGULAR = "built|led|held|made|won|written|taken|given|founded|known|seen|sold|sent|run"
_PAST = {"written": "wrote", "taken": "took", "given": "gave", "known": "knew", "seen": "saw"}
_BRACKETS = re.compile(r"\s*\([^()]*\)")
_ADVERB = re.compile(r"\s\b(?!only|early|family|likely|July|daily|Italy|supply|apply)[a-z]{3,}ly\b")
_ASIDE = re.compile(r", (?:which|who) [^,]{5,80}, ")
_FIRST = re.compile(
    r"^(?P<first>(?:In|On|At|By|During|After|Since|From|Under|For|With|Until|Before|Between|As|"
    r"When|While|Although|Because|If) [^,]{3,80}), (?P<rest>.+?)(?P<stop>[.!]?)$"
)
_LAST = re.compile(
    r"^(?P<rest>[^,]{20,}) (?P<last>(?:in|on|during|after|since|until|before|by) "
    r"(?:the )?(?:early |late )?(?:\w+ )?(?:\d{1,2},? )?(?:1\d{3}s?|20\d\d))(?P<stop>[.!]?)$"
)
_JOINED = re.compile(
    r"^(?P<a>.{20,}), (?P<by>and|but|while|whereas) "
    r"(?P<b>(?:the|it|they|he|she|its|their) .{15,}?)(?P<stop>[.!]?)$"
)
_CAUSE = re.compile(
    r"^(?P<a>[^,]{15,}) (?P<by>because|although|while|when) (?P<b>[^,]{15,}?)(?P<stop>[.!]?)$"
)
_PASSIVE = re.compile(
    r"^(?P<what>[^,;:]{3,90}?) (?:was|were) (?P<verb>[a-z]+ed|"
    + _IRREGULAR
    + r") by (?P<who>(?:the |a |an )?[\w'’-]+(?: [A-Z][\w'’-]+)*)(?P<rest>.*?)(?P<stop>[.!]?)$"
)
_IS = re.compile(
    r"^(?P<x>[^,;:]{3,60}?) (?P<be>is|was|are|were) "
    r"(?P<y>(?:the|one of|an?) [^,;:]{10,160}?)(?P<stop>[.!]?)$"
)


def paraphrase(sentence: str, random: Random) -> str:
    """Return a sentence in other words and another order; as it was where no rule fits."""
    shorter = _ASIDE.sub(" ", _BRACKETS.sub("", sentence))
    shorter = _ADVERB.sub("", shorter, count=2)
    turned = _turned(shorter)
    return _with_synonyms(turned, random, most=max(2, len(turned.split()) // 10))


def _turned(sentence: str) -> str:
    if found := _PASSIVE.match(sentence):
        verb = _PAST.get(found["verb"], found["verb"])
        whole = f"{found['who']} {verb} {_lower(found['what'])}{found['rest']}"
    elif found := _FIRST.match(sentence):
        whole = f"{found['rest']} {_lower(found['first'])}"
    elif found := _LAST.match(sentence):
        whole = f"{found['last']}, {_lower(found['rest'])}"
    elif found := _JOINED.match(sentence):
        whole = f"{found['b']}, {found['by']} {_lower(found['a'])}"
    elif found := _CAUSE.match(sentence):
        whole = f"{found['by']} {found['b']}, {_lower(found['a'])}"
    elif found := _IS.match(sentence):
        whole = f"{found['y']} {found['be']} {_lower(found['x'])}"
    else:
        return sentence
    return whole[:1].upper() + whole[1:] + found["stop"]


def _lower(clause: str) -> str:
    """Return a clause that no longer begins its sentence."""
    usual = clause.split(" ", 1)[0] in _USUAL
    return clause[:1].lower() + clause[1:] if usual else clause


def _with_synonyms(sentence: str, random: Random, *, most: int) -> str:
    words = [found for found in re.finditer(r"\b[a-z]+\b", sentence) if found[0] in _SYNONYMS]
    for found in sorted(random.sample(words, min(most, len(words))), key=lambda f: -f.start()):
        sentence = sentence[: found.start()] + _SYNONYMS[found[0]] + sentence[found.end() :]
    return sentence


def changed_numbers(sentence: str, passage: str, random: Random) -> Iterator[tuple[str, str]]:
    """Yield (kind, sentence) with one number that is no year changed."""
    years = {found.span() for found in _YEAR.finditer(sentence)}
    here = [found for found in _NUMBER.finditer(sentence) if found.span() not in years]
    if not here:
        return
    found = random.choice(here)
    other = found[0]
    while other in passage:
        other = re.sub(r"\d", lambda _: str(random.randint(1, 9)), found[0]) + (
            "7" if len(found[0]) == 1 else ""
        )
    yield "number", _replaced(sentence, found, other)
    values = {n for n in _NUMBER.findall(passage) if not _YEAR.fullmatch(n)} - {found[0]}
    if values:
        yield "number of the passage", _replaced(sentence, found, random.choice(sorted(values)))


def changed_dates(sentence: str, passage: str, random: Random) -> Iterator[tuple[str, str]]:
    """Yield (kind, sentence) with one year, or the name of a month, changed."""
    here = [*_YEAR.finditer(sentence), *_MONTH.finditer(sentence)]
    if not here:
        return
    found = random.choice(here)
    pattern, values = (_YEAR, range(1400, 2030)) if found[0].isdigit() else (_MONTH, _MONTHS)
    inside = set(pattern.findall(passage))
    others = [str(value) for value in values if str(value) not in inside]
    yield "date", _replaced(sentence, found, random.choice(others))
    if inside - {found[0]}:
        other = random.choice(sorted(inside - {found[0]}))
        yield "date of the passage", _replaced(sentence, found, other)


def changed_names(
    sentence: str, passage: str, names: Sequence[str], random: Random
) -> Iterator[tuple[str, str]]:
    """Yield (kind, sentence) with one name changed; `names` are those of other texts."""
    here = [found for found in _NAME.finditer(sentence) if not set(found[0].split()) & _NO_NAMES]
    if not here:
        return
    found = random.choice(here)
    foreign = [name for name in names if name not in passage]
    yield "name", _replaced(sentence, found, random.choice(foreign))
    words = set(found[0].split())
    of_passage = [name for name in sorted(names_of(passage)) if not words & set(name.split())]
    if of_passage:
        yield "name of the passage", _replaced(sentence, found, random.choice(of_passage))


def names_of(passage: str) -> set[str]:
    """Return the names that stand inside of a passage's sentences."""
    return {name for name in _NAME.findall(passage) if not set(name.split()) & _NO_NAMES}


def _replaced(sentence: str, found: re.Match[str], by: str) -> str:
    return sentence[: found.start()] + by + sentence[found.end() :]
