"""summarise: what a document of the library says, section by section."""

from __future__ import annotations

import argparse
import uuid
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from app.commands import Context
from app.installed import find_llm, writer_name
from app.library import open_searcher
from app.llm_process import LlmProcess
from app.messages.llm import Generate, Generated, PromptPassage
from app.paths import absolute
from indexer.documents.summarising import Section, SectionSummary, sections_of, summarise
from indexer.documents.texts import Place, sentences_of
from indexer.storage.database import open_for_reading
from indexer.storage.summaries import Summaries
from indexer.text.language import recognise
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


@dataclass(frozen=True, slots=True)
class _Written:
    """What a model wrote about a section, and whether each sentence of it is supported."""

    sentences: tuple[Sentence, ...]
    kept: bool  # whether it was written before


def summarise_document(context: Context, arguments: argparse.Namespace) -> int:
    """Print what each section of a document says, in its own words or a model's."""
    path = absolute(arguments.path)
    open_searcher(context.profile, None).close()  # makes it, or brings it up to date
    with closing(open_for_reading(context.profile.database)) as db:
        sentences = sentences_of(db, path)
    sections, own = sections_of(sentences), summarise(sentences)
    if not arguments.model:
        for number, summary in enumerate(own, 1):
            _print(context, number, summary, None)
    else:
        _write(context, path, arguments.model, sections, own)
    chosen = sum(len(summary.sentences) for summary in own)
    done = {"sections": len(own), "sentences": chosen, "of": len(sentences)}
    context.output.line({"type": "summary", **done})
    return 0


def _write(
    context: Context, path: Path, name: str, sections: list[Section], own: list[SectionSummary]
) -> None:
    """Have a model write about each section that it has not written about before."""
    model = find_llm(context.profile, context.settings.llm if name == "chosen" else name)
    writer = writer_name(context.profile, context.settings, model)
    cache = Summaries(context.profile.database, path, writer)
    llm: LlmProcess | None = None
    try:
        for number, (section, summary) in enumerate(zip(sections, own, strict=True), 1):
            text = " ".join(each.text for each in section.sentences)
            written = cache.find(text)
            kept = written is not None
            if written is None:
                llm = llm or LlmProcess(context.profile, model)
                context.output.progress("Summarising", number, len(sections))
                written = _ask(llm, section)
                cache.keep(text, written)
            grounded = tuple(ground(written, [(1, text)]))
            _print(context, number, summary, _Written(grounded, kept))
    finally:
        if llm is not None:
            llm.close()


def _ask(llm: LlmProcess, section: Section) -> str:
    """Return what a model writes about a section. Raises ModelError."""
    pieces = [""]
    for each in section.sentences:
        if pieces[-1] and len(pieces[-1]) + len(each.text) > _PIECE:
            pieces.append("")
        pieces[-1] = f"{pieces[-1]} {each.text}".strip()
    request = Generate(
        uuid.uuid4().hex,
        _TASKS.get(recognise(" ".join(pieces)), _TASK),
        tuple(PromptPassage(n, section.heading, text) for n, text in enumerate(pieces, 1)),
        reading_budget=_READING_BUDGET,
        max_tokens=_MOST_TOKENS,
    )
    answer = ""
    for message in llm.generate(request):
        if isinstance(message, Generated):
            answer = message.text
    return answer


def _print(
    context: Context, number: int, summary: SectionSummary, written: _Written | None
) -> None:
    line: dict[str, Any] = {
        "type": "section",
        "n": number,
        "heading": summary.heading,
        "first_page": summary.first_page,
        "last_page": summary.last_page,
        "sentences": [
            {"text": each.text, "page": each.page, "label": each.label}
            for each in summary.sentences
        ],
    }
    if written is not None:
        line["written"] = [
            {"text": each.text, "supported": each.supported} for each in written.sentences
        ]
        line["kept"] = written.kept
    context.output.line(line)
    said = (
        " ".join(map(_own, summary.sentences))
        if written is None
        else " ".join(f"{'' if each.supported else '▲ '}{each.text}" for each in written.sentences)
        + _pages(summary)
    )
    context.output.text(f"{summary.heading}\n  {said}\n" if summary.heading else f"{said}\n")


def _own(place: Place) -> str:
    number = place.label or place.page
    where = f" [page {number}]" if number else ""
    return f"{' '.join(place.text.split())}{where}"


def _pages(summary: SectionSummary) -> str:
    first, last = summary.first_page, summary.last_page
    if first is None:
        return ""
    return f" [page {first}]" if first == last else f" [pages {first} to {last}]"
