"""What the pool and a reader process say to each other, as JSON lines (`app/pipes/worker.py`).

The pool sends Read. A reader answers Info, then Page or UnreadPage, then Done or Failed, several of
them in one message where they are small.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from indexer.types import DocumentInfo, Heading, Line, Page, UnreadPage

Message = dict[str, Any]


@dataclass(frozen=True, slots=True)
class InfoRead:
    """A document was opened."""

    job: int
    info: DocumentInfo


@dataclass(frozen=True, slots=True)
class PageRead:
    """A page was read."""

    job: int
    page: Page


@dataclass(frozen=True, slots=True)
class PageUnread:
    """A page could not be read; the others follow."""

    job: int
    page: UnreadPage


@dataclass(frozen=True, slots=True)
class ReadDone:
    """All of a document was read."""

    job: int


@dataclass(frozen=True, slots=True)
class ReadFailed:
    """A document cannot be read (any further); `unsupported` if its kind never is."""

    job: int
    title: str
    detail: str
    unsupported: bool


@dataclass(frozen=True, slots=True)
class ReaderDied:
    """The reader crashed on this document or was ended for taking too long."""

    job: int
    title: str
    detail: str


Event = InfoRead | PageRead | PageUnread | ReadDone | ReadFailed | ReaderDied


def event_of(message: Message) -> Event:
    """Return what a reader says of a job. Raises KeyError or TypeError at what none would say."""
    job = message["job"]
    match message["type"]:
        case "Page":
            headings = tuple([Heading(*each) for each in message.get("headings", ())])
            lines = tuple([Line(*each) for each in message.get("lines", ())])
            number, label = message.get("number"), message.get("label")
            return PageRead(job, Page(message["text"], number, headings, lines, label))
        case "Done":
            return ReadDone(job)
        case "Info":
            labels = tuple((number, label) for number, label in message.get("labels", ()))
            info = DocumentInfo(message["kind"], message["title"], message["pages"], labels)
            return InfoRead(job, info)
        case "UnreadPage":
            member = tuple(message.get("member", ()))
            return PageUnread(job, UnreadPage(message["number"], message["reason"], member))
        case _:
            return ReadFailed(job, message["title"], message["detail"], message["unsupported"])
