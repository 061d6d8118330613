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


def test_a_word_behind_a_dash_is_excluded() -> None:
    """Unless nothing else is asked for, and where the dash is no range, option or minus."""
    query = parse_query('clock -repair -"old tower"')
    assert query.words == ("clock",)
    assert query.excluded == ("repair", "old tower")
    assert query.expression == '("clock") NOT ("repair" OR "old tower")'
    assert parse_query("-repair").words == ("repair",)
    for question in ("x-ray", "below -5 degrees", "ls --all", "either - or not", "2019-2021"):
        assert parse_query(question).excluded == ()


def test_a_star_behind_a_word_makes_it_a_prefix() -> None:
    """But Markdown's emphasis and a single letter do not."""
    assert parse_query("inve* stock").prefixes == ("inve",)
    assert parse_query("inve* stock").expression == '"stock" OR "inve"*'
    for question in ("*em* word", "**bold** word", "x* word", "保修* word"):
        assert parse_query(question).prefixes == ()


@pytest.mark.parametrize("code", ["INV-2023/04", "3.2.1", "foo_bar.baz", "a@b.org", "10:30"])
def test_a_code_is_looked_for_as_it_stands(code: str) -> None:
    """Its parts one behind the other, beside each of them alone."""
    query = parse_query(f"what of {code}?")
    assert query.codes == (code,)
    assert query.expression is not None
    assert query.expression.endswith(f'"{code.translate(str.maketrans("-/.@:", "     "))}"')


def test_words_joined_by_signs_are_no_code() -> None:
    """Without a number or an underscore they are words."""
    assert parse_query("state-of-the-art and/or example.com, done.").codes == ()
