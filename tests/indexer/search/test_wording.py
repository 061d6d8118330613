"""How a question is put to a library: excluded words, prefixes, forms, other spelling."""

from __future__ import annotations

import time
from contextlib import closing

import pytest

from indexer.search.searcher import Searcher
from indexer.types import Mode, Replaced, Scope, Wording
from tests.indexer.conftest import BagOfWords, Library


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Library:
    """Return a library in several languages; nothing here changes it."""
    root = tmp_path_factory.mktemp("library")
    library = Library(root, tmp_path_factory.mktemp("documents"), BagOfWords())
    library.write("terms.txt", "The warranty of the printer covers thirty months of use.\n")
    library.write("invest.txt", "The investors of this fund were told about invoices.\n")
    library.write("inv.txt", "The inv key is of no use.\n")
    library.write("a.txt", "The number of this bill is INV-2023/04 and it was paid.\n")
    library.write("b.txt", "The number of this bill is INV-2023/05 and it is the 04 of 2023.\n")
    library.write("police.txt", "Die Versicherungsnummer steht auf der ersten Seite oben.\n")
    for name, code in (("c", "KX-77.4"), ("d", "KX-77/4"), ("e", "KX_77_4")):
        library.write(f"{name}.txt", f"Order part {code} for the {name * 5} pump.\n")
    library.write("haus.txt", "Die Häuser am See sind alt und werden von der Stadt verkauft.\n")
    library.write("手册.txt", "打印機的保修期為三十個月，從購買之日起計算，後面的條款另有規定。\n")
    library.sync()
    return library


def names(library: Library, question: str, mode: Mode = Mode.WORDS) -> list[str]:
    return [hit.path.name for hit in library.search(question, mode=mode)]


def wording(library: Library, question: str) -> Wording:
    with closing(Searcher(library.database, library.root, library.embedder)) as searcher:
        return searcher.wording(question)


@pytest.mark.parametrize("mode", Mode)
def test_what_is_excluded_is_found_by_no_side(filled: Library, mode: Mode) -> None:
    """Neither by its words nor by its meaning."""
    assert "a.txt" in names(filled, "number of the bill", mode)
    left = names(filled, "number of the bill -paid", mode)
    assert "b.txt" in left
    assert "a.txt" not in left


@pytest.mark.parametrize("mode", Mode)
def test_a_phrase_is_required_by_both_sides(filled: Library, mode: Mode) -> None:
    """What only means the same lacks it."""
    assert names(filled, 'what is "of no use"', mode) == ["inv.txt"]


def test_a_phrase_that_stands_nowhere_is_searched_by_its_words(filled: Library) -> None:
    """And whoever asks is told."""
    question = 'the "warranty of my printer"'
    assert names(filled, question)[0] == "terms.txt"
    assert wording(filled, question).missing == ("warranty of my printer",)


def test_a_prefix_finds_the_words_that_begin_so(filled: Library) -> None:
    """It is not stemmed as a word would be: `inve` is not `inv`."""
    assert names(filled, "inve*") == ["invest.txt"]
    assert set(names(filled, "inv*")) == {"invest.txt", "inv.txt", "a.txt", "b.txt"}


@pytest.mark.parametrize("mode", [Mode.WORDS, Mode.HYBRID])
def test_a_code_is_found_as_it_stands(filled: Library, mode: Mode) -> None:
    """Although another document holds all of its parts."""
    assert names(filled, "INV-2023/04", mode)[0] == "a.txt"
    assert names(filled, "INV-2023/05", mode)[0] == "b.txt"


@pytest.mark.parametrize("mode", [Mode.WORDS, Mode.HYBRID])
@pytest.mark.parametrize("code", ["KX-77.4", "KX-77/4", "KX_77_4"])
def test_the_signs_inside_a_code_count(filled: Library, code: str, mode: Mode) -> None:
    """To the index, which parts a code at its signs, these are the same."""
    best = filled.search(code, mode=mode)[0]
    assert code in best.text


def test_another_spelling_is_looked_for_if_no_document_has_the_word(filled: Library) -> None:
    """The word that is meant is said as the library writes it."""
    assert names(filled, "warrunty")[0] == "terms.txt"
    assert wording(filled, "warrunty of the printer") == Wording(
        (Replaced("warrunty", "warranty"),)
    )
    assert wording(filled, "warranties of printers") == Wording()


def test_what_is_like_no_word_is_said(filled: Library) -> None:
    """The nearest passages by meaning are no finds then."""
    assert wording(filled, "qqqqqqq") == Wording(unknown=("qqqqqqq",), nothing_known=True)
    assert wording(filled, "printer qqqqqqq") == Wording(unknown=("qqqqqqq",))
    assert wording(filled, "龘靐") == Wording(unknown=("龘靐",), nothing_known=True)


def test_words_are_found_in_other_forms_of_their_language(filled: Library) -> None:
    """With umlauts or without."""
    for question in ("Haus", "Wem gehört das Haus?", "hauser"):
        assert names(filled, question)[0] == "haus.txt"


def test_a_word_stands_for_what_is_joined_of_it(filled: Library) -> None:
    """In German and languages like it."""
    assert names(filled, "Wo steht es in der Versicherung?")[0] == "police.txt"


def test_simplified_and_traditional_signs_meet(filled: Library) -> None:
    """Also inside a phrase."""
    for question in ("打印机保修期", "从购买之日", '"后面的条款"'):
        assert names(filled, question)[0] == "手册.txt"


def test_a_language_restricts_the_search_itself(filled: Library) -> None:
    """By what the documents are written in."""
    for mode in Mode:
        hits = filled.search("Haus printer 打印", scope=Scope(languages=("de",)), mode=mode)
        assert {hit.path.name for hit in hits} == {"haus.txt"}


_HOSTILE = {
    "empty": "", "blank": " \t\n", "one sign": "x", "a quote": '"', "near": "NEAR(", "colon": ":",
    "star": "*", "dash": "-", "stop words": "to be or not to be the of and",
    "syntax": 'body : (a AND "b NEAR(c d) ^e + f', "controls": "\x00\x07\x1b[31m\ufeff",
    "private": "\ue0000 \ue0001", "surrogate": "a \ud800 b", "mixed": "clock 保修 часы ساعة 時計 ✓",
    "right to left": "\u202eחלון גדול\u202c", "words": " ".join(f"w{n}" for n in range(10_000)),
    "misspelt": " ".join(f"warruntyx{chr(97 + n % 26)}" for n in range(10_000)),
    "phrases": '"a b" ' * 5_000, "excluded": "a " + "-b " * 5_000, "prefixes": "ab* " * 5_000,
    "codes": "a-1 " * 5_000, "one word": "a" * 100_000, "signs": "保" * 10_000,
    "quotes": '"' * 10_000, "dashes": "-" * 10_000, "stars": "a*" * 5_000,
}  # fmt: skip


@pytest.mark.parametrize("name", _HOSTILE)
def test_hostile_questions_end_soon(filled: Library, name: str) -> None:
    """In hits or none; FTS5's own syntax means nothing."""
    with closing(Searcher(filled.database, filled.root, filled.embedder)) as searcher:
        searcher.search("warm up")
        for mode in Mode:
            began = time.process_time()
            hits = searcher.search(_HOSTILE[name], mode=mode)
            searcher.wording(_HOSTILE[name])
            searcher.evidence(_HOSTILE[name], hits)
            assert time.process_time() - began < 0.5
