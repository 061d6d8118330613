"""Every message that crosses a pipe between our processes, as dataclasses, and the protocol number.

A message travels as one JSON line: the fields of its dataclass and `type`, its name. Vectors never
cross a pipe. Names that are not UTF-8 travel as surrogate escapes in ASCII JSON.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from typing import Any

PROTOCOL = 1  # raised when a worker of another version could misunderstand us


class ProtocolError(Exception):
    """A line that is no message of ours."""


# --- to the LLM worker -------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class LoadModel:
    """Load a GGUF; answered by ModelLoaded or Failed."""

    path: str
    context: int = 4096  # tokens
    threads: int = 0  # 0: as measured best by the worker


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


@dataclass(frozen=True, slots=True)
class Cancel:
    """Stop the running Generate or Prepare of this id; it still ends in its last message."""

    id: str


# --- from the LLM worker -----------------------------------------------------------------------


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


# --- the preparer ------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class PrepareEncoder:
    """Make the int8 encoder of a sentence-transformers folder; Preparing..., Prepared or Failed."""

    id: str
    source: str
    destination: str
    name: str


@dataclass(frozen=True, slots=True)
class Preparing:
    """Progress of a preparation."""

    id: str
    step: str  # a sentence for the owner
    done: float  # 0 to 1


@dataclass(frozen=True, slots=True)
class Prepared:
    """A model was prepared and stands at its destination."""

    id: str
    name: str
    bytes: int
    seconds: float


# --- from any worker ---------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Hello:
    """The first message of every worker."""

    role: str
    protocol: int = PROTOCOL


@dataclass(frozen=True, slots=True)
class Failed:
    """It could not be done; `id` is empty where no request was being answered."""

    id: str
    title: str
    detail: str


Message = (
    LoadModel
    | Generate
    | Cancel
    | ModelLoaded
    | Reading
    | Token
    | Generated
    | PrepareEncoder
    | Preparing
    | Prepared
    | Hello
    | Failed
)

_KINDS: dict[str, type[Any]] = {
    kind.__name__: kind
    for kind in (
        LoadModel, Generate, Cancel, ModelLoaded, Reading, Token, Generated,
        PrepareEncoder, Preparing, Prepared, Hello, Failed,
    )
}  # fmt: skip


def to_wire(message: Message) -> dict[str, Any]:
    """Turn a message into what json.dumps takes."""
    return {"type": type(message).__name__, **asdict(message)}


def from_wire(data: dict[str, Any]) -> Message:
    """Turn a decoded JSON line back into its message. Raises ProtocolError."""
    try:
        fields_of = dict(data)
        kind = _KINDS[fields_of.pop("type")]
        if "passages" in fields_of and kind is Generate:
            fields_of["passages"] = _passages(fields_of["passages"])
            fields_of["history"] = tuple(
                Turn(turn["question"], turn["answer"], _passages(turn["passages"]))
                for turn in fields_of.get("history", ())
            )
        elif kind is Generated:
            fields_of["passages"] = tuple(fields_of["passages"])
        message: Message = kind(**fields_of)
    except (KeyError, TypeError, AttributeError, ValueError) as error:
        raise ProtocolError("A worker sent a line that is no message of ours.") from error
    return message


def _passages(items: Any) -> tuple[PromptPassage, ...]:
    return tuple(PromptPassage(**item) for item in items)


def encode(data: dict[str, Any]) -> bytes:
    """Write one JSON line, in ASCII, so that surrogate escapes survive."""
    return json.dumps(data, ensure_ascii=True, separators=(",", ":")).encode("ascii") + b"\n"


def decode(line: bytes) -> dict[str, Any]:
    """Read one JSON line. Raises ProtocolError."""
    try:
        data = json.loads(line)
    except ValueError as error:
        raise ProtocolError("A worker sent a line that is not JSON.") from error
    if not isinstance(data, dict):
        raise ProtocolError("A worker sent a line that is not an object.")
    return data
