"""A library of 500 files is asked for sets, and names exactly those that are meant."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks.set_questions import LATER, OTHERS, QUESTIONS, ask_all, make


@pytest.mark.slow
def test_all_questions_are_answered_exactly(tmp_path: Path) -> None:
    """In English, German and Chinese, of seven formats."""
    profile, folder, records = make(tmp_path)
    assert len(records) == 500
    asked = ask_all(profile, folder, records, (*QUESTIONS, *OTHERS, *LATER))
    assert [each.question for each in asked if not each.right] == []
