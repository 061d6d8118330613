"""`tags`: set, listed, suggested; wrong input gets a sentence."""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from app.cli import run
from app.library import open_engine
from app.paths import Profile
from indexer.engine import pending

_TOPICS = {
    "bills": "invoice crowns payable vat supplier total due bank transfer receipt",
    "trips": "train hotel ticket museum luggage passport beach map hostel flight",
    # What more than half of the tagged have, the others are taken not to have: so it takes three.
    "garden": "tulip compost shears watering rose hedge seedling mulch fence pear",
}
_TEXTS, _TAGGED = 30, 24  # of each topic: with half of them the learner is not always sure
_WRONG = ["", "/etc/passwd", "x" * 10_000, "a\x1b[31mb", "a,b"]
_Called = Callable[..., tuple[int, list[dict[str, Any]], str]]


@pytest.fixture
def called(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> _Called:
    """Return a function that runs a command; its status, its lines and what was said beside."""

    def called(*arguments: str) -> tuple[int, list[dict[str, Any]], str]:
        status = run(["--profile", str(tmp_path / "p"), "--json", *arguments])
        said = capsys.readouterr()
        return status, [json.loads(line) for line in said.out.splitlines()], said.err

    return called


@pytest.fixture
def documents(tmp_path: Path) -> Path:
    """Return three folders of texts, and an inbox with one of each."""
    chance = random.Random(3)  # noqa: S311 -- the same texts in each run
    for topic, words in _TOPICS.items():
        (tmp_path / "documents" / topic).mkdir(parents=True)
        for number in range(_TEXTS):
            text = " ".join([*chance.choices(words.split(), k=10), f"number{number}"])
            (tmp_path / "documents" / topic / f"{number}.txt").write_text(text)
    inbox = tmp_path / "documents" / "inbox"
    inbox.mkdir()
    (inbox / "new.txt").write_text("The invoice: forty crowns payable by bank transfer.")
    (inbox / "blank.txt").write_text(" ")
    return tmp_path / "documents"


def index(profile: Path, folder: Path) -> None:
    """Index by word alone, without the encoder that the command would load."""
    Profile(profile).create()
    with closing(open_engine(Profile(profile), None)) as engine:
        engine.reconcile(engine.add(folder))
        for _ in pending(engine):
            pass


def test_tags_are_set_listed_and_suggested(
    called: _Called, documents: Path, tmp_path: Path
) -> None:
    """What is suggested comes with its words, and nothing is moved or tagged by it."""
    index(tmp_path / "p", documents)
    for number in range(_TAGGED):
        path = str(documents / "bills" / f"{number}.txt")
        assert called("tags", "set", path, "to pay", "2026")[1] == [
            {"type": "tagged", "path": path, "tags": ["to pay", "2026"]}
        ]
        for topic, tag in (("trips", "travel"), ("garden", "outdoors")):
            path = str(documents / topic / f"{number}.txt")
            assert called("tags", "set", path, tag)[0] == 0
    called("tags", "set", str(documents / "bills" / "0.txt"), "to pay")
    new = documents / "inbox" / "new.txt"
    status, lines, _ = called("tags", "suggest", str(new))
    assert status == 0
    assert lines[-1] == {"type": "done", "files": 1, "suggestions": 3}
    found = {(line["kind"], line["label"]): line for line in lines if line["type"] == "suggestion"}
    assert set(found) == {("folder", str(documents / "bills")), ("tag", "to pay"), ("tag", "2026")}
    assert all(line["confidence"] >= 0.9 for line in found.values())
    assert "invoice" in found["tag", "to pay"]["words"]
    assert new.exists()
    _, lines, _ = called("tags")
    assert [(line["tag"], line["files"]) for line in lines if line["type"] == "tag"] == [
        ("outdoors", _TAGGED), ("to pay", _TAGGED), ("travel", _TAGGED), ("2026", _TAGGED - 1),
    ]  # fmt: skip
    assert {line["kind"] for line in lines if line["type"] == "learned"} == {"folders", "tags"}


def test_where_nothing_can_be_learned_it_is_said(
    called: _Called, documents: Path, tmp_path: Path
) -> None:
    """Abstaining is no failure."""
    index(tmp_path / "p", documents / "bills")
    status, lines, said = called("tags", "suggest", str(documents / "bills"))
    assert (status, lines) == (0, [{"type": "done", "files": _TEXTS, "suggestions": 0}])
    assert "too little to learn from" in said
    assert called("tags", "list") == (0, [], "")


def test_a_wrong_tag_gets_a_sentence(called: _Called, documents: Path, tmp_path: Path) -> None:
    """And changes nothing; nor does a file that is not there or was not read."""
    index(tmp_path / "p", documents / "inbox")
    for wrong in _WRONG:
        status, lines, said = called("tags", "set", str(documents / "inbox" / "new.txt"), wrong)
        assert (status, lines) == (1, [])
        assert "tag " in said
    status, _, said = called("tags", "set", str(documents / "none.txt"), "good")
    assert status == 1
    assert "has not been read" in said
    assert called("tags", "suggest", str(documents / "none.txt"))[0] == 1
    assert called("tags", "list") == (0, [], "")
