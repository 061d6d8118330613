"""Whether a library seems to hold an answer, before any model runs."""

from __future__ import annotations

from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from indexer.lessons.teaching import teacher
from indexer.search.gate import Signals, seems_answered
from indexer.search.searcher import Searcher
from indexer.types import Scope
from tests.indexer.conftest import Library

KNOWN = "all-minilm-l6-v2-12345678"
# As found for a question that is answered, in a library of some 300 chunks.
ANSWERED = Signals(300, coverage=0.7, bm25=0.4, support=1.25, closeness=0.65)
UNRELATED = Signals(300, coverage=0.3, bm25=0.15, support=0.5, closeness=0.35)


@pytest.fixture
def filled(library: Library) -> Library:
    """Return a library about a clock, a cheese and a printer."""
    library.write("clock.md", "The clock was built in 1887 in the town of Besançon.\n")
    library.write("cheese.txt", "The cheese ripens for sixty days in a cellar.\n")
    library.write("insurance.txt", "The insurance of the house covers damage by water.\n")
    library.write("保修.txt", "打印机的保修期是三十个月，从购买之日起计算。\n")
    library.sync()
    return library


def answerable(library: Library, question: str, scope: Scope | None = None) -> bool:
    with closing(Searcher(library.database, library.root, library.embedder)) as searcher:
        hits = searcher.search(question, scope=scope)
        return searcher.may_answer(question, hits, searcher.evidence(question, hits), scope)


@pytest.mark.parametrize(
    "question",
    [
        "When was the clock built?",
        "How long does the cheese ripen in the cellar?",
        "What do my documents say about insurance?",
        "打印机的保修期是多久？",
    ],
)
def test_what_the_library_is_about_may_be_answered(filled: Library, question: str) -> None:
    """By the words alone too, where the encoder is another than the one that was measured."""
    assert answerable(filled, question)


@pytest.mark.parametrize(
    "question",
    [
        "Who won the football match in Madrid last summer?",
        "What is the capital of France?",
        "Wer ist der Präsident von Frankreich?",
        "法国的总统是谁？",
    ],
)
def test_what_no_document_is_about_is_refused(filled: Library, question: str) -> None:
    """Something is found for any question, if only by its meaning."""
    assert not answerable(filled, question)


def test_a_part_of_the_library_is_never_refused(filled: Library) -> None:
    """Whoever chooses a file knows what it is about."""
    scope = Scope(paths=(filled.documents / "clock.md",))
    assert answerable(filled, "What is the capital of France?", scope)


def test_what_was_taught_is_never_refused(filled: Library, tmp_path: Path) -> None:
    """The owner said that this passage answers."""
    question = "Who looks after the tower?"
    assert not answerable(filled, question)
    clock = filled.search("clock")[0].chunk
    with teacher(filled.database, filled.embedder) as owner:
        owner.answers(question, clock)
    assert answerable(filled, question)


def test_meaning_counts_for_the_encoder_that_was_measured() -> None:
    """The cosines of another mean something else; there the words decide."""
    assert seems_answered(ANSWERED, "When was it built?", KNOWN)
    assert not seems_answered(UNRELATED, "When was it built?", KNOWN)
    near = replace(UNRELATED, support=0.9, closeness=0.8)
    assert seems_answered(near, "When was it built?", KNOWN)
    assert not seems_answered(near, "When was it built?", "another-12345678")


def test_more_is_asked_for_in_a_larger_library() -> None:
    """Among more passages some come nearer by chance."""
    doubtful = replace(ANSWERED, support=0.95, closeness=0.53)
    assert seems_answered(doubtful, "When was it built?", KNOWN)
    assert not seems_answered(replace(doubtful, chunks=50_000), "When was it built?", KNOWN)


def test_another_language_shares_fewer_words_with_its_answer() -> None:
    """What is little in English is usual in German and in Chinese pairs of signs."""
    few = Signals(300, coverage=0.35, bm25=0.2, support=0.65, closeness=0.38)
    assert not seems_answered(few, "When was the house built?", "")
    assert seems_answered(few, "Wann wurde das Haus gebaut?", KNOWN)
    assert seems_answered(few, "这座房子是什么时候建的？", KNOWN)
