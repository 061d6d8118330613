"""Hostile files through the real engine and readers: each ends in a state, nothing else is hurt.

All of them stand in one folder, a harmless file behind each, and are read by one reader. The tests
look at what has become of them.
"""

from __future__ import annotations

import socket
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import psutil
import pytest
from watchdog.events import FileSystemEvent, FileSystemEventHandler
from watchdog.observers import Observer

from app.pipes.supervisor import Worker
from indexer.engine import Engine, pending
from indexer.folders.ignoring import Rules
from indexer.readers.confinement.limits import MEMORY
from indexer.reading.pool import ReaderPool
from tests.bombs import BOMBS, Bomb, Lure
from tests.indexer.conftest import BagOfWords, Library

SECRET = "wombat"
_SOON = 5.0  # seconds after a bomb's end until the next file is done
_LIBRARIES = 128 << 20  # bytes that a reader holds beside what documents take


class Opened(FileSystemEventHandler):
    """Notes that a file was opened; only Linux tells of it."""

    def __init__(self) -> None:
        self.paths: list[str] = []

    def on_opened(self, event: FileSystemEvent) -> None:
        if not event.is_directory:
            self.paths.append(str(event.src_path))


@dataclass
class Aftermath:
    """What has become of bombs."""

    ledger: dict[str, tuple[str, str]]
    ended: dict[str, float]  # when each file was done
    text: bytes  # all that is in the profile
    most: int  # bytes that a reader held
    opened: list[str]  # outside of the folder
    connected: bool


def explode(root: Path, bombs: tuple[Bomb, ...]) -> Aftermath:
    """Read bombs, each followed by a harmless file."""
    library = Library(root / "profile", root / "documents", BagOfWords())
    outside = root / "outside"
    for folder in (library.root, library.documents, outside):
        folder.mkdir()
    secret = outside / "secret.txt"
    secret.write_text(f"The {SECRET} is not to be read.")
    with closing(socket.create_server(("127.0.0.1", 0))) as server, _opened_in(outside) as opened:
        server.setblocking(False)
        lure = Lure(secret, f"http://127.0.0.1:{server.getsockname()[1]}")
        for number, bomb in enumerate(bombs):
            place = library.documents / f"{number:03}"
            place.mkdir()
            bomb.write(place, lure)
            (place / f"{bomb.name} next.txt").write_text(f"Harmless number {number}.")
        ended, most = _read(library)
        connected = True
        try:
            server.accept()
        except BlockingIOError:
            connected = False
    text = b"".join(path.read_bytes() for path in library.root.rglob("*") if path.is_file())
    return Aftermath(library.ledger(), ended, text, most, opened.paths, connected)


def _read(library: Library) -> tuple[dict[str, float], int]:
    """Return when each file was done, and how much memory a reader took at most."""
    pool = ReaderPool(
        lambda inbox: Worker([sys.executable, "-m", "app", "--worker", "reader"], inbox=inbox),
        workers=1,
    )
    ended: dict[str, float] = {}
    with (
        closing(Engine(library.database, library.root, pool, library.embedder)) as engine,
        _held() as held,
    ):
        engine.reconcile(engine.add(library.documents))
        for step in pending(engine):
            for status in step:
                ended.setdefault(status.path.name, time.monotonic())
    return ended, held[0]


@contextmanager
def _held() -> Iterator[list[int]]:
    """Measure how many bytes any child process holds at most."""
    most = [0]
    done = threading.Event()

    def look() -> None:
        while not done.wait(0.05):
            with suppress(psutil.Error):
                for child in psutil.Process().children():
                    with suppress(psutil.Error):
                        most[0] = max(most[0], child.memory_info().rss)

    thread = threading.Thread(target=look)
    thread.start()
    try:
        yield most
    finally:
        done.set()
        thread.join()


@contextmanager
def _opened_in(folder: Path) -> Iterator[Opened]:
    opened = Opened()
    observer = Observer()
    observer.schedule(opened, str(folder))
    observer.start()
    try:
        yield opened
    finally:
        observer.stop()
        observer.join()


def judge(aftermath: Aftermath, bombs: tuple[Bomb, ...]) -> None:
    """Check that bombs did no harm."""
    wrong = []
    for bomb in bombs:
        state, reason = aftermath.ledger[bomb.name]
        following = f"{bomb.name} next.txt"
        waited = aftermath.ended[following] - aftermath.ended.get(bomb.name, float("inf"))
        if (
            state not in bomb.states
            or (state != "indexed" and not reason.endswith("."))
            or aftermath.ledger[following][0] != "indexed"
            or waited > _SOON
        ):
            wrong.append(f"{bomb.name}: {state}, {reason} (the next after {waited:.1f} s)")
    assert not wrong, "\n".join(wrong)
    assert 0 < aftermath.most < MEMORY + _LIBRARIES
    assert SECRET.encode() not in aftermath.text
    assert not aftermath.opened
    assert not aftermath.connected


def test_no_bomb_does_harm(tmp_path: Path) -> None:
    """Archives, XML, PDFs, texts and pictures that cost little."""
    bombs = tuple(bomb for bomb in BOMBS if not bomb.is_slow)
    judge(explode(tmp_path, bombs), bombs)


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_no_heavy_bomb_does_harm(tmp_path: Path) -> None:
    """Those that take all of a reader's memory, or time."""
    bombs = tuple(bomb for bomb in BOMBS if bomb.is_slow)
    judge(explode(tmp_path, bombs), bombs)


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_a_gigabyte_without_a_line_break(tmp_path: Path) -> None:
    """Its beginning is found, and it is said that the rest was not read."""
    library = Library(
        tmp_path / "profile", tmp_path / "documents", None, Rules(most_megabytes=2_000)
    )
    library.root.mkdir()
    library.documents.mkdir()
    block = b"marmot " * 150_000
    with (library.documents / "a.txt").open("wb") as file:
        for _ in range(1_000):
            file.write(block)
    library.write("b.txt", "Harmless.")
    with _held() as held:
        library.sync(words_only=True)
    state, reason = library.ledger()["a.txt"]
    assert (state, "too long" in reason) == ("words", True)
    assert library.ledger()["b.txt"][0] == "words"
    assert held[0] < MEMORY + _LIBRARIES
    assert library.search("marmot")
