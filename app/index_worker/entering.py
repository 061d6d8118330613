"""What the index worker does before it opens a library: it is unlocked, rewritten or rebuilt."""

from __future__ import annotations

import logging
import time

from app.index_worker.damage import check_later
from app.keys.library_key import forget_key, store_key, stored_key, unlocked_by
from app.messages.general import Failed
from app.messages.index import (
    DecryptLibrary,
    Encryption,
    EncryptLibrary,
    Locked,
    OpenLibrary,
    Rewriting,
    Unlock,
)
from app.messages.wire import Message, from_wire, to_wire
from app.paths import Profile
from app.pipes.wire import ProtocolError
from app.pipes.worker import Pipe
from indexer.errors import IndexerError
from indexer.storage.backup import Step
from indexer.storage.consistency import ended_badly
from indexer.storage.converting import change_passphrase, decrypt_library, encrypt_library
from indexer.storage.encryption import is_encrypted, key_of, use_key
from indexer.storage.key_file import key_file, load_keys, new_key
from indexer.storage.rescue import rescue
from indexer.vectors.cache import remove_caches
from models.state import discard_states

log = logging.getLogger(__name__)

_TELL_EVERY = 0.2  # seconds between two messages of progress

_Opening = OpenLibrary | EncryptLibrary | DecryptLibrary


class Entering:
    """Makes a library ready to be opened; `left` came meanwhile and is for whoever opens it."""

    def __init__(self, pipe: Pipe, opening: _Opening) -> None:
        self._pipe = pipe
        self._opening = opening
        self._profile = Profile(opening.profile)
        self._database = self._profile.database
        self._told = 0.0
        self.left: list[Message] = []

    def enter(self) -> bool:
        """Do all of it; False at end-of-file. Raises ProtocolError."""
        rebuild = isinstance(self._opening, OpenLibrary) and self._opening.rebuild
        ended = ended_badly(self._database)
        if is_encrypted(self._database) and not self._unlock():
            return False
        if ended and not rebuild:
            check_later(self._database, self._pipe)
        try:
            if rebuild:
                rescue(self._database)
            elif not isinstance(self._opening, OpenLibrary):
                self._rewrite(self._opening)
        except (IndexerError, OSError) as error:
            # The library is as it was; whoever opens it says what is wrong with it.
            log.warning("a library was not rewritten: %s", type(error).__name__)
            if isinstance(error, IndexerError):
                self._send(Failed("", error.title, error.detail))
        encrypted = is_encrypted(self._database)
        kept = encrypted and stored_key(load_keys(key_file(self._database))) is not None
        self._send(Encryption(encrypted, kept))
        return True

    def _unlock(self) -> bool:
        """Use the key of the system's key store, or ask for the passphrase until it is right."""
        try:
            keys = load_keys(key_file(self._database))
        except IndexerError as error:
            self._send(Failed("", error.title, error.detail))
            keys = []
        if (key := stored_key(keys)) is not None:
            use_key(self._database, key)
            return True
        if keys:
            self._send(Locked(wrong=False))
        while (data := self._pipe.read()) is not None:
            message = from_wire(data)
            if not isinstance(message, Unlock):
                self.left.append(message)
                continue
            if (key := unlocked_by(keys, message.passphrase)) is not None:
                use_key(self._database, key)
                if message.keep and not store_key(key):
                    self._send(_no_store())
                return True
            self._send(Locked(wrong=True))
        return False

    def _rewrite(self, opening: EncryptLibrary | DecryptLibrary) -> None:
        key = key_of(self._database)
        if isinstance(opening, EncryptLibrary):
            if key is None:
                key = new_key()
                encrypt_library(self._database, key, opening.passphrase, self._tell)
                remove_caches(self._profile.caches)
                discard_states(self._profile.caches)
            else:
                change_passphrase(self._database, key, opening.passphrase)
            if not opening.keep:
                forget_key(key)
            elif not store_key(key):
                self._send(_no_store())
        elif key is not None:
            decrypt_library(self._database, self._tell)
            forget_key(key)

    def _tell(self, step: Step) -> None:
        now = time.monotonic()
        if now - self._told >= _TELL_EVERY:
            self._told = now
            self._send(Rewriting(step.done, step.total))

    def _send(self, message: Message) -> None:
        self._pipe.write(to_wire(message))


def _no_store() -> Failed:
    return Failed(
        "",
        "This system has no key store that can be used.",
        "The passphrase is asked for at each start.",
    )


def read_opening(pipe: Pipe) -> _Opening | None:
    """Return the first message; None at end-of-file. Raises ProtocolError if it opens nothing."""
    first = pipe.read()
    if first is None:
        return None
    opening = from_wire(first)
    if not isinstance(opening, _Opening):
        raise ProtocolError("The first message opens a library.")
    return opening
