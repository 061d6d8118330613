"""`compare` as it is called."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from app.cli import run


def test_two_versions_are_compared(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A line for each change, then their numbers; a file that was not read has no text."""
    monkeypatch.chdir(tmp_path)
    profile = ["--profile", str(tmp_path / "p"), "--quiet"]
    folder = tmp_path / "documents"
    folder.mkdir()
    (folder / "old.txt").write_text("The rent is 900 EUR.\n\nPets are allowed.\n")
    (folder / "new.txt").write_text("The rent is 950 EUR.\n\nPets are allowed.\n")
    assert run([*profile, "add", "documents", "--words-only"]) == 0
    capsys.readouterr()
    assert run([*profile, "--json", "compare", "documents/old.txt", "documents/new.txt"]) == 0
    change, compared = map(json.loads, capsys.readouterr().out.splitlines())
    assert change["values"] == [{"old": "900", "new": "950"}]
    assert change["old"]["text"] == "The rent is 900 EUR."
    assert (compared["changed"], compared["same"], compared["values"]) == (1, 1, 1)
    assert run([*profile, "compare", "documents/old.txt", "documents/new.txt"]) == 0
    assert "900 → 950" in capsys.readouterr().out
    assert run([*profile, "compare", "documents/old.txt", "documents/none.txt"]) == 1
    assert "No text of this file" in capsys.readouterr().err
