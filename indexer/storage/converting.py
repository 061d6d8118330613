"""A library is encrypted, or made plain again: written anew with another key, and exchanged.

The library is as it was, or as it shall be, at every moment; rewriting it in place would take as
long, and leave the old text in a journal beside it.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import apsw

from indexer.storage.backup import Step, require_whole
from indexer.storage.database import connect, in_words, open_for_writing
from indexer.storage.encryption import address, give_key
from indexer.storage.key_file import key_file, key_id, load_keys, save_keys, wrap
from indexer.storage.lock import take_lock
from indexer.storage.restoring import replace_library

_LOOK = 20_000  # of SQLite's steps, between two looks at how far it is

Tell = Callable[[Step], None]


def encrypt_library(database: Path, key: bytes, passphrase: str, tell: Tell) -> None:
    """Encrypt a library, which is made if there is none; an exception of `tell` ends it.

    Raises LibraryBusy while another process writes to the library or searches it, or IndexerError.
    """
    keys = key_file(database)
    lock = take_lock(database)
    try:
        with in_words(database):
            open_for_writing(database).close()
        wrapped = wrap(key, passphrase)
        save_keys(keys, [*load_keys(keys), wrapped])
        _convert(database, key, tell)
        save_keys(keys, [wrapped])
        # Copies from before a migration are as plain as the library was.
        for copy in database.parent.glob(f"{database.name}.before-*"):
            copy.unlink(missing_ok=True)
    finally:
        lock.release()


def decrypt_library(database: Path, tell: Tell) -> None:
    """Make a library plain again. Raises as `encrypt_library` does, or LibraryLocked."""
    lock = take_lock(database)
    try:
        _convert(database, None, tell)
        save_keys(key_file(database), [])
        for copy in database.parent.glob(f"{database.name}.before-*"):
            copy.unlink(missing_ok=True)  # nobody has their key any more
    finally:
        lock.release()


def change_passphrase(database: Path, key: bytes, passphrase: str) -> None:
    """Have another passphrase open a library. Raises OSError."""
    others = [item for item in load_keys(key_file(database)) if item.id != key_id(key)]
    save_keys(key_file(database), [*others, wrap(key, passphrase)])


def _convert(database: Path, key: bytes | None, tell: Tell) -> None:
    part = database.with_name(f"{database.name}.converted")
    part.unlink(missing_ok=True)
    try:
        with in_words(database):
            _write_anew(database, part, key, tell)
            replace_library(database, part, key)
    finally:
        part.unlink(missing_ok=True)


def _write_anew(database: Path, part: Path, key: bytes | None, tell: Tell) -> None:
    flags = apsw.SQLITE_OPEN_READWRITE | apsw.SQLITE_OPEN_URI
    with closing(connect(database, flags=flags)) as source:
        size = int(source.execute("PRAGMA page_count").get)
        size *= int(source.execute("PRAGMA page_size").get)

        def look() -> bool:
            tell(Step("Writing", part.stat().st_size if part.exists() else 0, size))
            return False

        source.set_progress_handler(look, _LOOK)
        source.execute("VACUUM INTO ?", (address(part, key),))
    with closing(apsw.Connection(str(part))) as written:
        give_key(written, key)
        require_whole(written, part)
    with part.open("rb+") as file:
        os.fsync(file.fileno())
