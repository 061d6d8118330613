"""What a document of any length says, section by section, in sentences of its own.

A sentence counts by the words that its section and the whole document come back to: by how often a
word stands there, as far as it is none that each sentence has (SumBasic, Nenkova and Vanderwende
2005, over sections). What a sentence was chosen for counts less for the next one, so that two do
not say the same.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from indexer.documents.texts import Place
from indexer.text.language import recognise, small_words
from indexer.text.words import STOP_WORDS, folded_words, has_cjk

# Characters of a section: shorter ones are read with the next, longer ones in parts.
_SHORT, _LONG = 800, 6000
# A sentence out of so many characters of its section; one at least, and no more than three, which
# a document of one section has in any case: a contract of a page says more than one thing.
_CHARACTERS_A_SENTENCE = 1500
_MOST_SENTENCES = 3
_FEWEST_WORDS, _MOST_WORDS = 5, 60
# How much the words of the whole document count beside those of the section.
_WHOLE = 0.5
# Words by which each sentence is divided besides its own: a bare mean would choose the shortest.
_SHORT_COST = 5
_AT_ONCE = 1000  # sentences, some 20 ms


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


class Summariser:
    """Says what each section of a document says, in the order in which it is asked."""

    def __init__(self, sentences: Sequence[Place]) -> None:
        self.sections = sections_of(sentences)
        self._sentences = sentences
        self._words: dict[int, list[str]] = {}
        self._whole: Counter[str] = Counter()

    def read(self) -> Iterator[int]:
        """Count the words of the whole document; yield how many sentences were read, at times."""
        text = " ".join(each.text for each in self._sentences[:50])
        small = STOP_WORDS | small_words(recognise(text))
        for number, each in enumerate(self._sentences, 1):
            self._words[id(each)] = words = _words(each.text, small)
            self._whole.update(words)
            if number % _AT_ONCE == 0:
                yield number

    def summary(self, number: int) -> SectionSummary:
        """Return what a section says, by its place; all must have been read."""
        is_only = len(self.sections) == 1
        return _of_section(self.sections[number], self._words, self._whole, is_only=is_only)


def summarise(sentences: Sequence[Place]) -> list[SectionSummary]:
    """Return what each section of a document says, in its own sentences."""
    summariser = Summariser(sentences)
    for _ in summariser.read():
        pass
    return [summariser.summary(number) for number in range(len(summariser.sections))]


def _words(text: str, small: frozenset[str] | set[str]) -> list[str]:
    return [
        word
        for word in folded_words(text)
        if word not in small and (len(word) > 1 or has_cjk(word))
    ]


def _of_section(
    section: Section, words: dict[int, list[str]], whole: Counter[str], *, is_only: bool
) -> SectionSummary:
    here = Counter(word for each in section.sentences for word in words[id(each)])
    total, all_of_it = max(here.total(), 1), max(whole.total(), 1)
    weights = {
        word: count / total + _WHOLE * whole[word] / all_of_it for word, count in here.items()
    }
    most = min(1 + section.characters // _CHARACTERS_A_SENTENCE, _MOST_SENTENCES)
    wanted = _MOST_SENTENCES if is_only else most
    alone, short, lines = _ranked(section, words)
    chosen: list[Place] = []
    for left in (alone, short):
        while left and len(chosen) < wanted:
            best = max(left, key=lambda each: _mean(words[id(each)], weights))
            left.remove(best)
            chosen.append(best)
            for word in set(words[id(best)]):
                weights[word] **= 2
        if chosen and not is_only:
            break
    if is_only or not chosen:
        chosen += lines[: wanted - len(chosen)]
    chosen = chosen or list(section.sentences[:1])
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


def _ranked(
    section: Section, words: dict[int, list[str]]
) -> tuple[list[Place], list[Place], list[Place]]:
    """Return what may stand alone, sentences of too few or many words, and lines of a table.

    What is a heading is none of them: it stands above the section.
    """
    alone, short, lines = list[Place](), list[Place](), list[Place]()
    headings = {each.heading for each in section.sentences}
    for each in section.sentences:
        if each.text.strip("# \t\n") in headings:
            continue
        if not each.text.rstrip("\"'”’)] ").endswith((".", "!", "。", "！", "；")):
            lines.append(each)
        elif _FEWEST_WORDS <= len(words[id(each)]) <= _MOST_WORDS:
            alone.append(each)
        else:
            short.append(each)
    return alone, short, lines
