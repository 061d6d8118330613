"""Placeholders of clouds are told by what lstat returns, and never opened."""

from __future__ import annotations

import os
from contextlib import closing
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from indexer.engine import pending
from indexer.folders.placeholders import (
    why_folder_in_a_cloud,
    why_in_a_cloud,
    why_named_by_icloud,
)
from indexer.reading import intake
from tests.indexer.conftest import Library

ARCHIVE, DIRECTORY = 0x20, 0x10
PINNED, UNPINNED = 0x80000, 0x100000


@pytest.mark.parametrize(
    ("fields", "file", "folder"),
    [
        ({}, False, False),
        ({"st_file_attributes": ARCHIVE}, False, False),
        ({"st_file_attributes": ARCHIVE | PINNED}, False, False),
        ({"st_file_attributes": ARCHIVE | UNPINNED}, False, False),  # not fetched away yet
        ({"st_file_attributes": ARCHIVE | UNPINNED | 0x400000}, True, False),  # OneDrive
        ({"st_file_attributes": ARCHIVE | 0x1000}, True, False),  # a store of tapes, or Dropbox
        ({"st_file_attributes": ARCHIVE | 0x40000}, True, True),
        ({"st_file_attributes": DIRECTORY | 0x400000}, True, False),
        ({"st_flags": 0}, False, False),
        ({"st_flags": 0x20}, False, False),
        ({"st_flags": 0x40000000}, True, True),  # a File Provider of macOS
        ({"st_flags": 0x40000020}, True, True),
    ],
)
def test_what_a_system_says_of_a_file(fields: dict[str, int], file: bool, folder: bool) -> None:
    """As Windows and macOS mark them."""
    status: Any = SimpleNamespace(**fields)
    assert bool(why_in_a_cloud(status)) is file
    assert bool(why_folder_in_a_cloud(status)) is folder


@pytest.mark.parametrize(
    ("name", "is_one"),
    [
        (b".report.pdf.icloud", True), (b".a.icloud", True), (b"report.icloud", False),
        (b".icloud", False), (b"..icloud", False), (b".report.pdf", False),
    ],
)  # fmt: skip
def test_names_that_icloud_leaves(name: bytes, is_one: bool) -> None:
    """A name of ours that ends alike is none."""
    assert bool(why_named_by_icloud(name)) is is_one


class _Evicted:
    """What os.stat and os.lstat say of files whose bytes went into a cloud."""

    def __init__(self, status: os.stat_result) -> None:
        self._status = status
        self.st_flags = 0x40000000

    def __getattr__(self, name: str) -> Any:
        return getattr(self._status, name)


def test_a_file_in_a_cloud_is_skipped_and_read_when_it_is_here(
    library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was read of it before it went is kept; nothing opens it meanwhile."""
    gone: set[str] = set()
    real_scandir, real_stat = os.scandir, intake.Path.stat

    class Entry:
        def __init__(self, entry: Any) -> None:
            self._entry = entry

        def __getattr__(self, name: str) -> Any:
            return getattr(self._entry, name)

        def stat(self, *, follow_symlinks: bool = True) -> Any:
            status = self._entry.stat(follow_symlinks=follow_symlinks)
            name = Path(os.fsdecode(self._entry.name)).name
            return _Evicted(status) if name in gone else status

    class Scan:
        def __init__(self, path: Any) -> None:
            self._scan = real_scandir(path)

        def __enter__(self) -> Any:
            return (Entry(entry) for entry in self._scan)

        def __exit__(self, *_: object) -> None:
            self._scan.close()

    def stat(path: Path, **options: Any) -> Any:
        status = real_stat(path, **options)
        return _Evicted(status) if path.name in gone else status

    monkeypatch.setattr(os, "scandir", Scan)
    monkeypatch.setattr(intake.Path, "stat", stat)
    monkeypatch.setattr(intake, "_sha256", _refuse_those(gone))
    library.write("read.txt", "The marmot sleeps.")
    library.write("never.txt", "The badger digs.")
    gone.add("never.txt")
    library.sync()
    assert library.ledger()["never.txt"][0] == "skipped"
    assert "cloud" in library.ledger()["never.txt"][1]
    gone.add("read.txt")
    library.sync()
    assert library.ledger()["read.txt"][0] == "indexed"
    assert library.search("marmot")
    gone.clear()
    library.sync()
    assert {state for state, _ in library.ledger().values()} == {"indexed"}
    # It goes between the look and the reading.
    library.write("read.txt", "The otter swims.")
    with closing(library.engine()) as engine:
        engine.reconcile(engine.store.folders()[0])
        gone.add("read.txt")
        list(pending(engine))
    assert library.ledger()["read.txt"][0] == "skipped"


def _refuse_those(gone: set[str]) -> Any:
    real = intake._sha256

    def sha256(path: Path) -> bytes:
        assert path.name not in gone, "a placeholder was opened"
        return real(path)

    return sha256
