"""Conversations as they are kept: plain values, for whoever shows them without a database."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class ChatPassage:
    """A passage that a turn added to its conversation, with the number that it keeps there."""

    number: int
    chunk: int


@dataclass(frozen=True, slots=True)
class ChatTurn:
    """One question, its answer, and the passages that it added.

    `details` is whatever its writer needs to show it again, as JSON; `key` tells it from others.
    """

    question: str
    answer: str
    passages: tuple[ChatPassage, ...]
    details: str = "{}"
    key: str = ""


@dataclass(frozen=True, slots=True)
class KnownFile:
    """A file that a turn names by its number, where it is now."""

    id: int
    path: Path
    away: bool


@dataclass(frozen=True, slots=True)
class Chat:
    """A conversation as it is listed; `changed_ns` are nanoseconds since 1970."""

    id: str
    title: str
    changed_ns: int
    turns: int


@dataclass(frozen=True, slots=True)
class KeptChat:
    """A whole conversation; `scope` is what it is asked about, as its writer has put it."""

    id: str
    title: str
    scope: str
    turns: tuple[ChatTurn, ...]
