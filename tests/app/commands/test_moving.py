"""backup, restore, relink and chats as they are called."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from app.cli import run
from indexer.storage.chats import append_turn


@pytest.fixture
def call(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch):
    """Return a function that runs a command in a profile, and returns its status and lines."""
    monkeypatch.chdir(tmp_path)

    def call(*arguments: str) -> tuple[int, list[dict[str, Any]]]:
        status = run(["--profile", str(tmp_path / "p"), "--json", "--quiet", *arguments])
        printed = capsys.readouterr().out.splitlines()
        lines = [json.loads(line) for line in printed]
        return status, [line for line in lines if line["type"] != "progress"]

    return call


@pytest.fixture
def documents(tmp_path: Path) -> Path:
    folder = tmp_path / "documents"
    folder.mkdir()
    for n in range(3):
        (folder / f"{n}.txt").write_text(f"The marmot {n} sleeps in winter.")
    return folder


def test_a_library_moves_to_another_machine(call, documents: Path, tmp_path: Path):
    """Into an empty profile, to documents in another place; nothing waits to be read."""
    assert call("add", "documents", "--words-only")[0] == 0
    status, lines = call("backup", "library.backup")
    assert (status, lines[-1]["type"]) == (0, "backup")
    assert lines[-1]["bytes"] == (tmp_path / "library.backup").stat().st_size
    (tmp_path / "p").rename(tmp_path / "old")
    documents.rename(tmp_path / "elsewhere")
    assert call("restore", "library.backup")[0] == 0
    status, lines = call("status")
    assert [folder["state"] for folder in lines[0]["folders"]] == ["away"]
    status, lines = call("relink", "documents", "elsewhere")
    assert (status, lines[-1]) == (0, {
        "type": "relinked", "old": str(documents), "new": str(tmp_path / "elsewhere"),
        "same": 3, "changed": 0, "missing": 0,
    })  # fmt: skip
    assert call("sync", "--words-only")[1][-1]["files"] == 0
    hits = call("search", "marmot", "--mode", "words")[1][:-1]
    assert {Path(hit["path"]).parent for hit in hits} == {tmp_path / "elsewhere"}


def test_what_cannot_be_done_is_said(call, documents: Path, tmp_path: Path):
    """In a sentence, with status 1."""
    assert call("backup", "library.backup")[0] == 1
    assert call("restore", "library.backup")[0] == 1
    assert call("add", "documents", "--words-only")[0] == 0
    assert call("relink", "nowhere", "documents")[0] == 1
    assert call("backup", "documents/0.txt")[0] == 1
    assert (documents / "0.txt").read_text() == "The marmot 0 sleeps in winter."


def test_conversations_are_listed_shown_renamed_and_erased(call, tmp_path: Path):
    """None of a name that is not there."""
    assert call("chats") == (0, [])
    database = tmp_path / "p" / "library.db"
    append_turn(database, "one", "Who is zygomorphic?", "The orchid.", [])
    lines = call("chats", "list")[1]
    assert [(line["id"], line["title"], line["turns"]) for line in lines] == [
        ("one", "Who is zygomorphic?", 1)
    ]
    assert call("chats", "show", "one")[1] == [
        {"type": "turn", "question": "Who is zygomorphic?", "answer": "The orchid."}
    ]
    assert call("chats", "rename", "one", "Of orchids")[0] == 0
    assert call("chats")[1][0]["title"] == "Of orchids"
    assert call("chats", "delete", "one")[0] == 0
    assert call("chats") == (0, [])
    for action in (("show", "one"), ("rename", "one", "x"), ("delete", "one")):
        assert call("chats", *action)[0] == 1
    for path in (tmp_path / "p").rglob("library.db*"):
        assert b"zygomorphic" not in path.read_bytes()
