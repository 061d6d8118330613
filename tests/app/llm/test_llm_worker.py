"""The LLM worker as a real process with the real starter model."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

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
from app.messages.wire import Message, from_wire, to_wire
from app.paths import starter_models
from app.pipes.supervisor import Worker

pytestmark = pytest.mark.timeout(600)  # the first run prepares the starter models

TOWER = PromptPassage(1, "tower.md", "The Eiffel Tower is 330 metres tall. It was built in 1889.")
FRUIT = PromptPassage(2, "fruit.md", "Bananas are yellow. They grow in Ecuador, in long rows.")
LONG = PromptPassage(3, "long.md", "All of this is a long text about nothing. " * 80)


def start() -> Worker:
    """Start a worker."""
    command = [sys.executable, "-m", "app", "--worker", "llm"]
    root = str(Path(__file__).parents[3])
    return Worker(command, environment={"GOMP_SPINCOUNT": "1000", "PYTHONPATH": root})


def until(worker: Worker, *kinds: type[Any]) -> list[Message]:
    """Return what the worker says up to a message of one of these kinds."""
    said: list[Message] = []
    while not said or not isinstance(said[-1], kinds):
        data = worker.receive(120)
        assert data is not None, "the worker says nothing"
        said.append(from_wire(data))
    return said


def ask(worker: Worker, request: Generate) -> tuple[Generated, list[Message]]:
    """Ask and return the end and all that was said."""
    worker.send(to_wire(request))
    said = until(worker, Generated, Failed)
    assert isinstance(said[-1], Generated), said[-1]
    return said[-1], said


def starter_llm() -> Path:
    """Return the starter model, prepared if it was not."""
    model = starter_models() / "smollm2-135m-instruct.gguf"
    if not model.exists():
        from app.model_files.starters import prepare_starters

        assert prepare_starters() == 0
    return model


@pytest.fixture(scope="module")
def worker() -> Iterator[Worker]:
    """Return a worker with the starter model loaded."""
    process = start()
    process.send(to_wire(LoadModel(str(starter_llm()), 2048)))
    (loaded,) = until(process, ModelLoaded, Failed)
    assert isinstance(loaded, ModelLoaded)
    assert loaded.context == 2048
    yield process
    process.close()


def test_a_question_is_answered_in_pieces(worker: Worker) -> None:
    """Reading, then the text piece by piece, then the end with its figures."""
    end, said = ask(
        worker, Generate("a", "How tall is the Eiffel Tower?", (TOWER, FRUIT), max_tokens=40)
    )
    reading = [message for message in said if isinstance(message, Reading)]
    assert [message.tokens for message in reading] == sorted(m.tokens for m in reading)
    assert reading[-1].tokens == reading[-1].total == end.prompt_tokens
    assert "".join(m.text for m in said if isinstance(m, Token)) == end.text
    assert "330" in end.text
    assert end.passages == (1, 2)
    assert end.answer_tokens > 1
    assert end.tokens_per_s > 0


def test_a_follow_up_reads_only_what_is_new(worker: Worker) -> None:
    """The passages, the question and the answer of before are in the context."""
    first, _ = ask(
        worker, Generate("b", "How tall is the Eiffel Tower?", (TOWER, FRUIT), max_tokens=24)
    )
    turn = Turn("How tall is the Eiffel Tower?", first.text, (TOWER, FRUIT))
    second, _ = ask(
        worker, Generate("c", "Where do bananas grow?", (), history=(turn,), max_tokens=24)
    )
    assert second.reused_tokens >= first.prompt_tokens + first.answer_tokens - 2
    assert second.passages == (1, 2)


def test_another_ranking_of_the_same_passages_is_not_read_again(worker: Worker) -> None:
    """They keep their numbers, so that their order means nothing."""
    ask(worker, Generate("d", "What grows?", (TOWER, FRUIT), max_tokens=4))
    again, _ = ask(worker, Generate("e", "What is tall?", (FRUIT, TOWER), max_tokens=4))
    assert again.passages == (1, 2)
    assert again.reused_tokens > again.prompt_tokens - 20


def test_the_budget_leaves_the_last_passages_out(worker: Worker) -> None:
    """Whether it is given in tokens or in seconds."""
    few, _ = ask(worker, Generate("f", "What?", (FRUIT, LONG), reading_budget=60, max_tokens=4))
    assert few.passages == (2,)
    none, _ = ask(worker, Generate("g", "What?", (TOWER, LONG), reading_seconds=0.0, max_tokens=4))
    assert none.passages == (1,)  # one is always read


def test_a_cancel_takes_effect_while_it_reads_and_while_it_writes(worker: Worker) -> None:
    """Within a second; what was written so far is the answer."""
    long = PromptPassage(9, "long.md", LONG.text.replace("nothing", "something else"))
    worker.send(to_wire(Generate("h", "What?", (long,), reading_budget=1500)))
    until(worker, Reading)
    began = time.monotonic()
    worker.send(to_wire(Cancel("h")))
    end = until(worker, Generated)[-1]
    assert time.monotonic() - began < 1.0
    assert isinstance(end, Generated)
    assert (end.stopped, end.text) == ("cancelled", "")
    worker.send(to_wire(Generate("i", "Write a very long story.", max_tokens=1000)))
    said = until(worker, Token)
    began = time.monotonic()
    worker.send(to_wire(Cancel("i")))
    said += until(worker, Generated)
    assert time.monotonic() - began < 1.0
    assert isinstance(said[-1], Generated)
    assert said[-1].stopped == "cancelled"
    assert "".join(m.text for m in said if isinstance(m, Token)) == said[-1].text


def test_a_cancel_of_a_waiting_question_is_kept(worker: Worker) -> None:
    """It ends without having been read; one that has ended already is left alone."""
    worker.send(to_wire(Cancel("a")))
    worker.send(to_wire(Generate("j", "Write a story.", max_tokens=30)))
    worker.send(to_wire(Generate("k", "Write another story.", max_tokens=30)))
    worker.send(to_wire(Cancel("k")))
    first = until(worker, Generated)[-1]
    second = until(worker, Generated)[-1]
    assert isinstance(first, Generated)
    assert isinstance(second, Generated)
    assert (first.id, first.answer_tokens > 0) == ("j", True)
    assert (second.id, second.stopped, second.text) == ("k", "cancelled", "")


def test_what_cannot_be_done_is_said(worker: Worker) -> None:
    """And the worker goes on."""
    worker.send(to_wire(Generate("l", "word " * 4000)))
    failed = until(worker, Failed)[-1]
    assert isinstance(failed, Failed)
    assert failed.id == "l"
    assert "longer" in failed.title
    assert ask(worker, Generate("m", "Hello", max_tokens=4))[0].prompt_tokens > 0


def test_a_worker_without_a_model_says_so(tmp_path: Path) -> None:
    """Also when the file is none."""
    process = start()
    try:
        process.send(to_wire(Generate("n", "Hello")))
        failed = until(process, Failed)[-1]
        assert isinstance(failed, Failed)
        assert failed.id == "n"
        process.send(to_wire(LoadModel(str(tmp_path / "none.gguf"))))
        assert isinstance(until(process, Failed)[-1], Failed)
    finally:
        process.close()


def test_it_ends_with_its_parent_even_while_it_works(worker: Worker) -> None:
    """No orphan computes on behind a closed window."""
    process = start()
    process.send(to_wire(LoadModel(str(starter_models() / "smollm2-135m-instruct.gguf"), 2048)))
    until(process, ModelLoaded)
    process.send(to_wire(Generate("o", "Write a very long story.", max_tokens=1000)))
    until(process, Token)
    began = time.monotonic()
    process.close(10)
    assert time.monotonic() - began < 5
    assert not process.alive
