"""What a question means that goes on from another: by rules, before it is searched for.

"And in 2023?", "Who wrote it?", "那2023年呢？" say half of what they ask; the other half stands in
the question before. What is added are its words, less those that the new question puts others in
the place of, and the names of its answer where a pronoun may stand for one of them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from indexer.text.words import CJK, STOP_WORDS, folded_words, has_cjk, parse_query

# A question of no more words than this, behind "and" or with "the" in it, does not say by itself
# what it is about; pairs of signs are twice as many.
_FEW_WORDS, _VERY_FEW_WORDS = 3, 2
# A pronoun behind more words than this, or behind a name, stands for one of them.
_BEFORE_PRONOUN = 2
_MOST_NAMES = 4  # of an answer
_BACK = 4  # questions that are looked at: each may go on from the one before it

_PRONOUN = re.compile(
    r"\b(?:it|its|itself|he|him|his|she|her|hers|they|them|their|theirs|this|these|those|such"
    r"|(?:about|after|before|for|from|in|of|on|than|with)\s+that|(?:which|this|that|other)\s+one"
    r"|er|ihn|ihm|ihr|ihre[mnrs]?|seine?[mnrs]?|dessen|deren|diese[mnrs]?|davon|dafür|daran|damit"
    r"|darüber|dazu|il|elle|ils|elles|lui|leurs?|celui-ci|él|ella|ellos|ellas|sus?|suyos?)\b"
    r"|[它她]|(?<!其)他|(?<!尤)其(?![中他它实次余])|(?<!应)该|(?<![因如])此(?!外)"
    r"|[这那][个些种里家份本台次期时]",
    re.IGNORECASE,
)
_AT_END = re.compile(
    r"\b(?:it|him|her|them|that|there|then|one|dort|damals|davon|allí|là)\s*[?!.]*\s*$",
    re.IGNORECASE,
)
_GOES_ON = re.compile(
    r"\s*(?:(?:and|but|or|also|then|so|what about|how about|what if|und|aber|oder|auch|dann"
    r"|was ist mit|wie steht es mit|et|mais|ou|aussi|qu'en est-il|y|pero|o|e)\b"
    r"|那|还有|以及|另外|然后|但)"
    r"|.*呢\s*[？?]*\s*$",
    re.IGNORECASE,
)
_NUMBER = re.compile(r"(?<![A-Za-z0-9_.-])\d+(?:[.,]\d+)*(?![A-Za-z0-9_-])[年月日]?")
_DATE_WORDS = (
    "january february march april may june july august september october november december "
    "monday tuesday wednesday thursday friday saturday sunday januar februar märz mai juni juli "
    "oktober dezember montag dienstag mittwoch donnerstag freitag samstag sonntag"
)
_DATES = frozenset(_DATE_WORDS.split())
_KNOWN = re.compile(r"\b(?:the|der|die|das|dem|den|le|la|les|el|los|las)\b", re.IGNORECASE)
# A name inside of a sentence, or a code.
_NAME = re.compile(rf"(?:[^\W\d_{CJK}]|\d)[\w'’.-]*[\w]|[^\W\d_{CJK}]")


@dataclass(frozen=True, slots=True)
class Asked:
    """An earlier question and its answer."""

    question: str
    answer: str = ""


def standalone(question: str, earlier: Sequence[Asked]) -> str:
    """Return a question with what it leaves out, as it is searched for; `earlier`: oldest first."""
    if not earlier or not (signs := _signs_of(question)):
        return question
    before = earlier[-_BACK:]
    carried = _without(standalone(before[-1].question, before[:-1]), question, signs)
    if signs.pronoun:
        known = carried.casefold()
        names = [name for name in _names(before[-1].answer) if name.casefold() not in known]
        carried = " ".join([carried, *dict.fromkeys(names)][: 1 + _MOST_NAMES])
    return f"{carried} {question}".strip()


@dataclass(frozen=True, slots=True)
class _Signs:
    """By what a question says that it goes on."""

    pronoun: bool
    ellipsis: bool  # it has words for what is other only


def _signs_of(question: str) -> _Signs | None:
    words = len(parse_query(question).words)
    times = 2 if has_cjk(question) else 1
    goes_on = _GOES_ON.match(question) is not None
    pronoun = _stands_for_before(question, times)
    is_short = words <= _VERY_FEW_WORDS * times and _leans(question)
    if not (pronoun or is_short or (goes_on and words <= 2 * _FEW_WORDS * times)):
        return None
    return _Signs(pronoun, ellipsis=goes_on and words <= _FEW_WORDS * times)


def _stands_for_before(question: str, times: int) -> bool:
    """Tell whether a pronoun stands for something that the question itself has not named."""
    if _AT_END.search(question) and not any(True for _ in _names(question, first=False)):
        return True
    for match in _PRONOUN.finditer(question):
        before = question[: match.start()]
        if not any(True for _ in _names(before, first=False)):
            words = [word for word in parse_query(before).words if word.lower() not in STOP_WORDS]
            if len(words) <= _BEFORE_PRONOUN * times:
                return True
    return False


def _leans(question: str) -> bool:
    """Tell whether a short question names something as known: "the price", or nothing at all."""
    if any(True for _ in _names(question, first=False)):
        return False
    return _KNOWN.search(question) is not None or len(folded_words(question)) <= 2


def _without(carried: str, question: str, signs: _Signs) -> str:
    """Take out of an earlier question what the new one puts something else in the place of."""
    kinds = {_kind_of(match) for match in _NUMBER.finditer(question)}
    carried = _NUMBER.sub(lambda match: " " if _kind_of(match) in kinds else match[0], carried)
    named = list(_names(question, first=False))
    dates = {name.casefold() for name in named} & _DATES
    if dates:
        carried = " ".join(word for word in carried.split() if _bare(word) not in _DATES)
    elif signs.ellipsis and named and not signs.pronoun:
        others = {name.casefold() for name in _names(carried, first=False)} - _DATES
        carried = " ".join(word for word in carried.split() if _bare(word) not in others)
    return " ".join(carried.split())


def _kind_of(number: re.Match[str]) -> str:
    """Return what a number counts: a year, what its sign says, or anything."""
    return (
        "年" if re.fullmatch(r"(?:19|20)\d\d年?", number[0]) else number[0].lstrip("0123456789.,")
    )


def _bare(word: str) -> str:
    return word.strip(".,;:?!()[]\"'“”‘’").removesuffix("'s").removesuffix("’s").casefold()


def _names(text: str, *, first: bool = True) -> Iterator[str]:
    """Yield the names and codes of a text; the word at its beginning may be one or none."""
    for at, match in enumerate(_NAME.finditer(text)):
        word = match[0].removesuffix("'s").removesuffix("’s")
        if word.casefold() in STOP_WORDS or (at == 0 and not first):
            continue
        if word[0].isupper() or (any(c.isdigit() for c in word) and any(map(str.isalpha, word))):
            yield word
