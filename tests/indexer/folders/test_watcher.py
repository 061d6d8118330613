"""Watching with real files and the real watchdog: what changes on the disk is found."""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from watchdog.events import FileCreatedEvent

from indexer.folders.changes import Look
from indexer.folders.watcher import Watcher
from tests.indexer.conftest import Library
from tests.indexer.folders.watched import QUIET, Watched, places, wait_for


def test_a_file_that_is_saved_is_found(make_watched: Callable[..., Watched]) -> None:
    """Created, then changed: the words on the disk are the words that are found."""
    watched = make_watched()
    library = watched.library
    path = library.write("sub/a.txt", "The marmot sleeps in winter.")
    watched.until(lambda: bool(library.ledger()) and bool(library.search("marmot")))
    path.write_text("The badger digs at night, all year long.")
    watched.until(lambda: any("badger" in hit.text for hit in library.search("badger")))
    assert not [hit for hit in library.search("marmot") if "marmot" in hit.text]


def test_a_file_that_is_replaced_as_editors_do_is_found(
    make_watched: Callable[..., Watched],
) -> None:
    """Written beside it, then renamed over it: one file, the new words."""
    watched = make_watched()
    library = watched.library
    library.write("a.txt", "The marmot sleeps in winter.")
    watched.until_names("a.txt")
    library.write("a.txt~", "The badger digs at night.").rename(library.documents / "a.txt")
    watched.until(lambda: any("badger" in hit.text for hit in library.search("badger")))
    watched.until_names("a.txt")


def test_moves_within_and_out_are_followed(
    make_watched: Callable[..., Watched], tmp_path: Path
) -> None:
    """A moved file embeds nothing; one that left is forgotten."""
    watched = make_watched()
    library = watched.library
    library.write("x/a.txt", "The marmot sleeps.")
    library.write("x/b.txt", "The badger digs.")
    library.write("y/c.txt", "The otter swims.")
    watched.until_names("a.txt", "b.txt", "c.txt")
    assert library.embedder is not None
    before = library.embedder.embedded
    (library.documents / "x" / "a.txt").rename(library.documents / "y" / "moved.txt")
    (library.documents / "x" / "b.txt").rename(tmp_path / "b.txt")
    watched.until_names("moved.txt", "c.txt")
    assert library.embedder.embedded == before
    (tmp_path / "b.txt").rename(library.documents / "back.txt")
    watched.until_names("moved.txt", "c.txt", "back.txt")


def test_a_renamed_folder_keeps_its_files(make_watched: Callable[..., Watched]) -> None:
    """However deep they are; two folders that changed places too."""
    watched = make_watched()
    library = watched.library
    library.write("old/deep/a.txt", "The marmot sleeps.")
    library.write("other/deep/b.txt", "The badger digs.")
    watched.until_names("a.txt", "b.txt")
    (library.documents / "old").rename(library.documents / "new")
    watched.until(lambda: places(library) == {"new/deep/a.txt", "other/deep/b.txt"})
    (library.documents / "new").rename(library.documents / "aside")
    (library.documents / "other").rename(library.documents / "new")
    (library.documents / "aside").rename(library.documents / "other")
    watched.until(lambda: places(library) == {"other/deep/a.txt", "new/deep/b.txt"})
    watched.until_names("a.txt", "b.txt")


def test_what_is_deleted_is_forgotten(make_watched: Callable[..., Watched], tmp_path: Path) -> None:
    """A file, and a whole folder."""
    watched = make_watched()
    library = watched.library
    for name in ("a.txt", "sub/b.txt", "sub/deep/c.txt"):
        library.write(name, f"This is {name}.")
    watched.until_names("a.txt", "b.txt", "c.txt")
    (library.documents / "a.txt").unlink()
    watched.until_names("b.txt", "c.txt")
    assert watched.engine.forgotten == 1
    shutil.rmtree(library.documents / "sub")
    watched.until_names()


def test_a_folder_that_became_a_link_is_no_longer_read(
    make_watched: Callable[..., Watched], tmp_path: Path
) -> None:
    """Its files are still there by name, but behind a link."""
    watched = make_watched()
    library = watched.library
    library.write("sub/a.txt", "The marmot sleeps.")
    watched.until_names("a.txt")
    (library.documents / "sub").rename(tmp_path / "elsewhere")
    (library.documents / "sub").symlink_to(tmp_path / "elsewhere")
    watched.until(lambda: set(library.ledger()) == {"sub"})


def test_nothing_is_touched_where_events_are_heard(
    library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Watchdog's thread only takes notes, also of what is not there."""
    with closing(Watcher([library.documents], quiet=0)) as watcher:

        def touched(*_: Any, **__: Any) -> Any:
            raise AssertionError("a file was touched")

        with monkeypatch.context() as patch:
            for name in ("stat", "lstat", "scandir", "listdir", "open", "readlink"):
                patch.setattr(os, name, touched)
            patch.setattr("builtins.open", touched)
            root = watcher._roots[0]
            root.real = library.documents
            watcher._on_event(root, FileCreatedEvent(str(library.documents / "x" / "a.txt")))
        watcher._take(time.monotonic())
        assert list(watcher._pending) == [library.documents / "x"]


def test_opening_a_file_is_no_news(make_watched: Callable[..., Watched]) -> None:
    """Our own readers open every file; that must not lead to a look."""
    watched = make_watched()
    path = watched.library.write("a.txt", "The marmot sleeps.")
    watched.until_names("a.txt")
    watched.rest()
    path.read_bytes()
    list(path.parent.iterdir())
    end = time.monotonic() + 3 * QUIET
    while time.monotonic() < end:
        watched.turn()
    assert watched.looks == []


def test_noise_does_not_put_off_a_look_for_ever(library: Library) -> None:
    """A folder without a pause is due all the same; one beside it is not kept waiting."""
    with closing(Watcher([library.documents], quiet=0.4, longest=1.5)) as watcher:
        watcher.start()
        quiet = library.write("quiet/a.txt", "a").parent
        noisy = library.write("noisy/b.txt", "b").parent
        time.sleep(0.5)
        watcher.due()
        quiet.joinpath("a.txt").write_text("more")
        started = time.monotonic()
        due: dict[Path, float] = {}
        while len(due) < 2 and time.monotonic() - started < 10:
            noisy.joinpath("b.txt").write_text(str(time.monotonic()))
            for look in watcher.due():
                due.setdefault(look.folder, time.monotonic() - started)
            time.sleep(0.02)
        assert due[quiet] < 1.2
        assert 1.4 < due[noisy] < 3


def test_a_file_that_is_still_written_to_waits_but_not_for_ever(
    library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is left for the next look, and read at last although it never rests."""
    path = library.write("a.txt", "The first words.")
    with closing(library.engine()) as engine:
        folder = engine.add(library.documents)
        assert engine.reconcile(folder, quiet=5) == []
        assert library.ledger() == {}
        assert engine.unsettled() == [library.documents]
        # Rested by its time, but not as it was at the look before.
        os.utime(path, (1, 1))
        engine.reconcile(folder, library.documents, deep=False, quiet=5)
        assert library.ledger() == {}
        engine.reconcile(folder, library.documents, deep=False, quiet=5)
        assert set(library.ledger()) == {"a.txt"}
        assert engine.unsettled() == []
        path.write_text("It is written to again and again.")
        engine.reconcile(folder, quiet=5)
        assert engine.unsettled() == [library.documents]
        now = time.monotonic()
        monkeypatch.setattr(time, "monotonic", lambda: now + 200)
        engine.reconcile(folder, quiet=5)
        assert engine.progress().files == 1
        assert engine.unsettled() == []
        path.write_text("And once more.")
        engine.reconcile(folder, quiet=5)
        path.unlink()
        engine.reconcile(folder, quiet=5)
        assert engine.unsettled() == []


def test_a_look_at_a_folder_reads_nothing_else(library: Library) -> None:
    """Only what lies at or below it is compared; without depth, only what came or went below."""
    for name in ("a.txt", "x/b.txt", "x/deep/c.txt", "y/d.txt"):
        library.write(name, name)
    with closing(library.engine()) as engine:
        folder = engine.add(library.documents)
        engine.reconcile(folder, library.documents / "x", deep=False)
        assert set(library.ledger()) == {"b.txt", "c.txt"}  # a folder that came
        library.write("x/deep/e.txt", "e")
        engine.reconcile(folder, library.documents / "x", deep=False)
        assert "e.txt" not in library.ledger()
        engine.reconcile(folder, library.documents / "x")
        assert set(library.ledger()) == {"b.txt", "c.txt", "e.txt"}
        shutil.rmtree(library.documents / "x" / "deep")
        engine.reconcile(folder, library.documents / "x", deep=False)
        assert set(library.ledger()) == {"b.txt"}
        # What is not there, or is left out, is a matter of the folder around it.
        shutil.rmtree(library.documents / "x")
        library.write(".hidden/secret.txt", "secret")
        engine.reconcile(folder, library.documents / "x" / "deep" / "deeper")
        assert set(library.ledger()) == {"a.txt", "d.txt", ".hidden"}
        engine.reconcile(folder, library.documents / ".hidden")
        assert set(library.ledger()) == {"a.txt", "d.txt", ".hidden"}


def test_a_single_file_is_watched_by_its_name(library: Library) -> None:
    """Also after it was replaced; its neighbours are nobody's business."""
    path = library.write("a.txt", "The marmot sleeps.")
    with closing(Watcher([path], quiet=0.2)) as watcher:
        watcher.start()
        library.write("neighbour.txt", "Not watched.")
        for text in ("The badger digs.", "The otter swims."):
            library.write("new", text).rename(path)
            assert wait_for(watcher) == [Look(path, deep=True)]
        time.sleep(0.5)
        assert watcher.due() == []


def test_a_root_behind_a_link_is_watched(library: Library, tmp_path: Path) -> None:
    """Under the name that it was added by."""
    link = tmp_path / "link"
    link.symlink_to(library.documents)
    with closing(Watcher([link], quiet=0.2)) as watcher:
        watcher.start()
        library.write("a.txt", "The marmot sleeps.")
        assert wait_for(watcher) == [Look(link)]


def test_the_profile_makes_no_noise(library: Library) -> None:
    """A library inside a watched folder would wake its own watcher for ever."""
    with closing(Watcher([library.documents], quiet=0.2, without=library.documents / "p")) as it:
        (library.documents / "p").mkdir()
        it.start()
        library.write("p/library.db", "x")
        time.sleep(0.6)
        assert it.due() == []
