"""The same documents under another root: paths change, nothing is read or embedded again."""

from __future__ import annotations

import os
import shutil
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

import apsw
import pytest

from indexer.engine import pending
from indexer.errors import IndexerError
from indexer.storage.relinking import Relinked
from indexer.types import Mode

if TYPE_CHECKING:
    from tests.indexer.conftest import Library


@pytest.fixture
def moved(library: Library, tmp_path: Path) -> Path:
    """Index two folders below the folder of documents, then move that elsewhere."""
    for n in range(4):
        library.write(f"papers/{n}.txt", f"Document {n} speaks of marmots.")
    library.write("letters/old/a.txt", "A letter about badgers.")
    with closing(library.engine()) as engine:
        for name in ("papers", "letters"):
            engine.reconcile(engine.add(library.documents / name))
        list(pending(engine))
    new = tmp_path / "elsewhere" / "documents"
    new.parent.mkdir()
    library.documents.rename(new)
    return new


def relink(library: Library, old: str | Path, new: Path, *, anyway: bool = False) -> Relinked:
    with closing(library.engine()) as engine:
        return engine.relink([old], new, anyway=anyway)


def folders_with(library: Library, word: str) -> set[Path]:
    return {hit.path.parent for hit in library.search(word, mode=Mode.WORDS)}


def test_a_moved_root_is_found_again_without_embedding(library: Library, moved: Path) -> None:
    """All folders below it, by their sizes and times alone; a comparison then finds no change."""
    assert library.embedder is not None
    before = library.embedder.embedded
    assert relink(library, library.documents, moved) == Relinked(library.documents, 5, 0, 0)
    assert folders_with(library, "marmots") == {moved / "papers"}
    assert library.search("badgers")[0].path == moved / "letters" / "old" / "a.txt"
    with closing(library.engine()) as engine:
        folders = engine.store.folders()
        assert {folder.path for folder in folders} == {moved / "papers", moved / "letters"}
        for folder in folders:
            assert folder.online
            assert engine.reconcile(folder) == []
        assert engine.store.queue.count_waiting() == 0
        assert not any(pending(engine))
    assert library.embedder.embedded == before


def test_a_copy_with_other_times_is_compared_by_its_bytes(library: Library, moved: Path) -> None:
    """Changed are other bytes of the same length, too; only those are read again."""
    for n in range(3):
        os.utime(moved / "papers" / f"{n}.txt", (1_000_000_000, 1_000_000_000 + n))
    (moved / "papers" / "2.txt").write_text("Document 2 speaks of badgers.")
    (moved / "papers" / "3.txt").unlink()
    assert relink(library, library.documents, moved) == Relinked(library.documents, 3, 1, 1)
    assert library.embedder is not None
    before = library.embedder.embedded
    with closing(library.engine()) as engine:
        for folder in engine.store.folders():
            engine.reconcile(folder)
        list(pending(engine))
    assert library.embedder.embedded == before + 1
    assert {hit.path.name for hit in library.search("badgers")} >= {"a.txt", "2.txt"}


def test_another_folder_is_refused_unless_it_is_wanted(library: Library, moved: Path) -> None:
    """Where most files are not there, nothing is changed."""
    other = moved.parent / "other"
    (other / "papers").mkdir(parents=True)
    shutil.copy2(moved / "papers" / "0.txt", other / "papers")
    with pytest.raises(IndexerError, match="Only 1 of 5"):
        relink(library, library.documents, other)
    assert folders_with(library, "marmots") == {library.documents / "papers"}
    assert relink(library, library.documents, other, anyway=True).missing == 4


def test_what_is_wrong_is_said(library: Library, moved: Path) -> None:
    """No such folder, nothing there, or another folder of the library in the way."""
    with pytest.raises(IndexerError, match="No folder of the library"):
        relink(library, moved.parent / "nowhere", moved)
    with pytest.raises(IndexerError, match="no such folder"):
        relink(library, library.documents, moved / "nowhere")
    with closing(library.engine()) as engine:
        engine.add(moved / "papers")
    with pytest.raises(IndexerError, match="already"):
        relink(library, library.documents / "papers", moved / "papers")


def test_a_root_moves_into_itself_and_back(library: Library) -> None:
    """The new path of one file may be the old one of another."""
    library.write("a.txt", "The marmot sleeps.")
    library.write("a/a.txt", "The badger digs.")
    library.sync()
    inner = library.documents / "a"
    library.documents.rename(inner.parent.parent / "x")
    library.documents.mkdir()
    (inner.parent.parent / "x").rename(inner)
    relink(library, library.documents, inner)
    assert library.search("marmot")[0].path == inner / "a.txt"
    assert library.search("badger")[0].path == inner / "a" / "a.txt"
    relink(library, inner, inner, anyway=True)
    assert library.search("badger")[0].path == inner / "a" / "a.txt"


@pytest.mark.skipif(os.name != "posix", reason="a library of Windows is opened elsewhere")
def test_a_library_of_windows_is_linked_to_folders_here(library: Library, moved: Path) -> None:
    """Its drive's letter and its way to write a path are taken as they are typed."""
    with closing(apsw.Connection(str(library.database))) as db:
        db.create_scalar_function("cut_cjk", str, 1, deterministic=True)
        for table in ("folders", "files"):
            for id_, path in db.execute(f"SELECT id, path FROM {table}").fetchall():
                rest = path.removeprefix(os.fsencode(library.documents)).replace(b"/", b"\\")
                db.execute(f"UPDATE {table} SET path = ? WHERE id = ?", (b"D:\\Anna" + rest, id_))
    assert relink(library, "D:\\Anna", moved).same == 5
    assert library.search("badgers")[0].path == moved / "letters" / "old" / "a.txt"
    with closing(library.engine()) as engine:
        assert engine.store.folders()[0].path == moved / "papers"
