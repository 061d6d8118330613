"""`status` and `add` as they account for each file."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from app.cli import run


@pytest.fixture
def called(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Any:
    """Return a function that runs a command in a profile and returns what it printed."""

    def called(*arguments: str) -> str:
        run(["--profile", str(tmp_path / "p"), *arguments])
        return capsys.readouterr().out

    return called


@pytest.fixture
def documents(tmp_path: Path) -> Path:
    """Return a folder with a file of each kind of state."""
    folder = tmp_path / "documents"
    (folder / "inner").mkdir(parents=True)
    (folder / "inner" / "good.txt").write_text("The marmot sleeps.")
    (folder / "blank.txt").write_text("   ")
    (folder / "damaged.pdf").write_bytes(b"%PDF-1.4 and no more")
    (folder / ".hidden.txt").write_text("The marmot hides.")
    return folder


def test_the_ledger_is_listed_by_state_and_place(called: Any, documents: Path) -> None:
    """All of it, or what is asked for; the states that exist are named where one does not."""
    called("--quiet", "add", str(documents), "--words-only")

    def listed(*options: str) -> set[str]:
        lines = map(json.loads, called("--json", "status", *options).splitlines())
        return {Path(line["path"]).name for line in lines if line["type"] == "file"}

    assert listed() == set()
    assert listed("--files") == {"good.txt", "blank.txt", "damaged.pdf", ".hidden.txt"}
    assert listed("--state", "failed") == {"damaged.pdf"}
    assert listed("--state", "skipped, empty") == {"blank.txt", ".hidden.txt"}
    assert listed("--in", str(documents / "inner")) == {"good.txt"}
    assert listed("--in", str(documents / "inner"), "--state", "failed") == set()
    with pytest.raises(SystemExit):
        called("status", "--state", "broken")


def test_what_could_not_be_read_is_pointed_at(called: Any, documents: Path) -> None:
    """By the command that says why."""
    called("--quiet", "add", str(documents), "--words-only")
    assert "`status --state failed,partial`" in called("status")
    (documents / "damaged.pdf").unlink()
    called("--quiet", "sync", "--words-only")
    called("--quiet", "sync", "--words-only")  # a file is gone when it was gone twice
    assert "failed" not in called("status")


def test_a_part_of_a_folder_is_no_folder(
    called: Any, documents: Path, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    """It cannot be removed; what leaves it out is named."""
    called("--quiet", "add", str(documents), "--words-only")
    assert run(["--profile", str(tmp_path / "p"), "remove", str(documents / "inner")]) == 1
    assert "`exclude` with this path" in capsys.readouterr().err
    assert run(["--profile", str(tmp_path / "p"), "remove", str(documents)]) == 0


def test_a_file_that_is_named_is_accounted_for(called: Any, documents: Path) -> None:
    """Also one that its folder had left out before."""
    called("--quiet", "add", str(documents), "--words-only")
    hidden = documents / ".hidden.txt"
    printed = called("--quiet", "add", str(hidden), "--words-only")
    assert f"skipped: {hidden}: Hidden files and folders are left out." in printed
