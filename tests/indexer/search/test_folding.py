"""The same text in several documents is one hit."""

from __future__ import annotations

from dataclasses import replace
from itertools import count
from pathlib import Path

from indexer.search.folding import fold
from indexer.types import Hit
from tests.indexer.conftest import Library

_CLAUSE = (
    "Either party may end this agreement by notice in writing to the other party, which takes "
    "effect when it is received. What was paid before that day is not paid back, and each party "
    "returns to the other all papers that it was given, unless the law asks it to keep them."
)


_CHUNKS = count()


def found(text: str, name: str) -> Hit:
    path = Path("/documents") / name
    return Hit(next(_CHUNKS), 99, path, None, None, "", 0, len(text), text, 1.0, None, None)


def test_a_clause_with_a_few_other_words_is_folded() -> None:
    """The best of them is shown, and the others are named by it."""
    draft = _CLAUSE.replace("in writing", "by letter")
    other = "The clock in the hall was built by a smith who lived in the town of the same name."
    hits = fold([found(_CLAUSE, "a"), found(draft, "b"), found(other, "c"), found(_CLAUSE, "d")], 9)
    assert [(hit.path.name, hit.rank) for hit in hits] == [("a", 1), ("c", 2)]
    assert [path.name for path in hits[0].also] == ["b", "d"]
    assert hits[1].also == ()


def test_other_numbers_are_another_text() -> None:
    """Bills and reports differ by little else."""
    bills = [found(f"{_CLAUSE} The sum is {n} euros.", f"bill-{n}") for n in (100, 200)]
    assert len(fold(bills, 9)) == 2


def test_what_a_document_says_twice_is_two_places() -> None:
    """Each of its pages can be the one that is looked for."""
    twice = [found(_CLAUSE, "a"), replace(found(_CLAUSE, "a"), page=2)]
    assert len(fold(twice, 9)) == 2


def test_short_texts_have_to_be_the_same() -> None:
    """One word of a heading is another heading."""
    assert len(fold([found("Printing in colour", "a"), found("Printing in black", "b")], 9)) == 2
    assert len(fold([found("Printing in colour", "a"), found("printing in colour", "b")], 9)) == 1


def test_copies_and_drafts_are_named_by_a_search(library: Library) -> None:
    """A copy holds the same bytes, a draft nearly the same text."""
    library.write("agreement.txt", _CLAUSE)
    library.write("copy of agreement.txt", _CLAUSE)
    library.write("draft.txt", _CLAUSE.replace("in writing", "by letter"))
    library.write("clock.txt", "The clock by the door has a notice on it.")
    library.sync()
    hits = library.search("agreement notice in writing to the other party", k=2)
    assert len(hits) == 2
    assert {path.name for path in (hits[0].path, *hits[0].also)} == {
        "agreement.txt", "copy of agreement.txt", "draft.txt"
    }  # fmt: skip
