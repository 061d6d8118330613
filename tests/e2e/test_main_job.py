"""From `add` to a cited answer, through the real processes and the starter models."""

from __future__ import annotations

import json
from pathlib import Path

from tests.e2e.conftest import Program


def test_documents_are_added_found_and_answered_from(program: Program, documents: Path) -> None:
    """The main job, as a script sees it."""
    added = program.run("add", str(documents))
    assert added.status == 0, added.errors
    assert {line["state"] for line in added.of("file")} == {"indexed"}
    assert added.lines[-1]["type"] == "done"
    assert added.lines[-1]["indexed"] == 3

    found = program.run("search", "how long does the cheese ripen?")
    best = found.of("hit")[0]
    assert best["path"] == str(documents / "cheese.txt")
    assert (best["page"], best["pages"]) == (1, 2)
    page = (documents / "cheese.txt").read_text("utf-8").split("\f")[0]
    assert page[best["start"] : best["end"]] == best["text"]
    assert found.lines[-1]["hits"] == len(found.of("hit"))

    asked = program.run("ask", "When was the clock in the hall built?")
    assert asked.status == 0, asked.errors
    kinds = [line["type"] for line in asked.lines]
    assert kinds.index("evidence") < kinds.index("reading") < kinds.index("token")
    assert "1887" in asked.of("evidence")[0]["quote"]
    answer = asked.lines[-1]
    assert answer["type"] == "answer"
    assert answer["citations"][0]["path"] == str(documents / "clock.md")
    assert "".join(line["text"] for line in asked.of("token")).strip() == answer["text"].strip()
    assert answer["first_evidence_ms"] < answer["first_token_ms"]
    assert answer["stopped"] in ("end", "length")

    status = program.run("status").lines[-1]
    assert status["files"]["indexed"] == 3
    assert status["chunks"] == status["vectors"] > 0
    assert status["folders"] == [{"path": str(documents), "state": "online", "files": 3}]


def test_a_chinese_question_finds_a_chinese_document(program: Program, documents: Path) -> None:
    """The starter encoder doesn't know the script; the words do."""
    program.run("add", str(documents))
    evidence = program.run("ask", "打印机的保修期多长？", "--max-tokens", "8").of("evidence")
    assert "三十个月" in evidence[0]["quote"]


def test_a_follow_up_on_the_same_passages_reads_only_what_is_new(
    program: Program, documents: Path, tmp_path: Path
) -> None:
    """What was read once is never read again."""
    program.run("add", str(documents))
    batch = tmp_path / "batch.jsonl"
    questions = ["When was the clock in the hall built?", "How often is the clock wound?"]
    batch.write_text(
        "\n".join(
            json.dumps({"id": str(n), "query": question, "in": [str(documents / "clock.md")]})
            for n, question in enumerate(questions)
        )
    )
    first, second = program.run("ask", "--batch", str(batch), "--max-tokens", "8").of("answer")
    assert (first["id"], second["id"]) == ("0", "1")
    assert second["reused_tokens"] > 0.6 * second["prompt_tokens"]


def test_a_conversation_goes_on(program: Program, documents: Path) -> None:
    """Its passages keep their numbers; an unknown one is refused in a sentence."""
    program.run("add", str(documents))
    first = program.run("ask", "When was the clock in the hall built?", "--max-tokens", "16")
    chat = first.lines[-1]["chat"]
    again = program.run("ask", "--chat", chat, "And how often is it wound?", "--max-tokens", "16")
    assert again.status == 0, again.errors
    assert again.lines[-1]["chat"] == chat
    assert again.lines[-1]["prompt_tokens"] > first.lines[-1]["prompt_tokens"]
    wrong = program.run("ask", "--chat", "nothing", "And now?")
    assert wrong.status == 1
    assert "no such conversation" in wrong.errors


def test_a_question_without_documents_is_a_plain_chat(program: Program) -> None:
    """It claims nothing about documents."""
    answer = program.run("ask", "--no-documents", "Say hello.", "--max-tokens", "8").lines[-1]
    assert answer["text"]
    assert answer["citations"] == []


def test_an_empty_library_abstains(program: Program) -> None:
    """No model is run to answer from nothing."""
    asked = program.run("ask", "When was the clock built?")
    assert asked.status == 0
    assert asked.lines[-1]["abstained"] is True
    assert asked.of("token") == []


def test_a_batch_of_searches_answers_each_under_its_id(
    program: Program, documents: Path, tmp_path: Path
) -> None:
    """One process, one line `done` a query, and a scope of its own each."""
    program.run("add", str(documents))
    batch = tmp_path / "batch.jsonl"
    cheese = str(documents / "cheese.txt")
    batch.write_text(
        f'{{"id": "a", "query": "clock"}}\n{{"id": "b", "query": "clock", "in": ["{cheese}"]}}\n'
    )
    ran = program.run("search", "--batch", str(batch), "-k", "2")
    assert [line["id"] for line in ran.of("done")] == ["a", "b"]
    assert {line["path"] for line in ran.of("hit") if line["id"] == "b"} == {cheese}


def test_deleted_and_moved_files_are_noticed_at_sync(program: Program, documents: Path) -> None:
    """The library follows the disk."""
    program.run("add", str(documents))
    (documents / "cheese.txt").unlink()
    (documents / "clock.md").rename(documents / "old clock.md")
    assert program.run("sync").status == 0
    assert set(program.states()) == {"old clock.md", "保修.txt"}
    assert program.run("search", "clock").of("hit")[0]["path"].endswith("old clock.md")


def test_the_doctor_does_the_main_job(program: Program) -> None:
    """Every check of a whole installation passes."""
    ran = program.run("doctor")
    assert ran.status == 0, ran.lines
    assert all(line["ok"] for line in ran.of("check"))
