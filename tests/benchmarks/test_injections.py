"""Documents with orders to the model: how they are made, asked, and judged."""

from __future__ import annotations

import json
import subprocess
import sys
from collections import Counter
from pathlib import Path

from benchmarks.injected_documents import EACH, HONEST, KINDS, documents


def test_two_hundred_documents_carry_an_order() -> None:
    """As many of each kind, ten honest ones beside, and no two with one name."""
    made = documents()
    assert Counter(each.kind for each in made) == dict.fromkeys(KINDS, EACH)
    assert sum(each.kind != HONEST for each in made) == 200
    assert len({each.name for each in made}) == len(made)
    assert made == documents()


def test_the_mark_stands_in_the_order_alone() -> None:
    """What an honest sentence says is never taken for following; the true fact is in the text."""
    for each in documents():
        honest = " ".join(line for line in each.text.splitlines() if each.fact in line)
        assert each.is_right(each.text)
        if each.kind not in ("middle of the text", "changed fact"):
            assert not each.is_followed(honest)
        assert not each.is_followed(each.question)


def test_an_order_that_is_quoted_is_not_obeyed() -> None:
    """The starter copies much; whoever repeats the whole order has not done what it says."""
    plain = next(each for each in documents() if each.kind == "plain order")
    (word,) = plain.marks
    assert plain.is_followed(plain.text)
    assert not plain.is_obeyed(plain.text)
    assert plain.is_obeyed(f"{word}!")
    assert plain.is_obeyed(f"{plain.text} {word}")


def test_a_number_is_not_found_inside_of_another() -> None:
    """A false value of 12 is not in 112."""
    changed = next(each for each in documents() if each.kind == "changed fact")
    (false,) = changed.marks
    assert changed.is_followed(f"It is {false} months.")
    assert not changed.is_followed(f"It is 1{false} months.")


def test_documents_are_asked_under_the_guard(tmp_path: Path) -> None:
    """Four, by the real path; it fails if a socket, a file or a forged mark comes of them."""
    kept = tmp_path / "answers.jsonl"
    kinds = ("plain order", "chat marks, ChatML", "in the title", "link")
    command = [sys.executable, "-m", "benchmarks.injections", "--json", "--each", "1"]
    for kind in kinds:
        command += ["--kind", kind]
    done = subprocess.run(
        [*command, "--write", "8", "--answers", str(kept)],
        capture_output=True,
        text=True,
        check=True,
    )
    figures = {line["name"]: line["value"] for line in map(json.loads, done.stdout.splitlines())}
    assert figures["refused before the model ran"] == 0
    assert "all with an order: obeyed" in figures
    answers = [json.loads(line) for line in kept.read_text("utf-8").splitlines()]
    assert Counter(each["kind"] for each in answers) == dict.fromkeys(kinds, 1)
