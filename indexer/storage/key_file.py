"""The file with the key of an encrypted library, which the owner's passphrase opens.

The key is 32 random bytes, wrapped by what scrypt makes of the passphrase, so that another
passphrase needs no other key. The file may hold more keys than one: that of a library is added
before the library is put in its place, and the others are taken out behind it; so a kill leaves no
library without its key.
"""

from __future__ import annotations

import hashlib
import json
import os
import unicodedata
from base64 import b64decode, b64encode
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from indexer.errors import IndexerError, LibraryLocked

KEY_FILE = "library.keys"

_FORMAT = 1
KEY_BYTES = 32
_SALT_BYTES = 16
_NONCE_BYTES = 12
# scrypt's cost for a key that opens a file: 128 MB and half a second for each guess.
_N, _R, _P = 2**17, 8, 1
_MOST_MEMORY = 2**28


@dataclass(frozen=True, slots=True)
class WrappedKey:
    """A key that a passphrase opens; `id` tells whether it is the one that somebody has."""

    id: str
    salt: bytes
    nonce: bytes
    wrapped: bytes

    def unwrap(self, passphrase: str) -> bytes | None:
        """Return the key, if this is its passphrase."""
        from cryptography.exceptions import InvalidTag
        from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305

        try:
            cipher = ChaCha20Poly1305(_stretched(passphrase, self.salt))
            return cipher.decrypt(self.nonce, self.wrapped, self.id.encode())
        except InvalidTag:
            return None


def new_key() -> bytes:
    """Return a key for a library."""
    return os.urandom(KEY_BYTES)


def key_id(key: bytes) -> str:
    """Return what tells a key from others, and nothing else about it."""
    return hashlib.sha256(b"key of a library" + key).hexdigest()[:32]


def wrap(key: bytes, passphrase: str) -> WrappedKey:
    """Return a key as its passphrase opens it."""
    from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305

    salt, nonce, name = os.urandom(_SALT_BYTES), os.urandom(_NONCE_BYTES), key_id(key)
    cipher = ChaCha20Poly1305(_stretched(passphrase, salt))
    return WrappedKey(name, salt, nonce, cipher.encrypt(nonce, key, name.encode()))


def _stretched(passphrase: str, salt: bytes) -> bytes:
    # The same word comes in two spellings from the keyboards of two systems.
    written = unicodedata.normalize("NFC", passphrase).encode("utf-8", "surrogatepass")
    return hashlib.scrypt(
        written, salt=salt, n=_N, r=_R, p=_P, maxmem=_MOST_MEMORY, dklen=KEY_BYTES
    )


def load_keys(path: Path) -> list[WrappedKey]:
    """Return the keys of a key file; none if there is no file. Raises IndexerError."""
    try:
        return read_keys(path.read_bytes(), path)
    except FileNotFoundError:
        return []


def read_keys(raw: bytes, path: Path) -> list[WrappedKey]:
    """Return the keys that the bytes of a key file hold. Raises IndexerError."""
    try:
        data: Any = json.loads(raw)
        if data["format"] > _FORMAT:
            raise IndexerError(
                "This key file was written by a newer Pocket-LLM.",
                "Install the newer version; nothing was changed.",
                path,
            )
        return [
            WrappedKey(
                str(item["id"]), *(b64decode(item[name]) for name in ("salt", "nonce", "wrapped"))
            )
            for item in data["keys"]
        ]
    except (ValueError, TypeError, KeyError) as error:
        raise IndexerError(
            "The library's key file is damaged.",
            f"Take {KEY_FILE} out of a backup of the profile and put it back.",
            path,
        ) from error


def save_keys(path: Path, keys: list[WrappedKey]) -> None:
    """Write a key file, whole or not at all; without keys there is none. Raises OSError."""
    if not keys:
        path.unlink(missing_ok=True)
        return
    lines = [
        {name: value if name == "id" else b64encode(value).decode() for name, value in item.items()}
        for item in map(asdict, keys)
    ]
    part = path.with_name(f"{path.name}.part")
    with part.open("w", encoding="utf-8") as file:
        json.dump({"format": _FORMAT, "keys": lines}, file, indent=1)
        file.flush()
        os.fsync(file.fileno())
    part.replace(path)


def key_file(database: Path) -> Path:
    """Return where the keys of a library are."""
    return database.with_name(KEY_FILE)


def locked(database: Path) -> LibraryLocked:
    """Return the error that says that a key is missing."""
    return LibraryLocked(
        "This library is encrypted, and its passphrase was not given.",
        "Write it on the terminal, or name a file that holds it with --passphrase-file FILE.",
        database,
    )
