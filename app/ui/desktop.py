"""What is handed to the desktop: the one place where anything leaves this program's windows."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from pathlib import Path

from PySide6.QtCore import QProcess, QUrl
from PySide6.QtGui import QDesktopServices

from app.opening import folder_to_show, is_started_by_opening, may_be_opened


def open_file(path: Path, folders: Iterable[Path]) -> None:
    """Open a file with the system's program, if it may be; show it in its folder if not."""
    if may_be_opened(path, folders):
        QDesktopServices.openUrl(QUrl.fromLocalFile(str(path)))
    else:
        show_in_folder(path)


def show_in_folder(path: Path) -> None:
    """Show a file in the desktop's file manager, without opening it."""
    if sys.platform == "win32" and path.exists():
        QProcess.startDetached("explorer.exe", ["/select,", str(path)])
    elif sys.platform == "darwin" and path.exists():
        QProcess.startDetached("open", ["-R", str(path)])
    else:
        show_folder(folder_to_show(path))


def show_folder(folder: Path) -> None:
    """Show what is in a folder."""
    if is_started_by_opening(folder):
        QProcess.startDetached("open", ["-R", str(folder)])
    else:
        # Without the slash, Windows may take a program of the same name.
        QDesktopServices.openUrl(QUrl.fromLocalFile(f"{folder}/"))
