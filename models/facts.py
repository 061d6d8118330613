"""What a piece of text states that can be compared: words, numbers, dates, names, quotations.

Pure text work without a model; names and stems are made for English, and harmless elsewhere.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

_STOP_WORDS = (
    "a an the this that these those it its he she they him his her their we our you your i my of "
    "in on at by for from to with as into than then so and or but if while is are was were be been "
    "being am do does did has have had can could will would shall should may might must there here "
    "which who whom whose what when where how also such both each all any some more most other "
    "according passage passages states stated document der die das den dem des ein eine einer "
    "eines einem einen und oder aber ist sind war waren wird werden wurde wurden im in am zu zum "
    "zur von vom mit für auf el la los las un una de del y o es son fue le les des et est sont "
    "du au"
)
# Where these stand, and none of the English ones, each noun has a capital.
_GERMAN_WORDS = "der das und ist ein eine den dem wurde wird von mit im zum zur"
_ENGLISH_WORDS = "the of and to a is"
_NUMBER_WORDS = "zero one two three four five six seven eight nine ten eleven twelve"
_MONTH_WORDS = (
    "january february march april may june july august september october november december"
)
STOP = frozenset(_STOP_WORDS.split())
_GERMAN = frozenset(_GERMAN_WORDS.split())
_ENGLISH = frozenset(_ENGLISH_WORDS.split())
CJK = re.compile(
    "[\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af\uf900-\ufaff\U00020000-\U0003134f]+"
)
WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)*")
NUMBER = re.compile(r"\d+(?:[.,]\d+)*")
_DATE = re.compile(r"\b(?:\d{4}([-/.])(\d{1,2})\1(\d{1,2})|(\d{1,2})([-/.])(\d{1,2})\5\d{4})(?!\d)")
_CJK_MONTH = re.compile(r"(\d{1,2})\s*月")
_QUOTED = re.compile(r"\"([^\"]{3,})\"|“([^”]{3,})”|«([^»]{3,})»|「([^」]{2,})」|『([^』]{2,})』")
_NOT = re.compile(
    r"\b(?:not|no|never|neither|nor|none|without|cannot|nicht|kein\w*|nie|jamais|nunca)\b"
    r"|n['’]t\b|[不没沒無无未非]"
)


@dataclass(frozen=True, slots=True)
class Facts:
    """What must occur and what may be counted in a piece of text."""

    words: frozenset[str]  # stems, and pairs of Chinese, Japanese and Korean signs
    numbers: frozenset[str]  # in figures or as words
    months: frozenset[str]  # by number, where they are named
    dated: frozenset[str]  # numbers that are a day or a month: 31 and 3 of 1889-03-31
    text: str  # normalised, for quotations
    negated: bool

    def holds_numbers_of(self, other: Facts) -> bool:
        """Whether all numbers and dates of another text stand in this one."""
        return (
            other.numbers - other.dated <= self.numbers
            and other.dated <= self.numbers | self.months
            and other.months <= self.months | self.dated
        )


@lru_cache(maxsize=4096)
def facts_of(text: str) -> Facts:
    """Read what a text states."""
    plain = unicodedata.normalize("NFKC", text)
    lower = plain.casefold()
    written = WORD.findall(CJK.sub(" ", plain))
    words = {stem(word) for word in map(str.casefold, written) if word not in STOP}
    numbers = {NUMERALS[word] for word in words & NUMERALS.keys()}
    for run in CJK.findall(lower):
        words |= {run[i : i + 2] for i in range(len(run) - 1)} or {run}
    numbers |= {number_of(number) for number in NUMBER.findall(lower)}
    dates = (part for date in _DATE.findall(lower) for part in date if part.isdecimal())
    return Facts(
        frozenset(words),
        frozenset(numbers),
        frozenset(MONTHS[word] for word in written if word in MONTHS),
        frozenset(number_of(part) for part in (*dates, *_CJK_MONTH.findall(lower))),
        _flat(lower),
        bool(_NOT.search(lower)),
    )


def number_of(figures: str) -> str:
    """Return a number as it is compared: without signs between thousands, without leading zeros."""
    if re.fullmatch(r"\d{1,3}(?:,\d{3})+(?:\.\d+)?", figures):
        return figures.replace(",", "")
    return figures.lstrip("0") or "0"


def names_of(sentence: str) -> set[str]:
    """Return the stems of capitalised words that are not there because a sentence begins."""
    words = WORD.findall(_QUOTED.sub(" ", unicodedata.normalize("NFKC", sentence)))
    if capitals_say_nothing(words):
        return set()
    capital = [word for word in words[1:] if word[0].isupper()]
    capital += [word for word in words[:1] if len(word) > 1 and word.isupper()]
    lower = (word.casefold() for word in capital if word not in MONTHS)
    return {stem(word) for word in lower if word not in STOP and word != "i"}


def capitals_say_nothing(words: Sequence[str]) -> bool:
    """Whether a text is of a language that writes all its nouns so."""
    small = {word.casefold() for word in words}
    return bool(small & _GERMAN) and not small & _ENGLISH


def quotations(sentence: str) -> Iterator[str]:
    """Yield what stands in quotation marks, normalised."""
    for groups in _QUOTED.findall(unicodedata.normalize("NFKC", sentence)):
        yield _flat("".join(groups).casefold()).rstrip(".,;:!?。，")


def _flat(lower: str) -> str:
    return " ".join(lower.replace("’", "'").split())


@lru_cache(maxsize=8192)
def stem(word: str) -> str:
    """Strip the commonest English endings; harmless elsewhere, since both sides lose the same."""
    word = word.replace("’", "'").removesuffix("'s")
    for ending, instead in (("ies", "y"), ("sses", "ss"), ("ing", ""), ("ed", ""), ("ly", "")):
        if word.endswith(ending) and len(word) - len(ending) >= 3:
            word = word.removesuffix(ending) + instead
            break
    else:
        if word.endswith("s") and not word.endswith(("ss", "us", "is")) and len(word) > 3:
            word = word[:-1]
    if len(word) > 3 and word.endswith("e"):
        word = word[:-1]
    if len(word) > 3 and word[-1] == word[-2] and word[-1] not in "aeiousl":
        word = word[:-1]
    return word


MONTHS = {word.capitalize(): str(i) for i, word in enumerate(_MONTH_WORDS.split(), 1)}
NUMERALS = {stem(word): str(i) for i, word in enumerate(_NUMBER_WORDS.split())}
