from __future__ import annotations

import pytest

from models.grounding import ground

ENGLISH = (
    "Gustave Eiffel's company designed it. For the World's Fair, he built the tower in Paris in "
    "1887. In 1912 the bridge was opened by Marie Curie. Alexandre Dumas visited the bridge in "
    "1920."
)
CHINESE = "公司成立于1998年，总部设在北京。2005年员工人数达到3000人，营业额为12亿元。"
GERMAN = "Der Turm wurde 1889 von Gustave Eiffel gebaut. Die Brücke wurde 1912 eröffnet."


@pytest.mark.parametrize(
    ("sentence", "passage"),
    [
        ("Gustave Eiffel built the tower in 1887.", ENGLISH),
        ("Marie Curie opened the bridge in 1912.", ENGLISH),
        ("In 1887 Eiffel built the tower, and in 1912 Marie Curie opened the bridge.", ENGLISH),
        ("In 1920 the bridge was visited by Alexandre Dumas.", ENGLISH),
        ("2005年营业额为12亿元。", CHINESE),
        ("公司总部设在北京，成立于1998年。", CHINESE),
        ("Gustave Eiffel baute den Turm 1889.", GERMAN),
    ],
)
def test_a_value_may_stand_in_another_order(sentence: str, passage: str) -> None:
    """Clauses turned round, the active for the passive, a name for a pronoun: it says the same."""
    assert ground(sentence, [(1, passage)])[0].supported


@pytest.mark.parametrize(
    ("sentence", "passage"),
    [
        ("The bridge was opened in 1920 by Marie Curie.", ENGLISH),
        ("In 1920 the bridge was opened by Marie Curie.", ENGLISH),
        ("The bridge was opened by Alexandre Dumas in 1912.", ENGLISH),
        ("Marie Curie visited the bridge in 1920.", ENGLISH),
        ("公司成立于2005年。", CHINESE),
        ("员工人数达到12人。", CHINESE),
        ("Der Turm wurde 1912 von Gustave Eiffel gebaut.", GERMAN),
    ],
)
def test_a_value_of_the_passage_in_another_ones_place_is_marked(
    sentence: str, passage: str
) -> None:
    """The passage has the value, but says it of something else."""
    assert not ground(sentence, [(1, passage)])[0].supported


def test_a_name_that_begins_a_sentence_counts_where_another_has_its_place() -> None:
    """A capital says nothing there; a word that the passage lacks, beside the same words, does."""
    passage = "Eiffel built the tower in 1887. It was restored by Curie."
    assert not ground("Napoleon built the tower in 1887.", [(1, passage)])[0].supported
    assert ground("Constructed in 1887, the tower was built by Eiffel.", [(1, passage)])[
        0
    ].supported


def test_dates_in_figures_and_in_words_are_the_same_months() -> None:
    """March is not any 3 of the passage."""
    passage = "The tower was completed on 1889-03-31, with 5 lifts and 3 floors."
    assert ground("The tower was completed on 31 March 1889.", [(1, passage)])[0].supported
    assert not ground("The tower was completed on 31 May 1889.", [(1, passage)])[0].supported
