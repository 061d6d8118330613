"""encrypt: the whole library made unreadable without its owner's passphrase, or plain again."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from typing import Any

from app.commands import Context
from app.commands.moving import show_step
from app.keys.library_key import forget_key, new_passphrase, store_key, stored_key
from app.paths import absolute
from indexer.errors import IndexerError
from indexer.storage.backup import Step
from indexer.storage.converting import change_passphrase, decrypt_library, encrypt_library
from indexer.storage.encryption import is_encrypted, key_of
from indexer.storage.key_file import key_file, load_keys, new_key
from indexer.vectors.cache import remove_caches
from models.state import discard_states

_NO_STORE = (
    "This system has no key store that can be used: the passphrase is asked for at each start."
)


def on(context: Context, arguments: argparse.Namespace) -> int:
    """Encrypt the library under a passphrase that is asked for."""
    profile = context.profile
    if is_encrypted(profile.database):
        raise IndexerError(
            "This library is encrypted already.",
            "`encrypt passphrase` gives it another passphrase.",
            profile.database,
        )
    passphrase, key = _chosen(arguments), new_key()
    encrypt_library(profile.database, key, passphrase, _tell(context))
    remove_caches(profile.caches)
    discard_states(profile.caches)
    context.output.clear()
    context.output.text("The library is encrypted. Nobody can open it without the passphrase.")
    if not arguments.ask and not store_key(key):
        context.output.text(_NO_STORE)
    return status(context, arguments)


def off(context: Context, arguments: argparse.Namespace) -> int:
    """Make the library plain again."""
    database = context.profile.database
    key = key_of(database)
    if key is None:
        raise IndexerError("This library is not encrypted.", "There is nothing to do.", database)
    decrypt_library(database, _tell(context))
    forget_key(key)
    context.output.clear()
    context.output.text("The library is not encrypted any more.")
    return status(context, arguments)


def passphrase(context: Context, arguments: argparse.Namespace) -> int:
    """Give the library another passphrase, and its key another place."""
    database = context.profile.database
    key = key_of(database)
    if key is None:
        raise IndexerError("This library is not encrypted.", "`encrypt on` does that.", database)
    change_passphrase(database, key, _chosen(arguments))
    if arguments.ask:
        forget_key(key)
    elif not store_key(key):
        context.output.text(_NO_STORE)
    context.output.text("The library has another passphrase. Older backups keep the one they had.")
    return status(context, arguments)


def status(context: Context, _arguments: argparse.Namespace) -> int:
    """Say whether the library is encrypted, where its key is, and what is not encrypted."""
    profile = context.profile
    encrypted = is_encrypted(profile.database)
    line: dict[str, Any] = {"type": "encryption", "encrypted": encrypted}
    if encrypted:
        keys = load_keys(key_file(profile.database))
        line["key"] = "passphrase" if stored_key(keys) is None else "store"
        context.output.text(
            "The library is encrypted. "
            + (
                "Its passphrase is asked for at each start."
                if line["key"] == "passphrase"
                else "The system's key store has its key; on another computer, or for another "
                "user, its passphrase is asked for."
            )
        )
        line["plain"] = [str(path) for path in profile.root.glob("library.db.damaged-*")]
        for path in line["plain"]:
            context.output.text(f"{path} is from before and may hold text of your documents.")
    else:
        context.output.text("The library is not encrypted. `encrypt on` encrypts it.")
    context.output.line(line)
    return 0


def _chosen(arguments: argparse.Namespace) -> str:
    file = arguments.new_passphrase_file
    return new_passphrase(absolute(file) if file else None)


def _tell(context: Context) -> Callable[[Step], None]:
    return lambda step: show_step(context, step)
