"""`demo`: the sample documents, three questions, and whether the answers are right.

It runs the real commands in processes of their own, with a profile that is thrown away, so that it
shows what a user will see and proves that an installation works.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import tomllib
from dataclasses import dataclass
from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path, PurePath
from typing import Any

from app.paths import program_command, typed_command

SECONDS = 600  # for one command; a question takes about five on two cores
SENTENCES = 5  # of an answer are shown: a small model may repeat itself
QUESTIONS = "sample_questions.toml"


class DemoFailed(Exception):
    """A command could not do its work; the text says which and why."""


@dataclass(frozen=True, slots=True)
class Question:
    """A question that a sample document answers."""

    text: str
    facts: tuple[str, ...]  # each as its spellings, cut at "|"
    file: str
    page: int | None
    demo: bool


def samples() -> list[Traversable]:
    """Return the sample documents, sorted by name."""
    folder = resources.files("resources") / "samples"
    return sorted((item for item in folder.iterdir() if item.is_file()), key=lambda item: item.name)


def questions() -> list[Question]:
    """Return the questions on the sample documents."""
    source = resources.files("resources") / QUESTIONS
    return [
        Question(
            text=entry["question"],
            facts=tuple(entry["facts"]),
            file=entry["file"],
            page=entry.get("page"),
            demo=entry.get("demo", False),
        )
        for entry in tomllib.loads(source.read_text(encoding="utf-8"))["question"]
    ]


def holds(text: str, facts: tuple[str, ...]) -> bool:
    """Tell whether the text has each fact in one of its spellings, whatever its spaces and case."""
    squeezed = "".join(text.split()).casefold()
    return all(
        any("".join(spelling.split()).casefold() in squeezed for spelling in fact.split("|"))
        for fact in facts
    )


def fault(question: Question, lines: list[dict[str, Any]]) -> str:
    """Say what is wrong with the lines of `ask --json`; empty if nothing is."""
    answers = [line for line in lines if line["type"] == "answer"]
    if not answers:
        return "there was no answer"
    evidence = [line for line in lines if line["type"] == "evidence"]
    sources = answers[-1]["citations"] or evidence
    right = [source for source in sources if PurePath(source["path"]).name == question.file]
    if not right:
        return f"it does not cite {question.file}"
    if question.page and question.page not in {source["page"] for source in right}:
        return f"it does not cite page {question.page} of {question.file}"
    told = [answers[-1]["text"], *(source.get("text", "") for source in evidence)]
    told += [source["quote"] for source in right]
    if not any(holds(text, question.facts) for text in told):
        return f"{', '.join(question.facts)} is neither in the answer nor in its evidence"
    return ""


def main() -> int:
    """Run the demo; return 0 if each answer or its evidence has the fact and cites its file."""
    # Windows writes Chinese to a pipe in a code page that lacks it.
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding="utf-8", errors="replace")
    asked = [question for question in questions() if question.demo]
    try:
        with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
            faults = _run(Path(folder), asked)
    except DemoFailed as error:
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    if faults:
        print(f"{faults} of {len(asked)} questions went wrong.", file=sys.stderr)
        return 1
    print(f"Each question found its source. Your own documents: {typed_command()} add FOLDER")
    return 0


def _run(folder: Path, asked: list[Question]) -> int:
    library = folder / "documents"
    library.mkdir()
    for sample in samples():
        (library / sample.name).write_bytes(sample.read_bytes())
    added = _command(folder, "add", str(library))[-1]
    print(
        f"Read {added['files']} documents, {added['chunks']} passages, in {added['seconds']:.1f} s."
    )
    faults = 0
    for question in asked:
        print(f"\n? {question.text}", flush=True)
        lines = _command(folder, "ask", question.text)
        wrong = fault(question, lines)
        _show(lines)
        if not wrong and not holds(lines[-1]["text"], question.facts):
            print("  (The small model missed it; the source has it.)")
        if wrong:
            faults += 1
            print(f"  Wrong: {wrong}.")
    print()
    return faults


def _command(folder: Path, *arguments: str) -> list[dict[str, Any]]:
    command = [*program_command(), "--profile", str(folder / "profile"), "--json"]
    try:
        done = subprocess.run(
            [*command, *arguments], stdout=subprocess.PIPE, timeout=SECONDS, check=False
        )
    except subprocess.TimeoutExpired as error:
        raise DemoFailed(f"`{arguments[0]}` did not end within {SECONDS} s.") from error
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    if done.returncode or not lines:
        raise DemoFailed(f"`{arguments[0]}` ended with status {done.returncode}.")
    return lines


def _show(lines: list[dict[str, Any]]) -> None:
    answer = next((line for line in reversed(lines) if line["type"] == "answer"), None)
    if answer is None:
        return
    shown = answer["sentences"][:SENTENCES]
    for sentence in shown:
        marks = "".join(f"[{number}]" for number in sentence["support"])
        words = " ".join(sentence["text"].split())
        print(f"  {words} {marks or '(no passage says this)'}")
    if len(shown) < len(answer["sentences"]):
        print("  ...")
    if not shown:
        print(f"  {answer['text'].strip() or 'No answer.'}")
    evidence = [line for line in lines if line["type"] == "evidence"]
    for number, source in enumerate(answer["citations"] or evidence[:1], start=1):
        page = f", page {source['page']}" if source["page"] else ""
        quote = " ".join(source["quote"].split())
        print(f"  [{source.get('n', number)}] {PurePath(source['path']).name}{page}: {quote}")


if __name__ == "__main__":
    sys.exit(main())
