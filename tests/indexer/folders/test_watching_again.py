"""What a watcher lost sight of is looked at: storms, drives that go, observers that die."""

from __future__ import annotations

import logging
import os
import threading
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from watchdog.observers.api import EventDispatcher

import indexer.folders.polling
import indexer.folders.watcher
from indexer.folders.changes import Look
from indexer.folders.watcher import Watcher
from tests.indexer.conftest import Library
from tests.indexer.folders.watched import Watched, wait_for


def test_a_storm_loses_nothing(make_watched: Callable[..., Watched]) -> None:
    """2,000 files at once are some looks, not 2,000."""
    watched = make_watched()
    library = watched.library
    for n in range(2000):
        library.write(f"{n % 20}/{n}.txt", "")
    watched.until(lambda: len(library.ledger()) == 2000, 60)
    watched.until(lambda: {state for state, _ in library.ledger().values()} == {"empty"}, 60)
    assert len(watched.looks) < 200


def test_more_events_than_are_kept_mean_one_look_at_all(
    make_watched: Callable[..., Watched], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Memory is bounded, and nothing is lost."""
    monkeypatch.setattr(indexer.folders.watcher, "_MOST_EVENTS", 0)
    watched = make_watched()
    watched.rest()
    for n in range(100):
        watched.library.write(f"sub/{n}.txt", "")
    watched.until(lambda: len(watched.library.ledger()) == 100)
    watched.until(lambda: Look(watched.library.documents, deep=True) in watched.looks)


def test_an_overflow_that_watchdog_tells_of_means_one_look_at_all(
    make_watched: Callable[..., Watched], capfd: pytest.CaptureFixture[str]
) -> None:
    """Its warnings are heard, and printed nowhere: they name files."""
    watched = make_watched()
    watched.rest()
    logging.getLogger("watchdog.observers.inotify_c").warning("Inotify queue overflowed")
    watched.until(lambda: watched.looks == [Look(watched.library.documents, deep=True)])
    assert capfd.readouterr().err == ""


def test_a_drive_that_goes_while_it_is_listed_loses_nothing(
    library: Library, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """All files look deleted then; they are not."""
    library.write("sub/a.txt", "The marmot sleeps.")
    library.sync()
    real = os.scandir

    def scandir(path: Any) -> Any:
        if library.documents.exists():
            library.documents.rename(tmp_path / "unplugged")
        return real(path)

    monkeypatch.setattr(os, "scandir", scandir)
    with closing(library.engine()) as engine:
        engine.reconcile(engine.store.folders()[0])
    assert library.ledger()["a.txt"][0] == "indexed"


def test_a_root_that_went_and_came_back_is_compared(
    make_watched: Callable[..., Watched], tmp_path: Path
) -> None:
    """Its passages stay meanwhile, and it is watched again."""
    watched = make_watched()
    library = watched.library
    library.write("a.txt", "The marmot sleeps.")
    watched.until_names("a.txt")
    library.documents.rename(tmp_path / "unplugged")
    watched.until(lambda: not watched.engine.store.folders()[0].online)
    assert library.search("marmot")
    (tmp_path / "unplugged" / "b.txt").write_text("The badger digs.")
    (tmp_path / "unplugged").rename(library.documents)
    watched.until_names("a.txt", "b.txt")
    watched.rest()
    library.write("c.txt", "The otter swims.")
    watched.until_names("a.txt", "b.txt", "c.txt")


def test_a_dead_observer_is_replaced(make_watched: Callable[..., Watched]) -> None:
    """What was missed is found by one look at all, and what comes after is heard."""
    watched = make_watched()
    watched.rest()
    observer = watched.watcher._observer
    assert observer is not None
    EventDispatcher.stop(observer)
    observer.join()
    watched.library.write("missed.txt", "The marmot sleeps.")
    watched.until_names("missed.txt")
    assert Look(watched.library.documents, deep=True) in watched.looks
    watched.rest()
    watched.library.write("heard.txt", "The badger digs.")
    watched.until_names("missed.txt", "heard.txt")
    assert Look(watched.library.documents, deep=True) not in watched.looks


def test_everything_is_due_now_and_then(library: Library) -> None:
    """Whatever was not heard is found within the hour."""
    with closing(Watcher([library.documents], quiet=0.1, everything=0.5)) as watcher:
        watcher.start()
        assert wait_for(watcher) == [Look(library.documents, deep=True)]


def test_closing_leaves_no_thread(library: Library) -> None:
    """Watchdog's threads end with the watcher."""
    before = threading.active_count()
    watcher = Watcher([library.documents, library.root])
    watcher.start()
    assert threading.active_count() > before
    watcher.close()
    assert threading.active_count() == before
