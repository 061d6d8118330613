"""Where the system cannot watch, folders are polled."""

from __future__ import annotations

import errno
import os
import sys
import threading
import time
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from watchdog.observers import Observer
from watchdog.observers.api import BaseObserver

import indexer.folders.polling
import indexer.folders.watcher
from indexer.folders.changes import Look
from indexer.folders.mounts import Mount, is_remote_kind, mount_of
from indexer.folders.watcher import Watcher
from tests.indexer.conftest import Library
from tests.indexer.folders.watched import wait_for


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
        assert wait_for(watcher) == [Look(library.documents, deep=True)]
        library.write("a.txt", "The marmot sleeps.")
        assert wait_for(watcher) == [Look(library.documents)]


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
        assert wait_for(watcher) == [Look(roots[2], deep=True)]
        full.append("second")
        scheduled.clear()
        watcher._check_limit()
        assert ["second" in note for note in watcher.notes()] == [True]
        assert scheduled == ["first"]  # there was room for it
        assert wait_for(watcher) == [Look(roots[1], deep=True)]
        for root in roots:
            (root / "a.txt").write_text("The marmot sleeps.")
            assert wait_for(watcher) == [Look(root)]


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
        assert wait_for(watcher) == [Look(library.documents, deep=True)]
        library.write("a.txt", "The marmot sleeps.")
        assert wait_for(watcher) == [Look(library.documents)]


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
