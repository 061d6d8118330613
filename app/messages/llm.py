"""What the LLM worker is asked, and what it says."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class LoadModel:
    """Load a GGUF; answered by ModelLoaded or Failed."""

    path: str
    context: int = 4096  # tokens
    threads: int = 0  # 0: as measured best by the worker
    sign: Path | None = None  # the lock that is taken while it works
    caches: Path | None = None  # where what was read of conversations may be kept ...
    states_bytes: int = 2 << 30  # ... in so many bytes
    drafts: bool = True  # whether what answers may quote is computed ahead
    adapter: Path | None = None  # a LoRA adapter for it; without it if that cannot be used
    language: str = ""  # in which questions are to be expected


@dataclass(frozen=True, slots=True)
class PromptPassage:
    """A passage as the model reads it."""

    number: int  # the number under which the answer may cite it, from 1
    title: str
    text: str


@dataclass(frozen=True, slots=True)
class Turn:
    """One earlier question of a conversation, its answer, and the passages that it added."""

    question: str
    answer: str
    passages: tuple[PromptPassage, ...] = ()
    language: str = ""  # ISO 639-1 of the question; "" where that is open
    hint: str = ""  # as of Generate


@dataclass(frozen=True, slots=True)
class Generate:
    """Answer a question; answered by Reading..., Token..., then Generated or Failed.

    `passages` may be empty (plain chat). `reading_budget` is the number of new tokens that may be
    read for passages; those that do not fit are left out, the last first.
    """

    id: str
    question: str
    passages: tuple[PromptPassage, ...] = ()
    history: tuple[Turn, ...] = ()
    reading_budget: int = 800
    reading_seconds: float | None = None  # if set, replaces the budget by speed x seconds
    max_tokens: int = 256
    conversation: str = ""  # whose state is kept and found again ...
    key: str = ""  # ... encrypted with these bytes, in hexadecimal; without a key it is not kept
    language: str = ""  # ISO 639-1 of the question, in which it is to be answered
    adapter: Path | None = None  # answer with this one instead of LoadModel's
    hint: str = ""  # a sentence of the passages, said again behind the question


@dataclass(frozen=True, slots=True)
class ModelLoaded:
    """A model is ready."""

    name: str
    context: int
    seconds: float


@dataclass(frozen=True, slots=True)
class Reading:
    """Progress of reading the prompt, in tokens; `total` counts the reused ones too."""

    id: str
    tokens: int
    total: int
    reused: int


@dataclass(frozen=True, slots=True)
class Token:
    """A piece of the answer."""

    id: str
    text: str


@dataclass(frozen=True, slots=True)
class Generated:
    """The end of a Generate."""

    id: str
    text: str
    passages: tuple[int, ...]  # numbers of the passages that were read
    prompt_tokens: int
    reused_tokens: int
    answer_tokens: int
    tokens_per_s: float  # while writing; 0.0 where fewer than two tokens were written
    stopped: str  # "end", "length" or "cancelled"
    drafted: int = 0  # tokens that were taken from what was read before ...
    accepted: int = 0  # ... and of these what the model wrote itself
    trouble: str = ""  # why the model answered without its adapter
