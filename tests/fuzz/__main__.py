"""Fuzz one reader for some minutes, or read a folder of inputs once more.

What is found is written to OUTPUT/findings as the file that it is, the smallest of each kind; the
run goes on. Only an input that crashes the process or hangs it ends the run; libFuzzer then writes
it to OUTPUT as well.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Iterator
from importlib import import_module
from pathlib import Path
from pkgutil import walk_packages
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.fuzz.targets import Target

_LONGEST = 20_000  # bytes of an input: larger ones are slow, and teach nothing that these would not


def main() -> None:
    """Parse the command line and run."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    parser.add_argument("reader", help="doc, ppt, msg and so on; targets.py has all")
    parser.add_argument("--minutes", type=float, default=30.0)
    parser.add_argument("--corpus", type=Path, action="append", default=[], help="more seeds")
    parser.add_argument("--output", type=Path, default=Path("build/fuzz"))
    parser.add_argument("--replay", action="store_true", help="read what a run has kept, and end")
    chosen = parser.parse_args()
    output: Path = chosen.output / chosen.reader
    if chosen.replay:
        _replay(_target(chosen.reader), output)
        return
    try:
        import atheris
    except ImportError:
        sys.exit("atheris is not installed: `pip install -e .[fuzz]`, where it has a wheel.")
    # Only what is imported here is watched, so nothing of the indexer is imported before.
    with atheris.instrument_imports(include=["indexer"]):
        target = _target(chosen.reader)
        readers = import_module("indexer.readers")
        for module in walk_packages(readers.__path__, "indexer.readers."):
            import_module(module.name)
        from tests.fuzz.seeds import seeds
    if target.name != "encodings":
        # Of an input's time it would take nine tenths; it has a run of its own.
        sys.modules["indexer.readers.encodings.decoding"].guess = lambda _: None  # type: ignore[attr-defined]
    (output / "corpus").mkdir(parents=True, exist_ok=True)
    (output / "findings").mkdir(exist_ok=True)
    for number, data in enumerate(_first(target, seeds(target.name), chosen.corpus)):
        (output / "corpus" / f"seed-{number}").write_bytes(data)
    arguments = [
        sys.argv[0], str(output / "corpus"), f"-max_total_time={60 * chosen.minutes:.0f}",
        f"-max_len={_LONGEST}", "-timeout=60", "-rss_limit_mb=3000", f"-artifact_prefix={output}/",
        "-print_final_stats=1",
    ]  # fmt: skip

    def change(data: bytes, most: int, seed: int) -> bytes:
        return target.change(data, most, seed, atheris.Mutate)

    atheris.Setup(arguments, _trier(target, output / "findings"), custom_mutator=change)
    atheris.Fuzz()


def _target(name: str) -> Target:
    from tests.fuzz.targets import TARGETS

    if name not in TARGETS:
        sys.exit(f"The readers that can be fuzzed are {', '.join(sorted(TARGETS))}.")
    return TARGETS[name]


def _first(target: Target, made: Iterator[bytes], more: list[Path]) -> Iterator[bytes]:
    """Yield what the run begins with."""
    for data in made:
        yield from target.seeds(data)
    for folder in more:
        for path in sorted(folder.rglob("*")):
            fits = path.suffix.lower().lstrip(".") in target.suffixes
            if fits and path.is_file() and path.stat().st_size <= _LONGEST:
                yield from target.seeds(path.read_bytes())


def _trier(target: Target, folder: Path) -> Callable[[bytes], None]:
    """Return what tries one input, and keeps it if it is the smallest with a fault."""
    from tests.fuzz.verdict import Finding, judge

    sizes: dict[str, int] = {}  # the smallest input for each fault

    def try_one(data: bytes) -> None:
        source = target.source(data)
        try:
            judge(source)
        except Finding as finding:
            fault = str(finding)
            if fault not in sizes:
                print(f"found: {fault}", file=sys.stderr, flush=True)
            if len(data) < sizes.get(fault, _LONGEST + 1):
                sizes[fault] = len(data)
                name = "".join(sign if sign.isalnum() else "-" for sign in fault)
                suffix = source.name.rpartition(".")[2]
                (folder / f"{name}.{suffix}").write_bytes(source.data or b"")

    return try_one


def _replay(target: Target, output: Path) -> None:
    from tests.fuzz.verdict import Finding, judge

    for path in sorted((output / "corpus").iterdir()):
        try:
            judge(target.source(path.read_bytes()))
        except Finding as finding:
            print(f"{path}: {finding}")


if __name__ == "__main__":
    main()
