"""Other bytes at the same size and time are found, oldest check first, within an allowance."""

from __future__ import annotations

import itertools
import os
import time
from contextlib import closing
from pathlib import Path

import pytest

from indexer.engine import Engine, pending
from indexer.folders.audit import BYTES_AN_HOUR, Audit
from tests.indexer.conftest import Library


def _exchange(path: Path, text: str) -> None:
    """Write other bytes and set the time back."""
    status = path.stat()
    path.write_text(text.ljust(status.st_size, "."))
    os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))


def _round(
    engine: Engine,
    monkeypatch: pytest.MonkeyPatch,
    seconds: float = 400,
    bytes_an_hour: float = BYTES_AN_HOUR,
) -> int:
    """Step through so much time, a tenth of a second each; return how many files were found."""
    with monkeypatch.context() as patch, closing(Audit(engine.store.audited, bytes_an_hour)) as it:
        now = time.monotonic()
        clock = itertools.count()
        patch.setattr(time, "monotonic", lambda: now + next(clock) / 10)
        return sum(it.step() for _ in range(round(seconds * 10)))


def test_other_bytes_at_the_same_size_and_time_are_found(
    library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A comparison does not see them; what is as it was is not read again."""
    path = library.write("a.txt", "The marmot sleeps.")
    library.write("b.txt", "The otter swims.")
    library.sync()
    _exchange(path, "The badger digs.")
    library.sync()
    assert "marmot" in library.search("marmot")[0].text
    with closing(library.engine()) as engine:
        assert _round(engine, monkeypatch) == 1
        assert engine.progress().files == 1
        list(pending(engine))
        assert _round(engine, monkeypatch) == 0
    assert "badger" in library.search("badger")[0].text


def test_it_goes_on_where_it_was_and_begins_anew_at_the_end(
    library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also in another process; however often it is ended."""
    paths = [library.write(f"{n}.txt", f"The marmot {n} sleeps.") for n in range(4)]
    library.sync()
    for path in paths:
        _exchange(path, "The badger digs.")
    found = 0
    for _ in range(20):
        with closing(library.engine()) as engine:
            found += _round(engine, monkeypatch, 1)
    assert found == 4


def test_it_keeps_to_its_allowance(library: Library, monkeypatch: pytest.MonkeyPatch) -> None:
    """And opens neither what is away nor a file that became a pipe."""
    for n in range(3):
        library.write(f"{n}.txt", f"{n} The marmot sleeps. " * 1_000)
    library.sync()
    with closing(library.engine()) as engine:
        for n in range(2):
            _exchange(library.documents / f"{n}.txt", f"{n} The badger digs. " * 1_000)
        assert _round(engine, monkeypatch, 3600, bytes_an_hour=25_000) <= 1
        (library.documents / "1.txt").unlink()
        if hasattr(os, "mkfifo"):
            os.mkfifo(library.documents / "1.txt")
        assert _round(engine, monkeypatch) == 1
