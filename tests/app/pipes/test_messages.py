"""Messages come out of a pipe as they went in."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from app.messages.index import AddPaths, Found, Search
from app.messages.llm import Generate, PromptPassage, Turn
from app.messages.tags import Suggested, Tags
from app.messages.wire import Message, from_wire, to_wire
from app.pipes.wire import ProtocolError, decode, encode
from indexer.types import Coverage, Evidence, Hit, Mode, Scope

HIT = Hit(7, 1, Path("/a/ü.pdf"), 3, None, "A > B", 0, 4, "text", 1, None, 0.5)


@pytest.mark.parametrize(
    "message",
    [
        AddPaths("1", (Path(os.fsdecode(b"/caf\xe9")), Path("/b\n\u202ec"))),
        Search("2", "w?", 5, Scope(paths=(Path("/a"),), types=("pdf",), since_ns=1), Mode.WORDS),
        Found("3", (HIT,), (Evidence(HIT, "text", 0),), 1.5, Coverage(9, 6, 1, 2, 3, 4)),
        Tags("5", Path("/a"), ("b",), (Suggested("c", True, ("d", "e")),)),
        Generate(
            "4",
            "q",
            (PromptPassage(1, "t", "x"),),
            (Turn("q", "a", (PromptPassage(2, "t", "y"),)), Turn("q", "a")),
            reading_seconds=3,
        ),
    ],
)
def test_a_message_survives_its_way(message: Message) -> None:
    """Nested values, paths that are not UTF-8 and empty options included."""
    assert from_wire(decode(encode(to_wire(message)))) == message


@pytest.mark.parametrize(
    "line",
    [
        b"nothing\n",
        b"[1]\n",
        b"{}\n",
        b'{"type": "NoSuchMessage"}\n',
        b'{"type": "Search", "id": "1"}\n',
        b'{"type": "Search", "id": "1", "question": 5}\n',
        b'{"type": "Search", "id": "1", "question": "q", "mode": "guess"}\n',
        b'{"type": "AddPaths", "id": "1", "paths": "/not/a/list"}\n',
        b'{"type": "Search", "id": "1", "question": "q", "more": 1}\n',
    ],
)
def test_a_line_that_is_no_message_is_refused(line: bytes) -> None:
    """A worker of another version, or a broken one, must not be half understood."""
    with pytest.raises(ProtocolError):
        from_wire(decode(line))
