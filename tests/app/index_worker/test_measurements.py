"""The index worker measures how well search finds: when it is told, or by itself at rest."""

from __future__ import annotations

import time
from contextlib import closing
from pathlib import Path

import pytest

from app.index_worker import calm, measuring
from app.index_worker.measuring import Measurements
from app.library import open_engine
from app.llm.answering import answering
from app.messages.general import Failed
from app.messages.quality import AskQuality, Measure, Measuring, Quality, StopMeasuring
from app.messages.wire import Message, from_wire, to_wire
from app.paths import Profile
from indexer.engine import pending


@pytest.fixture
def profile(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Profile:
    """Return a profile with a library of words, on a machine that is on mains and at rest."""
    monkeypatch.setattr(calm, "on_battery", lambda: False)
    monkeypatch.setattr(measuring, "_REST_SECONDS", 0.0)
    documents = tmp_path / "documents"
    documents.mkdir()
    for animal in ("marmot", "badger", "heron"):
        text = f"Every {animal} was counted by seven visitors in the quarry before rain started."
        (documents / f"{animal}.txt").write_text(text)
    profile = Profile(tmp_path / "p")
    profile.create()
    with closing(open_engine(profile, None)) as engine:
        engine.reconcile(engine.add(documents))
        for _ in pending(engine):
            pass
    return profile


@pytest.fixture
def said() -> list[Message]:
    """Return what was sent, as it arrives on the other side of the pipe."""
    return []


@pytest.fixture
def work(profile: Profile, said: list[Message]) -> Measurements:
    """Return what measures this library."""
    found = Measurements(profile, lambda message: said.append(from_wire(to_wire(message))))
    found.open(None)
    return found


def run(work: Measurements) -> int:
    """Do all that was told; return in how many steps."""
    return sum(1 for _ in iter(work.go_on, False))


def rest(work: Measurements, said: list[Message]) -> None:
    """Be idle until something is said."""
    end = time.monotonic() + 20
    while not said and time.monotonic() < end:
        work.step()


def test_what_was_told_is_measured_at_once(work: Measurements, said: list[Message]) -> None:
    """A search a step, with progress, and at the end with all that was measured."""
    work.handle(Measure("1"))
    assert run(work) > 6
    *steps, last = said
    assert steps == [Measuring(done, 3) for done in range(3)]
    assert isinstance(last, Quality)
    assert (last.id, last.is_new, len(last.history)) == ("1", True, 1)
    assert last.history[0].five == 3
    work.handle(AskQuality("2"))
    assert said[-1] == Quality("2", last.history)
    assert not work.go_on()


def test_what_is_stopped_is_not_kept(work: Measurements, said: list[Message]) -> None:
    work.handle(Measure("1"))
    for _ in range(4):
        assert work.go_on()
    work.handle(StopMeasuring("2"))
    assert said[-1] == Quality("2", ())
    assert not work.go_on()


def test_it_waits_for_a_search_of_the_owner(
    work: Measurements, said: list[Message], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also when it was told; and then goes on where it was."""
    work.handle(Measure("1"))
    work.go_on()
    work.searched()
    assert not work.go_on()
    monkeypatch.setattr(measuring, "_AFTER_SEARCH_TOLD", 0.0)
    run(work)
    assert isinstance(said[-1], Quality)


def test_it_measures_by_itself_at_rest(work: Measurements, said: list[Message]) -> None:
    """Once, and says nothing before it is done."""
    rest(work, said)
    (quality,) = said
    assert isinstance(quality, Quality)
    assert (quality.id, quality.is_new, quality.history[0].five) == ("", True, 3)
    said.clear()
    for _ in range(50):
        work.step()
    assert not said


def test_it_gives_way(
    work: Measurements, said: list[Message], profile: Profile, monkeypatch: pytest.MonkeyPatch
) -> None:
    """To an answer that is written, to the owner's searches, on battery and before a rest."""
    with answering(profile.answering):
        for _ in range(50):
            work.step()
    work.searched()
    for _ in range(50):
        work.step()
    monkeypatch.setattr(measuring, "_AFTER_SEARCH", 0.0)
    monkeypatch.setattr(calm, "on_battery", lambda: True)
    for _ in range(50):
        work.step()
    monkeypatch.setattr(calm, "on_battery", lambda: False)
    monkeypatch.setattr(measuring, "_REST_SECONDS", 60.0)
    for _ in range(50):
        work.step()
    assert not said


def test_a_library_without_passages_says_so(tmp_path: Path, said: list[Message]) -> None:
    profile = Profile(tmp_path / "empty")
    profile.create()
    open_engine(profile, None).close()
    work = Measurements(profile, said.append)
    work.open(None)
    work.handle(Measure("1"))
    run(work)
    (failed,) = said
    assert isinstance(failed, Failed)
    assert "nothing to measure" in failed.title


def test_what_cannot_be_measured_is_said_to_whoever_asked(
    work: Measurements, said: list[Message], profile: Profile
) -> None:
    profile.database.unlink()
    work.handle(Measure("1"))
    run(work)
    (failed,) = said
    assert isinstance(failed, Failed)
    assert not work.go_on()
