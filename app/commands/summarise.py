"""summarise: what a document of the library says, section by section."""

from __future__ import annotations

import argparse
from contextlib import closing

from app.commands import Context
from app.paths import absolute
from indexer.documents.summarising import SectionSummary, summarise
from indexer.documents.texts import Place, sentences_of
from indexer.storage.database import open_for_reading


def summarise_document(context: Context, arguments: argparse.Namespace) -> int:
    """Print the sentences of each section that say most, with their pages."""
    with closing(open_for_reading(context.profile.database)) as db:
        sentences = sentences_of(db, absolute(arguments.path))
    sections = summarise(sentences)
    for number, section in enumerate(sections, 1):
        context.output.line(
            {
                "type": "section",
                "n": number,
                "heading": section.heading,
                "first_page": section.first_page,
                "last_page": section.last_page,
                "sentences": [
                    {"text": each.text, "page": each.page, "label": each.label}
                    for each in section.sentences
                ],
            }
        )
        context.output.text(_text(section))
    chosen = sum(len(section.sentences) for section in sections)
    done = {"sections": len(sections), "sentences": chosen, "of": len(sentences)}
    context.output.line({"type": "summary", **done})
    return 0


def _text(section: SectionSummary) -> str:
    said = " ".join(_one(each) for each in section.sentences)
    return f"{section.heading}\n  {said}\n" if section.heading else f"{said}\n"


def _one(place: Place) -> str:
    number = place.label or place.page
    where = f" [page {number}]" if number else ""
    return f"{' '.join(place.text.split())}{where}"
