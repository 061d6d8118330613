"""What two documents say otherwise."""

from __future__ import annotations

from indexer.documents.comparing import Difference, Replacement, compare
from indexer.documents.texts import Place

OLD = (
    "The lease begins on 1 March 2023.",
    "The rent is 1,200 EUR a month.",
    "Pets are not allowed.",
    "The tenant keeps the garden in order.",
    "Disputes go to the court of Kiel.",
    "Both parties have read this.",
)


def places(*texts: str) -> list[Place]:
    return [Place(text, page) for page, text in enumerate(texts, 1)]


def test_the_same_text_has_no_changes() -> None:
    """Spaces, line breaks and small letters are none."""
    again = [text.replace(" ", "\n", 1).upper() for text in OLD]
    comparison = compare(places(*OLD), places(*again))
    assert comparison.changes == ()
    assert comparison.same == len(OLD)


def test_each_change_is_told_with_its_pages() -> None:
    """Changed, removed, added; the numbers and dates that are others stand out."""
    new = (
        "The lease begins on 1 May 2023.",
        "The rent is 1,350 EUR a month.",
        "The tenant keeps the garden in order.",
        "Disputes go to the court of Kiel.",
        "Smoking is forbidden everywhere.",
        "Both parties have read this.",
    )
    changes = compare(places(*OLD), places(*new)).changes
    assert [change.difference for change in changes] == [
        Difference.CHANGED,
        Difference.CHANGED,
        Difference.REMOVED,
        Difference.ADDED,
    ]
    assert changes[0].values == (Replacement("March", "May"),)
    assert changes[1].values == (Replacement("1,200", "1,350"),)
    assert changes[2].old == Place("Pets are not allowed.", 3)
    assert changes[3].new == Place("Smoking is forbidden everywhere.", 5)


def test_a_sentence_that_stands_elsewhere_was_moved() -> None:
    """It is neither removed nor added."""
    new = (*OLD[:1], *OLD[2:], OLD[1])
    (change,) = compare(places(*OLD), places(*new)).changes
    assert change.difference is Difference.MOVED
    assert (change.old, change.new) == (Place(OLD[1], 2), Place(OLD[1], 6))


def test_chinese_sentences_are_compared_by_their_signs() -> None:
    """They have no spaces."""
    old, new = "租金为每月1200元，按月支付。", "租金为每月1350元，按月支付。"
    (change,) = compare(places(old), places(new)).changes
    assert change.values == (Replacement("1200", "1350"),)


def test_what_only_loses_a_word_is_changed() -> None:
    """A negation is a word as all others."""
    (change,) = compare(places(OLD[2]), places("Pets are allowed.")).changes
    assert change.replaced == (Replacement("not", ""),)
    assert change.values == ()


def test_long_documents_are_compared_in_time() -> None:
    """Also where each sentence is another one, or all are the same line."""
    many = [f"Sentence {number} says something about the mill." for number in range(600)]
    other = [text.replace("mill", "dam") for text in many]
    assert compare(places(*many), places(*other)).count(Difference.CHANGED) == 600
    same = ["The same line."] * 6000
    assert compare(places(*same), places(*same, "One more.")).count(Difference.ADDED) == 1
