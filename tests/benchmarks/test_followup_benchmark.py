"""The follow-ups that are made of a set's questions, and those about the samples."""

from __future__ import annotations

from benchmarks.followups import _with_pronoun
from benchmarks.sample_followups import SAMPLES
from indexer.text.followups import Asked, standalone


def test_what_both_questions_name_becomes_a_pronoun() -> None:
    """The longest name, with its article and its possessive; without one there is no follow-up."""
    before = "Which team won the Super Bowl 50?"
    assert (
        _with_pronoun(before, "Where did Super Bowl 50 take place?") == "Where did it take place?"
    )
    assert _with_pronoun(before, "Who sang at the Super Bowl 50's show?") == "Who sang at its show?"
    assert _with_pronoun(before, "Who sang before the game?") is None


def test_most_of_the_samples_are_recognised() -> None:
    """Each of them goes on from the question before."""
    left = [
        item.text
        for item in SAMPLES
        if standalone(item.text, [Asked(item.before, item.answer)]) == item.text
    ]
    assert len(left) <= 1, left
