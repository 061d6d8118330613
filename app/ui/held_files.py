"""Asks whether files were deleted that went from a folder at once."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path

from app.messages.index import Folders
from app.ui.folder_row import count_files, folder_name
from app.ui.notices import Notices
from app.ui.texts import tr


class HeldFiles:
    """Keeps a question above the box for each folder, until it is answered or they are back."""

    def __init__(self, notices: Notices, forget: Callable[[Path], None]) -> None:
        """Call `forget` with the folder whose missing files were deleted."""
        self._notices = notices
        self._forget = forget
        self._asked: dict[Path, tuple[int, str]] = {}

    def show_folders(self, message: Folders) -> None:
        """Ask what is new, and take back what is settled."""
        held = {each.path: each.held for each in message.folders if each.path and each.held}
        for path, (count, text) in list(self._asked.items()):
            if held.get(path) != count:
                self._notices.remove(text)
                del self._asked[path]
        for path, count in held.items():
            if path not in self._asked:
                self._ask(path, count)

    def _ask(self, path: Path, count: int) -> None:
        text = tr(
            "{files} of “{name}” went at once. They are kept and found until they are back.",
            files=count_files(count),
            name=folder_name(path),
        )
        self._asked[path] = (count, text)
        self._notices.add(
            text,
            {
                tr("They were deleted: forget them"): partial(self._forget, path),
                tr("Keep them"): lambda: None,
            },
        )
