"""What the commands say of folders that are away and files that went at once."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from app import settings
from app.cli import run
from app.paths import Profile
from app.settings import Settings

Called = Callable[..., tuple[int, list[dict[str, Any]], str]]


@pytest.fixture
def called(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Called:
    """Return a function that runs a command: its status, JSON lines, and what it said besides."""
    # Without an encoder, which takes a second to load.
    profile = Profile(tmp_path / "p")
    profile.create()
    settings.save(Settings(encoder="none"), profile.settings)

    def called(*arguments: str) -> tuple[int, list[dict[str, Any]], str]:
        status = run(["--profile", str(tmp_path / "p"), "--json", *arguments])
        printed = capsys.readouterr()
        return status, [json.loads(line) for line in printed.out.splitlines()], printed.err

    return called


@pytest.fixture
def documents(tmp_path: Path) -> Path:
    folder = tmp_path / "documents"
    for n in range(60):
        (folder / "sub").mkdir(parents=True, exist_ok=True)
        (folder / "sub" / f"{n}.txt").write_text(f"The marmot number{n} sleeps.")
    (folder / "stays.txt").write_text("The badger digs.")
    return folder


def _hit(called: Called, words: str) -> dict[str, Any]:
    _, lines, _ = called("search", "--mode", "words", "-k", "1", words)
    return lines[0]


def test_files_that_went_at_once_are_forgotten_when_it_is_said(
    called: Called, documents: Path
) -> None:
    """`sync` says it and how; what is found of them is marked; then they are gone."""
    called("add", "--words-only", str(documents))
    shutil.rmtree(documents / "sub")
    _, lines, errors = called("sync", "--words-only")
    assert {"type": "missing", "path": str(documents), "files": 60} in lines
    assert f"sync --forget-missing {documents}" in errors
    assert _hit(called, "number7")["away"] is True
    assert _hit(called, "badger")["away"] is False
    _, lines, _ = called("status", "--files")
    assert sum(line["away"] for line in lines if line["type"] == "file") == 60
    assert lines[-1]["folders"][0]["missing"] == 60
    status, _, errors = called("sync", "--words-only", "--forget-missing", "/elsewhere")
    assert (status, "This is not in the library." in errors) == (1, True)
    _, lines, _ = called("sync", "--words-only", "--forget-missing", str(documents))
    assert {"type": "forgotten", "files": 60} in lines
    assert _hit(called, "number7")["type"] == "done"
    _, lines, _ = called("status")
    assert lines[-1]["folders"][0].get("missing", 0) == 0


def test_a_folder_that_is_away_is_said_to_be(called: Called, documents: Path) -> None:
    """Where nothing stands, and where another folder does, with what is to be done then."""
    called("add", "--words-only", str(documents))
    documents.rename(documents.parent / "unplugged")
    _, _, errors = called("sync", "--words-only")
    assert "is away; its passages are kept" in errors
    documents.mkdir()
    (documents / "other.txt").write_text("The otter swims.")
    _, _, errors = called("sync", "--words-only")
    assert f"`add {documents}` takes what is there now" in errors
    _, lines, _ = called("status")
    assert lines[-1]["folders"][0]["state"] == "away"
    assert _hit(called, "badger")["away"] is True
    shutil.rmtree(documents)
    (documents.parent / "unplugged").rename(documents)
    _, lines, _ = called("status")
    assert lines[-1]["folders"][0]["state"] == "online"
    _, _, errors = called("sync", "--words-only")
    assert "away" not in errors
    assert _hit(called, "badger")["away"] is False
