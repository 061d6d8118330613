"""Opens the window: a straight list of start-up steps."""

from __future__ import annotations

import contextlib
import os
import sys

from PySide6.QtCore import QLibraryInfo, QLocale, QTranslator
from PySide6.QtWidgets import QApplication

from app import settings
from app.installed import find_llm, reading_budget
from app.llm_process import CONTEXT_TOKENS
from app.paths import Profile
from app.ui import theme
from app.ui.main_window import MainWindow
from app.ui.texts import system_language, use_language
from app.ui.workers import LlmClient
from models.errors import ModelMissing


def missing_display() -> str:
    """Return why no window can be opened here, or "": Qt would end the process without a word."""
    asked = os.environ.get("QT_QPA_PLATFORM")
    screen = os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")
    if sys.platform == "linux" and not (asked or screen):
        return (
            "There is no screen here for a window. In a terminal, `add FOLDER` reads the documents "
            'of a folder and `ask "QUESTION"` answers from them.'
        )
    return ""


def open_window(profile: Profile) -> int:
    """Open the window on a profile and return the exit status when it is closed."""
    application = QApplication.instance()
    if not isinstance(application, QApplication):
        application = QApplication(sys.argv[:1])
    application.setApplicationName("Pocket-LLM")
    use_language(system_language())
    translator = QTranslator(application)
    folder = QLibraryInfo.path(QLibraryInfo.LibraryPath.TranslationsPath)
    if translator.load(QLocale.system(), "qtbase", "_", folder):
        application.installTranslator(translator)
    tokens = theme.system_tokens()
    theme.apply(application, tokens)
    window = make_window(profile, tokens)
    window.start()
    return application.exec()


def make_window(profile: Profile, tokens: theme.Tokens) -> MainWindow:
    """Return the window of a profile, not yet shown."""
    profile.create()
    chosen = settings.load(profile.settings)
    llm = None
    # Evidence works without a language model; the window says that there is none.
    with contextlib.suppress(ModelMissing):
        llm = LlmClient(profile, find_llm(profile, chosen.llm), CONTEXT_TOKENS)
    return MainWindow(profile, llm, tokens, chosen.reading_budget or reading_budget(chosen.llm))
