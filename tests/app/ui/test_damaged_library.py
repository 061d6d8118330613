"""A damaged library: the window says it, and rebuilds it with the owner's conversations."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtWidgets import QApplication, QPushButton

from app.index_worker.damage import check_later
from app.library import open_searcher
from app.messages.index import Folders
from app.paths import Profile
from app.ui import theme
from app.window import make_window
from indexer.storage.chats import append_turn, load_chat
from indexer.storage.store import Store
from tests.app.ui.conftest import wait_until


def library(profile: Profile, documents: Path) -> None:
    """Make a library with a folder and a conversation."""
    profile.create()
    documents.mkdir()
    (documents / "tide.md").write_text("# Tide\n\nThe tide comes twice a day.\n")
    store = Store(profile.database)
    store.add_folder(documents)
    store.close()
    append_turn(profile.database, "one", "When is the tide?", "Twice a day.", [])


def lose_head(profile: Profile) -> None:
    data = profile.database.read_bytes()
    profile.database.write_bytes(bytes(4096) + data[4096:])


def test_a_press_of_the_button_rebuilds_the_library(
    application: QApplication, tmp_path: Path
) -> None:
    """The folder is read again, the conversation is there, and the damaged file is kept."""
    profile = Profile(tmp_path / "profile")
    library(profile, tmp_path / "documents")
    lose_head(profile)
    window = make_window(profile, theme.LIGHT)
    folders: list[Folders] = []
    window.index.folders.connect(folders.append)
    window.start()
    try:
        wait_until(lambda: [b for b in window.findChildren(QPushButton) if "Rebuild" in b.text()])
        (button,) = (b for b in window.findChildren(QPushButton) if "Rebuild" in b.text())
        button.click()
        wait_until(lambda: folders and folders[-1].folders and not folders[-1].folders[0].waiting)
        wait_until(lambda: folders[-1].folders[0].files == 1)
    finally:
        window.close()
        window.deleteLater()
    assert [turn.answer for turn in load_chat(profile.database, "one") or ()] == ["Twice a day."]
    assert open_searcher(profile, None).search("tide")[0].path.name == "tide.md"
    assert profile.database.with_name("library.db.damaged-1").exists()


class _Pipe:
    """Keeps what a worker says."""

    def __init__(self) -> None:
        self.said: list[dict[str, str]] = []

    def write(self, message: dict[str, str]) -> None:
        self.said.append(message)


def test_damage_is_looked_for_after_a_bad_end(tmp_path: Path) -> None:
    """A library that opens well may be damaged further inside."""
    profile = Profile(tmp_path / "profile")
    library(profile, tmp_path / "documents")
    data = profile.database.read_bytes()
    profile.database.write_bytes(data[:-4096] + b"\x07" * 4096)
    pipe = _Pipe()
    check_later(profile.database, pipe, seconds=0)  # type: ignore[arg-type]
    wait_until(lambda: pipe.said)
    assert pipe.said[0]["type"] == "Damaged"
