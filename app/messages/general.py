"""What any worker and its parent may say to each other, and the protocol's number."""

from __future__ import annotations

from dataclasses import dataclass

PROTOCOL = 1  # raised when a worker of another version could misunderstand us


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


@dataclass(frozen=True, slots=True)
class Cancel:
    """Stop the running Generate or Prepare of this id; it still ends in its last message."""

    id: str
