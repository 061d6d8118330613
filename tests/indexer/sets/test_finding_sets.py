"""All files that a question asks for, of a small library."""

from __future__ import annotations

from contextlib import closing

from indexer.search.searcher import Searcher
from indexer.sets.plan import SetAnswer
from indexer.types import Scope
from tests.indexer.conftest import Library

FILES = {
    "contracts/a.txt": "Service agreement\n\nMade on 3 March 2023. Disputes go to arbitration.",
    "contracts/b.txt": "Supply agreement\n\nMade on 4 April 2024. No arbitrary change is allowed.",
    "c.md": "# Lease\n\nThis agreement is made on 2024-03-09. Arbitration is agreed.",
    "invoices/one.txt": "Invoice 1\nFrom: Acme Corp\nBill to: Mill\nInvoice date: 05/03/2024\n"
    "Due date: 05/04/2024\nTotal: 1,200.00 EUR",
    "invoices/two.txt": "Invoice 2\nFrom: Mill\nBill to: Acme Corp\nInvoice date: 25/03/2024\n"
    "Total: 80.00 EUR",
    "invoices/three.txt": "Invoice 3, without a day and a sum.",
    "solar-panels.txt": "What they cost.",
    "vertrag.txt": "Mietvertrag\n\nDie Schiedsgerichte entscheiden über jeden Streit.",
}


def make(library: Library) -> Library:
    for name, text in FILES.items():
        library.write(name, text)
    library.sync(words_only=True)
    return library


def ask(library: Library, question: str, scope: Scope | None = None) -> SetAnswer:
    with closing(Searcher(library.database, library.root)) as searcher:
        answer = searcher.find_set(question, scope)
    assert answer is not None, question
    return answer


def test_sets_are_found_exactly(library: Library) -> None:
    """By kind, words, day, sender and total; other words of the same stem do not count."""
    make(library)
    for question, expected in (
        ("Which contracts mention arbitration?", {"a.txt", "c.md"}),
        ("Which contracts do not mention arbitration?", {"b.txt", "vertrag.txt"}),
        ("Which contracts were signed in 2024?", {"b.txt", "c.md"}),
        ("How many invoices in March 2024?", {"one.txt", "two.txt"}),
        ("Which invoices are from Acme Corp?", {"one.txt"}),
        ("Which invoices went to Acme Corp?", {"two.txt"}),
        ("Which invoices are over 1,000 EUR?", {"one.txt"}),
        ("List all files about solar panels", {"solar-panels.txt"}),
        ("Welche Verträge erwähnen ein Schiedsgericht?", {"vertrag.txt"}),
        ("List all files in the folder contracts", {"a.txt", "b.txt"}),
        ("List all files in contracts", {"a.txt", "b.txt"}),
        ("How many markdown files are there?", {"c.md"}),
    ):
        answer = ask(library, question)
        assert {member.path.name for member in answer.members} == expected, question


def test_an_answer_says_how_it_was_understood_and_what_it_could_not_see(library: Library) -> None:
    """So that its owner can correct it."""
    make(library)
    library.write("contracts/d.docx", "no document")
    library.sync(words_only=True)
    answer = ask(library, "Which invoices in March mention EUR?")
    assert answer.understood[-1] == "Their text holds “EUR”."
    assert answer.understood[1] == "They are dated in March of any year."
    assert (answer.among, answer.undated, answer.coverage.unread) == (3, 0, 1)
    assert ask(library, "How many invoices in March?").undated == 1


def test_each_file_comes_with_the_sentence_that_shows_why(library: Library) -> None:
    """It can be opened there."""
    make(library)
    (_, first) = ask(library, "Which contracts mention arbitration?").members
    assert first.hit is not None
    assert first.quote == "Disputes go to arbitration."
    assert first.quote in first.hit.text
    dated = ask(library, "How many invoices in March 2024?").members[0]
    assert dated.quote == "Invoice date: 05/03/2024"


def test_a_scope_holds_for_sets(library: Library) -> None:
    """Of a part of the library only that part is asked."""
    make(library)
    inside = Scope((library.documents / "contracts",))
    answer = ask(library, "Which contracts mention arbitration?", inside)
    assert [member.path.name for member in answer.members] == ["a.txt"]


def test_what_the_library_has_none_of_is_an_ordinary_question(library: Library) -> None:
    """Nothing is counted that no file is told to be, and no folder that does not exist."""
    make(library)
    with closing(Searcher(library.database, library.root)) as searcher:
        assert searcher.find_set("How many recipes mention basil?") is None
        assert searcher.find_set("List all files in the folder nowhere") is None
