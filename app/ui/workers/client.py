"""Any worker of the window: started, spoken to, and started again when it dies."""

from __future__ import annotations

import itertools
import logging
from typing import Any

from PySide6.QtCore import QObject, QTimer, Signal

from app.messages.general import Failed
from app.messages.wire import Message, from_wire, to_wire
from app.paths import Profile, worker_command
from app.pipes.supervisor import Worker, WorkerGone
from app.pipes.wire import ProtocolError

log = logging.getLogger(__name__)

# A worker that keeps dying is started again after these pauses, then no more.
_RESTART_MS = (200, 1000, 5000, 30_000)
# One that has lived for so long has not died of what it was told at first.
_LIVED_MS = 60_000


class _Inbox(QObject):
    """What a worker's thread puts here arrives in the window's thread.

    Signals:
        arrived(worker, message): message is None when the worker has ended.
    """

    arrived = Signal(object, object)

    def put(self, item: tuple[Worker, dict[str, Any] | None]) -> None:
        """Take what the worker's thread has read."""
        self.arrived.emit(*item)


class WorkerClient(QObject):
    """Starts a worker, sends to it, starts it again when it dies.

    Signals:
        failed(Failed): something could not be done.
        gone(): it has ended without being asked, and everything that it was asked is lost.
    """

    failed = Signal(object)
    gone = Signal()

    def __init__(self, role: str, profile: Profile, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._role = role
        self._profile = profile
        self._inbox = _Inbox(self)
        self._inbox.arrived.connect(self._on_arrived)
        self._worker: Worker | None = None
        self._unsent: list[Message] = []
        self._deaths = 0
        self._lived = QTimer(self)
        self._lived.setSingleShot(True)
        self._lived.setInterval(_LIVED_MS)
        self._lived.timeout.connect(self._on_lived)
        self._ids = itertools.count(1)

    def start(self) -> None:
        """Start the process, unless something that was asked early has started it."""
        if self._worker is not None:
            return
        self._worker = Worker(
            worker_command(self._role),
            log_file=self._profile.logs / f"{self._role}.log",
            environment=self._environment(),
            inbox=self._inbox,
        )
        self._lived.start()
        self._greet()
        unsent, self._unsent = self._unsent, []
        for message in unsent:
            self.send(message)

    def close(self) -> None:
        """Ask the process to end, and wait for it a moment."""
        worker, self._worker = self._worker, None
        self._lived.stop()
        self._unsent.clear()
        if worker is not None:
            worker.close()

    def send(self, message: Message) -> None:
        """Send a message, or keep it until the process is there."""
        if self._worker is None:
            self._unsent.append(message)
            return
        try:
            self._worker.send(to_wire(message))
        except WorkerGone:
            log.info("a message met a worker that had ended")

    def _next_id(self) -> str:
        return f"{self._role}-{next(self._ids)}"

    def _environment(self) -> dict[str, str]:
        return {}

    def _greet(self) -> None:
        """Send what every new process must know first."""

    def _on_arrived(self, worker: Worker, data: dict[str, Any] | None) -> None:
        if data is None:
            worker.close()  # it has ended; this lets its pipes go
        if worker is not self._worker:
            return  # an earlier process; nobody waits for it
        if data is None:
            self._worker = None
            self._lived.stop()
            self.gone.emit()
            if self._deaths < len(_RESTART_MS):
                QTimer.singleShot(_RESTART_MS[self._deaths], self._restart)
                self._deaths += 1
            else:
                self.failed.emit(Failed("", self._dead(), "Close the window and open it anew."))
            return
        try:
            message = from_wire(data)
        except ProtocolError:
            log.warning("a worker sent what is no message")
            return
        if isinstance(message, Failed):
            self.failed.emit(message)
        else:
            self._on_message(message)

    def _restart(self) -> None:
        if self._worker is None:
            self.start()

    def _on_lived(self) -> None:
        self._deaths = 0

    def _dead(self) -> str:
        """Return the sentence for a process that cannot be kept alive."""
        raise NotImplementedError

    def _on_message(self, message: Message) -> None:
        raise NotImplementedError
