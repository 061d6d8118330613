"""What is different in the frozen program."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from app.commands import doctor
from app.library import open_embedder
from app.messages.preparing import PrepareEncoder
from app.messages.wire import to_wire
from app.model_files.preparer import serve
from app.paths import (
    Profile,
    program_command,
    repair,
    starter_models,
    typed_command,
    worker_command,
)
from app.settings import Settings
from models.errors import ModelDamaged, ModelMissing


@pytest.fixture
def frozen(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """Pretend to be the window's executable of an installation; return its folder."""
    monkeypatch.setattr(sys, "frozen", True, raising=False)
    monkeypatch.setattr(sys, "executable", str(tmp_path / "pocket-llm"))
    monkeypatch.setattr(sys, "prefix", str(tmp_path / "_internal"))
    return tmp_path


def test_workers_are_the_console_beside_the_window(
    frozen: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also when it is the console itself that asks, and under Windows' names."""
    console = str(frozen / "pocket-llm-worker")
    assert worker_command("reader") == [console, "--worker", "reader"]
    monkeypatch.setattr(sys, "executable", console)
    assert program_command() == [console]
    monkeypatch.setattr(sys, "executable", str(frozen / "pocket-llm.exe"))
    assert program_command() == [console + ".exe"]


def test_starters_are_in_the_collection(frozen: Path) -> None:
    """Where the spec puts them."""
    assert starter_models() == frozen / "_internal" / "share" / "pocket-llm" / "models"


def test_a_checkout_runs_its_python(monkeypatch: pytest.MonkeyPatch) -> None:
    """With -P where the folder that the user stands in gives no modules."""
    monkeypatch.setattr(sys, "path", ["/elsewhere"])
    assert program_command() == [sys.executable, "-P", "-m", "app"]
    monkeypatch.setattr(sys, "path", ["", "/elsewhere"])
    assert worker_command("llm") == [sys.executable, "-m", "app", "--worker", "llm"]


def test_sentences_name_what_the_user_has(frozen: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No start.py where there is none."""
    assert "start.py" not in repair() + typed_command()
    monkeypatch.delattr(sys, "frozen")
    assert "python3 start.py" in repair()
    assert typed_command() == "python3 start.py"


def test_a_damaged_starter_is_replaced(frozen: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """In a checkout the set-up must be made to notice."""
    monkeypatch.delattr(sys, "frozen")
    card = starter_models() / Settings().encoder / "encoder.json"
    card.parent.mkdir(parents=True)
    card.write_text("{", "utf-8")
    with pytest.raises(ModelDamaged) as damaged:
        open_embedder(Profile(frozen / "profile"), Settings())
    assert damaged.value.detail.startswith(f"Delete {card.parent}.")
    assert "start.py" in damaged.value.detail


def test_doctor_sends_to_the_installer(frozen: Path, tmp_path: Path) -> None:
    """For a starter that is missing or damaged; an imported encoder is imported again."""
    profile = Profile(tmp_path / "profile")
    profile.create()
    with pytest.raises(ModelMissing) as missing:
        doctor._encoder(profile, Settings())
    assert missing.value.detail.startswith("Install Pocket-LLM again.")
    for folder, words in ((starter_models(), "Install Pocket-LLM"), (profile.models, "Prepare")):
        card = folder / Settings().encoder / "encoder.json"
        card.parent.mkdir(parents=True)
        card.write_text("{", "utf-8")
        with pytest.raises(ModelDamaged) as damaged:
            doctor._encoder(profile, Settings())
        assert damaged.value.detail.startswith(words)


class FakePipe:
    """Gives one message, keeps what is answered."""

    def __init__(self, message: dict[str, Any]) -> None:
        self.message = message
        self.answers: list[dict[str, Any]] = []

    def __iter__(self) -> Iterator[dict[str, Any]]:
        yield self.message

    def write(self, message: dict[str, Any]) -> None:
        """Keep an answer."""
        self.answers.append(message)


def test_the_preparer_says_what_it_lacks(frozen: Path, tmp_path: Path) -> None:
    """Torch is not in the collection: a sentence says where it is done."""
    message = PrepareEncoder("1", str(tmp_path), str(tmp_path / "out"), "mine")
    pipe: Any = FakePipe(to_wire(message))
    serve(pipe)
    (answer,) = pipe.answers
    assert answer["type"] == "Failed"
    assert "checkout" in answer["detail"]
