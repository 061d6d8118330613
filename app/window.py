"""Opens the window: a straight list of start-up steps."""

from __future__ import annotations

import contextlib
import ctypes
import logging
import os
import signal
import sys
from pathlib import Path
from types import FrameType

from PySide6.QtCore import (
    QLibraryInfo,
    QLocale,
    QMessageLogContext,
    QSocketNotifier,
    QtMsgType,
    QTranslator,
    qInstallMessageHandler,
)
from PySide6.QtWidgets import QApplication

from app import settings
from app.llm.process import CONTEXT_TOKENS
from app.model_files.installed import find_llm
from app.paths import Profile
from app.ui import theme
from app.ui.main_window import MainWindow
from app.ui.texts import system_language, use_language
from app.ui.workers.llm import LlmClient
from models.errors import ModelMissing

log = logging.getLogger(__name__)

_X11_PART = "libqxcb.so"  # it needs libraries that a desktop may lack, and Qt would abort


def missing_display() -> str:
    """Return why no window can be opened here, or "": Qt would end the process without a word."""
    if sys.platform != "linux":
        return ""
    asked = os.environ.get("QT_QPA_PLATFORM", "")
    wayland = os.environ.get("WAYLAND_DISPLAY")
    if not (asked or wayland or os.environ.get("DISPLAY")):
        return (
            "There is no screen here for a window. In a terminal, `add FOLDER` reads the documents "
            'of a folder and `ask "QUESTION"` answers from them.'
        )
    if asked.startswith("xcb") or not (asked or wayland):
        plugins = Path(QLibraryInfo.path(QLibraryInfo.LibraryPath.PluginsPath))
        try:
            ctypes.CDLL(str(plugins / "platforms" / _X11_PART))
        except OSError as error:
            missing = str(error).partition(":")[0]
            return (
                f"The window cannot be opened: {missing} is missing. Install Qt's libraries for "
                "X11, with `sudo apt install libxcb-cursor0 libxcb-icccm4 libxcb-keysyms1 "
                "libxkbcommon-x11-0` on Debian and Ubuntu."
            )
    return ""


def open_window(profile: Profile) -> int:
    """Open the window on a profile and return the exit status when it is closed."""
    application = QApplication.instance()
    if not isinstance(application, QApplication):
        application = QApplication(sys.argv[:1])
    application.setApplicationName("Pocket-LLM")
    qInstallMessageHandler(_note_qt)
    use_language(system_language())
    translator = QTranslator(application)
    folder = QLibraryInfo.path(QLibraryInfo.LibraryPath.TranslationsPath)
    if translator.load(QLocale.system(), "qtbase", "_", folder):
        application.installTranslator(translator)
    tokens = theme.system_tokens()
    theme.apply(application, tokens)
    window = make_window(profile, tokens)
    close_on_signals(window)
    window.start()
    return application.exec()


def _note_qt(kind: QtMsgType, context: QMessageLogContext, _text: str) -> None:
    """Note that Qt has something to say; its words may hold the name of a file."""
    log.warning("Qt: %s, %s", kind.name, context.category)


def close_on_signals(window: MainWindow) -> None:
    """Close the window in order when the terminal or the system ends the program."""
    if sys.platform == "win32":
        return  # neither Ctrl+C nor the system ends a windowed program there by a signal
    # Qt waits outside of Python, where no handler of Python's would run: the byte that a signal
    # writes into the pipe wakes it.
    reading, writing = os.pipe()
    os.set_blocking(writing, False)
    signal.set_wakeup_fd(writing, warn_on_full_buffer=False)
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _leave_to_the_pipe)
    notifier = QSocketNotifier(reading, QSocketNotifier.Type.Read, window)
    notifier.activated.connect(window.close)


def _leave_to_the_pipe(_number: int, _frame: FrameType | None) -> None:
    """Do nothing: a signal without a handler would end the process."""


def make_window(profile: Profile, tokens: theme.Tokens) -> MainWindow:
    """Return the window of a profile, not yet shown."""
    profile.create()
    chosen = settings.load(profile.settings)
    llm = None
    # Evidence works without a language model; the window says that there is none.
    with contextlib.suppress(ModelMissing):
        llm = LlmClient(profile, find_llm(profile, chosen.llm), CONTEXT_TOKENS)
    return MainWindow(profile, llm, tokens, chosen.reading_budget)
