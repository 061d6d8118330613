"""Single files that were added, when they are deleted or their drive is away."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import pytest

from indexer.engine import pending
from indexer.types import Mode
from tests.indexer.conftest import Library


def look(library: Library) -> None:
    """Compare what was added with the disk, and index; as `sync` does."""
    with closing(library.engine()) as engine:
        for folder in engine.store.folders():
            engine.reconcile(folder)
        list(pending(engine))


def online(library: Library) -> bool:
    with closing(library.engine()) as engine:
        return engine.store.folders()[0].online


@pytest.mark.parametrize("link", [False, True])
def test_a_single_file_that_was_deleted_is_forgotten(
    library: Library, tmp_path: Path, link: bool
) -> None:
    """It is not away for ever; when it comes back, it is read."""
    path = library.write("marmots.txt", "The marmot sleeps.")
    other = library.write("badgers.txt", "The badger digs.")
    root = tmp_path / "to marmots.txt" if link else path
    if link:
        root.symlink_to(path)
    with closing(library.engine()) as engine:
        for added in (root, other):
            engine.reconcile(engine.add(added))
        list(pending(engine))
    root.unlink()
    look(library)
    assert set(library.ledger()) == {"badgers.txt"}
    with closing(library.engine()) as engine:
        assert [folder.online for folder in engine.store.folders()] == [True, True]
        assert engine.store.single_files() == [root, other]
        states, _ = engine.store.folder_states()
        assert [state.is_file for state in states] == [True, True]
    assert not library.search("marmot", mode=Mode.WORDS)
    root.write_text("The marmot wakes.")
    look(library)
    assert [hit.text for hit in library.search("marmot", mode=Mode.WORDS)] == ["The marmot wakes."]


@pytest.mark.parametrize("instead", ["nothing", "an empty folder", "a file"])
def test_a_single_file_whose_folder_is_away_is_kept(
    library: Library, tmp_path: Path, instead: str
) -> None:
    """Also where an empty mount point, or something else, stands in its place."""
    path = library.write("drive/marmots.txt", "The marmot sleeps.")
    with closing(library.engine()) as engine:
        engine.reconcile(engine.add(path))
        list(pending(engine))
    path.parent.rename(tmp_path / "unplugged")
    if instead == "an empty folder":
        path.parent.mkdir()
    elif instead == "a file":
        path.parent.write_text("The badger digs.")
    look(library)
    assert not online(library)
    assert library.search("marmot")[0].away
    if instead == "an empty folder":
        path.parent.rmdir()
    elif instead == "a file":
        path.parent.unlink()
    (tmp_path / "unplugged").rename(path.parent)
    look(library)
    assert online(library)
    assert not library.search("marmot")[0].away
    path.unlink()
    look(library)
    assert library.ledger() == {}


def test_a_single_file_of_an_older_library_is_kept_until_it_was_seen(library: Library) -> None:
    """That one did not note on which volume its folder was."""
    path = library.write("marmots.txt", "The marmot sleeps.")
    with closing(library.engine()) as engine:
        engine.reconcile(engine.add(path))
        engine.store._db.execute("UPDATE folders SET identity = 'a file'")
    text = path.read_text()
    path.unlink()
    look(library)
    assert set(library.ledger()) == {"marmots.txt"}
    path.write_text(text)
    look(library)
    path.unlink()
    look(library)
    assert library.ledger() == {}
