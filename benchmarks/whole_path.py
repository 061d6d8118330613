"""How soon a question's first evidence is there: asked of an index worker, as the window asks it.

In it are the pipe, the queue of the search thread, the encoder, both searches, the sentences'
meaning, and the gate, since all of it stands in one message. The library is one of scale.py, whose
vectors were drawn: they are given to the real encoder, that the worker may search them.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from typing import Any

import apsw
import psutil

from app import settings
from app.ask import PASSAGES
from app.library import open_embedder
from app.messages.general import Failed
from app.messages.index import EncoderReady, Found, Indexing, OpenLibrary, Search
from app.messages.wire import Message, from_wire, to_wire
from app.paths import Profile, worker_command
from app.pausing.pressure import OVERRULED
from app.pipes.supervisor import Worker
from app.settings import Settings

_WARM = 10  # questions that are not counted
_PATIENCE = 120.0  # seconds until the worker has its encoder, and until an answer
_QUIET = 2.0  # seconds without a message, after which it has settled


def first_evidence(profile: Profile, questions: Sequence[str]) -> tuple[list[float], float]:
    """Return the milliseconds until each question's evidence, and a question's processor time."""
    # Other programs must not make the worker wait.
    settings.save(Settings(index_despite=tuple(OVERRULED)), profile.settings)
    milliseconds = []
    with _given_to_encoder(profile), closing(Worker(worker_command("index"))) as worker:
        worker.send(to_wire(OpenLibrary(profile.root)))
        _until(worker, lambda message: isinstance(message, EncoderReady))
        _until(worker, lambda message: isinstance(message, Indexing) and not message.chunks)
        while worker.receive(_QUIET) is not None:
            pass
        for text in questions[:_WARM]:
            _ask(worker, text)
        used = _used(worker)
        for text in questions[_WARM:]:
            began = time.perf_counter()
            found = _ask(worker, text)
            milliseconds.append(1000 * (time.perf_counter() - began))
            if not found.evidence or found.evidence[0].cosine is None:
                raise SystemExit("A question found no evidence by its meaning.")
        used = _used(worker) - used
    return milliseconds, 1000 * used / len(milliseconds)


def _ask(worker: Worker, text: str) -> Found:
    worker.send(to_wire(Search(text, text, PASSAGES, sets=True)))
    found = _until(worker, lambda message: isinstance(message, Found | Failed))
    if not isinstance(found, Found):
        raise SystemExit("A search failed.")
    return found


def _until(worker: Worker, is_it: Callable[[Message], bool]) -> Message:
    end = time.monotonic() + _PATIENCE
    while (data := worker.receive(max(0.0, end - time.monotonic()))) is not None:
        if is_it(message := from_wire(data)):
            return message
    raise SystemExit("The worker did not answer.")


def _used(worker: Worker) -> float:
    times = psutil.Process(worker.pid).cpu_times()
    return float(times.user + times.system)


@contextmanager
def _given_to_encoder(profile: Profile) -> Iterator[None]:
    """Let the library's vectors be those of the chosen encoder for a while."""
    encoder = open_embedder(profile, Settings())
    if encoder is None:
        raise SystemExit("There is no encoder on this machine.")
    with closing(apsw.Connection(str(profile.database))) as db:
        drawn: Any = db.execute("SELECT name FROM encoders").get
        db.execute("UPDATE encoders SET name = ?", (encoder.name,))
    try:
        yield
    finally:
        with closing(apsw.Connection(str(profile.database))) as db:
            db.execute("UPDATE encoders SET name = ?", (drawn,))
