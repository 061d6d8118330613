"""The preparer: makes int8 encoders and smaller GGUF files, each in a process of its own.

torch must not live in any other process of ours, and llama.cpp's quantizer ends with its process
only. What either was writing never looks finished.
"""

from __future__ import annotations

import importlib.resources
import random
import re
import time
from collections.abc import Generator, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

from app.messages.preparing import (
    ImportModel,
    Prepared,
    PrepareEncoder,
    Preparing,
    QuantizeModel,
)
from app.messages.wire import Message
from app.paths import is_frozen
from app.pipes.long_work import Job, serve_long_work
from app.pipes.worker import Pipe
from models.errors import ModelMissing

MOST_PARAGRAPHS = 6  # together in one calibration text: short and long inputs must both occur


def serve(pipe: Pipe) -> None:
    """Answer messages until end-of-file."""
    jobs: dict[type[Any], Job] = {
        PrepareEncoder: _prepare,
        QuantizeModel: _quantize,
        ImportModel: _import,
    }
    serve_long_work(pipe, jobs)


def _prepare(message: PrepareEncoder) -> Generator[Message, None, None]:
    began = time.perf_counter()
    destination = Path(message.destination)
    if is_frozen():
        raise ModelMissing(
            "The installed program cannot prepare encoders: it comes without PyTorch.",
            "Run `python3 start.py models import FOLDER` in a checkout of Pocket-LLM: "
            "what it prepares is at hand here too.",
        )
    # Here, so that the worker can say hello before torch is loaded.
    from models.quantize import prepare_encoder

    steps = prepare_encoder(
        Path(message.source),
        destination,
        message.name,
        calibration_texts(),
        prefixes=(message.query_prefix, message.passage_prefix),
    )
    with closing(steps):
        for step in steps:
            yield Preparing(message.id, step.sentence, round(step.done, 3))
    size = sum(file.stat().st_size for file in destination.iterdir())
    yield Prepared(message.id, message.name, size, _since(began))


def _quantize(message: QuantizeModel) -> Generator[Message, None, None]:
    from models.quantize_gguf import quantize

    began = time.perf_counter()
    destination = Path(message.destination)
    steps = quantize(Path(message.source), destination, message.kind, comparison_text())
    with closing(steps):
        for step in steps:
            yield Preparing(message.id, step.sentence, round(step.done, 3), step.seconds_left)
    lost = step.divergence
    yield Prepared(
        message.id,
        destination.stem,
        step.bytes,
        _since(began),
        lost.mean if lost else None,
        lost.same_best if lost else None,
    )


def _import(message: ImportModel) -> Generator[Message, None, None]:
    from models.bringing import bring_in

    began = time.perf_counter()
    destination = Path(message.destination)
    steps = bring_in(Path(message.source), destination)
    with closing(steps):
        for step in steps:
            yield Preparing(message.id, step.sentence, round(step.done, 3))
    yield Prepared(message.id, destination.stem, step.bytes, _since(began), template=step.template)


def _since(began: float) -> float:
    return round(time.perf_counter() - began, 1)


def calibration_texts() -> list[str]:
    """Return some hundred texts of one to six paragraphs: the samples, and Python's own manual.

    The manual (`pydoc_data.topics`) is 330,000 characters of English prose that every machine
    with Python has. Calibrated on it, int8 vectors of medical abstracts keep a mean cosine of
    0.9975 to the float ones, as with any text we tried.
    """
    paragraphs = [*_manual(), *_samples()]
    # Always the same order, so that the same source gives the same encoder.
    order = random.Random(0)  # noqa: S311 - nothing secret
    texts = []
    while paragraphs:
        count = order.randint(1, MOST_PARAGRAPHS)
        texts.append(" ".join(paragraphs[:count]))
        del paragraphs[:count]
    order.shuffle(texts)
    return texts


def comparison_text() -> str:
    """Return prose for comparing two language models, English and Chinese, always the same."""
    return "\n\n".join(_samples())


def _manual() -> Iterator[str]:
    from pydoc_data.topics import topics

    for topic in topics.values():
        yield from _prose(topic)


def _samples() -> Iterator[str]:
    folder = importlib.resources.files("resources") / "samples"
    if not isinstance(folder, Path) or not folder.is_dir():
        return
    for path in sorted(folder.rglob("*")):
        if path.suffix in {".md", ".txt"}:
            yield from _prose(path.read_text(encoding="utf-8", errors="replace"))


def _prose(text: str) -> Iterator[str]:
    for paragraph in re.split(r"\n\s*\n", text):
        line = " ".join(paragraph.split())
        letters = sum(sign.isalpha() or sign == " " for sign in line)
        if len(line) > 60 and letters > 0.85 * len(line):
            yield line
