"""Folders and tags are learned when nothing is left to index, and never beside an answer."""

from __future__ import annotations

import time
from contextlib import closing
from pathlib import Path

import pytest

from app.index_worker import calm
from app.index_worker.tagging import Learning, Tagging
from app.library import open_engine
from app.llm.answering import answering
from app.messages.general import Failed
from app.messages.tags import AskTags, SetTags, Suggested, Tags
from app.messages.wire import Message
from app.paths import Profile
from indexer.engine import Engine, pending
from indexer.learning.library import evaluate
from indexer.learning.model import Kind

_TOPICS = {
    "bills": "invoice crowns payable vat supplier",
    "trips": "train hotel ticket museum luggage",
}


@pytest.fixture
def profile(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Profile:
    """Return a profile beside two folders, on a machine that is on mains."""
    monkeypatch.setattr(calm, "on_battery", lambda: False)
    for topic, words in _TOPICS.items():
        (tmp_path / "documents" / topic).mkdir(parents=True)
        for number in range(12):
            (tmp_path / "documents" / topic / f"{number}.txt").write_text(f"{words} {number}")
    profile = Profile(tmp_path / "p")
    profile.create()
    return profile


def index(engine: Engine, folder: Path) -> None:
    engine.reconcile(engine.add(folder))
    for _ in pending(engine):
        pass


def learn(learning: Learning, engine: Engine, seconds: float = 20) -> bool:
    """Learn until there is nothing more; False if it waits."""
    begun = False
    end = time.monotonic() + seconds
    while time.monotonic() < end and learning.step(engine):
        begun = True
    return begun


def test_it_learns_at_idle_and_not_beside_an_answer(profile: Profile, tmp_path: Path) -> None:
    """Once; after that there is nothing to do until something changes."""
    with closing(open_engine(profile, None)) as engine:
        index(engine, tmp_path / "documents")
        learning = Learning(profile)
        with answering(profile.answering):
            assert not learning.step(engine)
        assert evaluate(profile.database) == {}
        learning = Learning(profile)
        assert learn(learning, engine)
        assert set(evaluate(profile.database)) == {Kind.FOLDERS}
        assert not learning.step(engine)
        learning.close()


def test_a_file_is_asked_about_and_tagged(profile: Profile, tmp_path: Path) -> None:
    """What is wrong is said first, and then how things stand."""
    said: list[Message] = []
    with closing(open_engine(profile, None)) as engine:
        index(engine, tmp_path / "documents")
        learn(Learning(profile), engine)
        new = tmp_path / "documents" / "inbox" / "new.txt"
        new.parent.mkdir()
        new.write_text("An invoice of forty crowns, payable to the supplier with VAT.")
        index(engine, tmp_path / "documents")
        with closing(Tagging(profile, said.append)) as work:
            work.handle(engine, AskTags("1", new))
            work.handle(engine, SetTags("2", new, ("to pay",)))
            work.handle(engine, SetTags("3", new, ("a/b",)))
            work.handle(engine, AskTags("4", new.with_name("none.txt")))
    first, second, wrong, third, nothing = said
    assert isinstance(first, Tags)
    assert first.tags == ()
    (found,) = first.suggestions
    assert found == Suggested(str(tmp_path / "documents" / "bills"), True, found.words)
    assert "invoice" in found.words
    assert isinstance(second, Tags)
    assert second.tags == ("to pay",)
    assert isinstance(wrong, Failed)
    assert wrong.id == "3"
    assert isinstance(third, Tags)
    assert third.tags == ("to pay",)
    assert nothing == Tags("4", new.with_name("none.txt"), ())
