"""Which models fit this machine, and how fast they would read and write.

Two figures of the machine decide: how many bytes a second its memory gives, since writing a token
reads all weights once, and how much it computes, since reading a prompt uses each weight for many
tokens at once. Both are measured in a second; what a model then really does corrects them. Besides,
each layer costs something whatever its weights are, which is most of what a tiny model costs; and
of the vocabulary only the words that are read are looked up, and only for those that are written
all are weighed.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

import psutil

from models.catalog import Entry
from models.errors import ModelError
from models.gguf import Gguf
from models.quiet_llama import threads

_LOOKED_UP, _WRITTEN_WITH = "token_embd.weight", "output.weight"

CONTEXT = 4096  # tokens that a model is loaded with
# Beside weights and context: llama.cpp's buffers for a batch of 512, and the process itself. A 7B
# of Qwen2.5's shape took 330 MB, SmolLM2 180.
OVERHEAD = 350 << 20
_MOST_OF_MEMORY = 0.9  # the rest is the system's

# What of the measured figures llama.cpp gets, from three models on two cores with AVX-512, where
# numpy copied 32 to 39 GB/s and multiplied 218 GFLOP/s: Qwen2.5's 7B read 9.6 to 11.7 tokens
# a second in 4 bits and 8.9 to 10.8 in 8, and wrote 5.4 and 3.3 to 3.6; SmolLM2, of 135M weights,
# read 257 to 293 and wrote 86 to 98. Bytes or arithmetic, whichever takes longer, count in writing.
_OF_BANDWIDTH = 0.75
_OF_ARITHMETIC_READING = 0.7
_OF_ARITHMETIC_WRITING = 0.38
# Beside its matrices a layer norms, attends and sums up, for each token that is read in proportion
# to its width: as much as so many operations for each element. (2 of SmolLM2's 3.6 ms, an eighth
# of a 7B's.)
_BESIDE_MATRICES = 20_000
# Writing, a layer is some thirty small steps, each of which all threads begin and end together: 7
# of SmolLM2's 11 ms, 7 of a 7B's 185.
_LAYER_SECONDS = 0.00025
_ALIKE = 4.0  # models that are at most so many times larger or smaller tell of each other
_COPY_BYTES = 64 << 20  # a thread; beyond any cache
# Of the matrices that are multiplied, so small that OpenBLAS leaves them to one thread: its threads
# wait for each other awake, so that a busy machine seemed to do 96 to 153 GFLOP/s instead of 230.
# In this way it is 206 to 223, idle or busy.
_SIDE, _MATRICES = 64, 200
_SECONDS = 0.4  # of each measurement


class Fit(StrEnum):
    """Whether a model can be used."""

    FITS = "fits"
    TIGHT = "tight"  # when other programs are closed
    TOO_LARGE = "too large"  # it would be read from the disk again for each token


@dataclass(frozen=True, slots=True)
class Machine:
    """What was measured once."""

    cores: int
    bytes_per_s: float
    flops_per_s: float


@dataclass(frozen=True, slots=True)
class Size:
    """What of a model decides its speed and its memory."""

    bytes: int
    weights: int
    token_bytes: int  # keys and values of a token
    layers: int = 0
    width: int = 0  # of what goes from layer to layer
    words: int = 0  # of the vocabulary
    tied: bool = False  # whether words are looked up and written with the same weights

    @property
    def reading_weights(self) -> int:
        """The weights that each token is multiplied by that is read."""
        vocabulary = self.words * self.width
        return self.weights - vocabulary * (1 if self.tied else 2)

    @property
    def writing_weights(self) -> int:
        """The weights that each token is multiplied by that is written."""
        return self.reading_weights + self.words * self.width

    @property
    def memory(self) -> int:
        """The bytes of memory that it takes."""
        return self.bytes + self.token_bytes * CONTEXT + OVERHEAD


@dataclass(frozen=True, slots=True)
class Speed:
    """Tokens a second."""

    reading: float
    writing: float


def size_of_entry(entry: Entry) -> Size:
    """Return what the catalogue says of a model that is not here."""
    return Size(
        entry.bytes, entry.weights, entry.token_bytes, entry.layers, entry.width, entry.words,
        entry.tied,
    )  # fmt: skip


def size_of(gguf: Gguf) -> Size:
    """Return what a file's header says."""
    words = gguf.shapes.get(_LOOKED_UP, (0, 0))[-1]
    return Size(
        gguf.bytes, gguf.weights, gguf.context_bytes(1), gguf.number("block_count"),
        gguf.number("embedding_length") if words else 0, words, _WRITTEN_WITH not in gguf.shapes,
    )  # fmt: skip


def measure_machine() -> Machine:
    """Measure memory and arithmetic with all cores; takes about a second."""
    cores = threads()
    return Machine(cores, _bandwidth(cores), _arithmetic(cores))


def fit_of(size: Size, *, total: int, available: int) -> Fit:
    """Tell whether a model fits, by the machine's memory and what of it is free."""
    if size.memory > _MOST_OF_MEMORY * total:
        return Fit.TOO_LARGE
    return Fit.FITS if size.memory <= available else Fit.TIGHT


def require_fit(size: Size) -> None:
    """Refuse a model that this machine would swap for. Raises ModelError."""
    memory = psutil.virtual_memory()
    if fit_of(size, total=memory.total, available=memory.available) is Fit.TOO_LARGE:
        needed, there = f"{size.memory / 1e9:.1f}", f"{memory.total / 1e9:.1f}"
        raise ModelError(
            "This model is larger than this machine's memory.",
            f"It needs {needed} GB, and {there} GB are there. Choose a smaller one.",
        )


def predict(
    size: Size, machine: Machine, measured: Mapping[str, tuple[Size, Speed]] | None = None
) -> Speed:
    """Return the speeds to expect; `measured` are models that have been used here, by name.

    How much those were off corrects the prediction for others of about their size.
    """
    speed = _by_figures(size, machine)
    ratios = [
        (was.reading / said.reading, was.writing / said.writing)
        for of, was in (measured or {}).values()
        if 1 / _ALIKE <= size.bytes / max(1, of.bytes) <= _ALIKE
        and (said := _by_figures(of, machine)).reading
        and was.reading
        and was.writing
    ]
    if not ratios:
        return speed
    reading, writing = (sorted(column)[len(column) // 2] for column in zip(*ratios, strict=True))
    return Speed(speed.reading * reading, speed.writing * writing)


def _by_figures(size: Size, machine: Machine) -> Speed:
    if not size.bytes or not size.weights:
        return Speed(0.0, 0.0)
    operations = 2.0 * size.reading_weights + _BESIDE_MATRICES * size.layers * size.width
    reading = _OF_ARITHMETIC_READING * machine.flops_per_s / operations
    weights = size.writing_weights
    writing = max(
        size.bytes * weights / size.weights / (_OF_BANDWIDTH * machine.bytes_per_s),
        2.0 * weights / (_OF_ARITHMETIC_WRITING * machine.flops_per_s),
    )
    return Speed(reading, 1 / (writing + _LAYER_SECONDS * size.layers))


def _bandwidth(cores: int) -> float:
    """Return the bytes a second that all cores together read and write while copying.

    By the processor's time: what other programs take of it is not the machine's limit.
    """
    import numpy as np

    pairs = [(np.ones(_COPY_BYTES // 8), np.empty(_COPY_BYTES // 8)) for _ in range(cores)]
    rates = [0.0] * cores
    for source, target in pairs:
        np.copyto(target, source)  # makes its pages

    def copy(core: int, until: float) -> None:
        source, target = pairs[core]
        copied, began = 0, time.thread_time()
        while time.perf_counter() < until:
            np.copyto(target, source)  # without Python's lock
            copied += 2 * source.nbytes
        rates[core] = copied / max(1e-6, time.thread_time() - began)

    until = time.perf_counter() + _SECONDS
    workers = [threading.Thread(target=copy, args=(core, until)) for core in range(cores)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    return sum(rates)


def _arithmetic(cores: int) -> float:
    """Return the operations a second of as many matrix products at once, in single precision."""
    import numpy as np

    left = np.ones((_MATRICES, _SIDE, _SIDE), np.float32)
    result = np.empty_like(left)
    np.matmul(left, left, out=result)
    best, until = float("inf"), time.perf_counter() + _SECONDS
    while time.perf_counter() < until:
        began = time.thread_time()
        np.matmul(left, left, out=result)
        best = min(best, max(1e-6, time.thread_time() - began))
    return 2.0 * _MATRICES * _SIDE**3 * cores / best
