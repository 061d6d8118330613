"""Folders, and files that were added one by one, as the window lists them."""

from __future__ import annotations

from pathlib import Path

from app.index_worker.folder_lines import folders_message
from app.messages.index import FolderStatus
from indexer.storage.ledger import FolderStates
from indexer.types import State

FOLDER = FolderStates(Path("/a"), True, False, {State.INDEXED: 3})
EMPTY = FolderStates(Path("/b"), True, False, {})


def files(count: int, *, compared: bool) -> list[FolderStates]:
    """Return files that were dropped, before or after the look at them."""
    counts = {State.WORDS: 1} if compared else {}
    return [FolderStates(Path(f"/c/{n}"), True, compared, counts) for n in range(count)]


def lines(*states: FolderStates) -> tuple[FolderStatus, ...]:
    """Return what the window is told."""
    return folders_message("", states, 0).folders


def test_a_few_files_are_a_line_each() -> None:
    """An empty folder and a file that was not looked at are lines too."""
    single = files(3, compared=True) + files(1, compared=False)
    assert [line.path for line in lines(FOLDER, EMPTY, *single)] == [
        Path("/a"), Path("/b"), Path("/c/0"), Path("/c/1"), Path("/c/2"), Path("/c/0"),
    ]  # fmt: skip


def test_many_files_are_one_line() -> None:
    """Folders keep theirs."""
    folder, single = lines(FOLDER, *files(1000, compared=True))
    assert folder.path == Path("/a")
    assert (single.path, single.files, single.words) == (None, 1000, 1000)


def test_many_files_are_one_line_before_anybody_looked_at_them() -> None:
    """Ten thousand rows would stop the window for minutes."""
    folder, single = lines(FOLDER, *files(4, compared=True), *files(9000, compared=False))
    assert folder.path == Path("/a")
    assert (single.path, single.files, single.waiting, single.words) == (None, 9004, 9000, 4)


def test_of_many_files_one_that_was_deleted_is_not_waited_for() -> None:
    """It holds nothing, but has been looked at."""
    deleted = FolderStates(Path("/c/gone"), True, True, {})
    (single,) = lines(*files(1000, compared=True), deleted)
    assert (single.files, single.waiting) == (1000, 0)
