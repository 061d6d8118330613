"""Words as the full-text index sees them: normalised text, cut runs of CJK, and query expressions.

SQLite's unicode61 tokenizer takes a run of Chinese, Japanese or Korean for one word, so both the
index and the queries see such runs as overlapping pairs of characters. Without that, none of nine
Chinese queries found anything; with single characters hit@1 falls from 95 to 89 (retrieval notes
in ARCHITECTURE.md).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

# Han, kana, Hangul, and their extensions; punctuation is left to unicode61.
CJK = "\u3005-\u3007\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af\uf900-\ufaff\U00020000-\U0003ffff"  # noqa: E501 -- one character class
_CJK_RUN = re.compile(f"[{CJK}]+")
_PHRASE = re.compile(r'["“”„«»「」『』]([^"“”„«»「」『』]+)["“”„«»「」『』]')
_WORD = re.compile(r"\w+")
# -word and -"some words", but neither a range, a dash between words, -5 nor --option.
_EXCLUDED = re.compile(r'(?<!\S)-(?:["“„]([^"“”„]++)["“”]|([^\W\d]\w*+(?:[-.]\w++)*+)(?!\*))')
_PREFIX = re.compile(rf"(?<![\w*])([^\W{CJK}]{{2,}}+)\*(?![\w*])")
_CODE = re.compile(rf"(?<![^\W{CJK}])[^\W{CJK}]++(?:[-/._:,#@+\\][^\W{CJK}]++)*+")
_IS_CODE = re.compile(r"(?=.*[\d_@])(?=.*(?:\W|_))", re.DOTALL)

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

    `words`, `prefixes` (`inve*`) and `codes` are joined by OR; each of `phrases` (what stood in
    quotes) must occur as written, none of `excluded` (`-word`) may.
    """

    words: tuple[str, ...]
    phrases: tuple[str, ...] = ()
    prefixes: tuple[str, ...] = ()
    excluded: tuple[str, ...] = ()
    # Numbers and names with signs inside, as they were typed: INV-2023/04, 3.2.1, foo_bar.
    codes: tuple[str, ...] = ()

    @property
    def expression(self) -> str | None:
        """The FTS5 expression, or None if there is no word to look for."""
        return self.expression_of(self.words)

    def expression_of(
        self,
        words: Sequence[str],
        own: Mapping[str, str] | None = None,
        common: Collection[str] = (),
    ) -> str | None:
        """Return the FTS5 expression with some of the words only.

        `own` has what is looked for instead of a word (or of a prefix, which ends with `*` there).
        A passage has to hold one that is not `common`; then each of both kinds counts twice.
        """
        own = own or {}
        phrases = self.requiring
        codes = (" ".join(_WORD.findall(code)) for code in self.codes)
        wanted = " OR ".join(
            dict.fromkeys(
                [
                    *(own.get(word, _term(word)) for word in words if word not in common),
                    *(own.get(f"{prefix}*", f'"{prefix}"*') for prefix in self.prefixes),
                    *(f'"{code}"' for code in codes if " " in code),
                ]
            )
        )
        if common and wanted:
            # What stands twice counts twice, so that all has to.
            rest = " OR ".join(own.get(word, _term(word)) for word in words if word in common)
            wanted = f"({wanted}) AND ({wanted} OR {rest} OR {rest})"
        if phrases and wanted:
            # The phrases decide what is found, the words only how it is ranked.
            wanted = f"({phrases}) AND ({phrases} OR {wanted})"
        found = wanted or phrases
        if found and self.excluded:
            return f"({found}) NOT ({self.excluding})"
        return found or None

    @property
    def requiring(self) -> str | None:
        """The FTS5 expression that each passage has to fulfil, or None."""
        return " AND ".join(f'"{phrase}"' for phrase in self.phrases) or None

    @property
    def excluding(self) -> str | None:
        """The FTS5 expression of what is not to be found, or None."""
        return " OR ".join(f'"{phrase}"' for phrase in self.excluded) or None

    def without_phrases(self, phrases: Collection[str]) -> Query:
        """Return the query without some of its phrases; their words stay."""
        return replace(self, phrases=tuple(each for each in self.phrases if each not in phrases))


def _term(word: str) -> str:
    # A single CJK character is a prefix of the pairs that start with it.
    return f'"{word}"*' if len(word) == 1 and has_cjk(word) else f'"{word}"'


# SQLite stops at an expression of 1,000 levels; a longer question adds nothing after this.
_MOST_WORDS = 256
_MOST_MARKED = 32  # of phrases, prefixes, exclusions and codes each


def parse_query(question: str) -> Query:
    """Turn what was typed into a Query; FTS5's own syntax means nothing in it."""
    text = normalise(question)
    excluded: list[str] = []
    rest = _EXCLUDED.sub(lambda match: _note(excluded, match[1] or match[2]), text)
    if not _WORD.search(rest):
        # Nothing is left to look for: a dash alone excludes nothing.
        excluded, rest = [], text
    phrases = [_words_of(match[1]) for match in _PHRASE.finditer(rest)]
    codes = [match[0] for match in _CODE.finditer(rest) if _IS_CODE.match(match[0])]
    prefixes: list[str] = []
    rest = _PREFIX.sub(lambda match: _note(prefixes, match[1]), rest)
    words = _terms(rest)
    kept = [word for word in words if word.lower() not in STOP_WORDS]
    # A question of stop words only ("to be or not to be") still is a question.
    return Query(
        tuple(dict.fromkeys(kept or words))[:_MOST_WORDS],
        _some(phrases),
        _some(word.lower() for word in prefixes),
        _some(_words_of(phrase) for phrase in excluded),
        _some(codes),
    )


def _note(found: list[str], text: str) -> str:
    found.append(text)
    return " "


def _some(found: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(text for text in found if text))[:_MOST_MARKED]


def _words_of(phrase: str) -> str:
    return " ".join(_WORD.findall(_phrase_form(phrase)))


def _terms(text: str) -> list[str]:
    terms: list[str] = []
    position = 0
    for run in _CJK_RUN.finditer(text):
        terms += _WORD.findall(text[position : run.start()])
        terms += _pairs(run[0])[:-1] or [run[0]]
        position = run.end()
    return terms + _WORD.findall(text[position:])


def folded_words(text: str) -> list[str]:
    """Return all words of a text in order, lower case, runs of CJK as pairs: as it is compared."""
    return [word.lower() for word in _terms(normalise(text))]


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
