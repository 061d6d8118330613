"""summarise: what a document of the library says, section by section."""

from __future__ import annotations

import argparse
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from app.commands import Context
from app.library import open_searcher
from app.llm.process import LlmProcess
from app.llm.section_task import checked, section_task, section_text
from app.messages.llm import Generated
from app.model_files.installed import find_llm, writer_name
from app.paths import absolute
from indexer.documents.summarising import Section, SectionSummary, sections_of, summarise
from indexer.documents.texts import Place, sentences_of
from indexer.storage.database import open_for_reading
from indexer.storage.summaries import Summaries
from models.grounding import Sentence


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
            text = section_text(section)
            written = cache.find(text)
            kept = written is not None
            if written is None:
                llm = llm or LlmProcess(context.profile, model)
                context.output.progress("Summarising", number, len(sections))
                written = _ask(llm, section)
                cache.keep(text, written)
            _print(context, number, summary, _Written(checked(written, text), kept))
    finally:
        if llm is not None:
            llm.close()


def _ask(llm: LlmProcess, section: Section) -> str:
    """Return what a model writes about a section. Raises ModelError."""
    answer = ""
    for message in llm.generate(section_task(section)):
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
