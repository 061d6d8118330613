"""A document whose pages are arriving from a reader, until it can be saved whole."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from indexer.chunker import Chunker
from indexer.contents import NewContent
from indexer.store import WaitingFile
from indexer.titles import document_title, given_name
from indexer.types import Chunk, DocumentInfo, Page, State, UnreadPage


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
    unread: list[UnreadPage] = field(default_factory=list)

    def content(self) -> NewContent:
        """Return the document as it is saved, all pages having arrived."""
        first = next((page.text for page in self.pages if page.text.strip()), "")
        stem = self.file.path.stem
        if self.unread:
            state, reason = State.PARTIAL, _unread_reason(self.unread)
        elif not self.chunks:
            state, reason = State.EMPTY, "No text was found in it. Images are not read yet."
        else:
            state, reason = State.INDEXED, ""
        return NewContent(
            sha256=self.sha256,
            kind=self.info.kind,
            title=document_title(stem, self.info, first),
            name=given_name(stem) or self.info.title or "",
            pages=self.info.pages,
            state=state,
            reason=reason,
            texts=self.pages,
            chunks=self.chunks,
        )


def _unread_reason(unread: Sequence[UnreadPage]) -> str:
    numbered = [page for page in unread if page.number is not None]
    if not numbered:
        return unread[0].reason
    numbers = [str(page.number) for page in numbered]
    shown = ", ".join(numbers[:10]) + (", …" if len(numbers) > 10 else "")
    # Of what has no number, the last is about the rest of the document.
    others = [page.reason for page in unread if page.number is None][-1:]
    reason = " ".join([numbered[0].reason, *others])
    if len(numbers) == 1:
        return f"Page {shown} could not be read: {reason}"
    return f"Pages {shown} could not be read: {reason}"
