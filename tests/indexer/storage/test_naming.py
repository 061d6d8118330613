"""Each file is found by the name that it has now, however many hold the same bytes."""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import closing
from typing import TYPE_CHECKING, Any

import apsw
import pytest
from test_erasure import traces

from indexer.readers.kinds.sniffing import stays
from indexer.storage.database import open_for_reading
from indexer.storage.migrations import MIGRATIONS
from indexer.text.words import cut_cjk
from indexer.types import Mode

if TYPE_CHECKING:
    from tests.indexer.conftest import Library

_TEXT = "The sum of forty crowns is to be paid by the end of May.\n"


def found(library: Library, question: str) -> list[str]:
    """Return the files that a question's words find."""
    return [hit.path.name for hit in library.search(question, mode=Mode.WORDS)]


def rows(library: Library, query: str) -> list[Any]:
    with closing(open_for_reading(library.database)) as db:
        return db.execute(query).fetchall()


def sync_unembedded(library: Library) -> None:
    """Index, and expect that nothing is read or embedded again."""
    assert library.embedder is not None
    before, pages = library.embedder.embedded, rows(library, "SELECT id FROM pages")
    library.sync()
    assert library.embedder.embedded == before
    assert rows(library, "SELECT id FROM pages") == pages


def test_a_renamed_file_is_found_by_its_new_name_at_once(library: Library) -> None:
    """And by the old one no more."""
    path = library.write("bill.txt", _TEXT)
    library.sync()
    assert found(library, "bill") == ["bill.txt"]
    path.rename(library.documents / "Invoice Meyer 2023.txt")
    with closing(library.engine()) as engine:
        engine.reconcile(engine.store.folders()[0])
        engine.step()
        assert found(library, "Meyer invoice") == ["Invoice Meyer 2023.txt"]
        assert found(library, "bill") == []
    sync_unembedded(library)


def test_each_copy_is_found_by_its_own_name(library: Library) -> None:
    """A hit shows the file that the question names; when that one goes, the other stays found."""
    library.write("bill.txt", _TEXT)
    library.sync()
    copy = library.write("archive/Invoice Meyer 2023.txt", _TEXT)
    sync_unembedded(library)
    assert found(library, "Meyer invoice") == ["Invoice Meyer 2023.txt"]
    assert found(library, "bill") == ["bill.txt"]
    assert found(library, "forty crowns on the bill") == ["bill.txt"]
    copy.unlink()
    sync_unembedded(library)
    assert found(library, "Meyer") == []
    assert found(library, "bill") == ["bill.txt"]
    library.write("Ledger.txt", _TEXT)
    (library.documents / "bill.txt").unlink()
    sync_unembedded(library)
    assert found(library, "bill") == []
    assert found(library, "ledger") == ["Ledger.txt"]


def test_a_long_document_gains_by_each_of_its_names(library: Library) -> None:
    """As much as if it had only that one."""
    body = "\n\n".join(f"Part {n}. " + "The revenue grew this year. " * 30 for n in range(5))
    for name in ("alpha-works-2021", "bravo-mills-2022", "delta-lines-2023"):
        library.write(f"{name}.txt", f"{body}\n\nPrinted as number {name[0]}.\n")
    library.sync()
    text = (library.documents / "delta-lines-2023.txt").read_text()
    score = library.search("revenue of echo boats 2024")[0].score
    library.write("echo-boats-2024.txt", text)
    sync_unembedded(library)
    (hit, *_) = library.search("revenue of echo boats 2024")
    assert hit.path.stem == "echo-boats-2024"
    assert hit.score > score
    assert library.search("revenue of delta lines 2023")[0].path.stem == "delta-lines-2023"


@pytest.mark.parametrize(
    ("first", "then"), [("Notes.html", "scan-3.html"), ("7.html", "Notes.html")]
)
def test_a_name_that_a_machine_gave_is_no_title(library: Library, first: str, then: str) -> None:
    """The document's own title stands in for it, whichever name it was read under."""
    page = "<title>Harbour dues</title><p>To be paid by the end of May.</p>"
    library.write(first, page)
    library.sync()
    (library.documents / first).rename(library.documents / then)
    sync_unembedded(library)
    expected = "Notes" if then == "Notes.html" else "Harbour dues"
    assert rows(library, "SELECT title, titles FROM contents") == [(expected, expected)]
    assert found(library, "harbour dues") == ([] if expected == "Notes" else [then])


def test_the_same_bytes_of_another_kind_are_another_document(library: Library) -> None:
    """As in a library that is made from nothing: a heading is one in Markdown alone."""
    text = "# Dues\n\nTo be paid by the end of May.\n"
    library.write("a.txt", text)
    library.sync()
    library.write("b.md", text)
    library.sync()
    assert sorted(rows(library, "SELECT kind FROM contents")) == [("markdown",), ("text",)]
    (hit,) = [hit for hit in library.search("dues May") if hit.path.suffix == ".md"]
    assert hit.heading == "Dues"
    (library.documents / "a.txt").rename(library.documents / "c.md")
    library.sync()
    assert rows(library, "SELECT kind FROM contents") == [("markdown",)]
    assert set(library.ledger()) == {"b.md", "c.md"}


@pytest.mark.parametrize(
    ("kind", "name", "expected"),
    [
        ("pdf", "a.txt", True),
        ("pdf", "a", True),
        ("text", "a", True),
        ("text", "a.log", True),
        ("text", "a.doc", True),
        ("text", "a.md", False),
        ("markdown", "a.txt", False),
        ("html", "a.html", True),
        ("html", "a.txt", False),
        ("mail", "1700.M1P2.host:2,S", True),
        ("mail", "a.txt", True),
        ("mail", "a.md", False),
    ],
)
def test_what_a_name_decides(kind: str, name: str, expected: bool) -> None:
    """Of what its bytes give away it decides nothing."""
    assert stays(kind, name) is expected


def test_of_very_many_names_some_are_enough(library: Library) -> None:
    """Every file is still found by its text, and all are in the ledger."""
    for n in range(120):
        library.write(f"template number{n}x.txt", _TEXT)
    library.sync()
    assert len(library.ledger()) == 120
    assert found(library, "number7x") == ["template number7x.txt"]
    assert len(rows(library, "SELECT titles FROM contents")[0][0].split("\n")) == 100


def test_the_name_of_a_copy_that_was_removed_is_in_no_byte(library: Library) -> None:
    """Although the document stays, and was first read under that name."""
    library.write("secret/zygomorphic plans.txt", _TEXT)
    library.write("plain/bill.txt", _TEXT)
    with closing(library.engine()) as engine:
        for name in ("secret", "plain"):
            engine.reconcile(engine.add(library.documents / name))
            while engine.step() is not None:
                pass
    assert found(library, "zygomorphic") == ["zygomorphic plans.txt"]
    with closing(library.engine()) as engine:
        engine.remove(library.documents / "secret")
    assert traces(library.root, "zygomorphic") == set()
    assert found(library, "bill") == ["bill.txt"]


def test_names_that_an_older_version_did_not_know(
    library: Library, make_library: Callable[[str], Library]
) -> None:
    """Copies in a library of the eighth schema are found by their names after the next start."""
    first, copy = library.write("bill.txt", _TEXT), library.write("Invoice Meyer.txt", _TEXT)
    with closing(apsw.Connection(str(library.database))) as db:
        db.create_scalar_function("cut_cjk", cut_cjk, 1, deterministic=True)
        for script in MIGRATIONS[:8]:
            db.execute(script)
        db.execute("PRAGMA user_version = 8")
        db.execute(
            "INSERT INTO folders (id, path) VALUES (1, ?)", (os.fsencode(library.documents),)
        )
        db.execute(
            "INSERT INTO contents (sha256, kind, title, name_words, state, reason) "
            "VALUES (randomblob(32), 'text', 'bill', 'bill', 'indexed', '')"
        )
        db.execute("INSERT INTO pages (content_id, text) VALUES (1, ?)", (_TEXT,))
        db.execute(
            "INSERT INTO chunks (content_id, page_id, start, end, heading) "
            "VALUES (1, 1, 0, ?, '')", (len(_TEXT),),
        )  # fmt: skip
        db.execute("INSERT INTO chunk_words (chunk_words) VALUES ('rebuild')")
        db.execute("INSERT INTO document_words (document_words) VALUES ('rebuild')")
        for path in (first, copy):
            db.execute(
                "INSERT INTO files (folder_id, path, size, mtime_ns, suffix, content_id, state, "
                "reason) VALUES (1, ?, ?, ?, 'txt', 1, 'indexed', '')",
                (os.fsencode(path), len(_TEXT), path.stat().st_mtime_ns),
            )
    with closing(library.engine()) as engine:
        while engine.step() is not None:
            pass
    assert found(library, "Meyer") == ["Invoice Meyer.txt"]
    assert found(library, "bill") == ["bill.txt"]
    fresh = make_library("fresh")
    fresh.write("7.txt", _TEXT)
    fresh.sync()
    first.unlink()
    copy.rename(library.documents / "7.txt")
    library.sync()
    query = "SELECT titles, name_words, own_title, own_words FROM contents"
    assert rows(library, query) == rows(fresh, query)
