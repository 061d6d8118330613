"""Prepares the models that every installation has, from the packages that carry them.

Safe to kill at any moment: what is not complete is made again at the next start.
"""

from __future__ import annotations

import os
import shutil
import sys
from contextlib import closing
from pathlib import Path

from app.messages.general import Failed
from app.messages.preparing import Prepared, PrepareEncoder, Preparing
from app.messages.wire import from_wire, to_wire
from app.paths import repair, starter_models, worker_command
from app.pipes.supervisor import Worker, WorkerGone
from models.catalog import find_starter_source, starters
from models.errors import ModelError, ModelMissing
from models.source import require_sha256


def prepare_starters() -> int:
    """Prepare what is missing, with progress on stderr, and return an exit status."""
    folder = starter_models()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for entry in starters():
            source = find_starter_source(entry)
            if entry.kind == "llm":
                target = folder / f"{entry.name}.gguf"
                if not target.exists():
                    _say(f"Copying the starter model {entry.name} …")
                    place = _there(source, entry.name)
                    require_sha256(place, entry.sha256)
                    _copy(place, target)
            elif not (folder / entry.name / "encoder.json").exists():
                place = _there(source, entry.name)
                require_sha256(place / "model.safetensors", entry.sha256)
                prepare_encoder(place, folder / entry.name, entry.name)
    except ModelError as error:
        _say(str(error))
        return 1
    except OSError as error:
        _say(f"The starter models could not be prepared: {error.strerror}. Free some space.")
        return 1
    except KeyboardInterrupt:
        _say("Interrupted. The next start goes on from here.")
        return 130
    return 0


def prepare_encoder(source: Path, destination: Path, name: str) -> None:
    """Prepare an encoder in a process of its own, with progress on stderr. Raises ModelError."""
    worker = Worker(worker_command("preparer"))
    with closing(worker):
        try:
            worker.send(to_wire(PrepareEncoder("prepare", str(source), str(destination), name)))
            while (data := worker.receive()) is not None:
                message = from_wire(data)
                if isinstance(message, Preparing):
                    _say(f"{name}: {message.done:4.0%} {message.step}")
                elif isinstance(message, Failed):
                    raise ModelError(message.title, message.detail)
                elif isinstance(message, Prepared):
                    return
        except WorkerGone as gone:
            raise ModelError(
                f"The preparation of {name} ended before it was complete.",
                "Close other programs to free some memory, then try again.",
            ) from gone


def _there(source: Path | None, name: str) -> Path:
    if source is None:
        raise ModelMissing(
            f"The package that carries the starter model {name} is not installed.",
            repair(),
        )
    return source


def _copy(source: Path, target: Path) -> None:
    part = target.with_suffix(".part")
    with source.open("rb") as reading, part.open("wb") as writing:
        shutil.copyfileobj(reading, writing, 2**20)
        writing.flush()
        os.fsync(writing.fileno())
    part.replace(target)


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)  # noqa: T201 -- the set-up has no other voice
