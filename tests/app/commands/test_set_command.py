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


@pytest.fixture
def contracts(call, tmp_path: Path) -> Path:
    """Return a folder of the library with three contracts, two of which have the same bytes."""
    folder = tmp_path / "contracts"
    folder.mkdir()
    for name, court in {"a": "arbitration", "b": "arbitration", "c": "the courts"}.items():
        (folder / f"{name}.txt").write_text(f"A contract. Disputes go to {court}.")
    assert call("add", "contracts", "--words-only")[0] == 0
    return folder


def test_a_set_is_kept_with_its_conversation(call, tmp_path: Path, contracts: Path) -> None:
    """Its list is exported with all names; a file that was taken out is named nowhere any more."""
    chat = call("ask", "Which contracts mention arbitration?")[1][-1]["chat"]
    answer = call("ask", "--chat", chat, "How many contracts are there?")[1][-1]
    assert (answer["chat"], answer["text"][:11]) == (chat, "3 of 3 file")
    assert call("chats", "export", chat, "kept.json")[0] == 0
    first, second = json.loads((tmp_path / "kept.json").read_text())["turns"]
    assert [Path(item["path"]).name for item in first["files"]] == ["a.txt", "b.txt"]
    assert first["files"][1]["quote"] == "Disputes go to arbitration."
    assert len(second["files"]) == 3
    assert call("chats", "export", chat, "kept.md")[0] == 0
    text = (tmp_path / "kept.md").read_text()
    assert "1. **a.txt**: “Disputes go to arbitration.” (`" in text
    (contracts / "a.txt").unlink()
    assert call("sync", "--words-only")[0] == 0
    assert call("chats", "export", chat, "later.json")[0] == 0
    first = json.loads((tmp_path / "later.json").read_text())["turns"][0]
    assert [Path(item["path"]).name for item in first["files"]] == ["b.txt"]


def test_where_there_is_no_file_it_says_so(call, tmp_path: Path, contracts: Path) -> None:
    """In the library, or in what is asked about; nothing of it is kept."""
    (tmp_path / "empty").mkdir()
    answer = call("ask", "--in", str(tmp_path / "empty"), "Which contracts mention fees?")[1][-1]
    assert answer["text"].startswith("No file is among those")
    assert call("remove", str(contracts))[0] == 0
    answer = call("ask", "Which contracts mention arbitration?")[1][-1]
    assert answer["text"].startswith("There are no files here yet.")
    assert call("chats")[1] == []
