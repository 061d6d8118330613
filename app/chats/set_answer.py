"""An answer that is a set of files, as a turn of a conversation: its sentences and citations."""

from __future__ import annotations

from collections.abc import Callable

from app.ask import Answer, Citation
from indexer.sets.plan import Nothing, SetAnswer
from models.grounding import Sentence

_NOTHING = {
    Nothing.LIBRARY: "There are no files here yet. Add a folder, and ask again.",
    Nothing.SCOPE: "No file is among those that you ask about. Choose others, and ask again.",
}


def sentences_of(found: SetAnswer) -> list[str]:
    """Return how many files there are, how the question was understood, and what is unknown."""
    if found.nothing is not None:
        return [_NOTHING[found.nothing]]
    count, among = f"{len(found.members):,}", f"{found.among:,}"
    said = [f"{count} of {among} files."]
    said += found.understood
    if undated := found.undated:
        said.append(f"Without a date by which they could be told: {undated} more.")
    if unknown := found.without_total:
        said.append(f"Without a total by which they could be told: {unknown} more.")
    return said


def count_set(found: SetAnswer, say: Callable[[str], str] = str) -> Answer:
    """Answer a question by a set; `say` gives each sentence in the language of its reader."""
    # Chinese has no space between sentences.
    text = " ".join(say(sentence) for sentence in sentences_of(found)).replace("。 ", "。")
    sentences = (Sentence(text, (), supported=True),)
    return Answer(text, False, sentences, citations_of(found), None, None, None, found)


def citations_of(found: SetAnswer) -> tuple[Citation, ...]:
    """Return a citation for each file that has a text, under its number in the list."""
    return tuple(
        Citation(number, member.hit, member.quote)
        for number, member in enumerate(found.members, 1)
        if member.hit is not None
    )
