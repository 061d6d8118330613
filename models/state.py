"""What a model has read, in a file: a conversation goes on after a restart without reading it anew.

A state is as private as the documents: it holds their text, and that of the conversation. So it is
encrypted with a key that its owner keeps elsewhere, and dies with the key; and nothing is given to
llama.cpp whose tag does not prove that it was written with that key, for the same model. Files are
written whole or not at all; the least recently used go first where there is no more room.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import logging
import os
import struct
import tempfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

log = logging.getLogger(__name__)

SUFFIX = ".state"
_MAGIC = b"PLLM\x01"
_NONCE, _TAG = 12, 16
_SIZES = struct.Struct("<IIQ")  # of the tokens, the notes, and what llama.cpp wrote, in bytes


@dataclass(frozen=True, slots=True)
class State:
    """What a context holds: its tokens, llama.cpp's own bytes, and notes of whoever keeps it."""

    tokens: Sequence[int]
    data: bytes | bytearray | memoryview
    notes: Any = None  # whatever JSON can say


class States:
    """The states in a folder, of one model."""

    def __init__(self, folder: Path, model: str, limit: int) -> None:
        """`model` names everything that a state depends on; `limit` are bytes of all states."""
        self._folder = folder
        self._model = model.encode()
        self._limit = limit

    def fits(self, size: int) -> bool:
        """Whether a state of so many bytes is kept at all."""
        return size <= self._limit

    def save(self, name: str, key: bytes, state: State) -> bool:
        """Write a state in place of an older one; False if that cannot be done."""
        notes = json.dumps(state.notes).encode()
        tokens = struct.pack(f"<{len(state.tokens)}i", *state.tokens)
        parts = (_SIZES.pack(len(tokens), len(notes), len(state.data)), tokens, notes, state.data)
        size = sum(map(len, parts))
        if not self.fits(size):
            return False
        path, temporary = _place(self._folder, name), None
        try:
            self._make_room(size, path)
            with tempfile.NamedTemporaryFile(
                dir=self._folder, prefix="new.", suffix=SUFFIX, delete=False
            ) as file:
                temporary = Path(file.name)
                nonce = os.urandom(_NONCE)
                encryptor = self._cipher(key, nonce).encryptor()
                encryptor.authenticate_additional_data(_MAGIC + self._model)
                file.write(_MAGIC + nonce)
                for part in parts:
                    file.write(encryptor.update(part))
                encryptor.finalize()
                file.write(encryptor.tag)
                file.flush()
                os.fsync(file.fileno())
            temporary.replace(path)
        except OSError:
            log.warning("a conversation's state could not be written")
            if temporary is not None:
                _discard(temporary)
            return False
        return True

    def load(self, name: str, key: bytes) -> State | None:
        """Return the state under a name; None if there is none, or it is of another key or model.

        One that cannot be used is removed.
        """
        path = _place(self._folder, name)
        try:
            sealed = path.read_bytes()
            os.utime(path)
        except OSError:
            return None
        state = self._unseal(memoryview(sealed), key)
        if state is None:
            _discard(path)
        return state

    @staticmethod
    def _cipher(key: bytes, nonce: bytes, tag: bytes | None = None) -> Any:
        from cryptography.hazmat.primitives.ciphers import Cipher
        from cryptography.hazmat.primitives.ciphers.algorithms import AES
        from cryptography.hazmat.primitives.ciphers.modes import GCM

        return Cipher(AES(key), GCM(nonce, tag))

    def _unseal(self, sealed: memoryview, key: bytes) -> State | None:
        from cryptography.exceptions import InvalidTag

        head = len(_MAGIC) + _NONCE
        if len(sealed) < head + _SIZES.size + _TAG or sealed[: len(_MAGIC)] != _MAGIC:
            return None
        nonce, tag = bytes(sealed[len(_MAGIC) : head]), bytes(sealed[-_TAG:])
        decryptor = self._cipher(key, nonce, tag).decryptor()
        decryptor.authenticate_additional_data(_MAGIC + self._model)
        plain = bytearray(len(sealed) - head - _TAG + 15)  # the room that the cipher wants
        try:
            length = decryptor.update_into(sealed[head:-_TAG], plain)
            decryptor.finalize()
        except InvalidTag:
            return None
        parts = memoryview(plain)[:length]
        token_bytes, note_bytes, data_bytes = _SIZES.unpack_from(parts)
        begin = _SIZES.size
        notes = begin + token_bytes
        data = notes + note_bytes
        assert data + data_bytes == length, "its tag was right"
        tokens = list(struct.unpack(f"<{token_bytes // 4}i", parts[begin:notes]))
        return State(tokens, parts[data:], json.loads(bytes(parts[notes:data])))

    def _make_room(self, size: int, path: Path) -> None:
        """Remove what a killed process has left, and the oldest states, until another one fits."""
        found = []
        for other in self._folder.glob(f"*{SUFFIX}"):
            if other.name.startswith("new."):
                _discard(other)
            elif other != path:
                with contextlib.suppress(OSError):
                    stat = other.stat()
                    found.append((stat.st_mtime_ns, stat.st_size, other))
        room = self._limit - size - sum(size for _, size, _ in found)
        for _, held, other in sorted(found):
            if room >= 0:
                break
            _discard(other)
            room += held


def discard_states(folder: Path, names: Iterable[str] | None = None) -> None:
    """Remove the states under some names, or all in a folder."""
    paths = folder.glob(f"*{SUFFIX}") if names is None else (_place(folder, n) for n in names)
    for path in paths:
        _discard(path)


def _place(folder: Path, name: str) -> Path:
    return folder / f"{hashlib.sha256(name.encode()).hexdigest()[:32]}{SUFFIX}"


def _discard(path: Path) -> None:
    with contextlib.suppress(OSError):
        path.unlink(missing_ok=True)
