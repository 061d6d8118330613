"""A window without a screen; skipped where the system lacks what Qt needs to start."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
pytest.importorskip("PySide6.QtWidgets", exc_type=ImportError)

from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel

from app.paths import Profile
from app.ui import theme
from app.ui.main_window import MainWindow
from app.ui.texts import use_language
from app.window import make_window


@pytest.fixture(scope="session")
def application() -> QApplication:
    """Return the one application that a process may have."""
    application = QApplication.instance()
    if not isinstance(application, QApplication):
        application = QApplication(["pocket-llm"])
    theme.apply(application, theme.LIGHT)
    return application


@pytest.fixture(autouse=True)
def _english() -> Iterator[None]:
    use_language("en")
    yield
    use_language("en")


@pytest.fixture
def window(application: QApplication, tmp_path: Path) -> Iterator[MainWindow]:
    """Return a window on an empty profile, with its workers running."""
    window = make_window(Profile(tmp_path / "profile"), theme.LIGHT)
    window.start()
    yield window
    window.close()
    window.deleteLater()
    QTest.qWait(20)


def wait_until(condition: Callable[[], Any], seconds: float = 60) -> None:
    """Let the window live until something is true."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it did not happen in time"
        QTest.qWait(10)
        time.sleep(0.005)  # qWait holds Python's lock, which the workers' threads need


def texts(window: MainWindow) -> str:
    """Return all text that the window's labels show."""
    return "\n".join(label.text() for label in window.findChildren(QLabel) if label.isVisible())
