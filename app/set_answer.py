"""An answer that is a set of files, as a turn of a conversation: its sentences and citations."""

from __future__ import annotations

from collections.abc import Callable

from app.ask import Answer, Citation, Question
from indexer.sets.plan import Member, SetAnswer
from indexer.types import Evidence
from models.grounding import Sentence

# Kept with a turn, to be shown as cards when its conversation is opened again.
_KEPT = 20


def sentences_of(found: SetAnswer) -> list[str]:
    """Return how many files there are, how the question was understood, and what is unknown."""
    count, among = f"{len(found.members):,}", f"{found.among:,}"
    said = [f"{count} of {among} files."]
    said += found.understood
    if undated := found.undated:
        said.append(f"Without a date by which they could be told: {undated} more.")
    if unknown := found.without_total:
        said.append(f"Without a total by which they could be told: {unknown} more.")
    return said


def count_set(question: Question, found: SetAnswer, say: Callable[[str], str] = str) -> Answer:
    """Answer a question by a set; `say` gives each sentence in the language of its reader."""
    kept = [evidence_of(each) for each in found.members[:_KEPT]]
    question.counted([each for each in kept if each is not None])
    text = " ".join(say(sentence) for sentence in sentences_of(found))
    citations = tuple(
        Citation(number, member.hit, member.quote)
        for number, member in enumerate(found.members, 1)
        if member.hit is not None
    )
    return Answer(text, False, (Sentence(text, (), supported=True),), citations, None, None, None)


def evidence_of(member: Member) -> Evidence | None:
    """Return the passage that shows why a file is meant; None where it has no text."""
    if member.hit is None:
        return None
    at = max(0, member.hit.text.find(member.quote))
    return Evidence(member.hit, member.quote, member.hit.start + at)
