"""What fuzzing has found once is read without harm, and the way to find more works."""

from __future__ import annotations

from pathlib import Path

import pytest

from indexer.readers.source import Source
from tests.fuzz.targets import TARGETS, Target
from tests.fuzz.verdict import Finding, judge

FOUND = sorted((Path(__file__).parents[1] / "data" / "fuzz").iterdir())


@pytest.mark.parametrize("path", FOUND, ids=[path.name for path in FOUND])
def test_what_was_found_is_mended(path: Path) -> None:
    """Text or a sentence, within limits, and nothing that cannot be stored."""
    judge(Source(path, path.name, path.read_bytes()))


@pytest.mark.parametrize("target", TARGETS.values(), ids=list(TARGETS))
def test_each_target_reads_its_seeds(target: Target) -> None:
    """A seed that is refused would teach the fuzzer nothing."""
    from tests.fuzz.seeds import seeds

    for data in seeds(target.name):
        for each in target.seeds(data):
            sources = [
                Source(Path("x"), f"x.{name}", target.file(each)) for name in target.suffixes
            ]
            assert max(map(judge, sources))
            changed = target.change(each, 20_000, 1, lambda part, most: part[:most][::-1])
            assert len(changed) <= 20_000
            judge(target.source(changed))


def test_a_fault_is_a_finding(monkeypatch: pytest.MonkeyPatch) -> None:
    """An error that no reader raises on purpose, and text that cannot be stored."""
    from indexer.readers.markup import text

    def fails(source: Source) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(text, "read_text", fails)
    with pytest.raises(Finding, match="ZeroDivisionError"):
        judge(Source(Path("a.txt"), "a.txt", b"text"))
