"""A conversation that is opened again after a restart is not read again, by real workers."""

from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from app.messages.general import Cancel, Failed
from app.messages.llm import (
    Generate,
    Generated,
    LoadModel,
    ModelLoaded,
    PromptPassage,
    Reading,
    Token,
    Turn,
)
from app.messages.wire import Message, to_wire
from app.pipes.supervisor import Worker, WorkerGone
from tests.app.llm.test_llm_worker import ask, start, starter_llm, until

pytestmark = pytest.mark.timeout(600)  # the first run prepares the starter models

KEY, OTHER = bytes(range(32)).hex(), bytes(32).hex()
TEXTS = ("The Eiffel Tower is 330 metres tall. ", "Bananas are yellow and grow in long rows. ")
PASSAGES = tuple(PromptPassage(i + 1, f"{i}.md", text * 8) for i, text in enumerate(TEXTS))
FIRST = Generate("1", "How tall is it?", PASSAGES, max_tokens=12, conversation="a", key=KEY)


@pytest.fixture(scope="module")
def llm_path() -> Path:
    """Return the starter model."""
    return starter_llm()


@contextmanager
def worker(model: Path, caches: Path) -> Iterator[Worker]:
    """Start a worker that keeps what it reads, and end it as a window does."""
    process = start()
    with closing(process):
        process.send(to_wire(LoadModel(str(model), 2048, caches=caches)))
        assert isinstance(until(process, ModelLoaded, Failed)[-1], ModelLoaded)
        yield process
        process.close(10)


def follow_up(first: Generated, key: str = KEY) -> Generate:
    """Return the next question of the conversation."""
    turn = Turn(FIRST.question, first.text, PASSAGES)
    return replace(FIRST, id="2", question="Really?", passages=(), history=(turn,), key=key)


def test_what_was_read_is_there_after_a_restart(llm_path: Path, tmp_path: Path) -> None:
    """For the one who has its key; another conversation in between takes nothing away."""
    with worker(llm_path, tmp_path) as process:
        first, _ = ask(process, FIRST)
        other, _ = ask(process, replace(FIRST, conversation="b", passages=PASSAGES[1:]))
        back, _ = ask(process, follow_up(first))
    assert other.reused_tokens < first.prompt_tokens / 2
    assert back.reused_tokens >= first.prompt_tokens + first.answer_tokens - 2
    assert len(list(tmp_path.glob("*.state"))) == 2
    assert all(TEXTS[0].encode() not in path.read_bytes() for path in tmp_path.iterdir())
    with worker(llm_path, tmp_path) as process:
        again, said = ask(process, follow_up(first))
        assert again.reused_tokens >= first.prompt_tokens + first.answer_tokens - 2
        assert again.text == back.text
        assert next(m for m in said if isinstance(m, Reading)).reused == again.reused_tokens
        # The key is another one when something of the conversation was erased.
        erased, _ = ask(process, follow_up(first, OTHER))
        assert erased.reused_tokens == 0


@pytest.mark.slow
def test_what_is_cancelled_is_not_kept(llm_path: Path, tmp_path: Path) -> None:
    """It may never become a turn, so nobody would erase it."""
    with worker(llm_path, tmp_path) as process:
        process.send(to_wire(replace(FIRST, max_tokens=500, question="Write a long story.")))
        until(process, Token)
        process.send(to_wire(Cancel("1")))
        until(process, Generated)
    assert list(tmp_path.glob("*.state")) == []


@pytest.mark.slow
def test_an_idle_worker_saves_what_was_read(llm_path: Path, tmp_path: Path) -> None:
    """So that a crash does not cost it."""
    with worker(llm_path, tmp_path) as process:
        ask(process, FIRST)
        end = time.monotonic() + 30
        while not list(tmp_path.glob("[0-9a-f]*.state")):
            assert time.monotonic() < end
            time.sleep(0.1)


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="has no such signal")
@pytest.mark.parametrize("step", [Reading, Token], ids=["while it reads", "while it writes"])
def test_a_killed_worker_leaves_a_state_that_can_be_used(
    llm_path: Path, tmp_path: Path, step: type[Message]
) -> None:
    """That of the answer before; the question is asked again of the next worker."""
    with worker(llm_path, tmp_path) as process:
        first, _ = ask(process, FIRST)
    with worker(llm_path, tmp_path) as process:
        process.send(to_wire(replace(follow_up(first), max_tokens=300)))
        until(process, step)
        os.kill(process.pid, signal.SIGKILL)
        with pytest.raises(WorkerGone):
            until(process, Generated)
    with worker(llm_path, tmp_path) as process:
        again, _ = ask(process, follow_up(first))
        assert again.reused_tokens >= first.prompt_tokens + first.answer_tokens - 2
        assert again.text
