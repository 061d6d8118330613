"""What the index worker is asked about whole documents, and what it says of them.

Summarise and Compare open a work under their id, which is asked for its parts as they are looked
at, until CloseDocument. Whatever cannot be done is answered by Refused.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from app.messages.llm import Generate
from indexer.documents.comparing import Change
from indexer.documents.summarising import SectionSummary
from models.grounding import Sentence

# --- to the index worker -----------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Summarise:
    """Summarise a document; answered by Digesting..., then Summarised."""

    id: str
    path: Path
    model: Path | None = None  # whose summaries are shown where it has written some


@dataclass(frozen=True, slots=True)
class ListSections:
    """Ask for the next sections of a summary from this one on; answered by Sections."""

    id: str
    first: int


@dataclass(frozen=True, slots=True)
class AskSection:
    """Ask what a model is to be told to write about a section; answered by SectionTask."""

    id: str
    number: int


@dataclass(frozen=True, slots=True)
class KeepSection:
    """Keep what a model wrote about a section; answered by Sections with this one."""

    id: str
    number: int
    text: str


@dataclass(frozen=True, slots=True)
class Compare:
    """Compare two documents; answered by Digesting..., then Compared."""

    id: str
    old: Path
    new: Path


@dataclass(frozen=True, slots=True)
class ListChanges:
    """Ask for the next changes of a comparison from this one on; answered by Changes."""

    id: str
    first: int


@dataclass(frozen=True, slots=True)
class CloseDocument:
    """Stop a work, and forget it."""

    id: str


DocumentAsked = (
    Summarise | ListSections | AskSection | KeepSection | Compare | ListChanges | CloseDocument
)

# --- from the index worker ---------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Digesting:
    """How many sentences of how many were looked at."""

    id: str
    done: int
    total: int


@dataclass(frozen=True, slots=True)
class Summarised:
    """A document is summarised; its sections are listed when they are asked for."""

    id: str
    pages: int | None
    unread: int  # pages that wait for OCR
    left: tuple[int, ...]  # for each section the tokens that a model has to read, 0 if it has


@dataclass(frozen=True, slots=True)
class ShownSection:
    """What a section says in its own sentences, and in a model's if it has written any."""

    summary: SectionSummary
    written: tuple[Sentence, ...] | None


@dataclass(frozen=True, slots=True)
class Sections:
    """Sections of a summary."""

    id: str
    first: int
    sections: tuple[ShownSection, ...]


@dataclass(frozen=True, slots=True)
class SectionTask:
    """What a model is asked about a section."""

    id: str
    number: int
    request: Generate


@dataclass(frozen=True, slots=True)
class Compared:
    """Two documents are compared; the changes are listed when they are asked for."""

    id: str
    pages: tuple[int, ...]  # of the old one and the new one, 0 where they have none
    unread: int  # pages of both that wait for OCR
    changes: int
    added: int
    removed: int
    changed: int
    moved: int
    same: int
    values: int  # numbers and dates that are others


@dataclass(frozen=True, slots=True)
class Changes:
    """Changes between two documents."""

    id: str
    first: int
    changes: tuple[Change, ...]


@dataclass(frozen=True, slots=True)
class Refused:
    """It cannot be done, and why."""

    id: str
    title: str
    detail: str


DocumentSaid = Digesting | Summarised | Sections | SectionTask | Compared | Changes | Refused
