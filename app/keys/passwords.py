"""Passwords of encrypted files in the system's key store, for owners who want them kept.

They are nowhere else: not in the library, the settings or a log. The settings name the files that
have one, by a hash, so that no key store is opened for the others.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

from app import settings
from app.keys import key_store
from app.paths import Profile
from indexer.errors import IndexerError


def password_of(profile: Profile, path: Path) -> str | None:
    """Return the password that was kept for a file, if one was."""
    name = _name(path)
    if name not in settings.load(profile.settings).kept_passwords:
        return None
    return key_store.get(name)


def keep(profile: Profile, path: Path, password: str) -> None:
    """Keep a file's password. Raises IndexerError where there is no key store to keep it in."""
    name = _name(path)
    if not key_store.put(name, password):
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
        key_store.delete(name)
    kept = tuple(name for name in chosen.kept_passwords if name not in gone)
    settings.save(replace(chosen, kept_passwords=kept), profile.settings)


def _name(path: Path) -> str:
    return hashlib.sha256(os.fsencode(path)).hexdigest()
