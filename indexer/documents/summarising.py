"""What a document of any length says, section by section, in sentences of its own.

A sentence counts by the words that its section and the whole document come back to: by how often a
word stands there, as far as it is none that each sentence has (SumBasic, Nenkova and Vanderwende
2005, over sections). What a sentence was chosen for counts less for the next one, so that two do
not say the same.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from indexer.documents.texts import Place
from indexer.text.language import recognise, small_words
from indexer.text.words import STOP_WORDS, folded_words, has_cjk

# Characters of a section: shorter ones are read with the next, longer ones in parts.
_SHORT, _LONG = 800, 6000
# A sentence out of so many characters of its section; one at least, and no more than three.
_CHARACTERS_A_SENTENCE = 1500
_MOST_SENTENCES = 3
_FEWEST_WORDS, _MOST_WORDS = 5, 60
# How much the words of the whole document count beside those of the section.
_WHOLE = 0.5
# Words by which each sentence is divided besides its own: a bare mean would choose the shortest.
_SHORT_COST = 5


@dataclass(frozen=True, slots=True)
class Section:
    """Sentences of a document that stand under one heading, or are a part of a long one."""

    heading: str
    sentences: tuple[Place, ...]

    @property
    def characters(self) -> int:
        """How long it is."""
        return sum(len(each.text) for each in self.sentences)


@dataclass(frozen=True, slots=True)
class SectionSummary:
    """The sentences of a section that say most, in its order."""

    heading: str
    first_page: int | None
    last_page: int | None
    sentences: tuple[Place, ...]


def sections_of(sentences: Sequence[Place]) -> list[Section]:
    """Cut a document at its headings; short sections go with the next, long ones are parted."""
    sections: list[Section] = []
    heading, now, length = "", list[Place](), 0
    for each in sentences:
        other = now and each.heading != now[-1].heading
        if now and ((other and length >= _SHORT) or length + len(each.text) > _LONG):
            sections.append(Section(heading, tuple(now)))
            now, length = [], 0
        if not now:
            heading = each.heading
        now.append(each)
        length += len(each.text)
    if now:
        sections.append(Section(heading, tuple(now)))
    return sections


def summarise(sentences: Sequence[Place]) -> list[SectionSummary]:
    """Return what each section of a document says, in its own sentences."""
    text = " ".join(each.text for each in sentences[:50])
    small = STOP_WORDS | small_words(recognise(text))
    words = {id(each): _words(each.text, small) for each in sentences}
    whole = Counter(word for each in words.values() for word in each)
    return [_of_section(section, words, whole) for section in sections_of(sentences)]


def _words(text: str, small: frozenset[str] | set[str]) -> list[str]:
    return [
        word
        for word in folded_words(text)
        if word not in small and (len(word) > 1 or has_cjk(word))
    ]


def _of_section(
    section: Section, words: dict[int, list[str]], whole: Counter[str]
) -> SectionSummary:
    here = Counter(word for each in section.sentences for word in words[id(each)])
    total, all_of_it = max(here.total(), 1), max(whole.total(), 1)
    weights = {
        word: count / total + _WHOLE * whole[word] / all_of_it for word, count in here.items()
    }
    wanted = 1 + section.characters // _CHARACTERS_A_SENTENCE
    left = [each for each in section.sentences if _may_stand_alone(each, words[id(each)])]
    left = left or list(section.sentences[:1])
    chosen: list[Place] = []
    while left and len(chosen) < min(wanted, _MOST_SENTENCES):
        best = max(left, key=lambda each: _mean(words[id(each)], weights))
        left.remove(best)
        chosen.append(best)
        for word in set(words[id(best)]):
            weights[word] **= 2
    order = {id(each): at for at, each in enumerate(section.sentences)}
    chosen.sort(key=lambda each: order[id(each)])
    pages = [each.page for each in section.sentences if each.page is not None]
    return SectionSummary(
        section.heading,
        pages[0] if pages else None,
        pages[-1] if pages else None,
        tuple(chosen),
    )


def _mean(words: Sequence[str], weights: dict[str, float]) -> float:
    return sum(weights[word] for word in words) / (len(words) + _SHORT_COST)


def _may_stand_alone(place: Place, words: Sequence[str]) -> bool:
    """Tell a sentence from a heading, a cell of a table, and a question."""
    ends = place.text.rstrip("\"'”’)] ").endswith((".", "!", "。", "！", "；"))
    return ends and _FEWEST_WORDS <= len(words) <= _MOST_WORDS
