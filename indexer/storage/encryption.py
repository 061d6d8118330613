"""Encrypted libraries: which key a file is read with in this process, and how SQLite takes it.

SQLite3 Multiple Ciphers encrypts each page, in the write-ahead log too, with ChaCha20-Poly1305.
"""

from __future__ import annotations

import struct
from collections.abc import Callable
from pathlib import Path

import apsw

from indexer.storage.key_file import key_file, locked

PLAIN = b"SQLite format 3\0"  # what a library that is not encrypted begins with
RESERVED = 32  # bytes at the end of an encrypted page: a nonce of 16, a tag of 16

_HEAD = 24  # of the first page: in place of PLAIN a salt, then what SQLite reads before all else

KeySource = Callable[[Path], bytes]

_used: dict[Path, bytes] = {}  # by the library's folder: its copies and parts have the same key
_sources: list[KeySource] = []


def use_key(database: Path, key: bytes | None) -> None:
    """Read a library, and write what belongs to it, with this key from now on."""
    if key is None:
        _used.pop(database.parent, None)
    else:
        _used[database.parent] = key


def ask_for_keys(source: KeySource) -> None:
    """Have a key asked for when the first library needs one; the last who says so is asked."""
    _sources[:] = [source]


def is_encrypted(database: Path) -> bool:
    """Tell whether a library needs a key: it does not begin as one in plain, and has a key file."""
    try:
        with database.open("rb") as file:
            begin = file.read(len(PLAIN))
    except OSError:
        begin = b""
    return begin != PLAIN and key_file(database).exists()


def key_of(database: Path) -> bytes | None:
    """Return a library's key, asked for once a process; None if it has none.

    What is still to be made in an encrypted library's folder gets its key, too.
    Raises LibraryLocked.
    """
    if not is_encrypted(database):
        return None
    if database.parent not in _used:
        if not _sources:
            raise locked(database)
        _used[database.parent] = _sources[0](database)
    return _used[database.parent]


def give_key(db: apsw.Connection, key: bytes | None) -> None:
    """Make a connection, which has read nothing yet, use a key."""
    if key is not None:
        db.pragma("key", _raw(key))
        # What does not fit into memory while rows are sorted would be written in plain.
        db.execute("PRAGMA temp_store = MEMORY")


def address(path: Path, key: bytes | None) -> str:
    """Return a file's address for VACUUM INTO, with the key that it shall have."""
    return f"{path.absolute().as_uri()}?key={'' if key is None else _raw(key)}"


def _raw(key: bytes) -> str:
    return f"raw:{key.hex()}"  # as it is: stretching 32 random bytes would only take time


def decrypt_page(page: bytes, number: int, key: bytes) -> bytes:
    """Return a page as it is without encryption, be it damaged or not; the first is number 1.

    This is the cipher "chacha20" of SQLite3 Multiple Ciphers: of the page's nonce and the library's
    key it makes a key for this page.
    """
    end = len(page) - RESERVED
    if end < _HEAD:
        return page
    nonce = page[end : end + 12]
    counter = struct.unpack_from("<I", page, end + 12)[0] ^ number
    key = _chacha20(key, nonce, counter, bytes(64))[32:]
    if number > 1:
        return _chacha20(key, nonce, counter + 1, page[:end]) + bytes(RESERVED)
    clear = _chacha20(key, nonce, counter + 1, page[_HEAD:end])
    return PLAIN + page[len(PLAIN) : _HEAD] + clear + bytes(RESERVED)


def _chacha20(key: bytes, nonce: bytes, counter: int, text: bytes) -> bytes:
    from cryptography.hazmat.primitives.ciphers import Cipher
    from cryptography.hazmat.primitives.ciphers.algorithms import ChaCha20

    start = struct.pack("<I", counter & 0xFFFFFFFF)
    return Cipher(ChaCha20(key, start + nonce), None).encryptor().update(text)
