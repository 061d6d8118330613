"""500 hostile strings in the views that show answers and documents: nothing loaded, no hang."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import time
from pathlib import Path

import hostile
import pytest
from PySide6.QtGui import QColor, QImage
from PySide6.QtWidgets import QApplication
from watchdog.events import FileSystemEvent, FileSystemEventHandler
from watchdog.observers import Observer

from app.offline import record
from app.ui.answer_text import AnswerText
from app.ui.elided_label import plain_tip
from app.ui.tame import cut_long_lines
from app.ui.theme import LIGHT

linux = pytest.mark.skipif(
    sys.platform != "linux", reason="needs inotify, which sees a file being opened"
)
SCRIPT = Path(__file__).with_name("show_hostile.py")


class Watched(FileSystemEventHandler):
    """Counts how often a file was opened, by whomever."""

    def __init__(self, path: Path) -> None:
        self.opened = 0
        self._path = str(path)

    def on_any_event(self, event: FileSystemEvent) -> None:
        self.opened += event.event_type == "opened" and event.src_path == self._path


def show(tmp_path: Path, how: str) -> tuple[dict[str, object], int, list[record.Line]]:
    """Show the strings in a process; return what it says, opened canaries, attempts to leave."""
    from app.offline.filters import Notified

    canary = tmp_path / "canary" / "x.png"
    canary.parent.mkdir()
    image = QImage(2, 2, QImage.Format.Format_RGB32)
    image.fill(QColor("red"))
    assert image.save(str(canary))
    attempts = tmp_path / "record"
    attempts.touch()
    (tmp_path / "profile").mkdir()
    watched, observer = Watched(canary), Observer()
    observer.schedule(watched, str(canary.parent))
    observer.start()
    own, its = socket.socketpair()
    with own, its:
        notified = Notified(own, record.writer(attempts))
        done = subprocess.run(
            [sys.executable, str(SCRIPT), str(canary), str(tmp_path / "profile"),
             str(its.fileno()), how],
            capture_output=True,
            text=True,
            timeout=110,
            check=False,
            pass_fds=(its.fileno(),),
            env={**os.environ, "PYTHONPATH": str(Path.cwd())},
        )  # fmt: skip
    notified.join(10)
    time.sleep(0.3)
    observer.stop()
    observer.join()
    assert done.returncode == 0, done.stderr
    said = json.loads(done.stdout) if done.stdout else {}
    return said, watched.opened, record.read(attempts)


@linux
@pytest.mark.parametrize("every", [pytest.param(1, marks=pytest.mark.slow), 9])
def test_no_string_loads_a_file_or_makes_a_socket_or_hangs(tmp_path: Path, every: int) -> None:
    """Watched by the kernel: inotify on a file that they name, seccomp on the process."""
    said, opened, attempts = show(tmp_path, str(every))
    assert said["shown"] == 5 * len(range(0, 500, every))
    assert opened == 0
    assert attempts == []
    assert float(str(said["seconds"])) < 1.0, said


@linux
def test_a_careless_view_would_be_seen(tmp_path: Path) -> None:
    """What Qt does by itself, so that the test above means something."""
    _, opened, _ = show(tmp_path, "control")
    assert opened > 0


def test_no_address_is_left_in_an_answer(application: QApplication) -> None:
    """Neither a link nor a picture; what can be clicked is ours."""
    view = AnswerText(LIGHT)
    for text in hostile.hostile("/canary"):
        if len(text) < 10_000:
            view.show_checked(text, [])
            html = view.toHtml()
            assert not any(mark in html for mark in ("<a ", "<img", "<script", "<style>"))


def test_a_tooltip_shows_markup_as_it_is(application: QApplication) -> None:
    """Qt guesses by itself whether a tooltip is markup; a name may look like it."""
    assert plain_tip("<img src='a'>&") == "<span>&lt;img src=&#x27;a&#x27;&gt;&amp;</span>"


def test_a_line_without_an_end_is_cut_and_its_places_move() -> None:
    """The same characters are marked as before."""
    text = "head\n" + "a" * 9_000 + "b" * 10 + "c" * 5_000 + "\nend\n\n"
    at = text.index("b")
    cut, (start, end, last) = cut_long_lines(text, at, at + 10, text.index("end"))
    assert max(map(len, cut.splitlines())) <= 4_000
    assert cut[start:end] == "b" * 10
    assert cut[last:] == "end\n\n"
    assert cut_long_lines("short\nlines\n", 6) == ("short\nlines\n", [6])
