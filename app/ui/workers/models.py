"""Work on models, as the window has it done: a plan at a time, in processes of their own."""

from __future__ import annotations

import logging
import threading
from contextlib import suppress
from typing import Any

from PySide6.QtCore import QObject, Signal

from app import settings
from app.messages.fetching import Fetched
from app.messages.general import Cancel, Failed
from app.messages.preparing import Prepared
from app.messages.wire import from_wire, to_wire
from app.model_files.model_list import list_adapters, list_offers
from app.model_files.plans import Plan
from app.paths import Profile, worker_command
from app.pipes.supervisor import Worker, WorkerGone
from app.pipes.wire import ProtocolError

log = logging.getLogger(__name__)


class ModelWork(QObject):
    """Carries out plans, and lists the models.

    Signals:
        listed(list[Offer], list[Adapter]): the models that are here and to be had, and the
            adapters that are here.
        progressed(Fetching | Preparing): how far the plan is.
        finished(Plan, Prepared | Fetched): it is done.
        failed(Plan, Failed): it is not.
        stopped(Plan): it was stopped by its owner.
    """

    listed = Signal(object, object)
    progressed = Signal(object)
    finished = Signal(object, object)
    failed = Signal(object, object)
    stopped = Signal(object)
    _arrived = Signal(object, object)

    def __init__(self, profile: Profile, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._profile = profile
        self._worker: Worker | None = None
        self._plan: Plan | None = None
        self._step = 0
        self._is_unwanted = False
        self._arrived.connect(self._on_arrived)

    @property
    def plan(self) -> Plan | None:
        """The plan that is carried out."""
        return self._plan

    def put(self, item: tuple[Worker, dict[str, Any] | None]) -> None:
        """Take what the worker's thread has read."""
        with suppress(RuntimeError):  # a worker that ends behind the window
            self._arrived.emit(*item)

    def list_models(self) -> None:
        """List the models; the files of some are read, and the machine measured at first."""
        threading.Thread(target=self._list, daemon=True).start()

    def start(self, plan: Plan) -> None:
        """Carry out a plan; one at a time."""
        assert self._plan is None
        self._plan, self._step, self._is_unwanted = plan, 0, False
        self._start_task()

    def stop(self) -> None:
        """Give the plan up; a download goes on from there the next time."""
        if self._worker is not None and self._plan is not None:
            self._is_unwanted = True
            try:
                self._worker.send(to_wire(Cancel(self._plan.tasks[self._step].message.id)))
            except WorkerGone:
                log.info("a worker had ended before it was stopped")

    def close(self) -> None:
        """End what is being done; the window closes."""
        worker, self._worker = self._worker, None
        self._plan = None
        if worker is not None:
            worker.close()

    def _list(self) -> None:
        try:
            chosen = settings.load(self._profile.settings)
            offers = list_offers(self._profile, chosen)
            self.listed.emit(offers, list_adapters(self._profile, chosen))
        except (OSError, RuntimeError):
            # The folder vanished, or the window is gone.
            log.info("the models could not be listed")

    def _start_task(self) -> None:
        assert self._plan is not None
        task = self._plan.tasks[self._step]
        self._worker = Worker(
            worker_command(task.role),
            log_file=self._profile.logs / f"{task.role}.log",
            inbox=self,
        )
        with suppress(WorkerGone):  # its end arrives as that of every worker
            self._worker.send(to_wire(task.message))

    def _on_arrived(self, worker: Worker, data: dict[str, Any] | None) -> None:
        if data is None:
            worker.close()  # it has ended; this lets its pipes go
        if worker is not self._worker:
            return
        if data is None:
            self._end(Failed("", "The work on this model ended before it was complete.", ""))
            return
        try:
            message = from_wire(data)
        except ProtocolError:
            log.warning("a worker sent what is no message")
            return
        if isinstance(message, Failed):
            self._end(message)
        elif isinstance(message, Prepared | Fetched):
            self._go_on(message)
        else:
            self.progressed.emit(message)

    def _go_on(self, message: Prepared | Fetched) -> None:
        plan = self._let_go()
        self._step += 1
        if self._step < len(plan.tasks):
            self._start_task()
            return
        self._plan = None
        plan.finish()
        self.finished.emit(plan, message)

    def _end(self, failed: Failed) -> None:
        plan = self._let_go()
        self._plan = None
        if self._is_unwanted:
            self.stopped.emit(plan)
        else:
            self.failed.emit(plan, failed)

    def _let_go(self) -> Plan:
        """End the worker behind us and return the plan."""
        worker, self._worker = self._worker, None
        if worker is not None:
            threading.Thread(target=worker.close, daemon=True).start()
        assert self._plan is not None
        return self._plan
