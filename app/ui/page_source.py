"""Pages from the viewer, and the passwords that encrypted files need for that."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QObject, Signal

from app.messages.general import Failed
from app.messages.index import Password
from app.messages.viewer import PageRendered
from app.ui.workers.index import IndexClient
from app.ui.workers.viewer import ViewerClient

_ENCRYPTED = "is encrypted."


@dataclass(frozen=True, slots=True)
class _Asked:
    """A page that was asked of the viewer."""

    path: Path
    page: int
    width: int
    quote: str


class PageSource(QObject):
    """Has pages drawn, with the password that the library was given for their file.

    Signals:
        rendered(PageRendered): the page that was asked for last is there.
        failed(Failed): it could not be drawn.
        locked(bool): it needs a password; whether one was tried just now.
    """

    rendered = Signal(object)
    failed = Signal(object)
    locked = Signal(bool)

    def __init__(self, index: IndexClient, viewer: ViewerClient, parent: QObject) -> None:
        super().__init__(parent)
        self._index = index
        self._viewer = viewer
        self._asked: _Asked | None = None
        self._waiting = ""  # the id under which its picture, or a password, will come
        self._password: str | None = None  # of the file of this page
        self._given: tuple[str, bool] | None = None  # by the owner, and not yet seen to open it
        viewer.rendered.connect(self._on_rendered)
        viewer.failed.connect(self._on_failed)
        index.password.connect(self._on_password)

    def render(self, path: Path, page: int, width: int, quote: str) -> None:
        """Have a page drawn; what was asked before is forgotten."""
        if self._asked is None or self._asked.path != path:
            self._password = None
        self._asked, self._given = _Asked(path, page, width, quote), None
        self._draw()

    def unlock(self, password: str, keep: bool) -> None:
        """Draw the page of a locked file by its password, and tell the library if that opens it."""
        self._password, self._given = password, (password, keep)
        self._draw()

    def give_up(self) -> None:
        """End the viewer, which takes too long."""
        self._waiting = ""
        self._viewer.close()

    def _draw(self) -> None:
        asked = self._asked
        assert asked is not None
        self._waiting = self._viewer.render(
            asked.path, asked.page, asked.width, asked.quote, self._password
        )

    def _on_rendered(self, message: PageRendered) -> None:
        if message.id != self._waiting or self._asked is None:
            return
        if self._given is not None:
            self._index.remember(self._asked.path, *self._given)
            self._given = None
        self.rendered.emit(message)

    def _on_failed(self, message: Failed) -> None:
        if message.id != self._waiting or self._asked is None:
            return
        if not message.title.endswith(_ENCRYPTED):
            self.failed.emit(message)
        elif self._password is None:
            self._waiting = self._index.ask_password(self._asked.path)
        else:
            tried, self._password, self._given = self._given is not None, None, None
            self.locked.emit(tried)

    def _on_password(self, message: Password) -> None:
        if message.id != self._waiting:
            return
        self._password = message.password
        if self._password is None:
            self.locked.emit(False)
        else:
            self._draw()
