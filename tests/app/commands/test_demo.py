"""The judgement of the demo."""

from __future__ import annotations

from typing import Any

from app.demo import Question, fault, holds

QUESTION = Question("How long?", ("30 months",), "manual.pdf", 4, demo=True)


def lines(
    text: str, *, path: str = "/d/manual.pdf", page: int = 4, quote: str = "", cited: bool = True
) -> list[dict[str, Any]]:
    """Return what `ask --json` writes, as far as the demo looks at it."""
    source = {"path": path, "page": page, "quote": quote}
    return [
        {"type": "evidence", **source, "text": quote},
        {"type": "answer", "text": text, "citations": [source] if cited else []},
    ]


def test_fact_in_the_answer_is_right() -> None:
    """The fact may stand in the answer, over any white space."""
    assert fault(QUESTION, lines("It is 30\nMonths.")) == ""


def test_fact_in_the_evidence_is_right() -> None:
    """A weak model's answer is made good by the evidence beside it."""
    assert fault(QUESTION, lines("Long.", quote="a warranty of 30 months")) == ""
    assert fault(QUESTION, lines("Long.", quote="a warranty of 30 months", cited=False)) == ""


def test_missing_fact_wrong_file_and_wrong_page_are_faults() -> None:
    """Each of the three is told."""
    assert "neither" in fault(QUESTION, lines("It is 24 months."))
    assert "manual.pdf" in fault(QUESTION, lines("30 months", path="/d/other.pdf"))
    assert "page 4" in fault(QUESTION, lines("30 months", page=1))
    assert "no answer" in fault(QUESTION, lines("30 months")[:1])


def test_spellings_are_alternatives() -> None:
    """One spelling of each fact is enough; each fact is needed."""
    assert holds("每年享有十二天", ("12 天|十二天",))
    assert not holds("90,000 km", ("90,000 km", "September 2027"))
