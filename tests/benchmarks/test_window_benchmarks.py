"""Beats find stalls and say whose they are; the window's process says when it is there."""

from __future__ import annotations

import json
import subprocess
import sys
import textwrap
import time
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("PySide6.QtWidgets", exc_type=ImportError)

from app.library import open_embedder, open_engine
from app.model_files.starters import prepare_starters
from app.paths import Profile
from app.settings import Settings
from benchmarks.heartbeat import Beats
from benchmarks.window import _stalled_then, run_window, write_documents
from indexer.engine import pending


def compute(seconds: float) -> None:
    """Keep this thread computing."""
    end = time.thread_time() + seconds
    while time.thread_time() < end:
        pass


def test_a_stall_that_computes_is_told_from_one_that_waits() -> None:
    """Only the first is the fault of what runs in the loop."""
    with closing(Beats()) as beats:
        time.sleep(0.1)
        beats.beat()
        compute(0.1)
        beats.beat()
    waited, computed = beats.longer_than(0.05)
    assert waited.seconds >= 0.1
    assert waited.own < 0.05
    assert computed.own >= 0.1
    assert beats.worst("own")[0] == computed
    assert len(beats.seconds()) == 2


def test_what_was_noted_stands_with_the_gap_in_which_it_happened() -> None:
    """A stall is tied to the message that was being shown."""
    with closing(Beats()) as beats:
        beats.beat()
        beats.note("Token")
        time.sleep(0.05)
        beats.beat()
        beats.note("later")
        beats.beat()
    (worst, *_) = beats.worst("seconds")
    assert worst.during == ("Token",)


def test_a_stall_of_an_event_loop_is_found() -> None:
    """The beats come from the loop that stands still."""
    script = """
        import json, time
        from PySide6.QtCore import QCoreApplication, QTimer
        from benchmarks.heartbeat import Heart, summary
        application = QCoreApplication([])
        heart = Heart()
        QTimer.singleShot(50, lambda: (heart.beats.note("made"), time.sleep(0.3)))
        QTimer.singleShot(500, application.quit)
        application.exec()
        heart.stop()
        print(json.dumps(summary(heart.beats)))
    """
    found = _printed([sys.executable, "-c", textwrap.dedent(script)])
    assert found["longest"] >= 0.3
    assert found["worst"][0]["during"] == ["made"]
    assert found["worst"][0]["own"] < 0.2
    assert found["beats"] > 20


def test_a_process_beats_until_its_input_ends() -> None:
    """Its gaps are printed with their times, for a comparison with the window's."""
    began = time.perf_counter()
    found = _printed([sys.executable, "-m", "benchmarks.heartbeat", "--longer", "0"])
    assert found["beats"] == len(found["gaps"]) > 0
    assert all(began <= at <= time.perf_counter() for at, _ in found["gaps"])


def test_a_stall_is_compared_with_what_the_idle_process_saw_then() -> None:
    """Its gaps before and after do not count."""
    gap = {"at": 10.0, "seconds": 1.0}
    gaps = [(8.0, 1.9), (9.5, 0.6), (10.2, 0.3), (11.1, 5.0)]
    assert _stalled_then(gap, {"gaps": gaps}) == 0.6
    assert _stalled_then(gap, {"gaps": []}) == 0.0


def test_the_documents_are_the_same_each_time(tmp_path: Path) -> None:
    """They answer the questions, and no two have the same name."""
    folders = [tmp_path / name for name in "ab"]
    for folder in folders:
        folder.mkdir()
    questions, again = [write_documents(folder, 20) for folder in folders]
    texts, others = [sorted(p.read_text("utf-8") for p in f.iterdir()) for f in folders]
    assert (questions, texts) == (again, others)
    assert len(set(texts)) == 20
    places = [text.splitlines()[0].removeprefix("Notes on ") for text in texts]
    assert all(any(place in question for place in places) for question in questions)


def test_a_window_says_when_it_is_there_and_finds(tmp_path: Path) -> None:
    """Its process is the program's own; it is painted, finds by word, then by meaning."""
    assert prepare_starters() == 0
    documents = tmp_path / "documents"
    documents.mkdir()
    write_documents(documents, 3)
    profile = Profile(tmp_path / "profile")
    profile.create()
    with closing(open_engine(profile, open_embedder(profile, Settings()))) as engine:
        engine.reconcile(engine.add(documents))
        for _ in pending(engine):
            pass
    events = {event.name: event for event in run_window(profile, "--search", "mill")}
    assert set(events) == {"visible", "words", "encoder", "both"}
    assert 0 < events["visible"].seconds < events["words"].seconds < events["both"].seconds
    assert events["visible"].data["cpu"] > 0
    assert 0 < events["words"].data["hits"] <= events["both"].data["hits"]


def _printed(command: list[str]) -> dict[str, Any]:
    done = subprocess.run(command, input="", capture_output=True, text=True, check=True)
    printed: dict[str, Any] = json.loads(done.stdout)
    return printed
