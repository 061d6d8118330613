"""The program with its window, as a user starts it, and somebody who watches it from inside.

It prints JSON lines with the time of each event, of time.perf_counter(), which all processes share.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import (
    QCoreApplication,
    QEvent,
    QMimeData,
    QObject,
    QPointF,
    Qt,
    QTimer,
    QUrl,
    Signal,
)
from PySide6.QtGui import QDropEvent

import app.window
from app.__main__ import main as run_program
from app.ask import PASSAGES, Answer
from app.messages.index import EncoderReady, Found, Indexing
from app.messages.llm import Generated
from app.messages.wire import Message
from app.paths import Profile
from app.ui.main_window import MainWindow
from app.ui.theme import Tokens
from benchmarks.heartbeat import Heart, summary
from indexer.types import EVERYTHING

# Documents are read before each question; an answer stops that.
_READING_MS = 1500


class FirstFrame(QObject):
    """Waits until a window has painted itself for the first time and its event loop goes on.

    Signals:
        painted(): it is so.
    """

    painted = Signal()

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window
        window.installEventFilter(self)

    def eventFilter(self, _watched: QObject, event: QEvent) -> bool:  # noqa: N802
        """Note the window's paint event, which comes before those of its parts."""
        handle = self._window.windowHandle()
        if event.type() is QEvent.Type.Paint and handle is not None and handle.isExposed():
            self._window.removeEventFilter(self)
            # What is posted is delivered when the whole frame has been painted and handed over.
            mark = QEvent(QEvent.Type.User)
            QCoreApplication.postEvent(self, mark, Qt.EventPriority.HighEventPriority.value)
        return False

    def event(self, event: QEvent) -> bool:
        """Say that the frame is complete."""
        if event.type() is QEvent.Type.User:
            self.painted.emit()
            return True
        return super().event(event)


class Start(QObject):
    """Searches as soon as it can be typed, again when the encoder is there, and leaves."""

    def __init__(self, window: MainWindow, query: str) -> None:
        super().__init__(window)
        self._window = window
        self._query = query
        self._words = window.index.search(query, PASSAGES)
        window.index.found.connect(self._on_found)
        window.index.encoder_ready.connect(self._on_encoder)

    def on_painted(self) -> None:
        """Note the window."""
        _tell("visible", cpu=time.process_time())

    def _on_encoder(self, _message: EncoderReady) -> None:
        _tell("encoder")
        self._window.index.search(self._query, PASSAGES)

    def _on_found(self, message: Found) -> None:
        name = "words" if message.id == self._words else "both"
        _tell(name, hits=len(message.hits), worker_ms=message.ms)
        if name == "both":
            self._window.close()


class Load(QObject):
    """Drops a folder and asks while it is read; leaves when all is indexed and answered."""

    def __init__(self, window: MainWindow, folder: Path, questions: Sequence[str]) -> None:
        super().__init__(window)
        self._window = window
        self._folder = folder
        self._questions = list(questions)
        self._heart: Heart | None = None
        self._busy = self._asking = self._answering = False
        self._tokens = 0
        index, llm = window.index, window.llm
        for signal in (index.folders, index.indexing, index.found, index.encoder_ready):
            signal.connect(self._note)
        index.indexing.connect(self._on_indexing)
        if llm is not None:
            llm.said.connect(self._note)
            llm.loaded.connect(self._note)
        window.conversation.answered.connect(self._on_answered)

    def on_painted(self) -> None:
        """Let the heart beat, and drop the folder."""
        _tell("visible")
        self._heart = Heart(self)
        drop(self._window, self._folder)

    def _note(self, message: Message) -> None:
        if self._heart is not None:
            self._heart.beats.note(type(message).__name__)
        if isinstance(message, Generated):
            self._tokens += message.answer_tokens

    def _on_indexing(self, message: Indexing) -> None:
        if message.files:
            if not self._busy:
                self._busy = True
                _tell("indexing")
                QTimer.singleShot(_READING_MS, self._ask)
        elif self._busy and not message.chunks:
            self._busy = False
            _tell("indexed")
            self._end()

    def _ask(self) -> None:
        if self._questions:
            self._answering = True
            self._window.conversation.ask(self._questions.pop(0), EVERYTHING)

    def _on_answered(self, answer: Answer) -> None:
        self._answering = False
        _tell("answered", written=answer.generated is not None)
        QTimer.singleShot(_READING_MS, self._ask)
        self._end()

    def _end(self) -> None:
        if self._busy or self._answering or self._questions or self._heart is None:
            return
        self._heart.stop()
        _tell("load", tokens=self._tokens, **summary(self._heart.beats))
        self._heart = None
        self._window.close()


def drop(window: MainWindow, folder: Path) -> None:
    """Drop a folder on the window."""
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(folder))])
    buttons, keys = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    where = QPointF(window.width() / 2, window.height() / 2)
    window.dropEvent(QDropEvent(where, Qt.DropAction.CopyAction, data, buttons, keys))


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the program until its window is closed."""
    parser = argparse.ArgumentParser(description=__doc__, prog="python -m benchmarks.window_child")
    parser.add_argument("profile", help="where the library is")
    what = parser.add_mutually_exclusive_group(required=True)
    what.add_argument("--search", metavar="QUERY", help="search as soon as it is possible")
    what.add_argument("--drop", type=Path, metavar="FOLDER", help="add a folder and ask meanwhile")
    parser.add_argument("--question", action="append", default=[], help="ask this; repeatable")
    parsed = parser.parse_args(arguments)
    make_window = app.window.make_window

    def make_watched(profile: Profile, tokens: Tokens) -> MainWindow:
        window = make_window(profile, tokens)
        frame = FirstFrame(window)
        watch: Start | Load
        if parsed.drop is None:
            watch = Start(window, parsed.search)
        else:
            watch = Load(window, parsed.drop.absolute(), parsed.question)
        frame.painted.connect(watch.on_painted)
        for client in (window.index, window.llm):
            if client is not None:
                client.gone.connect(_on_gone)
        return window

    app.window.make_window = make_watched
    return run_program(["--profile", parsed.profile])


def _on_gone() -> None:
    # A worker that starts anew is no measurement; those that are left end with their parent.
    print("A worker of the window died.", file=sys.stderr, flush=True)
    os._exit(1)


def _tell(event: str, **values: object) -> None:
    line = {"event": event, "at": time.perf_counter(), **values}
    print(json.dumps(line), flush=True)


if __name__ == "__main__":
    sys.exit(main())
