"""The parent's end of the pipe: start a worker, speak to it in JSON lines, end it. No Qt.

Each worker has a thread that only moves its lines into an inbox, so that a wait can have a time
limit on every platform and several workers can share one inbox; and one that only writes, so that
nobody waits for a worker that does not read: a pipe holds 4 KB on Windows.
"""

from __future__ import annotations

import logging
import os
import subprocess
import sys
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import Any, Protocol

from app.messages.general import PROTOCOL
from app.pipes.wire import ProtocolError, decode, encode

log = logging.getLogger(__name__)

# A reader that a file has taken over must not fill our memory: a longer line is no message, and the
# longest of a document, 50 million characters as JSON escapes, is 300 MB.
_LONGEST_LINE = 1 << 29

_NO_WINDOW: int = getattr(subprocess, "CREATE_NO_WINDOW", 0)


class WorkerGone(ConnectionError):
    """The worker has ended; `status` is its exit status (negative: the signal that killed it)."""

    def __init__(self, status: int | None) -> None:
        super().__init__(f"The worker ended with status {status}.")
        self.status = status


class Inbox(Protocol):
    """Takes what workers say, from their threads: a queue, or what makes signals of it."""

    def put(self, item: tuple[Worker, dict[str, Any] | None], /) -> None:
        """Take a message; None says that the worker has ended."""


class Worker:
    """A child process that speaks JSON lines.

    Messages arrive in `inbox` as (worker, message); (worker, None) says that it has ended.
    """

    def __init__(
        self,
        command: Sequence[str],
        *,
        log_file: Path | None = None,
        environment: Mapping[str, str] | None = None,
        inbox: Inbox | None = None,
    ) -> None:
        self._own: SimpleQueue[tuple[Worker, dict[str, Any] | None]] = SimpleQueue()
        self.inbox: Inbox = inbox if inbox is not None else self._own
        errors = log_file.open("ab") if log_file else None
        try:
            self._process = subprocess.Popen(
                list(command),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=errors if errors is not None else subprocess.DEVNULL,
                env={**os.environ, "PYTHONUTF8": "1", **(environment or {})},
                creationflags=_NO_WINDOW,
                # Ctrl-C reaches the whole group of a terminal; a worker ends with its parent's
                # pipe instead, in order.
                start_new_session=sys.platform != "win32",
            )
        finally:
            if errors is not None:
                errors.close()
        self._outbox: SimpleQueue[bytes | None] = SimpleQueue()
        self._closing = False
        self._threads = [
            threading.Thread(target=target, daemon=True) for target in (self._pump, self._write)
        ]
        for thread in self._threads:
            thread.start()

    @property
    def pid(self) -> int:
        """The process identifier."""
        return self._process.pid

    @property
    def alive(self) -> bool:
        """Whether the process still runs."""
        return self._process.poll() is None

    def send(self, message: dict[str, Any]) -> None:
        """Send one message; it is written when the worker reads. Raises WorkerGone."""
        status = self._process.poll()
        if status is not None or self._closing:
            raise WorkerGone(status)
        self._outbox.put(encode(message))

    def receive(self, timeout: float | None = None) -> dict[str, Any] | None:
        """Wait for a message of this worker; None after `timeout` seconds. Raises WorkerGone.

        Only for a worker with an inbox of its own.
        """
        try:
            _, message = self._own.get(timeout=timeout)
        except Empty:
            return None
        if message is None:
            self._own.put((self, None))  # so that every later call says the same
            raise WorkerGone(self._process.wait())
        return message

    def kill(self) -> None:
        """End the process at once."""
        self._process.kill()
        self._process.wait()
        self._close_stdin()

    def close(self, timeout: float = 2.0) -> None:
        """Ask the process to end by closing its stdin; kill it after `timeout` seconds."""
        self._close_stdin()
        try:
            self._process.wait(timeout)
        except subprocess.TimeoutExpired:
            self.kill()
        for thread in self._threads:
            thread.join(timeout)

    def _close_stdin(self) -> None:
        """Close it behind what is still to be written."""
        self._closing = True
        self._outbox.put(None)

    def _write(self) -> None:
        stdin = self._process.stdin
        assert stdin is not None
        try:
            with stdin:
                while (line := self._outbox.get()) is not None:
                    stdin.write(line)
                    stdin.flush()
        except OSError:
            log.debug("a worker closed its end first")

    def _pump(self) -> None:
        stdout = self._process.stdout
        assert stdout is not None
        with stdout:
            while line := stdout.readline(_LONGEST_LINE):
                try:
                    message = decode(line)
                    if message.get("type") == "Hello":
                        if message.get("protocol") != PROTOCOL:
                            raise ProtocolError("A worker of another version.")
                        continue
                except ProtocolError:
                    log.warning("a worker broke the protocol and was ended")
                    self._process.kill()
                    break
                self.inbox.put((self, message))
        self._process.wait()
        self._close_stdin()
        self.inbox.put((self, None))
