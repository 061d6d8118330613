"""Words as the full-text index sees them."""

from __future__ import annotations

import pytest

from indexer.text.words import cut_cjk, name_words, parse_query


def test_runs_of_cjk_are_cut_into_overlapping_pairs() -> None:
    """The last character stands alone as well, so that a prefix finds every single one."""
    assert cut_cjk("保修期 36 months").split() == ["保修", "修期", "期", "36", "months"]


def test_full_width_forms_meet_their_plain_ones() -> None:
    """What a Chinese keyboard types is found in a text that an English one typed."""
    assert parse_query("ＬＸ－２００保修").words == ("LX", "200", "保修")


def test_stop_words_are_dropped_unless_nothing_else_is_asked() -> None:
    """To be or not to be still is a question."""
    assert parse_query("What is the warranty of this?").words == ("warranty",)
    assert parse_query("to be").words == ("to", "be")


def test_a_phrase_in_quotes_is_required_as_written() -> None:
    """The other words only rank what the phrase finds."""
    query = parse_query('who wrote "the long winter"')
    assert query.phrases == ("the long winter",)
    assert query.expression is not None
    assert query.expression.startswith('("the long winter") AND')


@pytest.mark.parametrize("question", ["", "   ", "?!", '"', '""', "*", "()"])
def test_a_question_without_words_has_no_expression(question: str) -> None:
    """FTS5's own syntax means nothing in a question."""
    assert parse_query(question).expression is None


def test_names_are_unfolded_as_questions_say_them() -> None:
    """A name joined, parted or shortened is found by each way to write it."""
    words = name_words("BestBuy_10-K_FY22")
    assert {"best", "buy", "bestbuy", "10k", "fy22", "2022"} <= set(words)
