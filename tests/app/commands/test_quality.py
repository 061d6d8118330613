"""`quality` as it is called."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from app.cli import run


def test_it_is_measured_and_shown_over_time(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """In figures for programs, in sentences for people; without documents it says what to do."""
    documents = tmp_path / "documents"
    documents.mkdir()
    for animal in ("marmot", "badger", "heron"):
        text = f"Every {animal} was counted by seven visitors in the quarry before rain started."
        (documents / f"{animal}.txt").write_text(text)

    def call(*arguments: str) -> tuple[int, str]:
        status = run(["--profile", str(tmp_path / "p"), "--quiet", *arguments])
        return status, capsys.readouterr().out

    def lines(*arguments: str) -> list[dict[str, Any]]:
        return [json.loads(line) for line in call("--json", *arguments)[1].splitlines()]

    assert call("quality")[0] == 1
    assert "measured yet" in call("quality", "--history")[1]
    assert call("add", str(documents))[0] == 0
    (measured,) = [line for line in lines("quality") if line["type"] == "quality"]
    assert (measured["questions"], measured["five"], measured["lost"]) == (3, 3, 0)
    assert "3 find their passage among the first five (100 %)" in call("quality")[1]
    assert [line["five"] for line in lines("quality", "--history")] == [3, 3]
    assert "100 % among five" in call("quality", "--history")[1]
