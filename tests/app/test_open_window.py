"""Opening the window as its user does, in a process of its own."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from app import window


def start(profile: Path, **environment: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "app", "--profile", str(profile)]
    clean = {k: v for k, v in os.environ.items() if k not in ("DISPLAY", "WAYLAND_DISPLAY")}
    clean.pop("QT_QPA_PLATFORM", None)
    return subprocess.Popen(
        command, env=clean | environment, stderr=subprocess.PIPE, text=True, encoding="utf-8"
    )


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere there is always a screen")
def test_without_a_screen_a_sentence_says_what_to_do(tmp_path: Path) -> None:
    """Qt itself would end the process without a word."""
    process = start(tmp_path / "profile")
    _, said = process.communicate(timeout=60)
    assert process.returncode == 1
    assert "There is no screen here" in said


@pytest.mark.skipif(sys.platform != "linux", reason="other systems have no X11")
def test_a_missing_library_of_the_desktop_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """Qt would abort."""
    pytest.importorskip("PySide6.QtWidgets", exc_type=ImportError)
    monkeypatch.setenv("QT_QPA_PLATFORM", "xcb")
    monkeypatch.setattr(window, "_X11_PART", "libno-such-part.so")
    assert "libno-such-part.so is missing" in window.missing_display()


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such signals")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_closes_the_window_in_order(tmp_path: Path, number: int) -> None:
    """The workers are told, nobody stays behind, and the status says that all is well."""
    pytest.importorskip("PySide6.QtWidgets", exc_type=ImportError)
    process = start(tmp_path / "profile", QT_QPA_PLATFORM="offscreen")
    try:
        end = time.monotonic() + 60
        while not (tmp_path / "profile" / "library.db").exists():
            assert time.monotonic() < end, "the library was not opened"
            time.sleep(0.05)
        workers = psutil.Process(process.pid).children(recursive=True)
        assert workers
        process.send_signal(number)
        process.communicate(timeout=30)
        assert process.returncode == 0
        assert not psutil.wait_procs(workers, timeout=10)[1]
        assert (tmp_path / "profile" / "window.ini").exists(), "where the window stood is kept"
    finally:
        process.kill()
