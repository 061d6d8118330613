"""A question on its way to an answer, as a state machine."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

from app.ask import EarlierTurn, Passage, Question
from app.messages.llm import Generated, Reading, Token
from indexer.types import Evidence, Hit


def hit(chunk: int, text: str = "The clock was built in 1887.") -> Hit:
    path = Path(f"/documents/{chunk}.txt")
    return Hit(chunk, 1, path, None, None, "", 0, len(text), text, 1.0, None, None)


def generated(text: str, *passages: int) -> Generated:
    return Generated("q", text, passages, 100, 20, 10, 9.0, "end")


EARLIER = EarlierTurn("How long is the warranty?", "36 months.", (Passage(1, hit(7)),))


def test_an_answer_is_tied_to_what_supports_it() -> None:
    """The number that the model wrote does not count; the words and figures do."""
    question = Question("q", "When was the clock built?")
    question.found([hit(7), hit(8, "The cheese ripens.")], [Evidence(hit(7), hit(7).text, 0)])
    assert question.on_message(Reading("q", 1, 2, 0)) is None
    assert question.on_message(Token("q", "It")) is None
    answer = question.on_message(generated("The clock was built in 1887 [2].", 1, 2))
    assert answer is not None
    assert [citation.number for citation in answer.citations] == [1]
    assert answer.citations[0].hit.chunk == 7
    assert answer.first_token_ms is not None


def test_passages_are_numbered_as_the_evidence_shows_them() -> None:
    """The first card is number 1, although the model reads another passage first."""
    question = Question("q", "When was the clock built?")
    question.found([hit(7), hit(8), hit(9)], [Evidence(hit(9), hit(9).text, 0)])
    assert [(item.number, item.hit.chunk) for item in question.passages] == [(2, 7), (3, 8), (1, 9)]


def test_what_nothing_supports_is_marked_and_the_evidence_is_cited() -> None:
    """A wrong year is no support, and the owner still sees where to look."""
    question = Question("q", "When was the clock built?")
    question.found([hit(7)], [Evidence(hit(7), hit(7).text, 0)])
    answer = question.on_message(generated("The clock was built in 1912.", 1))
    assert answer is not None
    assert not answer.sentences[0].supported
    assert [citation.quote for citation in answer.citations] == ["The clock was built in 1887."]


def test_nothing_found_abstains() -> None:
    """No model is asked to answer from nothing."""
    question = Question("q", "When was the clock built?")
    question.found([], [])
    assert question.abstains
    assert question.abstain().abstained


def test_a_follow_up_on_what_was_read_adds_no_passages() -> None:
    """Reading is what a laptop is slow at."""
    question = Question("q", "And since when does that hold?", [EARLIER])
    question.found([hit(7), hit(8), hit(9)], [])
    assert question.passages == ()
    assert not question.abstains
    assert question.number_of(hit(7)) == 1


def test_a_new_subject_adds_its_best_passages_under_new_numbers() -> None:
    """Earlier passages stay in place; the numbering goes on."""
    question = Question("q", "Who repairs the heating of the office?", [EARLIER])
    question.found([hit(8), hit(7), hit(9), hit(10)], [])
    assert [(item.number, item.hit.chunk) for item in question.passages] == [(2, 8), (3, 9)]


def test_a_short_follow_up_is_searched_with_the_question_before() -> None:
    """By itself, "And the toner?" says nothing of a warranty."""
    assert "warranty" in Question("q", "And the toner?", [EARLIER]).search_text
    assert Question("q", "And the toner?").search_text == "And the toner?"
    long = "Which printers did the office in Lyon buy last year?"
    assert Question("q", long, [EARLIER]).search_text == long


def test_a_chat_without_documents_is_held_to_no_passages() -> None:
    """Those of the questions before are left out; what was said stays."""
    question = Question("q", "Tell me a joke.", [EARLIER], documents=False)
    request = question.request(reading_budget=800, reading_seconds=None, max_tokens=8)
    assert [(turn.answer, turn.passages) for turn in request.history] == [("36 months.", ())]
    assert not question.abstains


def test_a_small_model_is_shown_the_best_sentence_with_each_question() -> None:
    """The same one when the conversation goes on, and none to a model that reads well."""
    question = Question("q", "When was the clock built?", [replace(EARLIER, hint="36 months.")])
    question.found([hit(8)], [Evidence(hit(8), "It was 1887.", 0)])
    told: dict[str, Any] = {"reading_budget": 800, "reading_seconds": None, "max_tokens": 8}
    request = question.request(**told, hinted=True)
    assert (request.history[0].hint, request.hint) == ("36 months.", "It was 1887.")
    request = question.request(**told)
    assert (request.history[0].hint, request.hint) == ("", "")
    assert Question("q", "Tell me a joke.", documents=False).hint == ""


def test_without_a_model_the_evidence_answers() -> None:
    """The best sentence, with its place."""
    question = Question("q", "When was the clock built?")
    question.found([hit(7)], [Evidence(hit(7), hit(7).text, 0)])
    answer = question.extract()
    assert "1887" in answer.text
    assert answer.citations[0].number == 1


def test_a_question_is_answered_in_its_own_language() -> None:
    """Else in that of the question before it, else in that of its best passage."""
    german = "Der Mietvertrag kann mit einer Frist von drei Monaten gekündigt werden."

    def languages(text: str, *turns: EarlierTurn, passage: str = "1 2 3") -> list[str]:
        question = Question("q", text, turns)
        question.found([hit(9, passage)], [])
        request = question.request(reading_budget=1, reading_seconds=None, max_tokens=1)
        return [*(turn.language for turn in request.history), request.language]

    assert languages("Wann wurde die Uhr gebaut?") == ["de"]
    assert languages("租金是多少？") == ["zh"]
    assert languages("Kündigungsfrist", passage=german) == ["de"]
    assert languages("XB-12") == [""]
    assert languages("Und die Garantie?", EARLIER) == ["en", "de"]
    assert languages("Toner?", EarlierTurn("租金是多少？", "三千。", ())) == ["zh", "zh"]
