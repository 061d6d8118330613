"""The program is killed at moments of its own; nothing is lost, twice there, or half there."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.endurance.killing import Killing


@pytest.mark.parametrize(
    ("kills", "files", "encrypted"),
    [
        (2, 0, False),
        pytest.param(300, 2000, False, marks=[pytest.mark.slow, pytest.mark.timeout(7200)]),
        pytest.param(100, 700, True, marks=[pytest.mark.slow, pytest.mark.timeout(7200)]),
    ],
)
def test_kills_cost_nothing(tmp_path: Path, kills: int, files: int, encrypted: bool) -> None:
    """The library in the end is as one that was made from nothing, and starts within 5 s."""
    outcome = Killing(tmp_path, seed=kills, encrypted=encrypted).run(kills, files)
    assert outcome.faults == []
    assert outcome.kills >= kills
    assert outcome.slowest_start < 5
