"""Names, links and things that are no files, and files that change while they are read."""

from __future__ import annotations

import itertools
import os
import socket
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import documents
import pytest

from indexer.engine import pending
from indexer.reading import intake
from indexer.types import State
from tests.indexer.conftest import Library

NAMES = {
    "a line break": b"first\nsecond.txt",
    "an order from right to left": "invoice\u202etxt.exe.txt".encode(),
    "a carriage return and a bell": b"a\rb\x07c.txt",
    "a byte that is no UTF-8": b"caf\xe9.txt",
    "half a character": b"half \xed\xa0\x80.txt",
    "a name as long as may be": b"n" * 251 + b".txt",
    "a quote and a wild card": b"it's 100% [a] *?.txt",
    "blanks around it": b"  around  .txt",
    "a dash": b"-rf.txt",
}


@pytest.mark.skipif(sys.platform != "linux", reason="other systems allow fewer names")
def test_any_name_is_a_name(library: Library) -> None:
    """Each file is found under the bytes that it is called by."""
    for number, name in enumerate(NAMES.values()):
        path = os.fsencode(library.documents) + b"/" + name
        Path(os.fsdecode(path)).write_text(f"The marmot number{number} sleeps.")
    library.sync()
    assert {state for state, _ in library.ledger().values()} == {"indexed"}
    for number, name in enumerate(NAMES.values()):
        hit = library.search(f"number{number}")[0]
        assert os.fsencode(hit.path.name) == name
        assert f"number{number}" in hit.text
    assert library.sync() == []


@pytest.fixture
def outside(tmp_path: Path) -> Path:
    """Return a folder beside the one that is indexed, with a secret in it."""
    folder = tmp_path / "outside"
    folder.mkdir()
    (folder / "secret.txt").write_text("The wombat is not to be found.")
    return folder


def test_links_lead_nowhere(library: Library, outside: Path) -> None:
    """Out of the folder, into themselves and each other, up, and to nothing; the folder is read."""
    library.write("inside/a.txt", "The marmot sleeps.")
    targets = {
        "file.txt": outside / "secret.txt",
        "folder": outside,
        "itself.txt": library.documents / "itself.txt",
        "one": library.documents / "other",
        "other": library.documents / "one",
        "inside/up": library.documents,
        "inside/root": Path("/"),
        "broken.txt": library.documents / "nothing.txt",
    }
    for name, target in targets.items():
        (library.documents / name).symlink_to(target)
    library.sync()
    ledger = library.ledger()
    for name in targets:
        assert ledger.pop(Path(name).name) == ("skipped", "Links are not followed.")
    assert {name: state for name, (state, _) in ledger.items()} == {"a.txt": "indexed"}
    assert b"wombat" not in library.database.read_bytes()


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no such files")
def test_what_is_no_file_is_not_opened(library: Library) -> None:
    """Pipes, sockets and devices would block, or never end."""
    library.write("a.txt", "The marmot sleeps.")
    names = ["pipe.txt"]
    os.mkfifo(library.documents / "pipe.txt")
    with socket.socket(socket.AF_UNIX) as listening:
        here = Path.cwd()
        os.chdir(library.documents)  # the address of a socket has a hundred characters at most
        try:
            listening.bind("socket.txt")
            names.append("socket.txt")
        finally:
            os.chdir(here)
        if os.geteuid() == 0:
            # /dev/zero under another name.
            os.mknod(library.documents / "zero.txt", 0o20666, os.makedev(1, 5))
            names.append("zero.txt")
        library.sync()
    ledger = library.ledger()
    for name in names:
        state, reason = ledger[name]
        assert (state, reason) == (
            "skipped", "This is no document but a device, a pipe or a socket.",
        )  # fmt: skip
    assert ledger["a.txt"][0] == "indexed"


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no such files")
def test_a_file_that_became_a_pipe(library: Library) -> None:
    """It was a file when the folder was listed; opening it would wait for ever."""
    path = library.write("a.txt", "The marmot sleeps.")
    library.write("b.txt", "The bat does, too.")
    with closing(library.engine()) as engine:
        engine.reconcile(engine.add(library.documents))
        path.unlink()
        os.mkfifo(path)
        list(pending(engine))
    ledger = library.ledger()
    assert (ledger["a.txt"][0], ledger["b.txt"][0]) == ("skipped", "indexed")


@pytest.mark.skipif(
    not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may read everything"
)
def test_what_may_not_be_read_says_so(library: Library) -> None:
    """A file and a folder; with the right they are read."""
    file = library.write("a.txt", "The marmot sleeps.")
    inside = library.write("folder/b.txt", "The bat does, too.")
    file.chmod(0)
    inside.parent.chmod(0)
    try:
        library.sync()
        ledger = library.ledger()
        assert ledger["a.txt"][0] == "failed"
        assert "right to read it" in ledger["a.txt"][1]
        assert ledger["folder"] == ("failed", "This folder may not be read.")
    finally:
        file.chmod(0o600)
        inside.parent.chmod(0o700)
    with closing(library.engine()) as engine:
        engine.store.queue.retry([])
    library.sync()
    assert {state for state, _ in library.ledger().values()} == {"indexed"}


@contextmanager
def _meanwhile(action: Callable[[], object]) -> Iterator[None]:
    """Do something again and again, in another thread."""
    done = threading.Event()

    def repeat() -> None:
        while not done.wait(0.005):
            action()

    thread = threading.Thread(target=repeat)
    thread.start()
    try:
        yield
    finally:
        done.set()
        thread.join()


def test_a_file_that_grows_without_end(library: Library) -> None:
    """The others are read meanwhile, and its state is settled although it never rests."""
    path = library.write("a.log", "The marmot sleeps.\n")
    library.write("b.txt", "The bat does, too.")

    def grow() -> None:
        with path.open("a") as file:
            file.write("And sleeps.\n" * 10)

    with closing(library.engine()) as engine, _meanwhile(grow):
        engine.reconcile(engine.add(library.documents))
        end = time.monotonic() + 20
        for _ in pending(engine):
            assert time.monotonic() < end, "the engine never rests"
    ledger = library.ledger()
    assert ledger["b.txt"][0] == "indexed"
    assert ledger["a.log"][0] in ("partial", "indexed")
    assert library.search("marmot")
    library.sync()
    assert library.ledger()["a.log"][0] == "indexed"


def test_a_file_that_is_another_at_each_look(
    library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is read some times, then kept as it was found; when it rests, it is read for good."""
    library.write("a.log", "The marmot sleeps.")
    times = itertools.count(1)
    with monkeypatch.context() as changing:
        changing.setattr(intake, "_stat", lambda path: (18, next(times)))
        library.sync()
    state, reason = library.ledger()["a.log"]
    assert state == "partial"
    assert "written to while it was read" in reason
    assert library.search("marmot")
    library.sync()
    assert library.ledger()["a.log"] == ("indexed", "")


def test_files_that_shrink_and_vanish(library: Library) -> None:
    """Whenever it happens, each ends in a state of its own or is forgotten."""
    kinds = {
        "a.pdf": documents.pdf(["The marmot sleeps."] * 500),
        "b.txt": b"The marmot sleeps. " * 20_000,
        "c.csv": b"name;sleeps\nmarmot;yes\n" * 10_000,
    }
    for name, data in kinds.items():
        (library.documents / name).write_bytes(data)
        (library.documents / f"gone {name}").write_bytes(data + b"\n")
    library.write("z.txt", "Harmless.")
    with closing(library.engine()) as engine:
        engine.reconcile(engine.add(library.documents))
        for _ in range(3):
            engine.step()
        for name, data in kinds.items():
            os.truncate(library.documents / name, len(data) // 3)
            (library.documents / f"gone {name}").unlink()
        list(pending(engine))
    library.sync()
    states = {name: state for name, (state, _) in library.ledger().items()}
    assert states.pop("z.txt") == "indexed"
    assert states.pop("a.pdf") in ("indexed", "partial", "failed")
    assert states == {"b.txt": "indexed", "c.csv": "indexed"}


def test_a_file_that_never_rests_is_read_less_and_less_often(
    library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Under a watcher: a log that is written to each second for three hours."""
    path = library.write("a.log", "The marmot sleeps.\n")
    now, read = time.monotonic(), []
    with closing(library.engine()) as engine:
        folder = engine.add(library.documents)
        for second in range(0, 3 * 3600, 20):
            monkeypatch.setattr(time, "monotonic", lambda at=now + second: at)
            path.write_text(f"The marmot sleeps {second} times.\n")
            engine.reconcile(folder, library.documents, deep=False, quiet=2)
            if engine.progress().files:
                read.append(second)
                (file,) = engine.store.queue.waiting(1, [])
                engine.store.queue.settle(file, State.FAILED, "", None)
        monkeypatch.undo()
        os.utime(path, (1, 1))
        engine.reconcile(folder, quiet=2)
        engine.reconcile(folder, quiet=2)
        assert engine.progress().files == 1  # it rests at last
    assert 4 <= len(read) <= 9
    pauses = [later - earlier for earlier, later in itertools.pairwise(read)]
    assert pauses == sorted(pauses)
    assert pauses[-1] <= 3700


@pytest.mark.parametrize("years", [-30, 30])
def test_whatever_the_clock_says(
    library: Library, monkeypatch: pytest.MonkeyPatch, years: int
) -> None:
    """Set back or ahead, with files of the future: all is found, once, and nothing again."""
    shift = years * 365 * 24 * 3600
    library.write("before.txt", "The marmot sleeps.")
    library.sync()
    real = time.time
    monkeypatch.setattr(time, "time", lambda: real() + shift)
    path = library.write("after.txt", "The badger digs.")
    os.utime(path, (real() + shift, real() + shift))
    os.utime(library.write("future.txt", "The otter swims."), (real() + 10**9, real() + 10**9))
    with closing(library.engine()) as engine:
        (folder,) = engine.store.folders()
        for _ in range(2):
            engine.reconcile(folder, quiet=0.01)
            time.sleep(0.02)
        list(pending(engine))
    assert {state for state, _ in library.ledger().values()} == {"indexed"}
    assert len(library.ledger()) == 3
    path.write_text("The wombat eats.")
    os.utime(path, (real() + shift - 5, real() + shift - 5))
    library.sync()
    assert library.search("wombat")[0].path == path
    assert library.sync() == []
