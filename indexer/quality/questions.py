"""Questions that a library can be asked without anybody's help: of its own headings and sentences.

They are easier than what an owner asks, since their words stand in the documents. So their figures
say little by themselves, and much beside those of the same questions at another time.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from random import Random
from typing import Any

import apsw

from indexer.text.sentences import sentence_spans
from indexer.text.words import folded_words, has_cjk
from indexer.types import Hit

# Of a sentence its finder remembers a few words, in their order.
_FEWEST, _MOST, _SHARE = 4, 10, 0.5
_LEAST_LETTERS = 3
_CJK_SIGNS = 12
_HEADING_WORDS = 3  # fewer are those of any document: "Introduction", "Annex 2"
_LONGEST = 400  # characters of a sentence


class Source(StrEnum):
    """What a question is made of."""

    HEADING = "heading"
    SENTENCE = "sentence"


@dataclass(frozen=True, slots=True)
class OwnQuestion:
    """A question, the chunk that it is about, and the text by which its passage is told."""

    chunk: int
    source: Source
    text: str
    expected: str

    def is_answered_by(self, hit: Hit) -> bool:
        """Tell whether a passage holds what the question is made of, be it in another copy."""
        place = hit.heading if self.source is Source.HEADING else hit.text
        return _plain(self.expected) in _plain(place)


def draw(db: apsw.Connection, count: int, random: Random, without: set[int]) -> list[OwnQuestion]:
    """Return questions about chunks that are drawn at random; fewer where there are few chunks."""
    row: Any = db.execute("SELECT min(id), max(id) FROM chunks").fetchone()
    first, last = row
    found: list[OwnQuestion] = []
    used = set(without)
    for _ in range(4 * count if first is not None else 0):
        if len(found) == count:
            break
        row = db.execute(
            """SELECT chunks.id, heading, substr(pages.text, start + 1, end - start)
               FROM chunks JOIN pages ON pages.id = page_id
               WHERE chunks.id >= ? ORDER BY chunks.id LIMIT 1""",
            (random.randint(first, last),),
        ).fetchone()
        chunk, headings, text = row
        if chunk in used:
            continue
        used.add(chunk)
        questions = list(_questions(chunk, headings, text, random))
        if questions:
            found.append(random.choice(questions))
    return found


def _questions(chunk: int, headings: str, text: str, random: Random) -> Iterator[OwnQuestion]:
    heading = headings.rpartition(" > ")[2]
    if len(folded_words(heading)) >= _HEADING_WORDS:
        yield OwnQuestion(chunk, Source.HEADING, heading, heading)
    spans = sentence_spans(text)
    for start, end in random.sample(spans, min(len(spans), 3)):
        sentence = text[start:end].strip()
        if len(sentence) <= _LONGEST and (remembered := _remembered(sentence, random)):
            yield OwnQuestion(chunk, Source.SENTENCE, remembered, sentence)
            return


def _remembered(sentence: str, random: Random) -> str:
    """Return what somebody remembers of a sentence; "" of one that says too little."""
    if has_cjk(sentence):
        if len(sentence) < _CJK_SIGNS:
            return ""
        start = random.randint(0, len(sentence) - _CJK_SIGNS)
        return sentence[start : start + _CJK_SIGNS]
    words = [word for word in folded_words(sentence) if len(word) >= _LEAST_LETTERS]
    count = min(_MOST, int(len(words) * _SHARE))
    if count < _FEWEST:
        return ""
    return " ".join(words[at] for at in sorted(random.sample(range(len(words)), count)))


def _plain(text: str) -> str:
    return " ".join(text.split())
