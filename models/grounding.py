"""Which passage supports a sentence of an answer, decided by us and never by the model's own [n].

A sentence is tied to a passage when the passage holds most of its words, and all of its numbers,
dates, names and quotations, each between the same words. Pure text work, in a millisecond; it
cannot judge a free paraphrase, and errs towards "not supported".
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from models.facts import Facts, facts_of, names_of, quotations
from models.sentences import split_sentences
from models.slots import misplaced

# Share of a sentence's words that a passage must hold, and that some two neighbouring sentences of
# it must hold: the second keeps a number from being tied to words at the other end of a page.
PASSAGE_SHARE = 0.6
WINDOW_SHARE = 0.5
NEGATED_SHARE = 0.7  # from here on a passage's sentence is "the same", and a lone "not" counts
MOST_SUPPORT = 3

_CITED = re.compile(r"\s*[\[【]\s*\d+(?:\s*[,;、–-]\s*\d+)*\s*[\]】]")
# Small models announce what they say; of a short answer that would be half of the words.
_ANNOUNCED = re.compile(
    r"^(?:the answer(?: to \w+ question)? is|die antwort(?: auf \w+ frage)? (?:ist|lautet)"
    r"|la respuesta(?: a \w+ pregunta)? es|la réponse(?: à \w+ question)? est|答案是)\s*[:：]?\s*",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence of an answer, without the model's own citations."""

    text: str
    support: tuple[int, ...]  # numbers of the passages that support it, the best first
    supported: bool


def ground(answer: str, passages: Sequence[tuple[int, str]]) -> list[Sentence]:
    """Split an answer into sentences and tie each to the numbered passages that support it."""
    known = [(facts_of(text), _windows(text)) for _, text in passages]
    result = []
    for text in split_sentences(_CITED.sub("", answer)):
        said = _ANNOUNCED.sub("", text)
        scores = [
            (score, -at, passages[at][0])
            for at, (facts, windows) in enumerate(known)
            if (score := _support(said, facts, windows)) and not misplaced(said, passages[at][1])
        ]
        support = tuple(number for _, _, number in sorted(scores, reverse=True)[:MOST_SUPPORT])
        result.append(Sentence(text, support, bool(support)))
    return result


def quote(sentence: str, passage: str) -> str:
    """Return the sentence of a passage that comes closest to `sentence`; "" where none does."""
    wanted = facts_of(sentence)
    best, best_score = "", 0.0
    for text in split_sentences(passage):
        facts = facts_of(text)
        score = len(wanted.words & facts.words) + 2 * len(wanted.numbers & facts.numbers)
        # Of two that say as much, the shorter.
        score_per_length = score / (1 + 0.01 * len(facts.words))
        if score_per_length > best_score:
            best, best_score = text, score_per_length
    return best


def _support(sentence: str, passage: Facts, windows: Sequence[Facts]) -> float:
    """Return the share of a sentence's words that a passage supports, or 0.0."""
    wanted = facts_of(sentence)
    if not (wanted.words or wanted.numbers) or not windows:
        return 0.0
    share = _share(wanted, passage)
    if share < PASSAGE_SHARE or not _holds_facts(sentence, wanted, passage):
        return 0.0
    near = max(windows, key=lambda window: _share(wanted, window))
    closeness = _share(wanted, near)
    close = [window for window in windows if _share(wanted, window) >= WINDOW_SHARE]
    numbers_near = wanted.numbers <= frozenset().union(
        *(window.numbers | window.months for window in close)
    )
    turned = wanted.negated != near.negated and closeness >= NEGATED_SHARE
    if not close or not numbers_near or turned:
        return 0.0
    return share + 0.1 * closeness


def _holds_facts(sentence: str, wanted: Facts, passage: Facts) -> bool:
    """Whether a passage holds every number, name and quotation of a sentence."""
    return (
        passage.holds_numbers_of(wanted)
        and names_of(sentence) <= passage.words
        and all(phrase in passage.text for phrase in quotations(sentence))
    )


def _share(wanted: Facts, given: Facts) -> float:
    if not wanted.words:
        return float(wanted.numbers <= given.numbers)
    return len(wanted.words & given.words) / len(wanted.words)


def _windows(passage: str) -> list[Facts]:
    """Return the facts of each sentence, and of each pair of neighbours."""
    sentences = split_sentences(passage)
    pairs = [f"{a} {b}" for a, b in pairwise(sentences)]
    return [facts_of(text) for text in (*sentences, *pairs)]
