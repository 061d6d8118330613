"""A document whose pages are arriving from a reader, until it can be saved whole."""

from __future__ import annotations

from dataclasses import dataclass, field

from indexer.readers.ocr.recognisable import needs_ocr
from indexer.storage.contents import NewContent, NewUnread
from indexer.storage.queue import WaitingFile
from indexer.storage.unread import state_of
from indexer.text.chunker import Chunker
from indexer.text.titles import own_title
from indexer.types import Chunk, DocumentInfo, Page, UnreadPage


@dataclass(slots=True)
class Arriving:
    """What has been read of a file."""

    file: WaitingFile
    stat: tuple[int, int]  # size and mtime_ns before it was read
    sha256: bytes
    chunker: Chunker
    info: DocumentInfo = field(default_factory=lambda: DocumentInfo("text"))
    pages: list[Page] = field(default_factory=list)
    chunks: list[Chunk] = field(default_factory=list)
    unread: list[UnreadPage] = field(default_factory=list)  # for good
    waiting: list[NewUnread] = field(default_factory=list)  # for OCR

    def add(self, page: Page) -> None:
        """Take in the next page."""
        self.pages.append(page)
        self.chunks += self.chunker.chunk(page)

    def add_unread(self, page: UnreadPage) -> None:
        """Take in that the next page could not be read; one for OCR keeps its place."""
        if needs_ocr(page):
            self.waiting.append(NewUnread(page, len(self.pages)))
            self.add(Page("", None if page.member else page.number))
        else:
            self.unread.append(page)

    def content(self) -> NewContent:
        """Return the document as it is saved, all pages having arrived."""
        first = next((page.text for page in self.pages if page.text.strip()), "")
        state, reason = state_of(
            [each.page for each in self.waiting], self.unread, has_text=bool(self.chunks)
        )
        printed = {page.number: page.label for page in self.pages if page.number and page.label}
        return NewContent(
            sha256=self.sha256,
            kind=self.info.kind,
            stem=self.file.path.stem,
            own_title=own_title(self.info, first),
            own_name=self.info.title or "",
            pages=self.info.pages,
            state=state,
            reason=reason,
            texts=self.pages,
            labels=printed | dict(self.info.labels),
            chunks=self.chunks,
            unread=[*self.waiting, *(NewUnread(page, None) for page in self.unread)],
        )
