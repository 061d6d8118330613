"""ask where the documents don't answer: no model runs, unless the owner says so."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from app.ask import NOT_ANSWERED, Question
from app.cli import run
from indexer.types import Evidence, Hit
from tests.app.test_ask import EARLIER, hit

ABOUT_FRANCE = "What is the capital of France?"


@pytest.fixture
def call(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch):
    """Return a function that runs a command in a profile of one document, and returns its lines."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "clock.txt").write_text("The capital clock was built in 1887 in Besançon.")

    def call(*arguments: str) -> tuple[int, list[dict[str, Any]]]:
        status = run(["--profile", str(tmp_path / "p"), "--json", "--quiet", *arguments])
        return status, [json.loads(line) for line in capsys.readouterr().out.splitlines()]

    assert call("add", "clock.txt", "--words-only")[0] == 0
    return call


def test_ask_refuses_before_a_model_runs_and_shows_what_is_nearest(call) -> None:
    """A script sees by `abstained` that nothing was answered."""
    status, lines = call("ask", "What does the capital of France export to Portugal?")
    assert status == 0
    assert lines[0]["type"] == "evidence"
    assert lines[-1]["abstained"]
    assert lines[-1]["text"] == NOT_ANSWERED
    assert lines[-1]["model"] is None


@pytest.mark.slow
def test_ask_anyway_has_the_model_answer(call) -> None:
    """The owner decides."""
    _, lines = call("ask", "--anyway", "--max-tokens", "4", "What does France export to Besançon?")
    assert not lines[-1]["abstained"]
    assert lines[-1]["model"]


def found(question: Question, *hits: Hit, answerable: bool) -> Question:
    question.found(hits, [Evidence(each, each.text, 0) for each in hits], answerable=answerable)
    return question


def test_what_seems_unanswered_is_refused_with_its_passages_numbered() -> None:
    """They are still shown, as evidence."""
    question = found(Question("q", ABOUT_FRANCE), hit(7), answerable=False)
    assert question.abstains
    assert question.is_refused
    assert question.abstain().text == NOT_ANSWERED
    assert question.number_of(hit(7)) == 1


def test_the_owner_may_have_it_answered_anyway() -> None:
    """The passages are the ones that were found before."""
    question = found(Question("q", ABOUT_FRANCE, anyway=True), hit(7), answerable=False)
    assert not question.abstains
    assert question.passages


def test_a_follow_up_is_not_refused_for_what_it_does_not_repeat() -> None:
    """Too short to be judged, or about what was read; another subject is judged as any question."""
    assert not found(Question("q", "And the toner?", [EARLIER]), hit(8), answerable=False).abstains
    assert not found(Question("q", ABOUT_FRANCE, [EARLIER]), hit(7), answerable=False).abstains
    other = "What does the capital of France export to Portugal?"
    assert found(Question("q", other, [EARLIER]), hit(8), answerable=False).abstains
