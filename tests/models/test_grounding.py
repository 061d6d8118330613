from __future__ import annotations

import pytest

from models.grounding import ground, quote
from models.sentences import split_sentences

TOWER = (
    "The Eiffel Tower was completed on 31 March 1889. It is 330 metres tall. "
    "Gustave Eiffel's company built it for the World's Fair."
)
REPORT = "Revenue grew to $1,234.5 million in 2020. Dr. Smith did not sign the contract."
BEIJING = "北京是中华人民共和国的首都。人口超过两千万。"
PASSAGES = [(1, TOWER), (2, BEIJING), (7, REPORT)]


@pytest.mark.parametrize(
    ("sentence", "number"),
    [
        ("The Eiffel Tower was completed in 1889 [3].", 1),
        ("It's 330 metres tall [1, 2].", 1),
        ("The tower was completed on 1889-03-31.", 1),
        ('It was "completed on 31 March 1889".', 1),
        ("Revenue grew to 1234.5 million in 2020.", 7),
        ("Dr. Smith did not sign the contract.", 7),
        ("北京是中国的首都[2]。", 2),
    ],
)
def test_a_sentence_is_tied_to_its_passage(sentence: str, number: int) -> None:
    """What a passage says is supported by it, whatever number the model wrote."""
    (result,) = ground(sentence, PASSAGES)
    assert result.supported
    assert result.support == (number,)
    assert "[" not in result.text


@pytest.mark.parametrize(
    "sentence",
    [
        "It is 340 metres tall [1].",
        "The Eiffel Tower was completed on 30 March 1889.",
        "Dr. Jones did not sign the contract.",
        "Dr. Smith signed the contract.",
        'It was "finished on 31 March 1889".',
        "Revenue grew to 1234.5 million in 2021.",
        "上海是首都。",
        "Bananas are yellow.",
        "Yes.",
    ],
)
def test_what_no_passage_says_is_shown_as_such(sentence: str) -> None:
    """One wrong number, name, date, quotation or "not" is enough."""
    (result,) = ground(sentence, PASSAGES)
    assert not result.supported
    assert result.support == ()


@pytest.mark.parametrize(
    ("sentence", "supported"),
    [
        ("The answer is: 330 metres.", True),
        ("The answer to this question is 330 metres.", True),
        ("Die Antwort lautet: 330 metres.", True),
        ("La réponse à la question est : 330 metres.", True),
        ("答案是：人口超过两千万。", True),
        ("The answer is: 340 metres.", False),
        ("The answer is: bananas.", False),
        ("The answer is:", False),
    ],
)
def test_an_announcement_counts_for_nothing(sentence: str, supported: bool) -> None:
    """Of a short answer it would be half of the words."""
    (result,) = ground(sentence, PASSAGES)
    assert result.supported == supported
    assert result.text == sentence


def test_an_answer_is_split_into_sentences_and_items() -> None:
    """Abbreviations and decimals end no sentence; marks of lists are dropped."""
    text = (
        "Dr. Smith paid 3.5 million. He left!\n- One item\n2. Another one\n\n今天下雨。明天晴天。"
    )
    assert split_sentences(text) == [
        "Dr. Smith paid 3.5 million.",
        "He left!",
        "One item",
        "Another one",
        "今天下雨。",
        "明天晴天。",
    ]


def test_several_passages_can_support_a_sentence() -> None:
    """The best comes first, and none is named twice."""
    (result,) = ground("The tower is 330 metres tall.", [(4, TOWER), (5, TOWER), (6, REPORT)])
    assert set(result.support) == {4, 5}


def test_the_quote_is_the_sentence_that_says_it() -> None:
    """It is taken from the passage as it stands."""
    assert quote("The tower has a height of 330 metres.", TOWER) == "It is 330 metres tall."
    assert quote("中国的首都是北京", BEIJING) == "北京是中华人民共和国的首都。"
    assert quote("Bananas", REPORT) == ""


def test_nothing_to_ground_is_no_error() -> None:
    """An empty answer has no sentences; without passages nothing is supported."""
    assert ground("", PASSAGES) == []
    assert [s.supported for s in ground("It is so.", [])] == [False]
