"""What becomes of each file of a set: read, listed with a reason, or lost; how fast, in how much.

The files go through the engine and one reader process, by their words only. With one reader the
time of a file is that between two ends. `--pdf-speed` compares our PDF reader with pypdf instead.
"""

from __future__ import annotations

import argparse
import gc
import json
import logging
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from statistics import mean
from typing import Any

import psutil

from app.paths import Profile, worker_command
from app.pipes.supervisor import Worker
from benchmarks.reading_sets import Expectation, Outcome, load
from benchmarks.report import Figure, add_json_option, figure, show
from indexer.engine import Engine, pending
from indexer.reading.messages import Event, ReadDone, ReaderDied, ReadFailed
from indexer.reading.pool import ReaderPool
from indexer.storage.database import open_for_reading
from indexer.storage.ledger import path_of
from indexer.types import State

_POOR = 0.5  # recall below which a document's reason is asked for
_TURNS = 5  # of ours in a row, which take half as long as one of pypdf: a busy moment weighs less


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, prog="python -m benchmarks.reading")
    parser.add_argument("folder", type=Path, help="the set")
    parser.add_argument(
        "--only", default="", metavar="SUFFIXES", help="files with these suffixes, as in pdf,docx"
    )
    parser.add_argument("--worst", type=int, default=20, metavar="N", help="lines a list (20)")
    parser.add_argument("--pdf-speed", action="store_true", help="pages/s, ours against pypdf")
    parser.add_argument("--pages", type=int, default=300, metavar="N", help="for that (300)")
    parser.add_argument("--rounds", type=int, default=3, metavar="N", help="for that (3)")
    add_json_option(parser)
    parsed = parser.parse_args(arguments)
    suffixes = [suffix for suffix in parsed.only.split(",") if suffix]
    if parsed.pdf_speed:
        files = [item.path for item in load(parsed.folder, ["pdf"]) if item.mark in ("", "ok")]
        show("reading", pdf_speed(files, parsed.pages, parsed.rounds), as_json=parsed.json)
        return 0
    expected = load(parsed.folder, suffixes)
    with tempfile.TemporaryDirectory(prefix="pocket-llm-") as folder:
        run = Run(Profile(Path(folder)))
        outcomes = run.read(expected, None if suffixes else parsed.folder.absolute())
    show("reading", figures_of(outcomes) + run.figures(), as_json=parsed.json)
    if parsed.json:
        for outcome in outcomes:
            print(json.dumps(_line(outcome), ensure_ascii=False))
    else:
        _print_worst(outcomes, parsed.worst)
    return 0


class Run:
    """Reads files and watches how long each took and how much memory the reader needed."""

    def __init__(self, profile: Profile) -> None:
        self._profile = profile
        self._ends: list[tuple[Path, float, bool]] = []  # file, seconds, whether its reader died
        self._peak = 0

    def read(self, expected: Sequence[Expectation], folder: Path | None) -> list[Outcome]:
        """Read files, by way of their folder if it is given, and return what became of each."""
        self._profile.create()
        pool = _TimedPool(self._profile, self._ends)
        with (
            closing(Engine(self._profile.database, self._profile.caches, pool)) as engine,
            self._watched(),
        ):
            for path in [folder] if folder else [item.path for item in expected]:
                engine.reconcile(engine.add(path))
            for _ in pending(engine, words_only=True):
                pass
        outcomes = {item.path: Outcome(item) for item in expected}
        self._fill(outcomes)
        for path, seconds, _ in self._ends:
            if path in outcomes:
                outcomes[path].seconds += seconds
        return list(outcomes.values())

    def figures(self) -> list[Figure]:
        """Return the figures of time and memory."""
        seconds = [each for _, each, _ in self._ends]
        after = [b for (_, _, died), b in zip(self._ends, seconds[1:], strict=False) if died]
        figures = [figure("most memory of a reader", self._peak / 2**20, "MB")]
        if seconds:
            worst = seconds.index(max(seconds))
            figures.append(figure("the slowest file", seconds[worst], "s"))
            if worst + 1 < len(seconds):
                figures.append(figure("the file after it", seconds[worst + 1], "s", "<= 5"))
        if after:
            figures.append(figure("a file after a reader's death, at most", max(after), "s"))
        return figures

    def _fill(self, outcomes: dict[Path, Outcome]) -> None:
        with closing(open_for_reading(self._profile.database)) as db:
            texts: dict[int, list[str]] = {}
            for content, text in db.execute("SELECT content_id, text FROM pages ORDER BY id"):
                texts.setdefault(content, []).append(text)
            for raw, state, reason, content, kind, read_as, why in db.execute(
                """SELECT path, files.state, files.reason, contents.id, kind, contents.state,
                          contents.reason
                   FROM files LEFT JOIN contents ON contents.id = files.content_id"""
            ):
                outcome = outcomes.get(path_of(raw))
                if outcome is None:
                    continue
                # Without vectors a file stays at its words; its content knows where it is bound.
                is_read = state == State.WORDS
                outcome.state, outcome.reason = (read_as, why) if is_read else (state, reason)
                outcome.kind = kind or ""
                outcome.text = "\n".join(texts.get(content, ()))

    @contextmanager
    def _watched(self) -> Iterator[None]:
        ended = threading.Event()
        watcher = threading.Thread(target=self._watch, args=(ended,))
        watcher.start()
        try:
            yield
        finally:
            ended.set()
            watcher.join()

    def _watch(self, ended: threading.Event) -> None:
        while not ended.wait(0.02):
            for child in psutil.Process().children(recursive=True):
                with suppress(psutil.Error):
                    self._peak = max(self._peak, child.memory_info().rss)


class _TimedPool(ReaderPool):
    """One reader whose ends are noted."""

    def __init__(self, profile: Profile, ends: list[tuple[Path, float, bool]]) -> None:
        log = profile.logs / "reader.log"
        command = worker_command("reader")
        super().__init__(lambda inbox: Worker(command, log_file=log, inbox=inbox), workers=1)
        self._ends = ends
        self._last = 0.0
        self._submitted: dict[int, tuple[Path, float]] = {}

    def submit(self, job: int, path: Path, *more: Any, **named: Any) -> None:
        """Note when a file came."""
        self._submitted[job] = (path, time.monotonic())
        super().submit(job, path, *more, **named)

    def poll(self, timeout: float) -> list[Event]:
        """Note which files ended."""
        events = super().poll(timeout)
        now = time.monotonic()
        for event in events:
            if isinstance(event, ReadDone | ReadFailed | ReaderDied):
                path, since = self._submitted[event.job]
                seconds = now - max(since, self._last)
                self._ends.append((path, seconds, isinstance(event, ReaderDied)))
                self._last = now
        return events


def figures_of(outcomes: Sequence[Outcome]) -> list[Figure]:
    """Return how many files are in each state, and what was expected of them."""
    figures = [figure("files", len(outcomes))]
    states = Counter(outcome.state for outcome in outcomes)
    figures += [figure(f"state: {state}", count) for state, count in states.most_common()]
    if asked := [outcome for outcome in outcomes if outcome.is_asked]:
        fine = sum(outcome.is_fine for outcome in asked)
        figures.append(figure("good files with a reference", len(asked)))
        figures.append(
            figure("of these read, or a kind not read", fine / len(asked), "", ">= 0.98")
        )
    if any(outcome.expected.characters is not None for outcome in outcomes):
        lost = sum(outcome.is_lost for outcome in outcomes)
        figures.append(figure("silent losses", lost, "", "0"))
    for mark, word in (("encrypted", "encrypted"), ("corrupt", "damaged")):
        if marked := [outcome for outcome in outcomes if outcome.expected.mark == mark]:
            said = sum(word in outcome.reason for outcome in marked)
            figures.append(figure(f"{mark}: files", len(marked)))
            figures.append(figure(f"{mark}: the reason says so", said))
            passed = sum(outcome.state in ("indexed", "empty") for outcome in marked)
            figures.append(figure(f"{mark}: passed for read or empty", passed, "", "0"))
    if paired := [outcome for outcome in outcomes if outcome.expected.words]:
        recalls = [outcome.recall for outcome in paired]
        poor = [outcome for outcome in paired if outcome.recall < _POOR]
        figures.append(figure("mean recall of the expected words", mean(recalls), "", ">= 0.95"))
        figures.append(figure("recall below 0.5", len(poor)))
        unsaid = sum(not outcome.reason for outcome in poor)
        figures.append(figure("recall below 0.5 without a reason", unsaid, "", "0"))
    return figures


def pdf_speed(files: Sequence[Path], pages: int, rounds: int) -> list[Figure]:
    """Read the first pages of the PDFs that have text with ours and with pypdf, in turns."""
    import pypdf

    from indexer.readers import read
    from indexer.types import Page

    logging.getLogger("pypdf").setLevel(logging.ERROR)

    def ours(path: Path) -> int:
        return sum(isinstance(item, Page) and bool(item.text) for item in read(path))

    def theirs(path: Path) -> int:
        return sum(bool(page.extract_text()) for page in pypdf.PdfReader(path).pages)

    chosen: list[Path] = []
    count = 0
    for path in files:
        with suppress(Exception):  # what one of them cannot read is no matter of speed
            read_by_both = min(ours(path), theirs(path))
            if read_by_both:
                chosen.append(path)
                count += read_by_both
        if count >= pages:
            break
    speeds: dict[str, list[float]] = {"ours": [], "pypdf": []}
    for _ in range(rounds):
        for name, function, turns in (("ours", ours, _TURNS), ("pypdf", theirs, 1)):
            gc.collect()  # nobody's time goes into what the other has left behind
            began = time.process_time()
            read_pages = sum(function(path) for _ in range(turns) for path in chosen)
            speeds[name].append(read_pages / (time.process_time() - began))
    return [
        figure("PDFs", len(chosen)),
        figure("pages with text", count),
        figure("ours: pages per processor second", speeds["ours"], "/s"),
        figure("pypdf: pages per processor second", speeds["pypdf"], "/s"),
        figure(
            "ours / pypdf",
            [a / b for a, b in zip(speeds["ours"], speeds["pypdf"], strict=True)],
            "",
            ">= 10",
        ),
    ]


def _line(outcome: Outcome) -> dict[str, object]:
    return {
        "benchmark": "reading",
        "file": outcome.expected.name,
        "mark": outcome.expected.mark,
        "state": outcome.state,
        "reason": outcome.reason,
        "kind": outcome.kind,
        "characters": len(outcome.text),
        "expected": outcome.expected.characters,
        "recall": round(outcome.recall, 3) if outcome.expected.words else None,
        "seconds": round(outcome.seconds, 2),
    }


def _print_worst(outcomes: Sequence[Outcome], most: int) -> None:
    def section(title: str, chosen: Sequence[Outcome], size: str) -> None:
        if chosen:
            print(f"\n{title}: {len(chosen)}")
        for outcome in chosen[:most]:
            value = f"{getattr(outcome, size):.2f}"
            print(f"  {value:>7}  {outcome.state:<9} {outcome.expected.name}  {outcome.reason}")

    by_share = sorted(outcomes, key=lambda outcome: outcome.share)
    section("lost in silence", [each for each in by_share if each.is_lost], "share")
    section(
        "good but not read well",
        [each for each in by_share if each.is_asked and not each.is_fine],
        "share",
    )
    for mark, word in (("encrypted", "encrypted"), ("corrupt", "damaged")):
        others = [e for e in outcomes if e.expected.mark == mark and word not in e.reason]
        section(f"{mark}, but it is not said", others, "share")
    by_recall = sorted(outcomes, key=lambda outcome: outcome.recall)
    section("recall below 0.9", [each for each in by_recall if each.recall < 0.9], "recall")
    by_time = sorted(outcomes, key=lambda outcome: -outcome.seconds)
    section("slowest", [each for each in by_time if each.seconds > 1], "seconds")


if __name__ == "__main__":
    sys.exit(main())
