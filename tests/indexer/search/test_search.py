"""Finding passages and the sentences that answer, through a real library."""

from __future__ import annotations

import os
import shutil
from contextlib import closing
from pathlib import Path

import pytest

from indexer.search.searcher import Searcher
from indexer.types import Coverage, Mode, Scope
from tests.indexer.conftest import Library


@pytest.fixture
def filled(library: Library) -> Library:
    """Return a library of four small documents."""
    library.write(
        "clock.md", "# The hall\n\nThe clock was built in 1887 in the town of Besançon.\n"
    )
    library.write("cheese.txt", "The cheese ripens for sixty days in a cellar.\n")
    library.write("保修.txt", "打印机的保修期是三十个月，从购买之日起计算。\n")
    library.write("sub/clock-repair.txt", "The clock was repaired by a smith in 1912.\n")
    library.sync()
    return library


def test_words_find_the_document_that_has_them(filled: Library) -> None:
    """A hit says where its text stands."""
    hit = filled.search("ripening cheese", mode=Mode.WORDS)[0]
    assert hit.path == filled.documents / "cheese.txt"
    text = hit.path.read_text("utf-8")
    assert text[hit.start : hit.end] == hit.text
    assert hit.bm25 is not None
    assert hit.cosine is None


def test_both_signals_are_in_a_hybrid_hit(filled: Library) -> None:
    """Whoever looks at a score can see what it is made of."""
    hit = filled.search("When was the clock built?")[0]
    assert hit.path.name == "clock.md"
    assert hit.heading == "The hall"
    assert hit.bm25 is not None
    assert hit.cosine is not None


def test_chinese_is_found_by_words_alone_if_the_encoder_does_not_read_it(filled: Library) -> None:
    """Noise of an encoder that sees unknown signs must not vote."""
    hit = filled.search("保修期多长？")[0]
    assert hit.path.name == "保修.txt"
    assert hit.cosine is None
    assert filled.search("期")[0].path.name == "保修.txt"


def test_a_phrase_is_required_as_written(filled: Library) -> None:
    """Other documents with its words are not found by the words."""
    hits = filled.search('"repaired by a smith"', mode=Mode.WORDS)
    assert [hit.path.name for hit in hits] == ["clock-repair.txt"]


@pytest.mark.parametrize(
    "question",
    [
        *("", "  ", '"', "*", "NEAR(", "a:b", "-", "(((", "OR AND NOT", "\x00\x07"),
        *("\u202eחלון", "w " * 10_000),
    ],
)
def test_no_question_breaks_the_search(filled: Library, question: str) -> None:
    """FTS5 syntax, control characters and endless questions are just text."""
    for mode in Mode:
        filled.search(question, mode=mode)


def test_a_scope_restricts_the_search_itself(filled: Library) -> None:
    """Folders, files, types and times are inside the search, not a filter after it."""
    inside = Scope(paths=(filled.documents / "sub",))
    assert {hit.path.name for hit in filled.search("clock cheese", scope=inside)} == {
        "clock-repair.txt"
    }
    file = Scope(paths=(filled.documents / "cheese.txt",))
    assert [hit.path.name for hit in filled.search("clock", scope=file)] == ["cheese.txt"]
    assert {hit.path.suffix for hit in filled.search("clock", scope=Scope(types=("md",)))} == {
        ".md"
    }
    old = filled.documents / "cheese.txt"
    os.utime(old, (1_000_000_000, 1_000_000_000))
    filled.sync()
    found = filled.search("clock cheese", scope=Scope(before_ns=1_100_000_000 * 10**9))
    assert [hit.path for hit in found] == [old]


def test_a_name_with_the_same_beginning_is_outside_a_folder(filled: Library) -> None:
    """/a/sub does not hold /a/sub2."""
    filled.write("sub2/other.txt", "Another clock.\n")
    filled.sync()
    hits = filled.search("clock", scope=Scope(paths=(filled.documents / "sub",)))
    assert {hit.path.parent.name for hit in hits} == {"sub"}


def test_a_passage_is_not_cut_inside_a_paragraph(library: Library) -> None:
    """Both chunks of a long paragraph are shown as the one paragraph that they are."""
    filler = " ".join(f"Filler sentence number {n} stands here for length." for n in range(30))
    paragraph = f"{filler} The secret ingredient is saffron."
    library.write("recipe.txt", f"An opening.\n\n{paragraph}\n\nAn ending.\n")
    library.sync()
    hits = library.search("secret ingredient saffron")
    assert paragraph in hits[0].text
    assert not any(hit.text.startswith("Filler") for hit in hits[1:])


def test_evidence_is_the_sentence_that_answers(filled: Library) -> None:
    """Its offset leads to it, and a question in a document never counts as an answer."""
    path = filled.write("faq.txt", "How long does the paint dry? It dries for two hours.\n")
    filled.sync()
    with closing(Searcher(filled.database, filled.root, filled.embedder)) as searcher:
        hits = searcher.search("How long does the paint dry?")
        best = searcher.evidence("How long does the paint dry?", hits)[0]
    assert best.quote == "It dries for two hours."
    assert path.read_text()[best.quote_start :].startswith(best.quote)


def test_chinese_evidence_is_the_sentence_that_answers(filled: Library) -> None:
    """Pairs of signs are counted whole: a sentence that shares one with the question is not it."""
    text = "首次洗涤请空机运行一次自洁程序。机器应放在平坚的地面上。排水过滤器每两个月清洗一次。"
    filled.write("洗衣机.txt", text)
    filled.sync()
    with closing(Searcher(filled.database, filled.root, filled.embedder)) as searcher:
        hits = searcher.search("洗衣机的滤网多久清洗一次？")
        best = searcher.evidence("洗衣机的滤网多久清洗一次？", hits)[0]
    assert best.quote == "排水过滤器每两个月清洗一次。"


def test_a_document_is_found_by_its_name(library: Library) -> None:
    """Of two alike, the one that the question names comes first."""
    body = "\n\n".join(
        f"Section {n}. " + "The revenue grew in this quarter. " * 25 for n in range(5)
    )
    for name in ("alpha-works-2021", "bravo-mills-2022", "delta-lines-2023"):
        library.write(f"{name}.txt", f"{body}\n\nPrinted as number {name[0]}.\n")
    library.sync()
    for name in ("bravo-mills-2022", "delta-lines-2023"):
        asked = name.replace("-", " ")
        assert library.search(f"revenue of {asked}")[0].path.stem == name


def test_a_copied_profile_opens_and_finds(filled: Library, tmp_path: Path) -> None:
    """All of a library is in its folder; its caches may be missing."""
    copy = tmp_path / "copy"
    shutil.copytree(filled.root, copy)
    for cache in copy.glob("*.vectors"):
        cache.unlink()
    moved = Library(copy, filled.documents, filled.embedder)
    assert [hit.chunk for hit in moved.search("clock built")] == [
        hit.chunk for hit in filled.search("clock built")
    ]


def test_coverage_counts_what_a_search_cannot_see(library: Library) -> None:
    """In the scope that is asked; what is left out by rule or kind is no loss."""
    library.write("in/good.txt", "The marmot sleeps.")
    library.write("in/.hidden", "x")
    (library.documents / "in" / "broken.pdf").write_bytes(b"%PDF-1.7\nnothing of a PDF")
    library.write("out/other.txt", "The badger sleeps.")
    library.sync()
    library.write("out/new.txt", "Not read yet.")
    with closing(library.engine()) as engine:
        engine.reconcile(engine.store.folders()[0])
    with closing(Searcher(library.database, library.root)) as searcher:
        assert searcher.coverage() == Coverage(4, 2, 1, 1, 0)
        inside = searcher.coverage(Scope(paths=(library.documents / "in",)))
        assert inside == Coverage(2, 1, 0, 1, 0)
        assert not inside.whole
        assert searcher.coverage(Scope(types=("md",))).whole
