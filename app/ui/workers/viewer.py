"""The viewer, as the window speaks to it."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QObject, Signal

from app.messages.viewer import PageRendered, RenderPage
from app.messages.wire import Message
from app.paths import Profile
from app.ui.workers.client import WorkerClient


class ViewerClient(WorkerClient):
    """Renders pages of documents; started when it is first needed.

    Signals:
        rendered(PageRendered): a page is there.
    """

    rendered = Signal(object)

    def __init__(self, profile: Profile, parent: QObject | None = None) -> None:
        super().__init__("viewer", profile, parent)

    def render(
        self, path: Path, page: int, width: int, quote: str, password: str | None = None
    ) -> str:
        """Render a page, and return the id under which PageRendered or Failed will come."""
        if self._worker is None:
            self.start()
        id_ = self._next_id()
        self.send(RenderPage(id_, path, page, width, quote, password))
        return id_

    def _dead(self) -> str:
        return "Pages cannot be shown."

    def _on_message(self, message: Message) -> None:
        if isinstance(message, PageRendered):
            self.rendered.emit(message)
