"""The passwords that the owner gives in the window, as the index worker takes them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from app.keys import passwords
from app.messages.general import Failed
from app.messages.index import AskPassword, Password, RememberPassword, UnlockFile
from app.messages.wire import Message
from app.paths import Profile
from indexer.engine import Engine
from indexer.errors import IndexerError
from indexer.types import FileStatus, State

Passwords = UnlockFile | AskPassword | RememberPassword


class Unlocking:
    """Tries, tells and keeps passwords; what is to be said goes to `send`."""

    def __init__(self, profile: Profile, send: Callable[[Message], None]) -> None:
        self._profile = profile
        self._send = send
        self._tried: dict[Path, UnlockFile] = {}

    def handle(self, engine: Engine, message: Passwords) -> None:
        """Do what a message asks for."""
        match message:
            case UnlockFile(path=path):
                if engine.unlock(path, message.password):
                    self._tried[path] = message
            case AskPassword(path=path):
                self._send(Password(message.id, engine.password_of(path)))
            case RememberPassword(path=path):
                engine.remember(path, message.password)
                if message.keep:
                    self._keep(path, message.password)

    def after(self, item: FileStatus) -> None:
        """Say that a password was wrong, or keep one that was right."""
        message = self._tried.pop(item.path, None)
        if message is None:
            return
        if item.wants_password:
            self._refuse(item.path, "This password does not open the file.", "Try another one.")
        elif message.keep and item.state is not State.FAILED:
            self._keep(item.path, message.password)

    def _keep(self, path: Path, password: str) -> None:
        try:
            passwords.keep(self._profile, path, password)
        except IndexerError as error:
            self._refuse(path, error.title, error.detail)

    def _refuse(self, path: Path, title: str, detail: str) -> None:
        self._send(Failed("", f"{path.name}: {title}", detail))
