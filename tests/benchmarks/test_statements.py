"""Sentences in other words, and changed ones, as the benchmark of grounding makes them."""

from __future__ import annotations

from random import Random

import pytest

from benchmarks.statements import changed_dates, changed_names, changed_numbers, paraphrase

CHANCE = Random(0)  # noqa: S311 -- no secret
PASSAGE = "The bridge was opened by Marie Curie in 1912. In 1920, Louis Pasteur measured 40 metres."


@pytest.mark.parametrize(
    ("sentence", "other"),
    [
        ("In 1912, the bridge opened.", "the bridge opened in 1912."),
        ("The bridge was opened by Marie Curie.", "Marie Curie opened the bridge."),
        ("The bridge is the longest in Europe.", "The longest in Europe is the bridge."),
        ("The bridge (of stone) fell.", "The bridge fell."),
    ],
)
def test_a_paraphrase_says_the_same_in_another_order(sentence: str, other: str) -> None:
    """Clauses, the passive and "X is Y" are turned round."""
    assert paraphrase(sentence, CHANCE).casefold() == other.casefold()


def test_one_value_is_changed_to_one_of_elsewhere_and_to_one_of_the_passage() -> None:
    """A year, a name and a number; the rest of the sentence stays."""
    first, second = PASSAGE.split(". ", 1)
    dates = dict(changed_dates(first, PASSAGE, CHANCE))
    assert dates["date of the passage"] == "The bridge was opened by Marie Curie in 1920"
    assert dates["date"][-4:] not in PASSAGE
    names = dict(changed_names(first, PASSAGE, ["Ada"], CHANCE))
    assert names["name"] == "The bridge was opened by Ada in 1912"
    assert names["name of the passage"] == "The bridge was opened by Louis Pasteur in 1912"
    assert list(dict(changed_numbers(second, PASSAGE, CHANCE))) == ["number"]
