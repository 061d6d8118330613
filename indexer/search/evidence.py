"""The sentences of the best passages that answer a question, before any model has run."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from indexer.search.vocabulary import Vocabulary
from indexer.text.sentences import sentence_spans
from indexer.text.words import has_cjk
from indexer.types import Embedder, Evidence, Hit

# Sentences of the best three passages, by cosine + 2 x closeness of tokens + coverage of the
# question's words - 0.05 a place + 0.3 x coverage that only the sentence before has: the best one
# holds the answer for 79.5 % of 600 questions of SQuAD, one of the best three for 89.0 %. Without
# the tokens (and 0.1 a place) 77.8 and 89.0; weights of 1 to 4 lie within a point.
_PASSAGES = 3
_PLACE_COST = 0.05
_BEFORE_WEIGHT = 0.3
_CLOSENESS_WEIGHT = 2.0
# Sentences whose meaning is compared, the best by their words: what takes the time. With 8 of some
# 20 SQuAD has the same figures; so it has with the bounds of characters, without which text that
# has no full stops takes three times as long.
_COMPARED = 12
_COMPARED_CHARACTERS = 2_000
_LONGEST_COMPARED = 400
_QUESTION_MARKS = ("?", "？")
_SENTENCE_MARKS = tuple(".!?…。！？；;:：)”»")
_HEADING_CHARACTERS = 60
# "E-43: Paper is jammed." says what, the sentence behind it what to do: so short a sentence is
# quoted with the next. A CJK sign says about as much as two letters.
_SHORT_QUOTE = 60
_LONG_QUOTE = 240
# In these kinds each line stands for itself.
_LINE_SUFFIXES = frozenset({".csv", ".tsv"})


def weigh_sentences(
    vocabulary: Vocabulary,
    question: str,
    hits: Sequence[Hit],
    embedder: Embedder | None = None,
) -> list[Evidence]:
    """Return the sentences of the best hits, best first.

    `embedder` is one that reads the question; without it the words decide.
    """
    wanted = vocabulary.question(question)
    total = sum(wanted.values()) or 1.0
    found: list[Evidence] = []
    sentences: list[str] = []
    scores: list[float] = []
    for place, hit in enumerate(hits[:_PASSAGES]):
        section: set[str] = set()
        before: set[str] = set()
        lines = hit.path.suffix.lower() in _LINE_SUFFIXES
        spans = sentence_spans(hit.text, lines=lines)
        for at, (start, end) in enumerate(spans):
            sentence = hit.text[start:end]
            stems = vocabulary.stems(sentence)
            if not lines and _is_heading(hit, start, end) and len(spans) > 1:
                # It says what follows is about, and answers nothing by itself.
                section, before = stems, set()
                continue
            if sentence.endswith(_QUESTION_MARKS):
                # A list of questions echoes what was asked; what follows it may answer.
                before = stems
                continue
            here = sum(idf for stem, idf in wanted.items() if stem in stems)
            around = (before | section) - stems
            carried = sum(idf for stem, idf in wanted.items() if stem in around)
            scores.append((here + _BEFORE_WEIGHT * carried) / total - _PLACE_COST * place)
            following = spans[at + 1][1] if at + 1 < len(spans) and not lines else end
            quoted = hit.text[start : _with_next(hit.text, start, end, following)]
            found.append(Evidence(hit, quoted, hit.start + start))
            sentences.append(sentence)
            before = stems
    order = sorted(range(len(found)), key=lambda at: -scores[at])
    if embedder is None or not found:
        return [found[at] for at in order]
    order = _compared(order, sentences)
    cosines, closeness = embedder.match(
        question, [sentences[at][:_LONGEST_COMPARED] for at in order]
    )
    weighed = [
        (
            scores[at] + cosine + _CLOSENESS_WEIGHT * close,
            replace(found[at], cosine=cosine, closeness=close),
        )
        for at, cosine, close in zip(order, cosines.tolist(), closeness.tolist(), strict=True)
    ]
    weighed.sort(key=lambda item: -item[0])
    return [item for _, item in weighed]


def _compared(order: list[int], sentences: Sequence[str]) -> list[int]:
    """Return the first of some sentences, as far as there is time to compare their meaning."""
    characters = 0
    for count, at in enumerate(order[:_COMPARED]):
        characters += min(len(sentences[at]), _LONGEST_COMPARED)
        if count and characters > _COMPARED_CHARACTERS:
            return order[:count]
    return order[:_COMPARED]


def _is_heading(hit: Hit, start: int, end: int) -> bool:
    sentence = hit.text[start:end]
    if sentence.startswith("#") or sentence in hit.heading.split(" > "):
        return True
    alone = hit.text[end : end + 2].startswith("\n") and (start == 0 or hit.text[start - 1] == "\n")
    return (
        alone
        and len(sentence) <= _HEADING_CHARACTERS
        and not (sentence.endswith(_SENTENCE_MARKS) or sentence.startswith(("-", "*", "•", "|")))
    )


def _with_next(text: str, start: int, end: int, next_end: int) -> int:
    """Return the end of a quote: the sentence's, or the next one's if the sentence is short."""
    paragraph_goes_on = "\n\n" not in text[end:next_end]
    if _width(text[start:end]) >= _SHORT_QUOTE or not paragraph_goes_on:
        return end
    return next_end if _width(text[start:next_end]) <= _LONG_QUOTE else end


def _width(text: str) -> int:
    return sum(2 if has_cjk(sign) else 1 for sign in text)
