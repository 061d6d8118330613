"""A library whose folder is watched, for the tests of watching."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import closing
from typing import TYPE_CHECKING

from indexer.engine import Engine
from indexer.folders.changes import Look
from indexer.folders.watcher import Watcher
from indexer.storage.database import open_for_reading
from indexer.storage.ledger import ledger

if TYPE_CHECKING:
    from tests.indexer.conftest import Library

QUIET = 0.3


class Watched:
    """A library whose folder is watched, driven as the command drives it."""

    def __init__(self, library: Library, engine: Engine, watcher: Watcher) -> None:
        self.library = library
        self.engine = engine
        self.watcher = watcher
        self.looks: list[Look] = []

    def turn(self) -> None:
        """Compare what is due, and take one step."""
        for look in self.watcher.due():
            self.looks.append(look)
            folders = self.engine.store.folders()
            folder = next(item for item in folders if look.folder.is_relative_to(item.path))
            self.engine.reconcile(folder, look.folder, deep=look.deep, quiet=QUIET)
        for left in self.engine.unsettled():
            self.watcher.look_again(left)
        if self.engine.step() is None:
            time.sleep(0.02)

    def until(self, done: Callable[[], bool], seconds: float = 20) -> None:
        """Go on until something is so."""
        end = time.monotonic() + seconds
        while not done():
            assert time.monotonic() < end, (self.library.ledger(), self.looks)
            self.turn()

    def until_names(self, *names: str) -> None:
        """Go on until the ledger has these files, all of them indexed."""
        expected = dict.fromkeys(names, "indexed")
        self.until(
            lambda: {name: state for name, (state, _) in self.library.ledger().items()} == expected
        )

    def rest(self) -> None:
        """Go on until nothing is due any more."""
        end = time.monotonic() + 4 * QUIET
        while time.monotonic() < end:
            self.turn()
        self.looks.clear()


def wait_for(watcher: Watcher, seconds: float = 10) -> list[Look]:
    """Return the looks that are due next."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if due := watcher.due():
            return due
        time.sleep(0.02)
    return []


def places(library: Library) -> set[str]:
    """Return the paths that the ledger has."""
    with closing(open_for_reading(library.database)) as db:
        return {item.path.relative_to(library.documents).as_posix() for item in ledger(db)}
