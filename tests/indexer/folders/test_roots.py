"""Roots with an identity: what is away is kept, comes back without work, and is marked as such."""

from __future__ import annotations

import errno
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from indexer.engine import Engine, pending
from tests.indexer.conftest import Library


def _write(library: Library, count: int, folder: str = "sub") -> None:
    for n in range(count):
        library.write(f"{folder}/{n}.txt", f"The marmot number{n} sleeps in {folder}.")


def _embedded(library: Library) -> int:
    assert library.embedder is not None
    return library.embedder.embedded


def _look(library: Library) -> None:
    """Compare what was added with the disk, and index; as `sync` does."""
    with closing(library.engine()) as engine:
        for folder in engine.store.folders():
            engine.reconcile(folder)
        list(pending(engine))


def _online(library: Library) -> bool:
    with closing(library.engine()) as engine:
        return engine.store.folders()[0].online


@pytest.mark.parametrize("instead", ["nothing", "an empty folder", "another drive", "a file"])
def test_ten_times_unplugged_and_plugged_in(library: Library, tmp_path: Path, instead: str) -> None:
    """Nothing is deleted, nothing is embedded again, and each state is shown."""
    _write(library, 3)
    library.sync()
    before, embedded = library.ledger(), _embedded(library)
    for _ in range(10):
        library.documents.rename(tmp_path / "unplugged")
        if instead == "a file":
            library.documents.write_text("The badger digs.")
        elif instead != "nothing":
            library.documents.mkdir()
        if instead == "another drive":
            library.write("other.txt", "The badger digs.")
            library.write("sub/0.txt", "The badger digs deep.")
        _look(library)
        assert library.ledger() == before
        hit = library.search("number1")[0]
        assert "number1" in hit.text
        assert hit.away
        assert not _online(library)
        if instead == "a file":
            library.documents.unlink()
        elif instead != "nothing":
            shutil.rmtree(library.documents)
        (tmp_path / "unplugged").rename(library.documents)
        _look(library)
        assert library.ledger() == before
        assert not library.search("number1")[0].away
        assert _online(library)
    assert _embedded(library) == embedded


def test_a_copy_of_a_folder_is_that_folder(library: Library, tmp_path: Path) -> None:
    """A restored backup, or a drive without lasting numbers, is told by its files."""
    _write(library, 10)
    library.sync()
    embedded = _embedded(library)
    shutil.copytree(library.documents, tmp_path / "copy")
    (tmp_path / "copy" / "sub" / "9.txt").unlink()
    library.documents.rename(tmp_path / "old")
    (tmp_path / "copy").rename(library.documents)
    _look(library)
    assert _online(library)
    assert len(library.ledger()) == 9
    assert _embedded(library) == embedded


def test_adding_a_folder_again_takes_what_stands_there(library: Library, tmp_path: Path) -> None:
    """Another folder at its place is away until then; an empty one may be a drive's."""
    _write(library, 3)
    library.sync()
    library.documents.rename(tmp_path / "old")
    library.documents.mkdir()
    library.sync()
    assert len(library.ledger()) == 3
    library.write("new.txt", "The badger digs.")
    _look(library)
    assert "new.txt" not in library.ledger()
    library.sync()
    assert set(library.ledger()) == {"new.txt"}


MOUNTING = """
import os, subprocess, sys
from pathlib import Path
sys.path[:0] = [{root!r}, {tests!r}]
from contextlib import closing
from tests.indexer.conftest import BagOfWords, Library
from indexer.engine import pending

def mount(*arguments):
    subprocess.run(["mount", *arguments], check=True)

def look():
    with closing(library.engine()) as engine:
        for folder in engine.store.folders():
            engine.reconcile(folder)
        list(pending(engine))

base = Path({base!r})
library = Library(base / "profile", base / "documents", BagOfWords())
drive = base / "drive"
for folder in (library.root, library.documents, drive):
    folder.mkdir()
place = library.documents / {inside!r}
place.mkdir(exist_ok=True)
library.write("own.txt", "The badger digs.") if {inside!r} else None
(place / "under.txt").write_text("The otter swims.") if {inside!r} else None
for n in range(3):
    (drive / f"{{n}}.txt").write_text(f"The marmot number{{n}} sleeps.")
if {inside!r}:
    library.sync()
mount("--bind", str(drive), str(place))
library.sync()
before, embedded = library.ledger(), library.embedder.embedded
for _ in range(10):
    subprocess.run(["umount", str(place)], check=True)
    look()
    assert library.ledger() == before, library.ledger()
    assert library.search("number1")[0].away
    if {inside!r}:
        assert not library.search("badger")[0].away
        assert not library.search("otter")[0].away
    mount("--bind", str(drive), str(place))
    look()
    assert library.ledger() == before, library.ledger()
    assert not library.search("number1")[0].away
    if {inside!r}:
        assert library.search("otter")[0].away
assert library.embedder.embedded == embedded
(drive / "1.txt").unlink()
look()
assert set(before) - set(library.ledger()) == {{"1.txt"}}
print("whole")
"""


def _may_mount() -> bool:
    if sys.platform != "linux" or shutil.which("unshare") is None:
        return False
    tried = ["unshare", "-rm", "mount", "-t", "tmpfs", "none", "/mnt"]
    return subprocess.run(tried, check=False, capture_output=True).returncode == 0


@pytest.mark.skipif(not _may_mount(), reason="this system does not let the test mount anything")
@pytest.mark.parametrize("inside", ["", "inside"])
def test_ten_times_mounted_and_unmounted(tmp_path: Path, inside: str) -> None:
    """The root itself, and a drive inside of it that is mounted over files that were read."""
    here = Path(__file__)
    script = MOUNTING.format(
        root=str(here.parents[3]), tests=str(here.parents[1]), base=str(tmp_path), inside=inside
    )
    ran = subprocess.run(
        ["unshare", "-rm", sys.executable, "-c", script],
        check=False, capture_output=True, text=True,
    )  # fmt: skip
    assert ran.stdout == "whole\n", ran.stderr


def test_many_that_go_at_once_are_held_until_their_owner_is_asked(library: Library) -> None:
    """They are still found, marked; what returns is as before; what is forgotten is gone."""
    _write(library, 60)
    library.write("stays.txt", "The badger digs.")
    library.sync()
    before, embedded = library.ledger(), _embedded(library)
    shutil.rmtree(library.documents / "sub")
    with closing(library.engine()) as engine:
        engine.reconcile(engine.store.folders()[0])
        assert engine.store.folder_states()[0][0].held == 60
    assert library.ledger() == before
    assert library.search("number7")[0].away
    assert not library.search("badger")[0].away
    _look(library)
    assert library.ledger() == before
    for n in range(30):
        library.write(f"sub/{n}.txt", f"The marmot number{n} sleeps in sub.")
    _look(library)
    assert library.ledger() == before
    assert not library.search("number7")[0].away
    assert _embedded(library) == embedded
    with closing(library.engine()) as engine:
        assert engine.store.folder_states()[0][0].held == 30
        assert engine.forget_missing(library.documents / "elsewhere") == 0
        assert engine.forget_missing(library.documents) == 30
        list(pending(engine))
    assert len(library.ledger()) == 31
    assert not [hit for hit in library.search("number57") if "number57" in hit.text]
    assert b"number57" not in library.database.read_bytes()


def test_a_few_that_go_are_forgotten(library: Library) -> None:
    """Fifty, or a fifth of a folder, are an everyday deletion."""
    _write(library, 50)
    _write(library, 260, "others")
    library.sync()
    shutil.rmtree(library.documents / "sub")
    _look(library)
    assert len(library.ledger()) == 260
    for n in range(52):
        (library.documents / "others" / f"{n}.txt").unlink()
    _look(library)
    assert len(library.ledger()) == 208


def test_many_that_moved_are_not_asked_about(library: Library, tmp_path: Path) -> None:
    """A renamed folder, seen at once or in two looks, in whichever order."""
    _write(library, 60)
    library.sync()
    embedded = _embedded(library)
    (library.documents / "sub").rename(library.documents / "new")
    _look(library)
    assert len(library.ledger()) == 60
    (library.documents / "new").rename(tmp_path / "aside")
    _look(library)
    (tmp_path / "aside").rename(library.documents / "back")
    with closing(library.engine()) as engine:
        (folder,) = engine.store.folders()
        assert engine.store.folder_states()[0][0].held == 60
        engine.reconcile(folder, library.documents / "back")
        assert engine.store.folder_states()[0][0].held == 0
        list(pending(engine))
    assert len(library.ledger()) == 60
    assert not library.search("number7")[0].away
    assert _embedded(library) == embedded


@pytest.mark.parametrize("number", [errno.EIO, errno.ESTALE, errno.EACCES, errno.EHOSTDOWN])
@pytest.mark.parametrize("call", ["scandir", "lstat", "in the middle"])
def test_an_error_of_the_disk_deletes_nothing(
    library: Library, monkeypatch: pytest.MonkeyPatch, number: int, call: str
) -> None:
    """Neither where a folder is listed, nor in the middle of it, nor at the second look."""
    _write(library, 3)
    library.sync()
    before = set(library.ledger())
    real_scandir, real_lstat = os.scandir, os.lstat

    class Broken:
        def __init__(self, scan: Any) -> None:
            self._scan = scan

        def __enter__(self) -> Any:
            return self

        def __exit__(self, *_: object) -> None:
            self._scan.close()

        def __iter__(self) -> Any:
            yield next(self._scan)
            raise OSError(number, "the drive failed")

    def scandir(path: Any = ".") -> Any:
        if not os.fsencode(path).endswith(b"sub"):
            return real_scandir(path)
        if call == "scandir":
            raise OSError(number, "the drive failed")
        return Broken(real_scandir(path)) if call == "in the middle" else iter(())

    def lstat(path: Any, **options: Any) -> Any:
        if call == "lstat" and b"/sub/" in os.fsencode(path):
            raise OSError(number, "the drive failed")
        return real_lstat(path, **options)

    class Empty:
        def __enter__(self) -> Any:
            return iter(())

        def __exit__(self, *_: object) -> None:
            pass

    def listed(path: Any = ".") -> Any:
        # A listing that lacks what is there, as of a share that has just come back.
        return Empty() if os.fsencode(path).endswith(b"sub") else real_scandir(path)

    with closing(library.engine()) as engine, monkeypatch.context() as patch:
        patch.setattr(os, "scandir", listed if call == "lstat" else scandir)
        patch.setattr(os, "lstat", lstat)
        engine.reconcile(engine.store.folders()[0])
    assert before <= set(library.ledger())
    assert engine.forgotten == 0
    _look(library)
    assert set(library.ledger()) == before


def test_what_is_unplugged_while_it_waits_is_read_when_it_is_back(
    library: Library, tmp_path: Path
) -> None:
    """It stays in the ledger, and does not keep the engine busy."""
    _write(library, 3)
    library.sync()
    library.write("sub/1.txt", "The badger digs.")
    with closing(library.engine()) as engine:
        engine.reconcile(engine.store.folders()[0])
        library.documents.rename(tmp_path / "unplugged")
        list(pending(engine))
        assert engine.forgotten == 0
    assert len(library.ledger()) == 3
    assert library.search("number1")
    (tmp_path / "unplugged").rename(library.documents)
    _look(library)
    assert library.search("badger")
    assert {state for state, _ in library.ledger().values()} == {"indexed"}


def test_a_name_that_changed_its_case_is_one_file(
    library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On a disk that answers to both names; a folder that changed its case, too."""
    _write(library, 2, "Notes")
    library.write("Report.txt", "The badger digs.")
    library.sync()
    embedded = _embedded(library)
    (library.documents / "Notes").rename(library.documents / "notes")
    (library.documents / "Report.txt").rename(library.documents / "report.txt")
    real = os.lstat

    def lstat(path: Any, **options: Any) -> os.stat_result:
        spelled = os.fsencode(path)
        for old, new in ((b"/Notes", b"/notes"), (b"/Report", b"/report")):
            spelled = spelled.replace(old, new)
        return real(spelled, **options)

    with monkeypatch.context() as patch:
        patch.setattr(os, "lstat", lstat)
        _look(library)
    with closing(library.engine()) as engine:
        names = _paths(engine)
    assert names == {"notes/0.txt", "notes/1.txt", "report.txt"}
    assert _embedded(library) == embedded


def _paths(engine: Engine) -> set[str]:
    folder = engine.store.folders()[0]
    known: Callable[..., Any] = engine.store.known_files
    return {Path(os.fsdecode(path)).relative_to(folder.path).as_posix() for path in known(folder)}
