"""Which questions are about sets of files, and what they are understood as."""

from __future__ import annotations

from datetime import date

import pytest

from indexer.sets.plan import Amount, Party, Period, SetPlan, Term
from indexer.sets.questions import parse_set_question

MARCH_2024 = Period(date(2024, 3, 1), date(2024, 3, 31))


def plan_of(question: str) -> SetPlan:
    plan = parse_set_question(question)
    assert plan is not None, question
    return plan


@pytest.mark.parametrize(
    ("question", "kinds", "filters"),
    [
        ("Which contracts mention arbitration?", ("contract",), (Term(("arbitration",)),)),
        ("How many invoices in March 2024?", ("invoice",), (MARCH_2024,)),
        ("How many invoices in March?", ("invoice",), (Period(months=(3,)),)),
        ("List all files about X-rays", (), (Term(("X-rays",), also_name=True),)),
        (
            "Which minutes mention the roof but not the lift?",
            ("minutes",),
            (Term(("roof",)), Term(("lift",), absent=True)),
        ),
        (
            "Which contracts with a non-compete clause were signed before 2 May 2023?",
            ("contract",),
            (Term(("non-compete",)), Period(until=date(2023, 5, 1))),
        ),
        (
            "Which invoices from Acme Corp are over 1,000.50 EUR?",
            ("invoice",),
            (Party("Acme Corp", sender=True), Amount(least=1000.5)),
        ),
        (
            'Which letters contain "late fee" or "fine"?',
            ("letter",),
            (Term(("late fee", "fine"), exact=True),),
        ),
        ("Welche Rechnungen sind vom März 2024?", ("invoice",), (MARCH_2024,)),
        ("In welchen Verträgen kommt Haftung vor?", ("contract",), (Term(("Haftung",)),)),
        ("Welche Briefe erwähnen die Miete nicht?", ("letter",), (Term(("Miete",), absent=True),)),
        ("哪些合同提到仲裁？", ("contract",), (Term(("仲裁",)),)),
        ("2024年3月有多少张发票？", ("invoice",), (MARCH_2024,)),
        ("哪些合同没有提到保密？", ("contract",), (Term(("保密",), absent=True),)),
    ],
)  # fmt: skip
def test_a_question_becomes_a_plan(
    question: str, kinds: tuple[str, ...], filters: tuple[object, ...]
) -> None:
    """In three languages."""
    plan = plan_of(question)
    assert plan.kinds == kinds
    assert plan.filters == filters


def test_files_are_told_by_format_folder_tag_language_and_state() -> None:
    """These are columns of the ledger, no words."""
    assert plan_of("List all PDF files in the folder Taxes").formats == ("pdf",)
    assert plan_of("List all PDF files in the folder Taxes").folders == ("Taxes",)
    assert plan_of("All documents tagged urgent").tags == ("urgent",)
    assert plan_of("How many files are in German?").languages == ("de",)
    assert plan_of("Which files could not be read?").unread
    assert plan_of("How many files are there?").counting


@pytest.mark.parametrize(
    "question",
    [
        "How many people live in Paris?",
        "How many letters are in the alphabet?",
        "Which contract clause did the court cite in its report on the dam?",
        "How many contracts did the company sign when the mill was sold?",
        "What files does the surgeon use?",
        "What is the invoice number of the Acme order?",
        "Find the invoice from Acme",
        "Which invoices lack a?",
        "Wie viele Einwohner hat Paris?",
        "Welche Rechnung ist noch offen?",
        "巴黎有多少人口？",
        "",
        "Which contracts mention " + "arbitration " * 100,
    ],
)
def test_ordinary_questions_are_left_alone(question: str) -> None:
    """What a grammar does not read to its last word is none of its questions."""
    assert parse_set_question(question) is None
