"""Pages of encrypted files in the document view."""

from __future__ import annotations

import base64
import zlib
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication

from app.messages.general import Failed
from app.messages.index import Password
from app.messages.viewer import PageRendered
from app.paths import Profile
from app.ui.document_view import DocumentView
from app.ui.theme import LIGHT
from app.ui.workers.index import IndexClient
from app.ui.workers.viewer import ViewerClient
from indexer.types import Hit

_PIXELS = base64.b64encode(zlib.compress(b"\xff" * 4 * 100 * 100)).decode()


class Library(IndexClient):
    """A library that may know a password."""

    def __init__(self, profile: Profile) -> None:
        super().__init__(profile)
        self.remembered: list[tuple[str, bool]] = []

    def get_page(self, chunk: int) -> str:
        return f"page-{chunk}"

    def ask_password(self, path: Path) -> str:
        return "password"

    def remember(self, path: Path, password: str, keep: bool) -> None:
        self.remembered.append((password, keep))


class Safe(ViewerClient):
    """A viewer of a file with a password."""

    def __init__(self, profile: Profile) -> None:
        super().__init__(profile)
        self.tried: list[str | None] = []

    def render(
        self, path: Path, page: int, width: int, quote: str, password: str | None = None
    ) -> str:
        self.tried.append(password)
        return f"drawing-{len(self.tried)}"

    def answer(self) -> None:
        """Answer what was asked last."""
        id_ = f"drawing-{len(self.tried)}"
        if self.tried[-1] == "sesame":
            self.rendered.emit(PageRendered(id_, 100, 100, 400, 9, _PIXELS, (), "iv"))
        else:
            self.failed.emit(Failed(id_, "This PDF is encrypted.", ""))


@pytest.fixture
def shown(application: QApplication, tmp_path: Path) -> tuple[DocumentView, Library, Safe]:
    """Return a view that waits for a page of an encrypted file."""
    path = tmp_path / "a.pdf"
    path.write_bytes(b"")
    index, viewer = Library(Profile(tmp_path)), Safe(Profile(tmp_path))
    view = DocumentView(index, viewer, LIGHT)
    view.show_hit(Hit(7, 1, path, 4, 9, "", 0, 4, "Text", 1.0, None, None, "iv"), "Text")
    viewer.answer()
    return view, index, viewer


def test_a_known_password_is_used(shown: tuple[DocumentView, Library, Safe]) -> None:
    """For this page and those that are turned to; its printed number stands above it."""
    view, index, viewer = shown
    index.password.emit(Password("password", "sesame"))
    viewer.answer()
    assert viewer.tried == [None, "sesame"]
    assert view._place.text() == "iv (4 / 9)"
    assert view._foot.unlock.isHidden()
    view._turn(1)
    assert viewer.tried == [None, "sesame", "sesame"]
    assert index.remembered == []


def test_an_unknown_password_is_asked_for(shown: tuple[DocumentView, Library, Safe]) -> None:
    """It is told to the library when it has opened the file; a wrong one is told to the owner."""
    view, index, viewer = shown
    index.password.emit(Password("password", None))
    assert not view._foot.unlock.isHidden()
    assert view._hit is not None
    view._on_given(view._hit.path, "wrong", False)
    viewer.answer()
    assert "does not open the file" in view._sentence.text()
    assert index.remembered == []
    view._on_given(view._hit.path, "sesame", True)
    viewer.answer()
    assert index.remembered == [("sesame", True)]
    assert view._stack.currentWidget() is view._scroll
    assert view._foot.unlock.isHidden()
