"""What a model is asked about a section of a document."""

from __future__ import annotations

import uuid

from app.messages.llm import Generate, PromptPassage
from indexer.documents.summarising import Section
from indexer.text.language import recognise
from indexer.text.words import has_cjk
from models.grounding import Sentence, ground

# A section has 6,000 characters at most, some 1,800 tokens; in pieces, since a passage that does
# not fit is left out whole.
_READING_BUDGET = 2400
_PIECE = 1500
_MOST_TOKENS = 120
_TASKS = {
    "zh": "这些段落说了什么？请用两句话概括。",
    "de": "Was sagen diese Abschnitte? Fasse sie in zwei Sätzen zusammen.",
}
_TASK = "What do these passages say? Summarise them in two sentences."
_CHARACTERS_A_TOKEN, _CHARACTERS_A_TOKEN_CJK = 3.5, 1.5
_INSTRUCTIONS = 100  # tokens around the passages


def section_task(section: Section) -> Generate:
    """Return what a model is asked about a section."""
    pieces = [""]
    for each in section.sentences:
        if pieces[-1] and len(pieces[-1]) + len(each.text) > _PIECE:
            pieces.append("")
        pieces[-1] = f"{pieces[-1]} {each.text}".strip()
    language = recognise(" ".join(pieces))
    return Generate(
        uuid.uuid4().hex,
        _TASKS.get(language, _TASK),
        tuple(PromptPassage(n, section.heading, text) for n, text in enumerate(pieces, 1)),
        reading_budget=_READING_BUDGET,
        max_tokens=_MOST_TOKENS,
        language=language,
    )


def section_text(section: Section) -> str:
    """Return the text under which what is written about a section is kept."""
    return " ".join(each.text for each in section.sentences)


def checked(written: str, text: str) -> tuple[Sentence, ...]:
    """Return what a model wrote, each sentence checked against the section's text."""
    return tuple(ground(written, [(1, text)]))


def tokens_of(section: Section) -> int:
    """Return about how many tokens a model has to read for a section."""
    dense = has_cjk(section.sentences[0].text)
    each = _CHARACTERS_A_TOKEN_CJK if dense else _CHARACTERS_A_TOKEN
    return _INSTRUCTIONS + round(section.characters / each)
