"""Tags are the owner's: they follow the bytes, survive damage, and go with what is taken out."""

from __future__ import annotations

import shutil
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from indexer.errors import IndexerError
from indexer.storage.database import open_for_reading, open_for_writing
from indexer.storage.rescue import rescue
from indexer.storage.tags import Tagged, all_tags, checked, tags_of

if TYPE_CHECKING:
    from conftest import Library


def tag(library: Library, path: Path, *tags: str) -> tuple[str, ...]:
    with closing(library.engine()) as engine:
        return engine.store.set_tags(path, tags)


def tags(library: Library, path: Path) -> tuple[str, ...]:
    with closing(open_for_reading(library.database)) as db:
        return tags_of(db, path)


def test_tags_follow_a_file_that_moves_or_changes(library: Library) -> None:
    """Moved, renamed as another kind, written to, and written back."""
    path = library.write("a/bill.txt", "The sum of forty crowns.")
    library.sync()
    assert tag(library, path, "invoice", " to  pay ", "invoice") == ("invoice", "to  pay")
    moved = library.documents / "b" / "note.md"
    moved.parent.mkdir()
    path.rename(moved)
    library.sync()
    assert tags(library, moved) == ("invoice", "to  pay")
    for text in ("The sum of fifty crowns.", "The sum of forty crowns.", "Something else."):
        moved.write_text(text, "utf-8")
        library.sync()
        assert tags(library, moved) == ("invoice", "to  pay")
    with closing(open_for_reading(library.database)) as db:
        assert db.execute("SELECT count(*) FROM tags").get == 2


def test_a_copy_keeps_its_tags_when_the_other_one_changes(library: Library) -> None:
    """Two files of the same bytes have the same tags until one of them becomes another."""
    one = library.write("one.txt", "The sum of forty crowns.")
    two = library.write("two.txt", "The sum of forty crowns.")
    library.sync()
    tag(library, one, "invoice")
    assert tags(library, two) == ("invoice",)
    two.write_text("Another text.", "utf-8")
    library.sync()
    assert tags(library, one) == tags(library, two) == ("invoice",)
    tag(library, two)
    assert tags(library, one) == ("invoice",)
    assert tags(library, two) == ()


def test_tags_survive_a_library_that_is_read_anew_after_damage(library: Library) -> None:
    """They are saved out of a damaged file, with its head lost as well."""
    path = library.write("bill.txt", "The sum of forty crowns.")
    library.sync()
    tag(library, path, "invoice", "发票")
    data = library.database.read_bytes()
    library.database.write_bytes(bytes(4096) + data[4096:])
    assert rescue(library.database).tags == 2
    library.sync()
    assert tags(library, path) == ("invoice", "发票")


def test_what_is_taken_out_leaves_no_tag(library: Library) -> None:
    """No byte of a tag is left, nor of what was learned from folders."""
    canary = "Kanarienvogel"
    path = library.write("bill.txt", "The sum of forty crowns.")
    library.sync()
    tag(library, path, canary)
    with closing(open_for_writing(library.database)) as db:
        db.execute("INSERT INTO learned VALUES ('folders', ?)", (f"{path} ".encode() * 3000,))
    assert canary.encode() in library.database.read_bytes()
    with closing(library.engine()) as engine:
        engine.remove(library.documents)
        while engine.erase():
            pass
    data = library.database.read_bytes()
    assert canary.encode() not in data
    assert bytes(path) not in data


def test_a_copy_elsewhere_keeps_the_tags_of_what_is_taken_out(library: Library) -> None:
    """Only what is in no other folder loses them."""
    path = library.write("bill.txt", "The sum of forty crowns.")
    other = library.documents.with_name("other")
    shutil.copytree(library.documents, other)
    library.sync()
    with closing(library.engine()) as engine:
        engine.reconcile(engine.add(other))
        while engine.step() is not None:
            pass
        engine.store.set_tags(path, ["invoice"])
        engine.remove(library.documents)
    assert tags(library, other / "bill.txt") == ("invoice",)


@pytest.mark.parametrize(
    "wrong", ["", "  ", "/etc/passwd", "C:\\x", "a,b", "a\nb", "a\0b", "\x1b[31m", "x" * 10_000]
)
def test_what_can_be_no_tag_is_refused(wrong: str) -> None:
    with pytest.raises(IndexerError):
        checked(wrong)


def test_a_refused_tag_changes_nothing(library: Library) -> None:
    """Nor can a file have tags that is not in the library, or has too many."""
    path = library.write("bill.txt", "The sum of forty crowns.")
    library.sync()
    tag(library, path, "invoice")
    for wrong in (["new", "a/b"], [str(number) for number in range(60)]):
        with pytest.raises(IndexerError):
            tag(library, path, *wrong)
    with pytest.raises(IndexerError):
        tag(library, library.documents / "missing.txt", "invoice")
    with closing(open_for_reading(library.database)) as db:
        assert all_tags(db) == [Tagged("invoice", 1)]
