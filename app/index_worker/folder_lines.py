"""The library's folders as the window lists them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from app.messages.index import Folders, FolderStatus
from indexer.storage.ledger import FolderStates
from indexer.types import State

# More files that were added one by one are one line.
_MOST_SINGLE = 8


def folders_message(id_: str, states: Sequence[FolderStates], chunks: int) -> Folders:
    """Return the message that says how far each folder is; `chunks` is those of the library."""
    return Folders(id_, tuple(_lines(states)), chunks)


def _lines(states: Sequence[FolderStates]) -> Iterator[FolderStatus]:
    """Yield a line a folder; many files that were added one by one are one line, the last."""
    single = [folder for folder in states if folder.is_file]
    # Files that were dropped hold nothing until they are compared; nobody owns so many empty
    # folders, and thousands of lines would stop the window for minutes.
    fresh = [folder for folder in states if not (folder.is_file or folder.counts)]
    if len(fresh) > _MOST_SINGLE:
        single += fresh
    grouped = {folder.path for folder in single} if len(single) > _MOST_SINGLE else set()
    for folder in states:
        if folder.path not in grouped:
            line = _line(folder.path, folder.counts, folder.pages, online=folder.online)
            yield replace(line, held=folder.held)
    if grouped:
        total: Counter[State] = Counter()
        for file in single:
            total.update(file.counts if file.is_file else {State.WAITING: 1})
        pages = sum(file.pages for file in single)
        yield _line(None, total, pages, online=any(file.online for file in single))


def _line(
    path: Path | None, counts: Mapping[State, int], pages: int, *, online: bool
) -> FolderStatus:
    return FolderStatus(
        path=path,
        online=online,
        files=sum(counts.values()),
        waiting=counts.get(State.WAITING, 0),
        words=counts.get(State.WORDS, 0),
        unread=counts.get(State.FAILED, 0) + counts.get(State.QUARANTINED, 0),
        pages=pages,
    )
