"""Passwords of encrypted files in the system's key store, for owners who want them kept.

They are nowhere else: not in the library, the settings or a log. The settings name the files that
have one, by a hash, so that no key store is opened for the others.
"""

from __future__ import annotations

import hashlib
import logging
import os
from collections.abc import Callable, Iterable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

from app import settings
from app.paths import Profile
from indexer.errors import IndexerError

log = logging.getLogger(__name__)

_SERVICE = "Pocket-LLM"
# keyring's own measure: below stand stores that are none, or that write plain text.
_SAFE = 1


def password_of(profile: Profile, path: Path) -> str | None:
    """Return the password that was kept for a file, if one was."""
    name = _name(path)
    if name not in settings.load(profile.settings).kept_passwords:
        return None
    password: str | None = _try(lambda store: store.get_password(_SERVICE, name))
    return password


def keep(profile: Profile, path: Path, password: str) -> None:
    """Keep a file's password. Raises IndexerError where there is no key store to keep it in."""
    name = _name(path)

    def put(store: Any) -> bool:
        store.set_password(_SERVICE, name, password)
        return True

    if not _try(put):
        raise IndexerError(
            "This system has no key store that can be used: the password is not kept.",
            "The file was read; it asks again when it has changed.",
            path,
        )
    chosen = settings.load(profile.settings)
    kept = tuple({*chosen.kept_passwords, name})
    settings.save(replace(chosen, kept_passwords=kept), profile.settings)


def forget(profile: Profile, paths: Iterable[Path]) -> None:
    """Remove the passwords that were kept for some files, if any were."""
    chosen = settings.load(profile.settings)
    if not chosen.kept_passwords:
        return
    gone = {_name(path) for path in paths} & set(chosen.kept_passwords)
    for name in gone:
        _try(partial(_delete, name=name))
    kept = tuple(name for name in chosen.kept_passwords if name not in gone)
    settings.save(replace(chosen, kept_passwords=kept), profile.settings)


def _delete(store: Any, name: str) -> None:
    store.delete_password(_SERVICE, name)


def _try(use: Callable[[Any], Any]) -> Any:
    """Use the key store; None if there is none, or if it refuses."""
    try:
        import keyring

        store = keyring.get_keyring()
        return use(store) if store.priority >= _SAFE else None
    except Exception as error:  # noqa: BLE001 (each system's store raises errors of its own)
        log.warning("the key store refused: %s", type(error).__name__)
        return None


def _name(path: Path) -> str:
    return hashlib.sha256(os.fsencode(path)).hexdigest()
