"""What it costs to make small text files searchable by word, beside Recoll on the same files.

The files are paragraphs of the texts of a folder, one each. Ours and recollindex index them anew in
turns; the processor seconds are those of the whole process with its children, start included.
"""

from __future__ import annotations

import argparse
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from app.library import open_embedder, open_engine
from app.paths import Profile
from app.settings import Settings
from benchmarks.report import Figure, add_json_option, figure, show
from indexer.engine import pending

_SUFFIXES = frozenset({".txt", ".md"})


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(
        description=__doc__, prog="python -m benchmarks.against_recoll"
    )
    parser.add_argument("folder", type=Path, help="texts (.txt, .md) to cut the files from")
    parser.add_argument("--files", type=int, default=20_000, metavar="N", help="files (20000)")
    parser.add_argument("--rounds", type=int, default=2, metavar="N", help="repetitions (2)")
    parser.add_argument("--index-into", type=Path, help=argparse.SUPPRESS)  # what a child does
    add_json_option(parser)
    parsed = parser.parse_args(arguments)
    if parsed.index_into:
        index_words(parsed.folder.absolute(), Profile(parsed.index_into))
        return 0
    recoll = shutil.which("recollindex")
    if recoll is None:
        print("recollindex is not installed; on Debian it is in the package recollcmd.")
        return 1
    with tempfile.TemporaryDirectory(prefix="pocket-llm-") as folder:
        documents = Path(folder) / "documents"
        count = write_files(parsed.folder, documents, parsed.files)
        figures = _measure(documents, Path(folder), recoll, parsed.rounds)
    show("against_recoll", [figure("files", count), *figures], as_json=parsed.json)
    return 0


def index_words(folder: Path, profile: Profile) -> None:
    """Make a folder searchable by word, as `add` does before it embeds."""
    profile.create()
    with closing(open_engine(profile, open_embedder(profile, Settings()))) as engine:
        engine.reconcile(engine.add(folder))
        for _ in pending(engine, words_only=True):
            pass


def write_files(source: Path, folder: Path, most: int) -> int:
    """Write up to `most` paragraphs of the texts of a folder as files, 500 a folder."""
    written = 0
    for path in sorted(source.rglob("*")):
        if path.suffix not in _SUFFIXES:
            continue
        for paragraph in path.read_text(encoding="utf-8").split("\n\n"):
            if len(paragraph) < 100:
                continue
            if written == most:
                return written
            place = folder / str(written // 500)
            place.mkdir(parents=True, exist_ok=True)
            (place / f"note {written}.txt").write_text(paragraph, encoding="utf-8")
            written += 1
    return written


@dataclass(frozen=True, slots=True)
class _Cost:
    """What one indexing took."""

    seconds: float
    cpu_seconds: float


def _measure(documents: Path, scratch: Path, recoll: str, rounds: int) -> list[Figure]:
    ours: list[_Cost] = []
    theirs: list[_Cost] = []
    for number in range(rounds):
        profile = scratch / f"profile-{number}"
        command = [sys.executable, "-m", "benchmarks.against_recoll", str(documents)]
        ours.append(_run([*command, "--index-into", str(profile)]))
        shutil.rmtree(profile)
        settings = scratch / f"recoll-{number}"
        settings.mkdir()
        # The dictionary for spelling suggestions is no part of searching.
        lines = f"topdirs = {documents}\nnoaspell = 1\nloglevel = 2\n"
        (settings / "recoll.conf").write_text(lines, encoding="utf-8")
        theirs.append(_run([recoll, "-c", str(settings)]))
        shutil.rmtree(settings)
    return [
        figure("ours: processor time", [cost.cpu_seconds for cost in ours], "s"),
        figure("Recoll: processor time", [cost.cpu_seconds for cost in theirs], "s"),
        figure(
            "ours / Recoll, processor time",
            [a.cpu_seconds / b.cpu_seconds for a, b in zip(ours, theirs, strict=True)],
            "",
            "<= 2",
        ),
        figure("ours: time", [cost.seconds for cost in ours], "s"),
        figure("Recoll: time", [cost.seconds for cost in theirs], "s"),
    ]


def _run(command: list[str]) -> _Cost:
    import resource  # recollindex and this are where there is no Windows

    def spent() -> float:
        usage = resource.getrusage(resource.RUSAGE_CHILDREN)
        return usage.ru_utime + usage.ru_stime

    before, began = spent(), time.perf_counter()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    return _Cost(time.perf_counter() - began, spent() - before)


if __name__ == "__main__":
    sys.exit(main())
