"""Which passage supports a sentence of an answer, decided by us and never by the model's own [n].

A sentence is tied to a passage when the passage holds most of its words, and all of its numbers,
dates, names and quotations. Pure text work, in microseconds; it cannot judge a paraphrase, and
errs towards "not supported".
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

# Share of a sentence's words that a passage must hold, and that some two neighbouring sentences of
# it must hold: the second keeps a number from being tied to words at the other end of a page.
PASSAGE_SHARE = 0.6
WINDOW_SHARE = 0.5
NEGATED_SHARE = 0.7  # from here on a passage's sentence is "the same", and a lone "not" counts
MOST_SUPPORT = 3

_CITED = re.compile(r"\s*[\[【]\s*\d+(?:\s*[,;、–-]\s*\d+)*\s*[\]】]")
_LIST_MARK = re.compile(r"^\s*(?:[-*•·‣◦]|\(?\d{1,2}[.)、])\s+")
_END = re.compile(
    r"""(?P<stop>[.!?…]+["'”’)\]»]*)(?=\s|$)|[。！？；｡]+["'”’」』）]*|\n\s*(?=\n|[-*•·‣◦]\s|\(?\d{1,2}[.)、]\s)"""
)
_ABBREVIATIONS = (
    "dr mr mrs ms prof st no nr vs etc e.g i.e fig eq al approx dept inc ltd co corp jr sr vol pp "
    "art sec ca z.b d.h bzw usw u.a p.ej jan feb mar apr jun jul aug sep sept oct nov dec"
)
_STOP_WORDS = (
    "a an the this that these those it its he she they them his her their we our you your i my of "
    "in on at by for from to with as into than then so and or but if while is are was were be been "
    "being am do does did has have had can could will would shall should may might must there here "
    "which who whom whose what when where how also such both each all any some more most other "
    "according passage passages states stated document der die das den dem des ein eine einer "
    "eines einem einen und oder aber ist sind war waren wird werden wurde wurden im in am zu zum "
    "zur von vom mit für auf el la los las un una de del y o es son fue le les des et est sont "
    "du au"
)
_NUMBER_WORDS = "zero one two three four five six seven eight nine ten eleven twelve"
_MONTH_WORDS = (
    "january february march april may june july august september october november december"
)
_SHORT = frozenset(_ABBREVIATIONS.split())
_STOP = frozenset(_STOP_WORDS.split())
_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)*")
_NUMBER = re.compile(r"\d+(?:[.,]\d+)*")
_QUOTED = re.compile(r"\"([^\"]{3,})\"|“([^”]{3,})”|«([^»]{3,})»|「([^」]{2,})」|『([^』]{2,})』")
_CJK = re.compile(
    "[\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af\uf900-\ufaff\U00020000-\U0003134f]+"
)
_NOT = re.compile(
    r"\b(?:not|no|never|neither|nor|none|without|cannot|nicht|kein\w*|nie|jamais|nunca)\b"
    r"|n['’]t\b|[不没沒无無未非]"
)


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence of an answer, without the model's own citations."""

    text: str
    support: tuple[int, ...]  # numbers of the passages that support it, the best first
    supported: bool


@dataclass(frozen=True, slots=True)
class _Facts:
    """What must occur and what may be counted in a piece of text."""

    words: frozenset[str]  # stems, and pairs of Chinese, Japanese and Korean signs
    numbers: frozenset[str]
    text: str  # normalised, for quotations
    negated: bool


def ground(answer: str, passages: Sequence[tuple[int, str]]) -> list[Sentence]:
    """Split an answer into sentences and tie each to the numbered passages that support it."""
    known = [(number, _facts(text), _windows(text)) for number, text in passages]
    result = []
    for text in split_sentences(_CITED.sub("", answer)):
        scores = [
            (score, -i, number)
            for i, (number, facts, windows) in enumerate(known)
            if (score := _support(text, facts, windows)) > 0
        ]
        support = tuple(number for _, _, number in sorted(scores, reverse=True)[:MOST_SUPPORT])
        result.append(Sentence(text, support, bool(support)))
    return result


def quote(sentence: str, passage: str) -> str:
    """Return the sentence of a passage that comes closest to `sentence`; "" where none does."""
    wanted = _facts(sentence)
    best, best_score = "", 0.0
    for text in split_sentences(passage):
        facts = _facts(text)
        score = len(wanted.words & facts.words) + 2 * len(wanted.numbers & facts.numbers)
        # Of two that say as much, the shorter.
        score_per_length = score / (1 + 0.01 * len(facts.words))
        if score_per_length > best_score:
            best, best_score = text, score_per_length
    return best


def split_sentences(text: str) -> list[str]:
    """Split a text into its sentences; items of a list are sentences, their marks are dropped."""
    sentences, start = [], 0
    for end in (*sentence_ends(text), len(text)):
        sentence = _LIST_MARK.sub("", text[start:end]).strip()
        if any(sign.isalnum() for sign in sentence):
            sentences.append(sentence)
        start = end
    return sentences


def sentence_ends(text: str) -> Iterator[int]:
    """Yield the offset behind each sentence of a text."""
    for match in _END.finditer(text):
        if match["stop"] == ".":
            before = text[: match.start()][-12:].split()
            word = before[-1].strip("(\"'“").casefold() if before else ""
            # An abbreviation, an initial or the mark of a list is no end.
            if word in _SHORT or (len(word) == 1 and word.isalpha()) or _is_list_mark(text, match):
                continue
        yield match.end()


def _is_list_mark(text: str, match: re.Match[str]) -> bool:
    line = text[text.rfind("\n", 0, match.start()) + 1 : match.start()].strip()
    return line.isdecimal() and len(line) <= 2


def _support(sentence: str, passage: _Facts, windows: Sequence[_Facts]) -> float:
    """Return the share of a sentence's words that a passage supports, or 0.0."""
    wanted = _facts(sentence)
    if not (wanted.words or wanted.numbers) or not windows:
        return 0.0
    share = _share(wanted, passage)
    if share < PASSAGE_SHARE or not _holds_facts(sentence, wanted, passage):
        return 0.0
    near = max(windows, key=lambda window: _share(wanted, window))
    closeness = _share(wanted, near)
    close = [window for window in windows if _share(wanted, window) >= WINDOW_SHARE]
    numbers_near = all(any(number in _all_numbers(w) for w in close) for number in wanted.numbers)
    turned = wanted.negated != near.negated and closeness >= NEGATED_SHARE
    if not close or not numbers_near or turned:
        return 0.0
    return share + 0.1 * closeness


def _holds_facts(sentence: str, wanted: _Facts, passage: _Facts) -> bool:
    """Whether a passage holds every number, name and quotation of a sentence."""
    return (
        wanted.numbers <= _all_numbers(passage)
        and all(
            name in passage.words or _MONTHS.get(name) in passage.numbers
            for name in _names(sentence)
        )
        and all(phrase in passage.text for phrase in _quotations(sentence))
    )


def _share(wanted: _Facts, given: _Facts) -> float:
    if not wanted.words:
        return float(wanted.numbers <= given.numbers)
    return len(wanted.words & given.words) / len(wanted.words)


def _windows(passage: str) -> list[_Facts]:
    """Return the facts of each sentence, and of each pair of neighbours."""
    sentences = split_sentences(passage)
    pairs = [f"{a} {b}" for a, b in pairwise(sentences)]
    return [_facts(text) for text in (*sentences, *pairs)]


@lru_cache(maxsize=4096)
def _facts(text: str) -> _Facts:
    plain = unicodedata.normalize("NFKC", text)
    lower = plain.casefold()
    words = {_stem(word) for word in _WORD.findall(_CJK.sub(" ", lower)) if word not in _STOP}
    for run in _CJK.findall(lower):
        words |= {run[i : i + 2] for i in range(len(run) - 1)} or {run}
    return _Facts(
        frozenset(words),
        frozenset(_numbers(lower)),
        _flat(lower),
        bool(_NOT.search(lower)),
    )


def _numbers(lower: str) -> Iterator[str]:
    for number in _NUMBER.findall(lower):
        if re.fullmatch(r"\d{1,3}(?:,\d{3})+(?:\.\d+)?", number):
            yield number.replace(",", "")
        else:
            yield number.lstrip("0") or "0"


def _all_numbers(facts: _Facts) -> set[str]:
    """Return the numbers of a text, those written as words and months among them."""
    return set(facts.numbers) | {_NUMERALS[word] for word in facts.words if word in _NUMERALS}


def _names(sentence: str) -> Iterator[str]:
    """Yield the stems of capitalised words that are not there because a sentence begins."""
    words = _WORD.findall(_QUOTED.sub(" ", unicodedata.normalize("NFKC", sentence)))
    inner = words[1:]
    capital = [word for word in inner if word[0].isupper()]
    # Where every noun is written so (German, a title), capitals say nothing about names.
    if len(capital) > 3 and len(capital) > 0.3 * len(inner):
        capital = []
    capital += [word for word in words[:1] if len(word) > 1 and word.isupper()]
    for word in capital:
        lower = word.casefold()
        if lower not in _STOP and lower != "i":
            yield _stem(lower)


def _quotations(sentence: str) -> Iterator[str]:
    for groups in _QUOTED.findall(unicodedata.normalize("NFKC", sentence)):
        yield _flat("".join(groups).casefold()).rstrip(".,;:!?。，")


def _flat(lower: str) -> str:
    return " ".join(lower.replace("’", "'").split())


def _stem(word: str) -> str:
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


_MONTHS = {_stem(word): str(i) for i, word in enumerate(_MONTH_WORDS.split(), 1)}
_NUMERALS = {_stem(word): str(i) for i, word in enumerate(_NUMBER_WORDS.split())} | _MONTHS
