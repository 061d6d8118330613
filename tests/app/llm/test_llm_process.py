"""The LLM worker as its parent sees it, with real processes."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from app.llm import process
from app.llm.process import LlmProcess
from app.messages.llm import Generate
from app.paths import Profile
from app.pipes.supervisor import Worker
from models.errors import ModelError


class KilledAtBirth(Worker):
    """A worker that the system ends before anybody has spoken to it."""

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self._process.kill()
        self._process.wait()


def test_a_worker_that_ends_at_once_is_said_to_have_stopped(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    profile = Profile(tmp_path)
    profile.create()
    monkeypatch.setattr(process, "Worker", KilledAtBirth)
    with closing(LlmProcess(profile, tmp_path / "model.gguf")) as llm:
        for _ in range(2):
            with pytest.raises(ModelError, match="stopped working"):
                list(llm.generate(Generate("1", "Who?")))
