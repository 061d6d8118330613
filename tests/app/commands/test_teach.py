"""`teach` and `lessons` as they are called: what they print, and what a search then says."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from app.cli import run

_QUESTION = "Who keeps the harbour light burning?"
Run = Callable[..., tuple[int, list[dict[str, Any]]]]


@pytest.fixture(autouse=True)
def without_encoder(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the words decide: what is printed is the same."""
    for module in ("app.library", "app.commands.library", "app.commands.search"):
        monkeypatch.setattr(f"{module}.open_embedder", lambda *_: None, raising=False)
    monkeypatch.setattr("app.commands.lessons.open_embedder", lambda *_: None)


@pytest.fixture
def command(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Run:
    """Return a function that runs a command in a profile and returns the lines that it printed."""

    def command(*arguments: object, profile: str = "p") -> tuple[int, list[dict[str, Any]]]:
        words = [str(argument) for argument in arguments]
        status = run(["--profile", str(tmp_path / profile), "--json", "--quiet", *words])
        return status, [json.loads(line) for line in capsys.readouterr().out.splitlines()]

    return command


@pytest.fixture
def harbour(tmp_path: Path, command: Run) -> Path:
    """Return a folder of the library in which the words stand in the wrong file."""
    documents = tmp_path / "documents"
    documents.mkdir()
    (documents / "marit.md").write_text("Old Marit climbs the tower with a can of oil.\n")
    for number in range(4):
        (documents / f"log{number}.md").write_text(f"The harbour keeps a light. Log {number}.\n")
    command("add", documents, "--words-only")
    return documents


def hits(command: Run, question: str = _QUESTION, profile: str = "p") -> list[dict[str, Any]]:
    lines = command("search", question, "--mode", "words", profile=profile)[1]
    return [line for line in lines if line["type"] == "hit"]


def marit(command: Run) -> int:
    return int(hits(command, "marit")[0]["chunk"])


def test_a_lesson_is_taught_listed_and_taken_back(command: Run, harbour: Path) -> None:
    """The list says where its passage stands with it and without."""
    before = hits(command)
    status, (line,) = command("teach", _QUESTION, "--passage", marit(command))
    assert status == 0
    first = hits(command)[0]
    assert first["path"] == str(harbour / "marit.md")
    assert first["lesson"] == {"id": line["id"], "question": _QUESTION}
    _, (listed,) = command("lessons")
    assert (listed["id"], listed["kind"], listed["text"]) == (line["id"], "answers", _QUESTION)
    assert (listed["rank"], listed["rank_without"]) == (1, None)
    assert not listed["rests"]
    assert command("status")[1][-1]["lessons"] == 1
    (harbour / "marit.md").unlink()
    command("sync")
    assert command("lessons", "list")[1][0]["rests"]
    assert command("lessons", "undo", line["id"])[0] == 0
    assert command("lessons", "undo", line["id"])[0] == 1
    assert command("lessons")[1] == []
    assert [hit["chunk"] for hit in hits(command)] == [hit["chunk"] for hit in before]


def test_what_is_not_the_answer_and_what_is_meant(command: Run, harbour: Path) -> None:
    """The three ways to teach; a later lesson overrules."""
    wrong = hits(command)[0]["chunk"]
    command("teach", _QUESTION, "--not", wrong)
    assert hits(command)[-1]["chunk"] == wrong
    command("teach", "blinkenlight", "--means", "tower oil")
    assert hits(command, "blinkenlight")[0]["path"] == str(harbour / "marit.md")
    command("teach", _QUESTION, "--passage", wrong)
    assert hits(command)[0]["chunk"] == wrong
    listed = command("lessons")[1]
    assert [line["kind"] for line in listed] == ["not", "means", "answers"]
    assert [line["overruled"] for line in listed] == [True, False, False]
    assert "rank" not in command("lessons", "list", "--plain")[1][0]


def test_a_batch_names_the_file_and_its_text(command: Run, harbour: Path, tmp_path: Path) -> None:
    """What is not in the library is said, and the others are taught."""
    long = "\n\n".join(f"Chapter {n}. " + f"Word{n} again. " * 120 for n in range(5))
    (harbour / "long.txt").write_text(long)
    command("add", harbour, "--words-only")
    batch = tmp_path / "batch.jsonl"
    lines: list[dict[str, Any]] = [
        {"id": "a", "query": _QUESTION, "path": str(harbour / "marit.md")},
        {
            "id": "b",
            "query": "Which?",
            "path": str(harbour / "long.txt"),
            "text": "Chapter 3. Word3",
        },
        {"id": "c", "query": "Where?", "path": str(tmp_path / "nowhere.md")},
        {"id": "d", "query": "Where?"},
    ]
    batch.write_text("\n".join(json.dumps(line) for line in lines))
    status, printed = command("teach", "--batch", batch)
    assert status == 1
    assert printed[-1] == {"type": "done", "lessons": 2, "failed": 2}
    assert hits(command)[0]["path"] == str(harbour / "marit.md")
    assert "Chapter 3." in hits(command, "which")[0]["text"]
    batch.write_text('{"query": "a", "path": 3}')
    assert command("teach", "--batch", batch)[0] == 1


def test_lessons_go_from_one_library_to_another(
    command: Run, harbour: Path, tmp_path: Path
) -> None:
    """Without a word of the documents; a second time nothing is new."""
    command("teach", _QUESTION, "--passage", marit(command))
    command("teach", "blinkenlight", "--means", "tower oil")
    file = tmp_path / "lessons.jsonl"
    assert command("lessons", "export", file)[1][0]["lessons"] == 2
    assert "Marit" not in file.read_text()
    assert "marit" not in file.read_text()
    command("add", harbour, "--words-only", profile="other")
    assert command("lessons", "import", file, profile="other")[1][-1]["new"] == 2
    assert hits(command, profile="other")[0]["path"] == str(harbour / "marit.md")
    assert command("lessons", "import", file, profile="other")[1][-1]["new"] == 0
    assert command("lessons", "import", file)[1][-1]["new"] == 0


def test_a_file_of_lessons_that_cannot_be_read_changes_nothing(
    command: Run, harbour: Path, tmp_path: Path
) -> None:
    """Cut, changed in any value, of a newer version, or something else: one sentence."""
    command("teach", _QUESTION, "--passage", marit(command))
    command("teach", "blinkenlight", "--means", "tower oil")
    file = tmp_path / "lessons.jsonl"
    command("lessons", "export", file)
    good = file.read_text()
    head, answers, means = good.splitlines()
    broken = {**json.loads(answers)}
    bad = ["", "\x00", "[]", '"a"', "{}", "[" * 100_000, good[: len(good) // 2]]
    bad.append(f"{head}\n{answers}\n")
    bad += [good.replace('"version": 1', f'"version": {other}') for other in ("2", '"x"')]
    bad.append(f"{head}\n{means}\n{json.dumps({**json.loads(means), 'meaning': 7})}\n")
    for name, value in (
        ("kind", "other"), ("text", " "), ("text", None), ("sha256", "zz"), ("sha256", "00"),
        ("read_as", "../x"), ("page", 0), ("page", True), ("start", -1), ("end", 0),
        ("end", 10**30), ("passage", ""), ("taught_ns", "now"),
    ):  # fmt: skip
        bad.append(f"{head}\n{json.dumps({**broken, name: value})}\n{means}\n")
    for text in bad:
        file.write_text(text)
        assert command("lessons", "import", file, profile="other")[0] == 1, text[:200]
    assert command("lessons", "import", tmp_path / "nowhere")[0] == 1
    assert command("lessons", profile="other")[1] == []


@pytest.mark.parametrize(
    "arguments",
    [
        ("teach", "a question"),
        ("teach", "--passage", "1"),
        ("teach", "x", "--passage", "no"),
        ("teach", "x", "--passage", "1", "--not", "2"),
        ("teach", "x", "--batch", "file"),
        ("lessons", "undo"),
        ("lessons", "undo", "x"),
    ],
)
def test_wrong_usage_is_status_2(command: Run, arguments: tuple[str, ...]) -> None:
    """Before anything is written."""
    with pytest.raises(SystemExit) as ended:
        command(*arguments)
    assert ended.value.code == 2


def test_what_cannot_be_taught_is_refused(command: Run, harbour: Path) -> None:
    """A passage that is not there; a question without words."""
    assert command("teach", "x", "--passage", 10**6)[0] == 1
    assert command("teach", "?!", "--passage", marit(command))[0] == 1
    assert command("teach", "x", "--means", "?!")[0] == 1
    assert command("lessons")[1] == []
