"""How what the words found and what the meaning found become one order. Pure functions.

Measured with all-MiniLM-L6-v2 in int8 and FTS5; ARCHITECTURE.md has the table.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from itertools import islice

import numpy as np

# SciFact nDCG@10: 72.1 for the even mix, 71.7 for reciprocal rank fusion, 67.6 for the words and
# 67.9 for the meaning alone.
WORDS_WEIGHT = 0.5
# How many of each side take part.
CANDIDATES = 300
# What a document's name adds in a search of everything: 0.35 to 0.5 gain 6 to 8 points of
# page@5 on company reports but cost on short articles.
NAME_WEIGHT = 0.25
# A document of this many chunks or fewer says all in its text: with names, SciFact fell from
# 72.1 to 66.8.
NAMED_DOCUMENT_CHUNKS = 3
# What a passage gains that stands on the page which the question names: more than both sides give,
# since such a question may hold no other word of the page.
PAGE_WEIGHT = 1.1
# What a passage gains that holds a number or name with signs inside (INV-2023/04) as it was typed,
# where no more than a few do, and by how much of the question it is: with 0.5 for any part of a
# question SciFact falls from 72.7 to 72.5.
CODE_WEIGHT = 1.0
CODE_PASSAGES = 20
# A word that no document holds counts half for the one that is nearest to it: what was typed
# rightly weighs more than what was guessed.
INSTEAD_WEIGHT = 0.5
# What a passage gains that was taught as the answer to a question, by how much that is like the
# one asked, above the least. SciFact after 809 lessons, nDCG@10 of questions whose document was
# taught and of the others, 72.1 and 73.3 before: 91.6 and 73.2; with a weight of 0.8 91.2 and 73.3,
# of 2.0 91.8 and 72.4; from 0.4 on 93.3 and 72.2, from 0.6 on 90.8 and 73.3.
LESSON_WEIGHT = 1.2
LESSON_LIKENESS = 0.5
# Where both meaning and words can tell how like two questions are, so much of it is the words'.
# Each of the 809 lessons' questions asked without its own lesson, nDCG@10 and P@1: 87.9 and 81.6;
# by the meaning alone 87.2 and 80.5, with 0.2 87.8 and 81.6, with 0.5 from 0.35 on the same. Those
# about whose documents nothing else was taught lose 0.5 instead of 1.2. To add up what several
# lessons say of one passage gains nothing beside that.
LESSON_WORDS_WEIGHT = 0.3
LESSON_LIKENESS_OF_BOTH = 0.4


def fuse(
    bm25: Mapping[int, float],
    cosine: Mapping[int, float],
    bonus: Mapping[int, float] | None = None,
    on_page: Collection[int] = (),
    taught: Mapping[int, float] | None = None,
) -> list[tuple[int, float]]:
    """Return (chunk, score) of all candidates, best first; ties in order of id.

    The candidates are the best CANDIDATES of each side; both mappings are in order, best first,
    and higher is better. Each side is scaled to 0..1 over the candidates that it has; one that a
    side lacks counts as its worst. `bm25` may go on beyond its candidates, so that what only the
    meaning found gets its true words' score: SciFact 70.5 without that, 71.0 with it. Filling in
    the cosines of what only the words found loses: 68.9. If one side is empty, the other decides
    alone. `bonus` is added for the candidates it names. What stands on the page that the question
    names (`on_page`) is a candidate in any case, and gains PAGE_WEIGHT; so is what gains by a
    lesson (`taught`), while what loses by one is none by that.
    """
    by_meaning = dict(islice(cosine.items(), CANDIDATES))
    page = set(on_page)
    lessons = taught or {}
    lifted = {chunk for chunk, gain in lessons.items() if gain > 0}
    candidates = dict(islice(bm25.items(), CANDIDATES)).keys() | by_meaning.keys() | page | lifted
    words = _scaled({chunk: bm25[chunk] for chunk in candidates if chunk in bm25})
    meaning = _scaled(by_meaning)
    weight = WORDS_WEIGHT if words and meaning else (1.0 if words else 0.0)
    extra = bonus or {}
    scores = {
        chunk: weight * words.get(chunk, 0.0)
        + (1 - weight) * meaning.get(chunk, 0.0)
        + extra.get(chunk, 0.0)
        + PAGE_WEIGHT * (chunk in page)
        + lessons.get(chunk, 0.0)
        for chunk in candidates
    }
    return sorted(scores.items(), key=lambda item: (-item[1], item[0]))


def with_instead(bm25: Mapping[int, float], instead: Mapping[int, float]) -> dict[int, float]:
    """Return BM25 with that of words which nobody wrote but which were meant, best first."""
    scores = dict(bm25)
    for chunk, score in instead.items():
        scores[chunk] = scores.get(chunk, 0.0) + INSTEAD_WEIGHT * score
    return dict(sorted(scores.items(), key=lambda item: (-item[1], item[0])))


def lesson_strength(meaning: float | None, words: float | None) -> float:
    """Return how much a lesson counts, 0..1, by how like its question is to the one asked.

    `meaning` and `words` are cosines; None where the questions cannot be compared so.
    """
    if meaning is None or words is None:
        likeness, least = meaning or words or 0.0, LESSON_LIKENESS
    else:
        likeness = (1 - LESSON_WORDS_WEIGHT) * meaning + LESSON_WORDS_WEIGHT * words
        least = LESSON_LIKENESS_OF_BOTH
    return max(0.0, likeness - least) / (1 - least)


def lesson_gain(answers: float, answers_not: float) -> float:
    """Return what a passage gains by the strongest lesson for it and the strongest against it."""
    return LESSON_WEIGHT * (answers - answers_not)


def _scaled(scores: Mapping[int, float]) -> dict[int, float]:
    if not scores:
        return {}
    low, high = min(scores.values()), max(scores.values())
    span = high - low
    return {chunk: (score - low) / span if span else 1.0 for chunk, score in scores.items()}


def name_score(asked_in_name: float, whole_name: float, asked_in_head: float, files: int) -> float:
    """Return how much a question names a document, about 0..1.

    `asked_in_name`: summed idf of the question's words in the document's name; `whole_name`: of
    all words of the name; `asked_in_head`: of the question's words found only in the document's
    first 1,500 characters; `files`: documents in the library.
    """
    share = np.sqrt(asked_in_name / whole_name) if whole_name else 0.0
    return float((asked_in_name * share + 0.5 * asked_in_head) / np.log(files + 1))


def idf(found_in: int, files: int) -> float:
    """Return the idf, never negative, of a word that `found_in` of `files` hold."""
    return max(0.0, float(np.log((files + 1) / (found_in + 0.5))))
