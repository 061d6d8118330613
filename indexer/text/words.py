"""Words as the full-text index sees them: normalised text, cut runs of CJK, and query expressions.

SQLite's unicode61 tokenizer takes a run of Chinese, Japanese or Korean for one word, so both the
index and the queries see such runs as overlapping pairs of characters. Without that, none of nine
Chinese queries found anything; with single characters hit@1 falls from 95 to 89 (retrieval notes
in ARCHITECTURE.md).
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from itertools import pairwise

# Han, kana, Hangul, and their extensions; punctuation is left to unicode61.
CJK = "\u3005-\u3007\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af\uf900-\ufaff\U00020000-\U0003ffff"  # noqa: E501 -- one character class
_CJK_RUN = re.compile(f"[{CJK}]+")
_PHRASE = re.compile(r'["“”„«»「」『』]([^"“”„«»「」『』]+)["“”„«»「」『』]')
_WORD = re.compile(r"\w+")

# Words that say how something is asked, not what about. Numbers and negations stay.
_ENGLISH = """
a about above after again all also am an and any are as at be because been before being below
between both but by can could did do does doing down during each few for from further had has have
having he her here hers herself him himself his how i if in into is it its itself just may me might
more most much must my myself of off on once only or other our ours out over own please same shall
she should so some such tell than that the their theirs them themselves then there these they this
those through to too under until up upon us very was we were what when where which while who whom
whose why will with would you your yours yourself s t d ll re ve m
"""
STOP_WORDS = frozenset(_ENGLISH.split())


def has_cjk(text: str) -> bool:
    """Whether a text holds Chinese, Japanese or Korean."""
    return _CJK_RUN.search(text) is not None


def normalise(text: str) -> str:
    """Fold full-width and compatibility forms, so that a query and a text meet."""
    return text if text.isascii() else unicodedata.normalize("NFKC", text)


def cut_cjk(text: str) -> str:
    """Return `text` as it is given to the full-text index.

    Runs of CJK become overlapping pairs and, for a run's end, its last character, so that a
    prefix query finds every single character.
    """
    if text.isascii():
        return text
    return _CJK_RUN.sub(lambda run: f" {' '.join(_pairs(run[0]))} ", normalise(text))


def _pairs(run: str) -> list[str]:
    return [run[i : i + 2] for i in range(len(run) - 1)] + [run[-1]]


@dataclass(frozen=True, slots=True)
class Query:
    """A question as words.

    `words` are joined by OR; each of `phrases` (what stood in quotes) must occur as written.
    """

    words: tuple[str, ...]
    phrases: tuple[str, ...]

    @property
    def expression(self) -> str | None:
        """The FTS5 expression, or None if there is no word to look for."""
        phrases = " AND ".join(f'"{phrase}"' for phrase in self.phrases)
        words = " OR ".join(_term(word) for word in self.words)
        if phrases and words:
            # The phrases decide what is found, the words only how it is ranked.
            return f"({phrases}) AND ({phrases} OR {words})"
        return phrases or words or None


def _term(word: str) -> str:
    # A single CJK character is a prefix of the pairs that start with it.
    return f'"{word}"*' if len(word) == 1 and has_cjk(word) else f'"{word}"'


# SQLite stops at an expression of 1,000 levels; a longer question adds nothing after this.
_MOST_WORDS = 256


def parse_query(question: str) -> Query:
    """Turn what was typed into a Query; FTS5's own syntax means nothing in it."""
    text = normalise(question)
    phrases: list[str] = []
    for match in _PHRASE.finditer(text):
        words = _WORD.findall(_phrase_form(match[1]))
        if words:
            phrases.append(" ".join(words))
    words = _terms(text)
    kept = [word for word in words if word.lower() not in STOP_WORDS]
    # A question of stop words only ("to be or not to be") still is a question.
    return Query(tuple(dict.fromkeys(kept or words))[:_MOST_WORDS], tuple(phrases))


def _terms(text: str) -> list[str]:
    terms: list[str] = []
    position = 0
    for run in _CJK_RUN.finditer(text):
        terms += _WORD.findall(text[position : run.start()])
        terms += _pairs(run[0])[:-1] or [run[0]]
        position = run.end()
    return terms + _WORD.findall(text[position:])


def _phrase_form(text: str) -> str:
    # Inside a phrase the pairs must follow each other; a run's last single character would not.
    return _CJK_RUN.sub(lambda run: f" {' '.join(_pairs(run[0])[:-1] or [run[0]])} ", text)


def name_words(name: str) -> list[str]:
    """Return the words of a document's name, lower case, as questions would say them.

    Neighbours are also joined ("10-K" is "10k", "best buy" is "bestbuy") and short years
    unfolded (FY22 is 2022, 2024Q2 is 2024 and q2).
    """
    text = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", normalise(name))
    words = [word.lower() for word in _terms(text.replace("_", " "))]
    joined = [
        left + right for left, right in pairwise(words) if not (has_cjk(left) or has_cjk(right))
    ]
    return list(dict.fromkeys(unfold_years(words) + joined))


def unfold_years(words: list[str]) -> list[str]:
    """Add 2022 beside fy22, and 2024 and q2 beside 2024q2."""
    unfolded: list[str] = []
    for word in words:
        unfolded.append(word)
        if match := re.fullmatch(r"fy(\d\d|\d{4})", word):
            unfolded.append(match[1] if len(match[1]) == 4 else f"20{match[1]}")
        elif match := re.fullmatch(r"(\d{4})(q[1-4])", word):
            unfolded += [match[1], match[2]]
    return unfolded
