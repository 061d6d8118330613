"""Libraries of every released schema open, and those of a newer one are left alone."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import apsw
import pytest

from indexer.errors import IndexerError, LibraryDamaged, LibraryOutdated
from indexer.storage.chats import load_chat
from indexer.storage.database import open_for_reading, open_for_writing
from indexer.storage.migrations import MIGRATIONS
from indexer.text.words import cut_cjk
from indexer.types import Mode

if TYPE_CHECKING:
    from tests.indexer.conftest import Library

_TEXT = "The marmot sleeps in winter."
# The first schema that was released had all of it; a later one has the same tables and more;
# the ninth has another name for one column.
_ROWS = """
INSERT INTO contents (id, sha256, kind, title, name_words, pages, state, reason)
VALUES (1, :sha256, 'text', 'marmots', 'marmots', 1, 'indexed', '');
INSERT INTO pages (id, content_id, number, text) VALUES (1, 1, 1, :text);
INSERT INTO chunks (id, content_id, page_id, start, end, heading)
VALUES (1, 1, 1, 0, length(:text), '');
INSERT INTO chunk_words (rowid, body, names) VALUES (1, :text, 'marmots ');
INSERT INTO document_words (rowid, name, head) VALUES (1, 'marmots', :text);
INSERT INTO folders (id, path) VALUES (1, :folder);
INSERT INTO files (folder_id, path, size, mtime_ns, suffix, content_id, state, reason)
VALUES (1, :file, :size, :mtime, 'txt', 1, 'indexed', '');
INSERT INTO chats (id, title, changed_ns) VALUES ('chat', 'Who sleeps?', 1);
INSERT INTO turns (chat_id, question, answer, passages)
VALUES ('chat', 'Who sleeps?', 'The marmot.', '[[1, 1]]');
"""


def make(library: Library, version: int) -> None:
    """Write a library as a program of that schema left it, with a document and a conversation."""
    document = library.write("marmots.txt", _TEXT)
    values: dict[str, apsw.SQLiteValue] = {
        "sha256": hashlib.sha256(_TEXT.encode()).digest(),
        "text": _TEXT,
        "folder": os.fsencode(library.documents),
        "file": os.fsencode(document),
        "size": len(_TEXT),
        "mtime": document.stat().st_mtime_ns,
    }
    with closing(apsw.Connection(str(library.database))) as db:
        db.create_scalar_function("cut_cjk", cut_cjk, 1, deterministic=True)
        db.execute("PRAGMA journal_mode = WAL")
        for script in MIGRATIONS[:version]:
            db.execute(script)
        rows = _ROWS if version < 9 else _ROWS.replace("sha256", "identity", 1)
        db.execute(rows, values)
        db.execute("INSERT INTO library VALUES ('id', 'an older library')")
        db.execute(f"PRAGMA user_version = {version}")


@pytest.mark.parametrize("version", range(1, len(MIGRATIONS)))
def test_an_older_library_is_brought_up_to_date(library: Library, version: int) -> None:
    """With a copy of what it was; everything is found, changed and erased as in a new one."""
    make(library, version)
    before = library.database.read_bytes()
    with pytest.raises(LibraryOutdated):
        open_for_reading(library.database)
    assert library.database.read_bytes() == before
    library.sync()
    assert [hit.text for hit in library.search("marmot")] == [_TEXT]
    assert library.search("marmot", mode=Mode.MEANING)
    turns = load_chat(library.database, "chat")
    assert turns is not None
    assert turns[0].answer == "The marmot."
    backup = library.root / f"library.db.before-{version + 1}"
    with closing(apsw.Connection(str(backup))) as db:
        assert db.execute("PRAGMA user_version").get == version
        assert db.execute("SELECT text FROM pages").get == _TEXT
    with closing(library.engine()) as engine:
        engine.remove(library.documents)
    assert b"marmot sleeps" not in library.database.read_bytes()
    assert not backup.exists()


@pytest.mark.parametrize("version", range(1, len(MIGRATIONS)))
def test_every_way_leads_to_the_same_schema(library: Library, version: int, tmp_path: Path) -> None:
    """Whatever schema a library began with."""

    def schema(path: Path) -> set[tuple[str, str]]:
        with closing(open_for_writing(path)) as db:
            rows = db.execute("SELECT name, coalesce(sql, '') FROM sqlite_schema")
            return {(str(name), " ".join(str(sql).split())) for name, sql in rows}

    make(library, version)
    assert schema(library.database) == schema(tmp_path / "new.db")


def test_a_newer_library_is_refused_and_not_touched(library: Library) -> None:
    """By all that would open it; a sentence says what to do."""
    make(library, len(MIGRATIONS))
    with closing(apsw.Connection(str(library.database))) as db:
        db.execute(f"PRAGMA user_version = {len(MIGRATIONS) + 1}")
    before = {path.name: path.read_bytes() for path in library.root.iterdir()}
    for opens in (open_for_reading, open_for_writing, lambda _: library.engine()):
        with pytest.raises(IndexerError, match="newer Pocket-LLM"):
            opens(library.database)
    after = {path.name: path.read_bytes() for path in library.root.glob("library.db*")}
    assert after == before


def test_a_migration_that_fails_leaves_the_library_as_it_was(
    library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither a part of a step nor a number that lies; the next version can try again."""
    make(library, len(MIGRATIONS))
    broken = "CREATE TABLE half (id INTEGER) STRICT; INSERT INTO nowhere VALUES (1);"
    monkeypatch.setattr("indexer.storage.database.MIGRATIONS", (*MIGRATIONS, broken))
    with pytest.raises(LibraryDamaged):
        open_for_writing(library.database)
    monkeypatch.undo()
    with closing(open_for_reading(library.database)) as db:
        assert db.execute("SELECT count(*) FROM sqlite_schema WHERE name = 'half'").get == 0
    assert library.search("marmot")


@contextmanager
def read_only(folder: Path) -> Iterator[None]:
    """Have a folder refuse all writing; root, whom rights do not bind, mounts it so."""
    if os.geteuid():
        folder.chmod(0o500)
        yield
        folder.chmod(0o700)
        return
    if subprocess.run(["mount", "--bind", str(folder), str(folder)], check=False).returncode:
        pytest.skip("this root may not mount")
    try:
        subprocess.run(["mount", "-o", "remount,ro,bind", str(folder)], check=True)
        yield
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)


@pytest.mark.skipif(sys.platform != "linux", reason="mounts as Linux does")
def test_a_profile_on_a_disk_that_refuses_writing_can_be_searched(library: Library) -> None:
    """What would write says that it cannot, and why."""
    library.write("marmots.txt", _TEXT)
    library.sync()
    with read_only(library.root):
        assert [hit.text for hit in library.search("marmot")] == [_TEXT]
        assert library.ledger() == {"marmots.txt": ("indexed", "")}
        with pytest.raises(IndexerError, match="cannot be written"):
            library.engine()
    library.sync()
