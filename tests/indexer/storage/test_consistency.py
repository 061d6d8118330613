"""The library compared with itself: each fault is found, and mended."""

from __future__ import annotations

from contextlib import closing

import apsw
import numpy as np
import pytest

from indexer.checking import check_library, repair_library
from indexer.errors import LibraryDamaged
from indexer.storage.database import open_for_writing
from tests.indexer.conftest import Library


def wrong(library: Library) -> dict[str, int]:
    """Return what is wrong, by its name."""
    checks = check_library(library.database, library.root)
    return {item.name: item.wrong for item in checks if item.wrong}


@pytest.fixture
def filled(library: Library) -> Library:
    for number in range(12):
        library.write(f"{number}.md", f"# Note {number}\n\nThe tide of day {number} is high.\n")
    library.sync()
    return library


def change(library: Library, *statements: str) -> None:
    with closing(open_for_writing(library.database)) as db:
        db.execute("PRAGMA foreign_keys = OFF")
        for statement in statements:
            db.execute(statement)


_FAULTS = {
    "references into nothing": "DELETE FROM pages WHERE id = 3",
    "files in a state that cannot be": "UPDATE files SET state = 'failed' WHERE id = 2",
    "indexed files without all vectors": "DELETE FROM vectors WHERE chunk_id = 4",
    "contents of no file": "DELETE FROM files WHERE id = 5",
    "half documents": "UPDATE chunks SET end = end + 1000 WHERE id = 6",
    "tables of words": "INSERT INTO chunk_words (rowid, body) VALUES (7, 'nowhere')",
    "names of documents": "UPDATE contents SET titles = 'nobody' WHERE id = 9",
    "vectors": "UPDATE vectors SET vector = zeroblob(128) WHERE chunk_id = 8",
    "counts": "UPDATE library SET value = 9 WHERE key = 'chunks'",
    "lessons": "INSERT INTO lessons (kind, text, words, taught_ns) VALUES ('answers', 'a', 'a', 1)",
    "tags": "INSERT INTO tags (sha256, tag, set_ns) VALUES (x'00', 'a', 1)",
    "conversations with holes": "INSERT INTO chats (id, title, changed_ns) "
    "VALUES ('a', 'b', 1); INSERT INTO turns (chat_id, question, answer, passages) "
    "VALUES ('a', 'b', 'c' || char(0, 0), '[]')",
}


def test_nothing_is_wrong_with_a_library_as_it_is_made(filled: Library) -> None:
    """Each comparison has a name, and none finds anything."""
    names = [item.name for item in check_library(filled.database, filled.root)]
    assert set(_FAULTS) < set(names)
    assert not wrong(filled)


@pytest.mark.parametrize(("name", "fault"), _FAULTS.items())
def test_each_fault_is_found_and_mended(filled: Library, name: str, fault: str) -> None:
    """What has to be read again is, and then everything is found as before."""
    truth = [(hit.path, hit.text) for hit in filled.search("tide of day 5", k=50)]
    change(filled, fault)
    assert name in wrong(filled)
    repair_library(filled.database, filled.root)
    filled.sync()
    assert not wrong(filled)
    # Sorted: where chunks have new numbers, equals come in another order.
    assert sorted((hit.path, hit.text) for hit in filled.search("tide of day 5", k=50)) == sorted(
        truth
    )


def test_damage_of_the_file_is_found(filled: Library) -> None:
    """A page of the text is overwritten with another."""
    with closing(apsw.Connection(str(filled.database))) as db:
        root = db.execute("SELECT rootpage FROM sqlite_schema WHERE name = 'files'").get
    data = bytearray(filled.database.read_bytes())
    at = (root - 1) * 4096
    data[at : at + 4096] = np.random.default_rng(1).bytes(4096)
    filled.database.write_bytes(data)
    with pytest.raises(LibraryDamaged):
        repair_library(filled.database, filled.root)
