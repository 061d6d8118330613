"""The disk refuses the n-th thing that is asked of it: all is whole, found, and goes on afterwards.

The readers work in this process, so that hundreds of runs take no time for starting others.
"""

from __future__ import annotations

import gc
import os
import shutil
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from app import settings
from indexer.checking import check_library
from indexer.engine import Engine, pending
from indexer.errors import IndexerError
from indexer.readers import read
from indexer.readers.service import answer
from indexer.reading.pool import ReaderPool
from indexer.search.searcher import Searcher
from indexer.storage.database import in_words
from tests.endurance.comparing import differences
from tests.endurance.faults import READS, WRITES, Act, Plan, planned
from tests.endurance.victim import HashedWords

_TO_DO = {"contents of no file"}


class _ReaderHere:
    """Reads in this process, when it is told to."""

    def __init__(self, inbox: Any) -> None:
        self.pid = os.getpid()
        self._inbox = inbox
        inbox.put((self, {"type": "Ready", "confinement": {}}))

    def send(self, message: dict[str, Any]) -> None:
        answer(message["job"], read(Path(message["path"])), lambda m: self._inbox.put((self, m)))

    def kill(self) -> None:
        """Have nothing to end."""

    def close(self, timeout: float = 2.0) -> None:
        """Have nothing to close."""


def sync(profile: Path, documents: Path) -> None:
    """Bring a library up to date, as a command does."""
    pool, path = ReaderPool(_ReaderHere, 1), profile / "library.db"
    with in_words(path), closing(Engine(path, profile / "caches", pool, HashedWords())) as engine:
        engine.reconcile(engine.add(documents))
        for _ in pending(engine):
            pass


def note(documents: Path, number: int, word: str = "tide") -> Path:
    path = documents / f"note {number}.md"
    path.write_text(f"# Note {number}\n\nThe {word} of day {number} is high.\n" * 20, "utf-8")
    return path


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with documents that have changed since its library saw them."""
    folder = tmp_path_factory.mktemp("prepared")
    documents = folder / "documents"
    documents.mkdir()
    for profile in ("profile", "fresh"):
        (folder / profile / "caches").mkdir(parents=True)
    for number in range(5):
        note(documents, number)
    sync(folder / "profile", documents)
    note(documents, 0, "ebb").rename(documents / "note 9.md")
    note(documents, 1, "flood")
    note(documents, 7)
    (documents / "note 2.md").unlink()
    sync(folder / "fresh", documents)
    return folder


def points(count: int, some: int | None) -> Iterator[int]:
    """Yield which calls are refused: all of them, or some that lie apart."""
    step = 1 if some is None else max(1, count // some)
    yield from range(1, count + 1, step)


def run(prepared: Path, tmp_path: Path, act: Act, calls: frozenset[str], some: int | None) -> int:
    """Refuse one call after the other; return how many runs met an error."""
    documents, profile = prepared / "documents", tmp_path / "profile"
    met = 0
    with planned(_fresh(prepared, profile, Plan(profile, act, 0, calls))) as all_:
        sync(profile, documents)
    assert all_.count > 20
    for at in points(all_.count, some):
        plan = _fresh(prepared, profile, Plan(profile, act, at, calls, lasting=act is Act.FULL))
        with planned(plan):
            try:
                sync(profile, documents)
            except IndexerError as error:
                met += 1
                assert error.detail, f"{act} at {at}: {plan.happened}"  # noqa: PT017
        gc.collect()  # a connection that was being opened
        with closing(Searcher(profile / "library.db", profile / "caches", HashedWords())) as found:
            assert found.search("tide of day 3")[0].path.name == "note 3.md"
        checks = check_library(profile / "library.db", profile / "caches")
        wrong = [item for item in checks if item.wrong and item.name not in _TO_DO]
        assert not wrong, f"{act} at {at}: {plan.happened}"
        sync(profile, documents)
        fresh = prepared / "fresh"
        assert not differences(
            profile / "library.db", profile / "caches", fresh / "library.db", fresh / "caches"
        ), f"{act} at {at}: {plan.happened}"
    return met


def _fresh(prepared: Path, profile: Path, plan: Plan) -> Plan:
    shutil.rmtree(profile, ignore_errors=True)
    shutil.copytree(prepared / "profile", profile)
    return plan


_SOME = [4, pytest.param(None, marks=[pytest.mark.slow, pytest.mark.timeout(1800)])]


@pytest.mark.parametrize("some", _SOME)
@pytest.mark.parametrize(
    ("act", "calls"), [(Act.FAIL, WRITES), (Act.FAIL, READS), (Act.FULL, WRITES)]
)
def test_a_refused_call_costs_nothing(
    prepared: Path, tmp_path: Path, act: Act, calls: frozenset[str], some: int | None
) -> None:
    """The database is whole, old documents are found, the error is a sentence, work goes on."""
    assert run(prepared, tmp_path, act, calls, some)


def test_settings_are_the_old_or_the_new_ones(tmp_path: Path) -> None:
    """Opening, syncing and renaming fail in turn."""
    path = tmp_path / "settings.json"
    old, new = settings.Settings(exclude=("old",)), settings.Settings(exclude=("new",))
    settings.save(old, path)
    with planned(Plan(tmp_path, Act.FAIL, 0)) as all_:
        settings.save(old, path)
    for at in range(1, all_.count + 1):
        with planned(Plan(tmp_path, Act.FAIL, at)), pytest.raises(OSError, match="error"):
            settings.save(new, path)
        assert settings.load(path) == old
