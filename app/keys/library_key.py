"""Where the key of an encrypted library comes from: the system's key store, or its passphrase."""

from __future__ import annotations

import getpass
import sys
from pathlib import Path

from app.keys import key_store
from indexer.errors import IndexerError
from indexer.storage.key_file import (
    KEY_BYTES,
    WrappedKey,
    key_file,
    key_id,
    load_keys,
    locked,
)

_ATTEMPTS = 3


def stored_key(keys: list[WrappedKey]) -> bytes | None:
    """Return the first of some keys that the system's key store has."""
    for wrapped in keys:
        if (value := key_store.get(_name(wrapped.id))) is None:
            continue
        try:
            key = bytes.fromhex(value)
        except ValueError:
            continue
        if len(key) == KEY_BYTES and key_id(key) == wrapped.id:
            return key
    return None


def store_key(key: bytes) -> bool:
    """Keep a key in the system's key store; False where there is none that can be used."""
    return key_store.put(_name(key_id(key)), key.hex())


def forget_key(key: bytes) -> None:
    """Take a key out of the system's key store."""
    key_store.delete(_name(key_id(key)))


def _name(id_: str) -> str:
    return f"library {id_}"


def unlocked_by(keys: list[WrappedKey], passphrase: str) -> bytes | None:
    """Return the first of some keys that a passphrase opens; half a second for each."""
    return next((key for item in keys if (key := item.unwrap(passphrase)) is not None), None)


class PassphraseOwner:
    """Whoever runs a command: has the passphrase in a file, or writes it on the terminal."""

    def __init__(self, file: Path | None = None) -> None:
        self._file = file

    def key_of(self, database: Path) -> bytes:
        """Return the key of a library. Raises IndexerError if there is no way to it."""
        return self.key_among(load_keys(key_file(database)), database)

    def key_among(self, keys: list[WrappedKey], database: Path) -> bytes:
        """Return one of some keys, of the library at `database`. Raises IndexerError."""
        if (key := stored_key(keys)) is not None:
            return key
        if self._file is None and not sys.stdin.isatty():
            raise locked(database)
        for _ in range(1 if self._file else _ATTEMPTS):
            passphrase = read_passphrase(self._file) if self._file else _ask("Passphrase: ")
            if (key := unlocked_by(keys, passphrase)) is not None:
                return key
        raise IndexerError(
            "This is not the library's passphrase.", "Nothing was changed. Try again.", database
        )


def read_passphrase(file: Path) -> str:
    """Return the first line of a file. Raises IndexerError."""
    try:
        with file.open(encoding="utf-8-sig") as lines:
            return lines.readline().rstrip("\r\n")
    except (OSError, UnicodeDecodeError) as error:
        raise IndexerError(
            "The file with the passphrase cannot be read.",
            "Check its name; the passphrase is its first line, in UTF-8.",
            file,
        ) from error


def new_passphrase(file: Path | None) -> str:
    """Return the passphrase that a library shall have, asked for twice. Raises IndexerError."""
    if file is not None:
        passphrase = read_passphrase(file)
    elif sys.stdin.isatty():
        passphrase = _ask("New passphrase: ")
        if passphrase != _ask("Once more: "):
            raise IndexerError("The two are not the same.", "Nothing was changed. Try again.")
    else:
        raise IndexerError(
            "No passphrase was given.",
            "Write it on the terminal, or name a file that holds it with "
            "--new-passphrase-file FILE.",
        )
    require_strong(passphrase)
    return passphrase


_LEAST_CHARACTERS = 8


def require_strong(passphrase: str) -> None:
    """Refuse what is guessed soon. Raises IndexerError."""
    if len(passphrase) < _LEAST_CHARACTERS or len(set(passphrase)) < _LEAST_CHARACTERS // 2:
        raise IndexerError(
            "This passphrase is too short.",
            "Take eight characters or more; four unrelated words are good ones.",
        )


def _ask(prompt: str) -> str:
    return getpass.getpass(prompt)
