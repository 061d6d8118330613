"""How soon a fresh process is of use: the window, its first search, and a command's first hit.

Each turn starts an empty Python, a search by word and one by both, one after the other; the window
is started as often. At last a window stands under load: a folder is read while answers are written.
"""

from __future__ import annotations

import argparse
import json
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

from app.library import open_embedder, open_engine
from app.paths import Profile
from app.settings import Settings
from benchmarks.measure import cpu_seconds
from benchmarks.report import Figure, add_json_option, figure, show
from benchmarks.window import measure_load, measure_start, write_documents
from indexer.engine import pending

_PARTS = ("window", "load", "command")
_IMPORT = re.compile(r"import time:\s+(\d+) \|\s+(\d+) \|( *)(\S+)")


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, prog="python -m benchmarks.startup")
    parser.add_argument("folder", type=Path, help="the documents")
    parser.add_argument("query", help="what to search; it must find something")
    parser.add_argument("--profile", type=Path, metavar="DIR", help="use the index in DIR")
    parser.add_argument("--rounds", type=int, default=7, metavar="N", help="repetitions (7)")
    parser.add_argument("--imports", type=int, default=10, metavar="N", help="modules to list (10)")
    parser.add_argument(
        "--part", action="append", choices=_PARTS, help="measure only this; repeatable (all)"
    )
    parser.add_argument(
        "--files", type=int, default=1000, metavar="N", help="files to read under load (1000)"
    )
    parser.add_argument(
        "--loads", type=int, default=1, metavar="N", help="repetitions under load (1)"
    )
    add_json_option(parser)
    parsed = parser.parse_args(arguments)
    parts = parsed.part or _PARTS
    with tempfile.TemporaryDirectory(prefix="pocket-llm-") as folder:
        place = Path(folder)
        profile = Profile((parsed.profile or place / "profile").absolute())
        if "command" in parts or "window" in parts:
            _index(profile, parsed.folder.absolute())
        figures: list[Figure] = []
        if "window" in parts:
            figures += measure_start(profile, parsed.query, parsed.rounds)
        if "load" in parts:
            documents = place / "documents"
            documents.mkdir()
            questions = write_documents(documents, parsed.files)
            figures += measure_load(documents, questions, parsed.loads)
        if "command" in parts:
            figures += _measure(profile, parsed.query, parsed.rounds)
            for mode in ("words", "hybrid"):
                figures += _imports(profile, parsed.query, mode, parsed.imports)
    show("startup", figures, as_json=parsed.json)
    return 0


def _index(profile: Profile, folder: Path) -> None:
    profile.create()
    with closing(open_engine(profile, open_embedder(profile, Settings()))) as engine:
        engine.reconcile(engine.add(folder))
        for _ in pending(engine):
            pass


def _search(profile: Profile, query: str, mode: str) -> list[str]:
    return ["-m", "app", "--profile", str(profile.root), "--json", "search", "--mode", mode, query]


def _measure(profile: Profile, query: str, rounds: int) -> list[Figure]:
    empty: list[float] = []
    seconds: dict[str, list[float]] = {"words": [], "hybrid": []}
    cpu: dict[str, list[float]] = {"words": [], "hybrid": []}
    for _ in range(rounds):
        began = time.perf_counter()
        subprocess.run([sys.executable, "-c", "pass"], check=True)
        empty.append(time.perf_counter() - began)
        for mode, times in seconds.items():
            before = cpu_seconds()
            times.append(_first_hit(_search(profile, query, mode)))
            cpu[mode].append(cpu_seconds() - before)
    return [
        figure("an empty Python", empty, "s"),
        figure("process start to first hit, by word", seconds["words"], "s", "<= 0.5"),
        figure("process start to first hit, by both", seconds["hybrid"], "s", "<= 1.5"),
        figure("processor time of the whole process, by word", cpu["words"], "s"),
        figure("processor time of the whole process, by both", cpu["hybrid"], "s"),
    ]


def _first_hit(arguments: Sequence[str]) -> float:
    began = time.perf_counter()
    with subprocess.Popen(
        [sys.executable, *arguments], stdout=subprocess.PIPE, text=True, encoding="utf-8"
    ) as process:
        assert process.stdout is not None
        for line in process.stdout:
            if json.loads(line)["type"] == "hit":
                seconds = time.perf_counter() - began
                process.communicate()
                return seconds
    raise SystemExit("The query finds nothing in these documents; ask another one.")


def _imports(profile: Profile, query: str, mode: str, count: int) -> list[Figure]:
    """Return the packages whose import takes longest, all that they import included."""
    command = [sys.executable, "-X", "importtime", *_search(profile, query, mode)]
    done = subprocess.run(command, capture_output=True, text=True, encoding="utf-8", check=True)
    own = 0.0
    whole: dict[str, float] = {}
    for match in _IMPORT.finditer(done.stderr):
        own += int(match[1])
        package = match[4]
        if "." not in package:
            whole[package] = max(whole.get(package, 0.0), int(match[2]) / 1000)
    first = sorted(whole.items(), key=lambda item: -item[1])[:count]
    return [
        figure(f"imports, {mode}: all", own / 1000, "ms"),
        *(figure(f"imports, {mode}: {name}", spent, "ms") for name, spent in first),
    ]


if __name__ == "__main__":
    sys.exit(main())
