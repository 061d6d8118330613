"""unlock: reads an encrypted file by its password, which is asked for."""

from __future__ import annotations

import argparse
import getpass
import sys
from contextlib import closing

from app.commands import Context
from app.commands.scope import file_status
from app.keys import passwords
from app.library import open_embedder, open_engine
from app.output import file_line
from app.paths import absolute
from indexer.engine import pending
from indexer.errors import IndexerError
from indexer.types import FileStatus, State


def unlock(context: Context, arguments: argparse.Namespace) -> int:
    """Ask for a password, read the file with it, and keep it if that is wanted."""
    path = absolute(arguments.path)
    before = file_status(context, path)
    if before is None:
        raise IndexerError(
            "This is no file of the library.", "`add` it; then it can be unlocked.", path
        )
    if not before.wants_password:
        raise IndexerError("This file does not wait for a password.", before.reason, path)
    password = _ask()
    last: FileStatus | None = None
    embedder = open_embedder(context.profile, context.settings)
    with closing(open_engine(context.profile, embedder)) as engine:
        engine.unlock(path, password)
        for changed in pending(engine):
            for item in changed:
                last = item if item.path == path else last
    if last is None:
        raise IndexerError("This file is gone.", "`sync` compares the library with the disk.", path)
    context.output.line(file_line(last))
    if last.wants_password:
        raise IndexerError("This password does not open the file.", "Try another one.", path)
    if last.state is State.FAILED:
        raise IndexerError("The password opens the file, but:", last.reason, path)
    context.output.text(f"{path} was read.")
    if arguments.keep:
        passwords.keep(context.profile, path, password)
    return 0


def _ask() -> str:
    """Return the password: hidden on a terminal, a line of what is piped in elsewhere."""
    if sys.stdin.isatty():
        return getpass.getpass("Password: ")
    return sys.stdin.readline().rstrip("\n")
