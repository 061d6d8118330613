"""Whether a library holds an answer at all, decided by what was found, before any model runs.

It sees that nothing there is about the question; not that a document on the subject lacks the one
fact that is asked, which is left to the check of what a model wrote.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import log

from indexer.search.vocabulary import Vocabulary
from indexer.text.language import LANGUAGES, asked_in
from indexer.text.words import has_cjk
from indexer.types import Evidence, Hit

_PASSAGES = 3  # the best, of which one must hold the question's words, and all be near
_K1 = 1.2  # of FTS5's BM25: a word adds at most k1 + 1 times its idf

_REQUEST = re.compile(
    r"\b(?:my|our) (?:documents?|files?|folders?|library)\b"
    r"|\b(?:say|says|tell|show|find|mention|mentions|summari[sz]e|explain|describe)\b",
    re.IGNORECASE,
)

# Logistic regressions, both sides of the same weight, on 3,200 English questions about 18 articles
# of SQuAD and 25 of XQuAD: every second article was the library, alone (70 to 290 chunks) and among
# 15,000 chunks of other sets, and was asked about itself (5 % of these 1,581 shall be refused) and
# about the other articles. With the asked articles held out 4.7 % and 96 % were refused in some 280
# chunks, 5.2 % and 94 % among 15,000; since more of the others were refused than need be, the line
# was moved afterwards, by 0.6 and 0.3: 2.8 % and 96 %, 4.5 % and 95 % of 1,200 questions of SQuAD.
_BY_MEANING = {"closeness": 16.66, "support": 4.56, "size": -0.193, "bias": -11.41}
# By words alone 4.8 % and 84 %, 6.7 % and 82 %, 2.7 % and 94 %.
_BY_WORDS = {"coverage": 7.09, "bm25": 9.89, "size": -0.32, "bias": -3.65}
# A question in another language shares fewer stems with what answers it (German compounds), a
# Chinese one fewer pairs of signs: on half of XQuAD 5 % of both are refused with these; of the
# others 92 % in German and Spanish, 89 % in Chinese.
_OTHER_LANGUAGE = 1.85
_CJK = 2.85
# Of the encoder whose cosines were seen; those of others have other ranges.
_CALIBRATED = "all-minilm-l6-v2-"
_LANGUAGE = "en"  # which it was trained on
# Libraries between which the size was fitted, and a little more.
_SMALLEST, _LARGEST = 50, 100_000


@dataclass(frozen=True, slots=True)
class Signals:
    """What was found for a question, as far as it tells whether an answer is there."""

    chunks: int  # in the library
    coverage: float  # best share of the question's words, by idf, in one of the best passages
    bm25: float  # best BM25, of the most that the question's words can give
    support: float | None  # most of coverage + cosine in one of them; None where the words decide
    closeness: float | None  # best of a sentence's tokens to the question's


def signals(
    vocabulary: Vocabulary, question: str, hits: Sequence[Hit], evidence: Sequence[Evidence]
) -> Signals:
    """Return what the best passages and sentences of a question tell."""
    # "What do my documents say about insurance?" asks about insurance.
    wanted = vocabulary.question(_REQUEST.sub(" ", question)) or vocabulary.question(question)
    total = sum(wanted.values()) or 1.0
    covered: list[float] = []
    supported: list[float] = []
    for hit in hits[:_PASSAGES]:
        stems = vocabulary.stems(f"{hit.text} {hit.heading} {hit.path.stem.replace('_', ' ')}")
        covered.append(sum(idf for stem, idf in wanted.items() if stem in stems) / total)
        supported.append(covered[-1] + (hit.cosine or 0.0))
    by_meaning = any(hit.cosine is not None for hit in hits[:_PASSAGES])
    close = [item.closeness for item in evidence if item.closeness is not None]
    return Signals(
        vocabulary.chunks(),
        max(covered, default=0.0),
        max((hit.bm25 or 0.0 for hit in hits), default=0.0) / ((_K1 + 1) * total),
        max(supported) if by_meaning else None,
        max(close, default=None),
    )


def seems_answered(found: Signals, question: str, encoder: str) -> bool:
    """Tell whether an answer seems to be among what was found, by an encoder of this name."""
    language = asked_in(question, LANGUAGES)
    foreign = language not in ("", _LANGUAGE)
    size = log(min(max(found.chunks, _SMALLEST), _LARGEST))
    meant = found.support is not None and found.closeness is not None
    if meant and encoder.startswith(_CALIBRATED) and not foreign and not has_cjk(question):
        values = {"support": found.support, "closeness": found.closeness, "size": size}
        return _score(_BY_MEANING, values) >= 0
    score = _score(_BY_WORDS, {"coverage": found.coverage, "bm25": found.bm25, "size": size})
    if has_cjk(question):
        score += _CJK
    elif foreign:
        score += _OTHER_LANGUAGE
    return score >= 0


def _score(weights: Mapping[str, float], values: Mapping[str, float | None]) -> float:
    return weights["bias"] + sum(weights[name] * (value or 0.0) for name, value in values.items())
