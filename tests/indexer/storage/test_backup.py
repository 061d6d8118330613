"""A backup is whole or not there; restoring gives all of it back, or changes nothing."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
import zipfile
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from indexer.errors import IndexerError, LibraryBusy
from indexer.storage.backup import Step, back_up
from indexer.storage.chats import append_turn, load_chat
from indexer.storage.database import open_for_reading
from indexer.storage.migrations import MIGRATIONS
from indexer.storage.restoring import restore

if TYPE_CHECKING:
    from tests.indexer.conftest import Library


def run(steps: Iterator[Step]) -> list[Step]:
    return list(steps)


def files(root: Path) -> dict[str, bytes]:
    """Return what a profile holds, but for the lock's empty file."""
    return {path.name: path.read_bytes() for path in root.iterdir() if path.suffix != ".lock"}


@pytest.fixture
def settings(library: Library) -> Path:
    path = library.root / "settings.json"
    path.write_text('{"llm": "the one of the backup"}')
    return path


@pytest.fixture
def backup(library: Library, settings: Path, tmp_path: Path) -> Path:
    """Return a backup of a library with a document and a conversation, which has changed since."""
    library.write("a.txt", "The marmot sleeps in winter.")
    library.sync()
    append_turn(library.database, "chat", "Who sleeps?", "The marmot.", [])
    target = tmp_path / "library.backup"
    steps = run(back_up(library.database, {"settings.json": settings}, target))
    assert {step.what for step in steps} == {"Copying", "Packing", "Verifying"}
    assert all(0 <= step.done <= step.total for step in steps)
    assert [path.name for path in tmp_path.glob("library.backup*")] == ["library.backup"]
    (library.documents / "a.txt").write_text("The badger digs.")
    library.sync()
    settings.write_text('{"llm": "a later one"}')
    return target


def test_what_was_backed_up_comes_back(library: Library, settings: Path, backup: Path) -> None:
    """Documents, vectors, conversations and settings; nothing is embedded again."""
    assert library.embedder is not None
    before = library.embedder.embedded
    run(restore(backup, library.database, {"settings.json": settings}))
    assert [hit.text for hit in library.search("marmot")] == ["The marmot sleeps in winter."]
    assert library.search("marmot")[0].cosine is not None
    turns = load_chat(library.database, "chat")
    assert turns is not None
    assert turns[0].answer == "The marmot."
    assert "of the backup" in settings.read_text()
    assert library.embedder.embedded == before
    assert sorted(path.name for path in library.root.glob("*.re*")) == []
    library.sync()
    assert [hit.text for hit in library.search("badger")] == ["The badger digs."]


def test_it_is_restored_to_another_machine(
    library: Library, settings: Path, backup: Path, tmp_path: Path
) -> None:
    """Where there was no library before."""
    other = tmp_path / "other"
    other.mkdir()
    run(restore(backup, other / "library.db", {"settings.json": other / "settings.json"}))
    library.root = other
    assert library.search("marmot")


def test_indexing_goes_on_while_a_backup_is_made(library: Library, tmp_path: Path) -> None:
    """The backup is of the moment when it was begun."""
    library.write("a.txt", "The marmot sleeps in winter.")
    library.sync()
    target = tmp_path / "backup"
    steps = back_up(library.database, {}, target)
    next(steps)
    append_turn(library.database, "chat", "Who sleeps?", "The marmot.", [])
    run(steps)
    library.root = tmp_path / "other"
    library.root.mkdir()
    run(restore(target, library.database, {}))
    assert library.search("marmot")
    assert load_chat(library.database, "chat") is None


def test_each_changed_byte_is_found_before_anything_is_touched(
    library: Library, settings: Path, backup: Path
) -> None:
    """Of any file in it; also what is cut off, and what never was a backup."""
    good = backup.read_bytes()
    before = files(library.root)
    bad = [good[: len(good) // 2], b"", b"no zip at all", good + b"x"]
    places = range(0, len(good), len(good) // 60)
    bad += [good[:at] + bytes([good[at] ^ 0x40]) + good[at + 1 :] for at in places]
    run(restore(backup, library.database, {"settings.json": settings}))
    restored = files(library.root)
    refused = 0
    for data in bad:
        for name, content in before.items():
            (library.root / name).write_bytes(content)
        backup.write_bytes(data)
        try:
            run(restore(backup, library.database, {"settings.json": settings}))
        except IndexerError:
            refused += 1
            assert files(library.root) == before
        else:
            # Bytes that say nothing, such as a time, or from where a run of zeros is copied.
            assert files(library.root) == restored
    assert refused > len(bad) / 2


def test_a_backup_of_a_newer_version_is_refused(
    library: Library, backup: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With a sentence, and nothing touched."""
    before = files(library.root)
    monkeypatch.setattr("indexer.storage.backup.MIGRATIONS", MIGRATIONS[:-1])
    with pytest.raises(IndexerError, match="newer Pocket-LLM"):
        run(restore(backup, library.database, {}))
    assert files(library.root) == before


def test_cancelling_leaves_nothing_behind(library: Library, settings: Path, backup: Path) -> None:
    """Neither half a backup nor half a restored library."""
    before = files(library.root)
    whole = backup.read_bytes()
    for count in range(1, 5):
        steps = back_up(library.database, {"settings.json": settings}, backup)
        for _ in range(count):
            next(steps)
        steps.close()
        assert backup.read_bytes() == whole
        assert [path.name for path in backup.parent.glob("library.backup*")] == [backup.name]
    steps = restore(backup, library.database, {"settings.json": settings})
    next(steps)
    steps.close()
    assert files(library.root) == before


def test_nothing_of_the_owner_is_overwritten(library: Library, tmp_path: Path) -> None:
    """A file that is no backup stays; in the profile there is no place for one."""
    library.write("a.txt", "The marmot sleeps in winter.")
    library.sync()
    letter = tmp_path / "letter.zip"
    with zipfile.ZipFile(letter, "w") as archive:
        archive.writestr("letter.txt", "Dear Anna")
    for place, sentence in ((letter, "is no backup"), (library.root / "b", "in the profile")):
        with pytest.raises(IndexerError, match=sentence):
            run(back_up(library.database, {}, place))
    assert zipfile.ZipFile(letter).namelist() == ["letter.txt"]
    with pytest.raises(IndexerError, match="no library"):
        run(back_up(tmp_path / "none" / "library.db", {}, tmp_path / "backup"))


def test_a_library_in_use_is_not_replaced(library: Library, settings: Path, backup: Path) -> None:
    """Neither under an engine nor under a search."""
    with closing(library.engine()), pytest.raises(LibraryBusy):
        run(restore(backup, library.database, {}))
    with closing(open_for_reading(library.database)) as db:
        assert db.execute("SELECT count(*) FROM files").get
        with pytest.raises(LibraryBusy):
            run(restore(backup, library.database, {}))
    assert library.search("badger")


def test_a_damaged_library_is_replaced(library: Library, backup: Path) -> None:
    """That is what a backup is for."""
    data = bytearray(library.database.read_bytes())
    data[:4096] = os.urandom(4096)
    library.database.write_bytes(data)
    run(restore(backup, library.database, {}))
    assert library.search("marmot")


_RESTORER = """
import sys
from pathlib import Path
from indexer.storage.restoring import restore
for step in restore(Path(sys.argv[1]), Path(sys.argv[2]), {}):
    print(step.what, flush=True)
"""


@pytest.mark.skipif(os.name != "posix", reason="kills as POSIX does")
def test_a_kill_leaves_the_old_library_or_the_new_one(
    library: Library, settings: Path, backup: Path, tmp_path: Path
) -> None:
    """At whatever moment, and nothing beside it after the next opening."""
    good = tmp_path / "good.db"
    shutil.copy(library.database, good)
    for delay in (0.0, 0.002, 0.005, 0.01):
        shutil.copy(good, library.database)
        process = subprocess.Popen(
            [sys.executable, "-c", _RESTORER, str(backup), str(library.database)],
            stdout=subprocess.PIPE,
            text=True,
        )
        assert process.stdout is not None
        with process.stdout:
            while process.stdout.readline() not in ("Opening\n", ""):
                pass
            time.sleep(delay)
            process.kill()
            process.wait()
        library.engine().close()
        assert bool(library.search("marmot")) or bool(library.search("badger"))
        assert not list(library.root.glob("*.replaced*"))


@pytest.mark.skipif(sys.platform != "linux", reason="/dev/full is of Linux")
def test_a_full_disk_is_said_and_leaves_nothing(
    library: Library, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The sentence says that nothing has changed."""
    import resource

    library.write("a.txt", "The marmot sleeps in winter. " * 3000)
    library.sync()
    target = tmp_path / "backup"
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    try:
        resource.setrlimit(resource.RLIMIT_FSIZE, (30_000, hard))
        with pytest.raises(IndexerError, match="disk"):
            run(back_up(library.database, {}, target))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
        signal.signal(signal.SIGXFSZ, handler)
    assert not list(tmp_path.glob("backup*"))
