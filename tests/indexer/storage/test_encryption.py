"""An encrypted library: nothing of it can be read without its key, and nothing of it gets lost."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import closing, suppress
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from indexer.checking import check_library
from indexer.errors import IndexerError, LibraryBusy, LibraryDamaged, LibraryLocked
from indexer.storage import key_file
from indexer.storage.backup import Step, back_up
from indexer.storage.carving import carve
from indexer.storage.chats import append_turn, load_chat
from indexer.storage.converting import change_passphrase, decrypt_library, encrypt_library
from indexer.storage.database import connect, open_for_reading, open_for_writing
from indexer.storage.encryption import is_encrypted, key_of, use_key
from indexer.storage.key_file import load_keys, new_key, wrap
from indexer.storage.migrations import MIGRATIONS
from indexer.storage.rescue import rescue
from indexer.storage.restoring import restore

if TYPE_CHECKING:
    from tests.indexer.conftest import Library

PASSPHRASE = "four words of a dinner"
CANARIES = ("marmotcanary", "badgercanary", "questioncanary", "answercanary", "namecanary")


@pytest.fixture(autouse=True)
def cheap_passphrases(monkeypatch: pytest.MonkeyPatch) -> None:
    """Make a guess cost little; only one test is about what it costs."""
    monkeypatch.setattr(key_file, "_N", 2**4)


@pytest.fixture(autouse=True)
def forget_keys(library: Library) -> Iterator[None]:
    yield
    use_key(library.database, None)


def found(root: Path) -> set[str]:
    """Return the canaries that stand in any file's bytes or name."""
    seen = b"".join(
        os.fsencode(path.name) + path.read_bytes() for path in root.rglob("*") if path.is_file()
    ).lower()
    return {word for word in CANARIES if word.encode() in seen}


def fill(library: Library) -> None:
    library.write("namecanary.txt", "The marmotcanary sleeps in winter.")
    library.sync()
    append_turn(library.database, "chat", "questioncanary?", "answercanary", [])


def silent(_step: Step) -> None:
    """Take how far it is."""


def encrypt(library: Library) -> bytes:
    key = new_key()
    encrypt_library(library.database, key, PASSPHRASE, silent)
    for cache in library.root.glob("*.vectors"):
        cache.unlink()
    return key


def assert_whole(library: Library, *texts: str) -> None:
    assert [hit.text for hit in library.search("marmotcanary")] == list(texts)
    assert library.search("marmotcanary")[0].cosine is not None
    assert load_chat(library.database, "chat")
    assert {check.name: check.wrong for check in check_library(library.database, library.root)
            if check.wrong} == {}  # fmt: skip


def test_nothing_of_it_stands_in_any_byte(library: Library) -> None:
    """Neither what was there before, nor what comes, changes or goes later; and it all works."""
    assert library.embedder is not None
    fill(library)
    assert found(library.root) == set(CANARIES) - {"badgercanary"}
    embedded = library.embedder.embedded
    encrypt(library)
    assert found(library.root) == set()
    assert_whole(library, "The marmotcanary sleeps in winter.")
    assert library.embedder.embedded == embedded, "nothing is embedded again"

    library.write("badgercanary.txt", "The badgercanary digs.")
    with closing(library.engine()) as engine:
        engine.reconcile(engine.add(library.documents))
        while engine.step() is not None:
            assert found(library.root) == set(), "the write-ahead log, or a file of SQLite's"
    assert library.search("badgercanary")[0].text == "The badgercanary digs."
    assert found(library.root) == set()
    assert list(library.root.glob("*.vectors")) == []


def test_it_becomes_plain_again(library: Library) -> None:
    fill(library)
    encrypt(library)
    decrypt_library(library.database, silent)
    assert not is_encrypted(library.database)
    use_key(library.database, None)
    assert_whole(library, "The marmotcanary sleeps in winter.")
    assert "marmotcanary" in found(library.root)
    assert not (library.root / "library.keys").exists()


def test_without_its_key_it_is_locked_and_stays_as_it_is(library: Library) -> None:
    fill(library)
    encrypt(library)
    use_key(library.database, None)
    before = library.database.read_bytes()
    for opens in (open_for_reading, open_for_writing, lambda _: library.engine()):
        with pytest.raises(LibraryLocked):
            opens(library.database)
    with pytest.raises(LibraryLocked):
        rescue(library.database)
    with pytest.raises(LibraryLocked):
        decrypt_library(library.database, silent)
    assert library.database.read_bytes() == before


def test_another_key_is_no_key(library: Library) -> None:
    """A library with the key file of another one says that it is damaged, and is not touched."""
    fill(library)
    encrypt(library)
    before = library.database.read_bytes()
    use_key(library.database, new_key())
    for opens in (open_for_reading, open_for_writing):
        with pytest.raises(LibraryDamaged):
            opens(library.database)
    assert library.database.read_bytes() == before


def test_only_its_passphrase_opens_the_key_file(
    library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.undo()  # with what a guess really costs
    key = new_key()
    wrapped = wrap(key, "Öl und Café")
    assert wrapped.unwrap("Öl und Cafe\u0301") == key, "written by another system's keyboard"
    assert wrapped.unwrap("Öl und Cafe") is None
    assert wrapped.unwrap("") is None
    key_file.save_keys(library.root / "library.keys", [wrapped])
    assert load_keys(library.root / "library.keys") == [wrapped]
    assert key.hex() not in (library.root / "library.keys").read_text()


def test_another_passphrase_takes_the_place_of_the_old_one(library: Library) -> None:
    fill(library)
    key = encrypt(library)
    change_passphrase(library.database, key, "another one")
    (wrapped,) = load_keys(library.root / "library.keys")
    assert wrapped.unwrap(PASSPHRASE) is None
    assert wrapped.unwrap("another one") == key


@pytest.mark.parametrize(
    "raw", [b"", b"{", b"[]", b'{"format": 1}', b'{"format": 1, "keys": [{}]}', b"\xff"]
)
def test_a_damaged_key_file_says_so(library: Library, raw: bytes) -> None:
    (library.root / "library.keys").write_bytes(raw)
    with pytest.raises(IndexerError, match="key file"):
        load_keys(library.root / "library.keys")


def test_an_interrupted_conversion_changes_nothing(library: Library) -> None:
    """Whichever way it goes, and however far it was."""
    fill(library)

    def interrupt(_step: Step) -> None:
        raise KeyboardInterrupt

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("indexer.storage.converting._LOOK", 1)
        with pytest.raises(KeyboardInterrupt):
            encrypt_library(library.database, new_key(), PASSPHRASE, interrupt)
        assert not is_encrypted(library.database)
        assert_whole(library, "The marmotcanary sleeps in winter.")
        encrypt(library)
        with pytest.raises(KeyboardInterrupt):
            decrypt_library(library.database, interrupt)
    assert is_encrypted(library.database)
    assert_whole(library, "The marmotcanary sleeps in winter.")
    assert [path.name for path in library.root.glob("*.converted")] == []


def test_killed_at_any_step_it_is_the_old_or_the_new_one(library: Library, tmp_path: Path) -> None:
    """The profile is opened as it stands after each file that is moved or removed."""
    fill(library)
    states: list[Path] = []
    key = new_key()

    def copied(*_arguments: object) -> None:
        if len(states) < 100:
            states.append(tmp_path / f"state {len(states)}")
            shutil.copytree(library.root, states[-1])

    with pytest.MonkeyPatch.context() as patch:
        for name in ("replace", "unlink"):
            _after(patch, name, copied)
        encrypt_library(library.database, key, PASSPHRASE, silent)
        decrypt_library(library.database, silent)
    assert len(states) > 10
    for state in states:
        database = state / "library.db"
        use_key(database, key)
        with suppress(FileNotFoundError):
            assert any(item.unwrap(PASSPHRASE) == key for item in load_keys(state / "library.keys")
                       ) or not is_encrypted(database)  # fmt: skip
        assert load_chat(database, "chat"), state
        use_key(database, None)


def _after(patch: pytest.MonkeyPatch, name: str, then: object) -> None:
    original = getattr(Path, name)

    def changed(self: Path, *arguments: object, **options: object) -> object:
        result = original(self, *arguments, **options)
        then()  # type: ignore[operator]
        return result

    patch.setattr(Path, name, changed)


def test_who_searches_is_not_cut_off(library: Library) -> None:
    fill(library)
    with closing(open_for_reading(library.database)) as reader:
        reader.execute("BEGIN")
        reader.execute("SELECT count(*) FROM files").fetchall()
        with pytest.raises(LibraryBusy):
            encrypt_library(library.database, new_key(), PASSPHRASE, silent)
    assert not is_encrypted(library.database)
    assert_whole(library, "The marmotcanary sleeps in winter.")


def test_a_backup_of_it_is_encrypted_and_comes_back(library: Library, tmp_path: Path) -> None:
    fill(library)
    key = encrypt(library)
    target = tmp_path / "aside" / "library.backup"
    target.parent.mkdir()
    keys = library.root / "library.keys"
    for _ in back_up(library.database, {"library.keys": keys}, target):
        assert found(target.parent) == set(), "also while it is made"
    assert found(target.parent) == set()
    decrypt_library(library.database, silent)
    keys.write_text("")
    shutil.rmtree(library.root)
    library.root.mkdir()
    key_file.save_keys(keys, [wrap(key, PASSPHRASE)])
    for _ in restore(target, library.database, {}, key):
        pass
    assert is_encrypted(library.database)
    assert_whole(library, "The marmotcanary sleeps in winter.")


def test_an_older_schema_is_brought_up_to_date_and_its_copy_is_encrypted(library: Library) -> None:
    key = new_key()
    key_file.save_keys(library.root / "library.keys", [wrap(key, PASSPHRASE)])
    use_key(library.database, key)
    with closing(connect(library.database)) as db:
        db.execute(MIGRATIONS[0])
        db.execute("INSERT INTO library VALUES ('id', 'marmotcanary')")
        db.execute("PRAGMA user_version = 1")
    open_for_writing(library.database).close()
    assert len(list(library.root.glob("library.db.before-*"))) == 1
    assert found(library.root) == set()


@pytest.mark.parametrize("at", [0, 18, 4096 * 2 + 100, -100])
def test_what_is_its_owners_is_saved_from_a_damaged_one(library: Library, at: int) -> None:
    """The first page's head, its plain part, a page, the last page."""
    fill(library)
    for number in range(30):
        append_turn(library.database, f"chat {number}", "questioncanary?", "answer " * 200, [])
    encrypt(library)
    with closing(open_for_writing(library.database)) as db:
        db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    raw = bytearray(library.database.read_bytes())
    for place in range(at, at + 16):
        raw[place] ^= 0xFF
    library.database.write_bytes(raw)
    saved = rescue(library.database)
    assert saved.turns >= 24, "a page has some turns"
    assert saved.folders == 1
    assert is_encrypted(library.database)
    assert found(library.root) == set()
    assert library.sync()
    assert library.search("marmotcanary")


def test_pages_are_read_without_sqlite(library: Library) -> None:
    fill(library)
    encrypt(library)
    with closing(open_for_writing(library.database)):
        append_turn(library.database, "chat", "another questioncanary?", "in the log", [])
        rows = [row for row in carve(library.database) if "another questioncanary?" in row]
    assert rows
    assert key_of(library.database) is not None
