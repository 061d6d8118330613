"""`ask` where a set of files answers, as it is called."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from app.cli import run


@pytest.fixture
def call(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch):
    """Return a function that runs a command in a profile, and returns its status and lines."""
    monkeypatch.chdir(tmp_path)

    def call(*arguments: str) -> tuple[int, list[dict[str, Any]]]:
        status = run(["--profile", str(tmp_path / "p"), "--json", "--quiet", *arguments])
        printed = capsys.readouterr().out.splitlines()
        return status, [json.loads(line) for line in printed]

    return call


def test_a_question_about_a_set_names_all_files(call, tmp_path: Path) -> None:
    """With a line each, and an answer that cites them; no model is started."""
    folder = tmp_path / "contracts"
    folder.mkdir()
    for number in range(12):
        word = "arbitration" if number % 2 else "courts"
        (folder / f"{number:02}.txt").write_text(f"Contract {number}. Disputes go to {word}.")
    assert call("add", "contracts", "--words-only")[0] == 0
    status, lines = call("ask", "Which contracts mention arbitration?")
    assert status == 0
    assert (lines[0]["type"], lines[0]["count"], lines[0]["among"]) == ("set", 6, 12)
    members = [line for line in lines if line["type"] == "member"]
    assert [Path(line["path"]).name for line in members] == [f"{n:02}.txt" for n in range(1, 12, 2)]
    assert all("arbitration" in line["quote"] for line in members)
    answer = lines[-1]
    assert answer["type"] == "answer"
    assert answer["text"].startswith("6 of 12 files.")
    assert len(answer["citations"]) == 6


def test_files_without_a_date_are_counted_apart(call, tmp_path: Path) -> None:
    """One or many of them, in a sentence that holds for both."""
    folder = tmp_path / "invoices"
    folder.mkdir()
    (folder / "a.txt").write_text("Invoice 1\nDate: 2024-03-12\nTotal: 300 EUR")
    (folder / "b.txt").write_text("Invoice 2\nTotal: 200 EUR")
    assert call("add", "invoices", "--words-only")[0] == 0
    answer = call("ask", "How many invoices in March 2024?")[1][-1]
    assert answer["text"].startswith("1 of 2 files.")
    assert "Without a date by which they could be told: 1 more." in answer["text"]
