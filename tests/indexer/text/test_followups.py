"""Questions that go on from another one, as they are searched for."""

from __future__ import annotations

import pytest

from indexer.text.followups import Asked, standalone

WARRANTY = Asked("How long is the warranty of the LP-320 printer?", "30 months.")
REVENUE = Asked("What was the revenue of Larkfield in 2022?", "3 million.")
OFFERS = Asked("Who presented the offers?", "Ines Duarte presented them.")


@pytest.mark.parametrize(
    ("before", "question", "words"),
    [
        (WARRANTY, "And the toner?", "warranty LP-320 toner"),
        (WARRANTY, "How much does it cost?", "LP-320 cost"),
        (REVENUE, "and in 2023?", "revenue Larkfield 2023"),
        (REVENUE, "And of Nordholz?", "revenue 2022 Nordholz"),
        (OFFERS, "Which one did she accept?", "offers Ines Duarte accept"),
        (Asked("What did we pay in March 2024?", ""), "And in June?", "pay 2024 June"),
        (Asked("2022年的收入是多少？", "300万"), "那2023年呢？", "收入 2023"),
        (Asked("11月13日去哪里？", ""), "那14日呢？", "11月 14日"),
        (Asked("洗衣机的快洗程序要多久？", ""), "它的保修期是多久？", "洗衣机 保修期"),
        (Asked("Wie hoch ist der Reifendruck?", ""), "Und hinten?", "Reifendruck hinten"),
    ],
)
def test_what_is_left_out_is_added(before: Asked, question: str, words: str) -> None:
    """The subject of the question before, and of its answer where a pronoun stands for it."""
    put = standalone(question, [before])
    assert all(word in put for word in words.split()), put
    assert put.endswith(question)


@pytest.mark.parametrize(
    ("before", "question", "word"),
    [
        (REVENUE, "and in 2023?", "2022"),
        (REVENUE, "And of Nordholz?", "Larkfield"),
        (WARRANTY, "And of the LP-500?", "LP-320"),
        (Asked("2022年的收入是多少？", "300万"), "那2023年呢？", "2022"),
        (Asked("What did we pay in March 2024?", ""), "And in June?", "March"),
    ],
)
def test_what_takes_the_place_of_something_stands_alone(
    before: Asked, question: str, word: str
) -> None:
    """Else the passages of the earlier one would be found again."""
    assert word not in standalone(question, [before])


@pytest.mark.parametrize(
    "question",
    [
        "Which printers did the office in Lyon buy last year?",
        "When did Tesla publish his first paper?",
        "What is septicemia?",
        "Who kidnapped Ines Duarte's sister soon after they were married?",
        "小区什么时候停水？",
        "Warum ist die Bestrafung der Täter für die Gesellschaft wichtig?",
    ],
)
def test_a_question_of_its_own_is_left_alone(question: str) -> None:
    """Words of another subject would only lead away."""
    assert standalone(question, [WARRANTY]) == question
    assert standalone("And the toner?", []) == "And the toner?"


def test_several_follow_ups_in_a_row_keep_the_subject() -> None:
    """The one before may have been half a question itself."""
    earlier = [WARRANTY, Asked("And the toner?", "Six months.")]
    assert "warranty" in standalone("And the drum?", earlier)
