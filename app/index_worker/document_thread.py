"""The index worker's thread for whole documents, with a connection of its own.

To count the words of 42,000 sentences takes a second, and to compare two such documents up to half
a minute: neither a search nor the engine waits for that.
"""

from __future__ import annotations

import logging
import os
import threading
import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from queue import SimpleQueue

import apsw

import app.settings
from app.llm.section_task import checked, section_task, section_text, tokens_of
from app.messages.documents import (
    AskSection,
    Changes,
    CloseDocument,
    Compare,
    Compared,
    Digesting,
    DocumentAsked,
    DocumentSaid,
    KeepSection,
    ListChanges,
    ListSections,
    Refused,
    Sections,
    SectionTask,
    ShownSection,
    Summarise,
    Summarised,
)
from app.model_files.installed import writer_name
from app.paths import Profile
from indexer.documents.comparing import Comparison, Difference, compare_in_steps
from indexer.documents.summarising import Summariser
from indexer.documents.texts import Place, sentences_of
from indexer.errors import IndexerError
from indexer.storage.database import in_words, open_for_reading
from indexer.storage.ledger import WAITS
from indexer.storage.summaries import Summaries

log = logging.getLogger(__name__)

_AT_ONCE = 20  # sections or changes in a message: some 10 ms to show
_TELL_EVERY = 0.2  # seconds between two messages of progress


class _ClosedMeanwhile(Exception):
    """Nobody wants it any more."""


@dataclass(frozen=True, slots=True)
class _Summary:
    summariser: Summariser
    kept: Summaries | None

    def section(self, number: int) -> ShownSection:
        """Return what is known of a section."""
        text = section_text(self.summariser.sections[number])
        written = self.kept.find(text) if self.kept is not None else None
        sentences = checked(written, text) if written is not None else None
        return ShownSection(self.summariser.summary(number), sentences)

    def left(self) -> tuple[int, ...]:
        """Return for each section the tokens that the model has still to read."""
        sections = self.summariser.sections
        texts = [section_text(section) for section in sections]
        there = self.kept.which(texts) if self.kept is not None else [False] * len(texts)
        return tuple(
            0 if is_there else tokens_of(section)
            for section, is_there in zip(sections, there, strict=True)
        )


class DocumentThread:
    """Summarises and compares; what is to be said goes to `send`."""

    def __init__(self, profile: Profile, send: Callable[[DocumentSaid], None]) -> None:
        self._profile = profile
        self._send = send
        self._inbox: SimpleQueue[DocumentAsked | None] = SimpleQueue()
        self._closed: set[str] = set()  # written by the thread that listens
        self._summaries: dict[str, _Summary] = {}
        self._comparisons: dict[str, Comparison] = {}
        self._told = 0.0
        self._ends = False
        self._thread = threading.Thread(target=self._run, daemon=True)

    def start(self) -> None:
        """Begin to answer."""
        self._thread.start()

    def end(self, seconds: float) -> None:
        """Keep what was to be kept, leave what takes long, and wait so long for it at most."""
        self._ends = True
        self._inbox.put(None)
        self._thread.join(seconds)

    def put(self, message: DocumentAsked) -> None:
        """Take what is asked; what is closed stops at once."""
        if isinstance(message, CloseDocument):
            self._closed.add(message.id)
        self._inbox.put(message)

    def _run(self) -> None:
        while (message := self._inbox.get()) is not None:
            try:
                self._answer(message)
            except _ClosedMeanwhile:
                pass
            except IndexerError as error:
                self._send(Refused(message.id, error.title, error.detail))
            except Exception as error:  # noqa: BLE001 -- without this thread nothing is answered
                log.warning("a document could not be looked at: %s", type(error).__name__)
                title = "This document could not be looked at."
                self._send(Refused(message.id, title, "Try again; `doctor` says more."))

    def _answer(self, message: DocumentAsked) -> None:
        match message:
            case CloseDocument(id=id_):
                self._summaries.pop(id_, None)
                self._comparisons.pop(id_, None)
                self._closed.discard(id_)
            case Summarise():
                self._summarise(message)
            case Compare():
                self._compare(message)
            case ListChanges(id=id_, first=first) if id_ in self._comparisons:
                changes = self._comparisons[id_].changes[first : first + _AT_ONCE]
                self._send(Changes(id_, first, changes))
            case ListSections(id=id_, first=first) if id_ in self._summaries:
                summary = self._summaries[id_]
                last = min(first + _AT_ONCE, len(summary.summariser.sections))
                found = tuple(summary.section(number) for number in range(first, last))
                self._send(Sections(id_, first, found))
            case AskSection(id=id_, number=number) if id_ in self._summaries:
                section = self._summaries[id_].summariser.sections[number]
                self._send(SectionTask(id_, number, section_task(section)))
            case KeepSection(id=id_, number=number, text=text) if id_ in self._summaries:
                summary = self._summaries[id_]
                if summary.kept is not None:
                    summary.kept.keep(section_text(summary.summariser.sections[number]), text)
                self._send(Sections(id_, number, (summary.section(number),)))

    def _summarise(self, message: Summarise) -> None:
        with self._opened() as db:
            sentences = sentences_of(db, message.path)
            pages, unread = _pages_of(db, message.path)
        summariser = Summariser(sentences)
        for done in summariser.read():
            self._tell(message.id, done, len(sentences))
        kept = None
        if message.model is not None:
            chosen = app.settings.load(self._profile.settings)
            writer = writer_name(self._profile, chosen, message.model)
            kept = Summaries(self._profile.database, message.path, writer)
        self._summaries[message.id] = summary = _Summary(summariser, kept)
        self._send(Summarised(message.id, pages, unread, summary.left()))

    def _compare(self, message: Compare) -> None:
        sides: list[list[Place]] = []
        pages: list[int] = []
        unread = 0
        with self._opened() as db:
            for path in (message.old, message.new):
                self._tell(message.id, 0, 0)
                sides.append(sentences_of(db, path))
                count, waiting = _pages_of(db, path)
                pages.append(count or 0)
                unread += waiting
        self._tell(message.id, 0, 0)
        steps = compare_in_steps(*sides)
        total = sum(map(len, sides))
        while True:
            try:
                self._tell(message.id, next(steps), total)
            except StopIteration as end:
                found: Comparison = end.value
                break
        self._comparisons[message.id] = found
        self._send(
            Compared(
                message.id,
                tuple(pages),
                unread,
                len(found.changes),
                added=found.count(Difference.ADDED),
                removed=found.count(Difference.REMOVED),
                changed=found.count(Difference.CHANGED),
                moved=found.count(Difference.MOVED),
                same=found.same,
                values=sum(len(change.values) for change in found.changes),
            )
        )

    def _tell(self, id_: str, done: int, total: int) -> None:
        if self._ends or id_ in self._closed:
            raise _ClosedMeanwhile
        now = time.monotonic()
        if now - self._told >= _TELL_EVERY:
            self._told = now
            self._send(Digesting(id_, done, total))

    def _opened(self) -> closing[apsw.Connection]:
        with in_words(self._profile.database):
            return closing(open_for_reading(self._profile.database))


def _pages_of(db: apsw.Connection, path: Path) -> tuple[int | None, int]:
    """Return how many pages a document has, and how many of them wait for OCR."""
    content = "(SELECT content_id FROM files WHERE path = ?)"
    name = (os.fsencode(path),)
    pages = db.execute(f"SELECT pages FROM contents WHERE id = {content}", name).get
    waiting = f"SELECT count(*) FROM unread_pages WHERE {WAITS} AND content_id = {content}"
    return (int(pages) if pages is not None else None), int(db.execute(waiting, name).get)
