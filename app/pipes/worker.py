"""The worker's end of the pipe: JSON lines in on stdin, out on what was stdout. No Qt.

A worker ends at end-of-file on stdin, so that no orphan stays behind a killed parent.
"""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Iterator
from typing import Any, BinaryIO

from app.messages.general import PROTOCOL
from app.pipes.wire import decode, encode


class Pipe:
    """Reads and writes JSON lines; writing is safe from any thread."""

    def __init__(self, incoming: BinaryIO, outgoing: BinaryIO) -> None:
        self._incoming = incoming
        self._outgoing = outgoing
        self._lock = threading.Lock()

    @classmethod
    def claim(cls, role: str) -> Pipe:
        """Take stdin and stdout for the protocol and say hello.

        Descriptor 1 is pointed at stderr, so that no library's print can break the stream.
        """
        outgoing = os.fdopen(os.dup(1), "wb")
        os.dup2(2, 1)
        incoming = os.fdopen(os.dup(0), "rb")
        # Children of a library must not eat our messages.
        null = os.open(os.devnull, os.O_RDONLY)
        os.dup2(null, 0)
        os.close(null)
        sys.stdout = sys.stderr
        pipe = cls(incoming, outgoing)
        pipe.write({"type": "Hello", "role": role, "protocol": PROTOCOL})
        return pipe

    def read(self) -> dict[str, Any] | None:
        """Wait for the next message; None at end-of-file."""
        line = self._incoming.readline()
        return decode(line) if line.endswith(b"\n") else None

    def __iter__(self) -> Iterator[dict[str, Any]]:
        """Yield messages until end-of-file."""
        while (message := self.read()) is not None:
            yield message

    def write(self, message: dict[str, Any]) -> None:
        """Send one message at once; leave the process if nobody listens any more."""
        try:
            with self._lock:
                self._outgoing.write(encode(message))
                self._outgoing.flush()
        except OSError:
            os._exit(0)
