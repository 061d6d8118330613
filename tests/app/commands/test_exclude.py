"""`exclude` as it is called: what is kept, what is said, and what the library does."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from app.cli import run


@pytest.fixture
def exclude(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch):
    """Return a function that runs it in a profile and returns its last line."""
    monkeypatch.chdir(tmp_path)

    def exclude(*arguments: str) -> tuple[int, dict[str, Any]]:
        status = run(["--profile", str(tmp_path / "p"), "--json", "exclude", *arguments])
        printed = capsys.readouterr().out.splitlines()
        return status, json.loads(printed[-1]) if printed else {}

    return exclude


def test_patterns_are_kept_until_they_are_removed(exclude, tmp_path: Path):
    """Each once; what exists is kept as its whole path."""
    (tmp_path / "private").mkdir()
    place = str(tmp_path / "private")
    status, line = exclude("*.bak", "private", "*.bak")
    assert (status, line["patterns"], line["gitignore"]) == (0, ["*.bak", place], True)
    assert exclude()[1] == line
    assert exclude("--remove", "*.bak")[1]["patterns"] == [place]
    assert exclude("--gitignore", "off")[1] == {
        "type": "excluded", "patterns": [place], "gitignore": False, "larger_than": 256,
    }  # fmt: skip


def test_the_size_limit_is_kept(exclude, tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    """In megabytes; a file above it says so, also where it is added by itself."""
    large = tmp_path / "large.txt"
    large.write_bytes(b"x" + b" " * (3 << 20))
    assert exclude("--larger-than", "2")[1]["larger_than"] == 2
    run(["--profile", str(tmp_path / "p"), "--quiet", "add", str(large), "--words-only"])
    assert f"skipped: {large}: The file is larger than 2 MB." in capsys.readouterr().out
    assert exclude("--larger-than", "256")[1]["larger_than"] == 256


def test_what_cannot_be_a_pattern_is_refused(exclude):
    """Nothing is kept that would have no effect."""
    assert exclude("# a comment")[0] == 1
    assert exclude("--remove", "*.bak")[0] == 1
    assert exclude()[1]["patterns"] == []


def test_the_library_follows(exclude, tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    """What is excluded leaves the library at once, and comes back."""
    documents = tmp_path / "documents"
    documents.mkdir()
    (documents / "a.bak").write_text("The marmot sleeps.")

    def states() -> set[str]:
        run(["--profile", str(tmp_path / "p"), "--json", "status", "--files"])
        lines = map(json.loads, capsys.readouterr().out.splitlines())
        return {line["state"] for line in lines if line["type"] == "file"}

    run(["--profile", str(tmp_path / "p"), "--quiet", "add", str(documents), "--words-only"])
    capsys.readouterr()
    assert states() == {"words"}
    exclude("*.bak")
    assert states() == {"skipped"}
    exclude("--remove", "*.bak")
    assert states() <= {"words", "indexed"}
