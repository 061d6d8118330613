"""The preparer as a real process."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from app.messages.general import Cancel, Failed
from app.messages.preparing import Prepared, PrepareEncoder, Preparing
from app.messages.wire import Message, from_wire, to_wire
from app.model_files.preparer import calibration_texts
from app.pipes.supervisor import Worker
from models.catalog import find_entry, find_starter_source
from models.embedder import OpenVinoEmbedder

pytestmark = pytest.mark.timeout(600)


@pytest.fixture
def worker() -> Iterator[Worker]:
    """Return a fresh preparer."""
    command = [sys.executable, "-m", "app", "--worker", "preparer"]
    process = Worker(command, environment={"PYTHONPATH": str(Path(__file__).parents[3])})
    yield process
    process.close()


def until(worker: Worker, *kinds: type[Any]) -> list[Message]:
    """Return what the worker says up to a message of one of these kinds."""
    said: list[Message] = []
    while not said or not isinstance(said[-1], kinds):
        data = worker.receive(300)
        assert data is not None, "the worker says nothing"
        said.append(from_wire(data))
    return said


def source() -> str:
    """Return the starter encoder's source."""
    folder = find_starter_source(find_entry("all-minilm-l6-v2"))
    assert folder is not None
    return str(folder)


def test_calibration_texts_are_many_and_always_the_same() -> None:
    """Prose of several lengths, without the owner's documents."""
    texts = calibration_texts()
    assert texts == calibration_texts()
    assert len(texts) > 300
    assert min(map(len, texts)) < 200
    assert max(map(len, texts)) > 1000


def test_a_folder_that_is_no_model_is_refused(worker: Worker, tmp_path: Path) -> None:
    """In a sentence, and nothing is left at the destination."""
    destination = tmp_path / "encoder"
    worker.send(to_wire(PrepareEncoder("a", str(tmp_path), str(destination), "encoder")))
    failed = until(worker, Failed, Prepared)[-1]
    assert isinstance(failed, Failed)
    assert "modules.json" in failed.detail
    assert list(tmp_path.iterdir()) == []


def test_a_cancel_leaves_nothing_that_looks_finished(worker: Worker, tmp_path: Path) -> None:
    """Even while libraries load that cannot be interrupted."""
    destination = tmp_path / "encoder"
    worker.send(to_wire(PrepareEncoder("b", source(), str(destination), "encoder")))
    until(worker, Preparing)
    began = time.monotonic()
    worker.send(to_wire(Cancel("b")))
    assert isinstance(until(worker, Failed, Prepared)[-1], Failed)
    assert time.monotonic() - began < 10
    assert not destination.exists()


@pytest.mark.slow
def test_an_encoder_is_prepared(worker: Worker, tmp_path: Path) -> None:
    """Its progress rises to one, and it is as good as the float model."""
    destination = tmp_path / "encoder"
    worker.send(to_wire(PrepareEncoder("c", source(), str(destination), "encoder")))
    said = until(worker, Failed, Prepared)
    assert isinstance(said[-1], Prepared), said[-1]
    done = [message.done for message in said if isinstance(message, Preparing)]
    assert done == sorted(done)
    assert done[-1] == 1.0
    assert [path.name for path in tmp_path.iterdir()] == ["encoder"]
    embedder = OpenVinoEmbedder(destination)
    assert embedder.card.cosine > 0.995
    assert np.isfinite(embedder.embed_query("Is it usable?")).all()
