"""Watching with real files and the real watchdog: what changes on the disk is found."""

from __future__ import annotations

import errno
import json
import logging
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import IO, Any

import pytest
from watchdog.events import FileCreatedEvent
from watchdog.observers import Observer
from watchdog.observers.api import BaseObserver, EventDispatcher

import indexer.folders.polling
import indexer.folders.watcher
from indexer.engine import Engine
from indexer.folders.changes import Look
from indexer.folders.mounts import Mount, is_remote_kind, mount_of
from indexer.folders.watcher import Watcher
from indexer.storage.database import open_for_reading
from indexer.types import Mode
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


@pytest.fixture
def make_watched(library: Library) -> Iterator[Callable[..., Watched]]:
    """Return a function that watches what is in the library's folder by then."""
    opened: list[Any] = []

    def make(**options: Any) -> Watched:
        engine = library.engine()
        opened.append(engine)
        folder = engine.add(library.documents)
        watcher = Watcher([library.documents], quiet=QUIET, **options)
        watcher.start()
        opened.append(watcher)
        engine.reconcile(folder)
        return Watched(library, engine, watcher)

    yield make
    for item in reversed(opened):
        item.close()


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
    watched.until(lambda: _places(library) == {"new/deep/a.txt", "other/deep/b.txt"})
    (library.documents / "new").rename(library.documents / "aside")
    (library.documents / "other").rename(library.documents / "new")
    (library.documents / "aside").rename(library.documents / "other")
    watched.until(lambda: _places(library) == {"other/deep/a.txt", "new/deep/b.txt"})
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


def test_a_single_file_is_watched_by_its_name(library: Library) -> None:
    """Also after it was replaced; its neighbours are nobody's business."""
    path = library.write("a.txt", "The marmot sleeps.")
    with closing(Watcher([path], quiet=0.2)) as watcher:
        watcher.start()
        library.write("neighbour.txt", "Not watched.")
        for text in ("The badger digs.", "The otter swims."):
            library.write("new", text).rename(path)
            assert _wait_for(watcher) == [Look(path, deep=True)]
        time.sleep(0.5)
        assert watcher.due() == []


def test_a_root_behind_a_link_is_watched(library: Library, tmp_path: Path) -> None:
    """Under the name that it was added by."""
    link = tmp_path / "link"
    link.symlink_to(library.documents)
    with closing(Watcher([link], quiet=0.2)) as watcher:
        watcher.start()
        library.write("a.txt", "The marmot sleeps.")
        assert _wait_for(watcher) == [Look(link)]


def test_the_profile_makes_no_noise(library: Library) -> None:
    """A library inside a watched folder would wake its own watcher for ever."""
    with closing(Watcher([library.documents], quiet=0.2, without=library.documents / "p")) as it:
        (library.documents / "p").mkdir()
        it.start()
        library.write("p/library.db", "x")
        time.sleep(0.6)
        assert it.due() == []


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
        assert _wait_for(watcher) == [Look(library.documents, deep=True)]


@pytest.mark.parametrize("where", ["observer", "root", "probe"])
def test_where_the_system_has_no_room_folders_are_polled(
    library: Library, where: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is said once, in a sentence, and changes are still found."""
    if where == "probe" and sys.platform != "linux":
        pytest.skip("only inotify leaves folders out in silence")
    monkeypatch.setattr(indexer.folders.polling, "POLLING_SECONDS", 0.2)
    made = []

    def native() -> BaseObserver:
        made.append(where)
        if where == "observer":
            raise OSError(errno.EMFILE, "too many instances")
        observer = Observer()
        if where == "root" or len(made) == 2:

            def schedule(*_: Any, **__: Any) -> Any:
                raise OSError(errno.ENOSPC, "too many watches")

            monkeypatch.setattr(observer, "schedule", schedule)
        return observer

    with closing(Watcher([library.documents], quiet=0.2, native=native)) as watcher:
        watcher.start()
        (note,) = watcher.notes()
        assert "cannot watch all of “documents”" in note
        assert watcher.notes() == []
        assert _wait_for(watcher) == [Look(library.documents, deep=True)]
        library.write("a.txt", "The marmot sleeps.")
        assert _wait_for(watcher) == [Look(library.documents)]


def test_only_the_folder_that_does_not_fit_is_polled(
    library: Library, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The others are heard at once; also when the room is used up later."""
    monkeypatch.setattr(indexer.folders.polling, "POLLING_SECONDS", 0.2)
    roots = [tmp_path / name for name in ("first", "second", "third")]
    for root in roots:
        root.mkdir()
    full: list[str] = ["third"]
    scheduled: list[str] = []

    def native() -> BaseObserver:
        observer = Observer()
        schedule = observer.schedule

        def refuse(handler: Any, path: str, **options: Any) -> Any:
            if Path(path).name in full:
                raise OSError(errno.ENOSPC, "too many watches")
            scheduled.append(Path(path).name)
            return schedule(handler, path, **options)

        monkeypatch.setattr(observer, "schedule", refuse)
        return observer

    with closing(Watcher(roots, quiet=0.2, native=native)) as watcher:
        watcher.start()
        assert ["third" in note for note in watcher.notes()] == [True]
        assert _wait_for(watcher) == [Look(roots[2], deep=True)]
        full.append("second")
        scheduled.clear()
        watcher._check_limit()
        assert ["second" in note for note in watcher.notes()] == [True]
        assert scheduled == ["first"]  # there was room for it
        assert _wait_for(watcher) == [Look(roots[1], deep=True)]
        for root in roots:
            (root / "a.txt").write_text("The marmot sleeps.")
            assert _wait_for(watcher) == [Look(root)]


def test_a_drive_of_the_network_is_polled(
    library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What others did before the first picture is found as well; nothing is said about it."""
    monkeypatch.setattr(indexer.folders.polling, "POLLING_SECONDS", 0.2)
    made: list[BaseObserver] = []

    def native() -> BaseObserver:
        made.append(Observer())
        return made[-1]

    with closing(
        Watcher([library.documents], quiet=0.2, native=native, remote=lambda _: True)
    ) as watcher:
        watcher.start()
        assert watcher.notes() == []
        assert not any(observer.emitters for observer in made)
        assert _wait_for(watcher) == [Look(library.documents, deep=True)]
        library.write("a.txt", "The marmot sleeps.")
        assert _wait_for(watcher) == [Look(library.documents)]


def test_a_large_folder_is_polled_less_often(
    library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The pause grows with what a look takes."""
    monkeypatch.setattr(indexer.folders.polling, "POLLING_SECONDS", 0.01)
    looks: list[float] = []

    def scandir(path: Any) -> Any:
        if threading.current_thread() is not threading.main_thread():
            looks.append(time.monotonic())
            time.sleep(0.03)
        return _scandir(path)

    _scandir = os.scandir
    with monkeypatch.context() as patch:
        patch.setattr(os, "scandir", scandir)
        with closing(Watcher([library.documents], quiet=0.1, remote=lambda _: True)) as watcher:
            watcher.start()
            time.sleep(2)
    assert 2 <= len(looks) <= 5


@pytest.mark.parametrize(
    ("kind", "remote"),
    [
        ("nfs", True), ("nfs4", True), ("cifs", True), ("smb3", True), ("smbfs", True),
        ("fuse.sshfs", True), ("fuse.rclone", True), ("9p", True), ("vboxsf", True),
        ("virtiofs", True), ("afpfs", True), ("ext4", False), ("btrfs", False), ("apfs", False),
        ("ntfs", False), ("fuseblk", False), ("vfat", False), ("tmpfs", False), ("overlay", False),
    ],
)  # fmt: skip
def test_what_is_a_drive_of_the_network(kind: str, remote: bool) -> None:
    """By the kind of file system that is mounted."""
    assert is_remote_kind(kind) is remote


def test_the_innermost_and_last_mount_counts() -> None:
    """As the system's list has them, one on top of the other."""
    root = Mount(Path("/"), "/dev/a", "ext4")
    share = Mount(Path("/mnt/share"), "server:/x", "nfs4")
    over = Mount(Path("/mnt/share"), "/dev/b", "vfat")
    assert mount_of(Path("/mnt/sharedfiles"), [root, share]) == root
    assert mount_of(Path("/mnt/share/a"), [root, share]) == share
    assert mount_of(Path("/mnt/share/a"), [root, share, over]) == over
    assert mount_of(Path("/mnt"), []) is None


def test_closing_leaves_no_thread(library: Library) -> None:
    """Watchdog's threads end with the watcher."""
    before = threading.active_count()
    watcher = Watcher([library.documents, library.root])
    watcher.start()
    assert threading.active_count() > before
    watcher.close()
    assert threading.active_count() == before


def test_the_command_finds_what_was_saved_within_seconds(library: Library) -> None:
    """`watch` as a real process: a line for the file, one for the round, 130 at the end."""
    library.embedder = None
    library.write("a.txt", "The marmot sleeps.")
    command = [sys.executable, "-m", "app", "--profile", str(library.root), "--json"]
    subprocess.run([*command, "add", str(library.documents)], check=True, capture_output=True)
    with subprocess.Popen(
        [*command, "watch"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        try:
            assert process.stdout is not None
            _read_to(process.stdout, "done")
            saved = time.monotonic()
            path = library.write("b.txt", "The badger digs at night.")
            while not library.search("badger", mode=Mode.WORDS):
                assert time.monotonic() - saved < 5
                time.sleep(0.05)
            lines = _read_to(process.stdout, "done")
            assert lines[-1]["files"] == 1
            assert [line["path"] for line in lines if line["type"] == "file"] == [str(path)]
            path.unlink()
            _read_to(process.stdout, "done")
            assert not library.search("badger", mode=Mode.WORDS)
            process.send_signal(signal.SIGINT)
            _, errors = process.communicate(timeout=20)
            assert process.returncode == 130, errors
        finally:
            process.kill()


@pytest.mark.slow
@pytest.mark.skipif(not hasattr(signal, "SIGSTOP"), reason="this system stops no process")
def test_what_came_while_the_watcher_stood_still_is_found(library: Library) -> None:
    """20,000 files, of which the system tells it a part: one look at the disk finds all.

    On two busy cores it takes 5 s, of which 2 s are the quiet time.
    """
    library.write("before.txt", "The marmot sleeps.")
    command = [sys.executable, "-m", "app", "--profile", str(library.root), "--json"]
    subprocess.run([*command, "add", str(library.documents)], check=True, capture_output=True)
    with subprocess.Popen([*command, "watch"], stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            _read_to(process.stdout, "done")
            process.send_signal(signal.SIGSTOP)
            for folder in range(200):
                (library.documents / str(folder)).mkdir()
                for n in range(100):
                    (library.documents / str(folder) / f"{n}.txt").write_text(f"{folder} {n}")
            process.send_signal(signal.SIGCONT)
            started = time.monotonic()
            known = 1
            while known < 20_001:
                assert time.monotonic() - started < 60, known
                time.sleep(0.1)
                with closing(open_for_reading(library.database)) as db:
                    known = int(db.execute("SELECT count(*) FROM files").get)
        finally:
            process.kill()


def test_an_empty_library_cannot_be_watched(library: Library) -> None:
    """It says what to do."""
    ran = subprocess.run(
        [sys.executable, "-m", "app", "--profile", str(library.root), "watch"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 1
    assert "`add FOLDER`" in ran.stderr


def _read_to(stream: IO[str], kind: str) -> list[dict[str, Any]]:
    lines: list[dict[str, Any]] = []
    while not lines or lines[-1]["type"] != kind:
        lines.append(json.loads(stream.readline()))
    return lines


def _wait_for(watcher: Watcher, seconds: float = 10) -> list[Look]:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if due := watcher.due():
            return due
        time.sleep(0.02)
    return []


def _places(library: Library) -> set[str]:
    from indexer.storage.database import open_for_reading
    from indexer.storage.ledger import ledger

    with closing(open_for_reading(library.database)) as db:
        return {item.path.relative_to(library.documents).as_posix() for item in ledger(db)}
