"""The numbers that are printed on pages: read, shown with a hit, and asked for."""

from __future__ import annotations

from pathlib import Path

import documents
import pytest

from indexer.readers import read
from indexer.search.page_questions import asked_page
from indexer.types import DocumentInfo, Mode
from tests.indexer.conftest import Library

PAGES = [
    "The preface thanks the harbour master.",
    "The preface goes on about the harbour.",
    "The harbour was built of stone.",
    "The harbour was closed by ice, and the harbour master wrote of the harbour.",
    "The harbour was opened again.",
]


@pytest.fixture
def book(library: Library) -> Library:
    """Return a library of a book with two pages before its first one, and of a text."""
    (library.documents / "book.pdf").write_bytes(documents.labelled_pdf(PAGES, 2))
    library.write("harbour.txt", "A page of the harbour, without a number.\n")
    library.sync()
    return library


def test_labels_are_read(tmp_path: Path) -> None:
    """Those that say something else than the page's own number."""
    path = tmp_path / "a.pdf"
    path.write_bytes(documents.labelled_pdf(PAGES, 2))
    info = next(iter(read(path)))
    assert isinstance(info, DocumentInfo)
    assert info.labels == ((1, "i"), (2, "ii"), (3, "1"), (4, "2"), (5, "3"))
    path.write_bytes(documents.pdf(PAGES))
    info = next(iter(read(path)))
    assert isinstance(info, DocumentInfo)
    assert info.labels == ()


def test_a_hit_has_its_label_and_its_place(book: Library) -> None:
    """One is cited, the other opens it."""
    hit = book.search("closed by ice", mode=Mode.WORDS)[0]
    assert (hit.label, hit.page, hit.pages) == ("2", 4, 5)
    assert book.search("without a number", mode=Mode.WORDS)[0].label is None


@pytest.mark.parametrize(
    ("question", "page"),
    [
        ("What is on page 3?", 5),
        ("Was steht auf Seite 1?", 3),
        ("harbour, p. 2", 4),
        ("第2页写了什么？", 4),
        ("What does page ii say of the harbour?", 2),
    ],
)
def test_a_page_that_is_asked_for_comes_first(book: Library, question: str, page: int) -> None:
    """By the number that is printed on it, also where its words are not in the question."""
    assert book.search(question)[0].page == page


def test_a_page_without_a_label_is_asked_for_by_its_number(library: Library) -> None:
    """Which most PDFs leave it at."""
    (library.documents / "book.pdf").write_bytes(documents.pdf(PAGES))
    library.sync()
    assert library.search("What is on page 3?")[0].page == 3


def test_a_number_in_a_running_line_is_a_label(library: Library) -> None:
    """Where a PDF has no labels; the page without one is called by its place."""
    pages = [[(72.0, 700.0, 10.0, text)] for text in PAGES]
    for number, page in enumerate(pages[1:], 1):
        page.append((300.0, 30.0, 9.0, str(number)))
    (library.documents / "book.pdf").write_bytes(documents.placed_pdf(pages))
    library.sync()
    hit = library.search("What is on page 3?")[0]
    assert (hit.page, hit.label) == (4, "3")
    assert library.search("preface thanks", mode=Mode.WORDS)[0].label is None


@pytest.mark.parametrize(
    ("question", "page"),
    [
        ("page 14", "14"), ("on pages 14 and 15", "14"), ("auf Seite 14?", "14"),
        ("siehe S. 14", "14"), ("(p.14)", "14"), ("第 14 頁", "14"), ("page A-3", "a-3"),
        ("page IV", "iv"), ("What is a page?", None), ("the page I read", None),
        ("14 pages", None), ("the U.S. 14 years ago", None), ("a web page in 2014", None),
    ],
)  # fmt: skip
def test_which_page_a_question_asks_for(question: str, page: str | None) -> None:
    """Only by a word for a page with its number."""
    assert asked_page(question) == page
