"""chats, selections and ask --chat as they are called, with the starter model."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from app.cli import run
from app.paths import Profile
from indexer.storage.chats import append_turn

SAMPLES = Path(__file__).parents[3] / "resources" / "samples"
QUESTION = "How long is the warranty of the LP-320 printer?"


@pytest.fixture
def call(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch):
    """Return a function that runs a command in a profile, and returns its status and lines."""
    monkeypatch.chdir(tmp_path)

    def call(*arguments: str) -> tuple[int, list[dict[str, Any]]]:
        status = run(["--profile", str(tmp_path / "p"), "--json", "--quiet", *arguments])
        printed = capsys.readouterr().out.splitlines()
        return status, [json.loads(line) for line in printed]

    return call


@pytest.fixture
def library(call, tmp_path: Path) -> Path:
    """Return the folder of a library with two documents."""
    folder = tmp_path / "documents"
    folder.mkdir()
    for name in ("printer-manual.pdf", "meeting-minutes.md"):
        shutil.copy(SAMPLES / name, folder)
    assert call("add", "documents", "--words-only")[0] == 0
    return folder


@pytest.mark.slow
def test_a_conversation_is_kept_with_its_citations_and_exported(call, library: Path, tmp_path):
    """As Markdown and JSON; what it was asked about holds for what follows."""
    call("selections", "save", "Minutes and manual", "--in", "documents")
    short = ("--max-tokens", "24")
    status, lines = call("ask", QUESTION, "--selection", "Minutes and manual", *short)
    answer = lines[-1]
    assert status == 0
    assert answer["type"] == "answer"
    chat = answer["chat"]
    assert [line["id"] for line in call("chats", "search", "lp-320 WARRANTY")[1]] == [chat]
    assert call("chats", "list", "marmot") == (0, [])

    assert call("chats", "export", chat, "chat.json")[0] == 0
    exported = json.loads((tmp_path / "chat.json").read_text())
    turn = exported["turns"][0]
    assert turn["answer"] == answer["text"]
    assert turn["sentences"] == answer["sentences"]
    assert turn["citations"] == answer["citations"]
    assert turn["model"] == answer["model"]
    assert call("chats", "export", chat, "chat.md")[0] == 0
    markdown = (tmp_path / "chat.md").read_text()
    assert markdown.startswith("# How long is the warranty of the LP-320 printer?")
    assert "**printer-manual.pdf, page " in markdown
    assert call("chats", "export", chat, "chat.doc")[0] == 1

    (library / "later.md").write_text("The toner of the LP-320 costs 79 euros.")
    outside = tmp_path / "elsewhere.md"
    outside.write_text("The toner of the LP-320 costs 12 euros.")
    assert call("add", "elsewhere.md", "--words-only")[0] == 0
    lines = call("ask", "--chat", chat, "What does toner cost elsewhere?", *short)[1]
    evidence = [line for line in lines if line["type"] == "evidence"]
    assert evidence
    assert all(Path(line["path"]).parent == library for line in evidence)


@pytest.mark.slow
def test_a_chat_without_documents_is_kept_as_such(call, library: Path):
    """Nothing is searched, and nothing is cited."""
    status, lines = call("ask", "--plain", "Say hello.", "--max-tokens", "8")
    assert (status, lines[-1]["citations"]) == (0, [])
    assert not [line for line in lines if line["type"] == "evidence"]
    assert lines[-1]["tokens_per_s"] > 0
    assert [line["title"] for line in call("chats")[1]] == ["Say hello."]


def test_selections_are_listed_and_forgotten(call, library: Path):
    """A name that there is none of is said."""
    assert call("selections") == (0, [])
    saved = [{"type": "selection", "name": "All", "paths": [str(library)]}]
    assert call("selections", "save", "All", "--in", "documents") == (0, saved)
    assert call("selections") == (0, saved)
    assert call("search", "warranty", "--selection", "All", "--mode", "words")[1][0]["rank"] == 1
    assert call("search", "warranty", "--selection", "None")[0] == 1
    assert call("selections", "delete", "All")[0] == 0
    assert call("selections", "delete", "All")[0] == 1


def test_a_selection_of_what_is_not_in_the_library_says_so(
    library: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A path that was mistaken is noticed when the name is given, not when nothing is found."""
    del library
    profile = str(tmp_path / "p")
    assert run(["--profile", profile, "selections", "save", "Taxes", "--in", "elsewhere"]) == 0
    printed = capsys.readouterr()
    assert printed.out == f"Taxes: {tmp_path / 'elsewhere'}\n"
    assert f"{tmp_path / 'elsewhere'} is not in the library." in printed.err


def test_a_type_that_no_file_has_is_named(
    library: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A mistyped one must not look like a library without an answer."""
    del library
    search = ["--profile", str(tmp_path / "p"), "search", "--mode", "words", "warranty"]
    assert run([*search, "--type", "nope,PDF"]) == 0
    assert "No file" not in capsys.readouterr().err
    assert run([*search, "--type", "nope"]) == 0
    assert "No file of the library ends in “.nope”." in capsys.readouterr().err


def test_a_conversation_is_named_by_the_beginning_of_its_id(call, library: Path, tmp_path: Path):
    """As long as no other one begins so."""
    database = Profile(tmp_path / "p").database
    for chat in ("ab1", "ab2", "c3"):
        append_turn(database, chat, "Why?", "Because.", ())
    assert call("chats", "show", "c")[1] == [
        {"type": "turn", "question": "Why?", "answer": "Because."}
    ]
    assert call("chats", "show", "ab2")[0] == 0
    assert call("chats", "show", "ab")[0] == 1
    assert call("chats", "rename", "c", "Third")[0] == 0
    assert call("chats", "show", "d")[0] == 1
