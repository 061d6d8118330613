"""How fast this machine is, and how fast models were on it: two figures and a line a model.

Kept with the caches: whoever deletes them has the machine measured again.
"""

from __future__ import annotations

import json
import logging
import os
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path

from app.messages.llm import Generated, Reading, Token
from app.paths import Profile
from models import advisor
from models.advisor import Machine, Size, Speed, measure_machine
from models.errors import ModelError
from models.gguf import read_gguf

log = logging.getLogger(__name__)

_LEAST_READ, _LEAST_WRITTEN = 64, 8  # tokens that a speed is believed of
_NEW = 0.5  # how much the last use counts


@dataclass(frozen=True, slots=True)
class Known:
    """What was measured."""

    machine: Machine | None = None
    models: Mapping[str, tuple[Size, Speed]] = field(default_factory=dict)  # by name


def known(profile: Profile) -> Known:
    """Return what was measured; nothing where that cannot be read."""
    try:
        data = json.loads(_file(profile).read_bytes())
        machine = Machine(**data["machine"]) if data["machine"] else None
        models = {
            str(name): (Size(**entry["size"]), Speed(**entry["speed"]))
            for name, entry in data["models"].items()
        }
    except FileNotFoundError:
        return Known()
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        log.warning("what was measured could not be read; it is measured again")
        return Known()
    return Known(machine, models)


def known_machine(profile: Profile) -> Machine:
    """Return the machine's figures, measured now if they never were."""
    there = known(profile)
    if there.machine is not None and there.machine.cores:
        return there.machine
    machine = measure_machine()
    _save(profile, replace(there, machine=machine))
    return machine


def size_of(path: Path) -> Size:
    """Return what decides the speed of a GGUF. Raises ModelError."""
    return advisor.size_of(read_gguf(path))


class SpeedMeter:
    """Listens to a model that answers, and keeps how fast it was."""

    def __init__(self, profile: Profile, model: Path) -> None:
        self._profile = profile
        self._model = model
        self._began: tuple[float, int] | None = None
        self._read = 0.0

    def take(self, message: Reading | Token | Generated) -> None:
        """Hear what the worker says; at the end of an answer note its speeds."""
        match message:
            case Reading():
                now = time.monotonic()
                if self._began is None:
                    self._began = now, message.tokens
                elif message.tokens - self._began[1] >= _LEAST_READ and now > self._began[0]:
                    self._read = (message.tokens - self._began[1]) / (now - self._began[0])
            case Generated():
                if message.answer_tokens >= _LEAST_WRITTEN and message.tokens_per_s:
                    self._note(Speed(self._read, message.tokens_per_s))
                self._began, self._read = None, 0.0

    def _note(self, speed: Speed) -> None:
        try:
            size = size_of(self._model)
        except ModelError:
            return
        there = known(self._profile)
        was = there.models.get(self._model.stem, (size, speed))[1]
        mixed = Speed(_mix(was.reading, speed.reading), _mix(was.writing, speed.writing))
        models = {**there.models, self._model.stem: (size, mixed)}
        _save(self._profile, replace(there, models=models))


def forget(profile: Profile, name: str) -> None:
    """Forget how fast a model was: it was removed."""
    there = known(profile)
    if name in there.models:
        models = {other: entry for other, entry in there.models.items() if other != name}
        _save(profile, replace(there, models=models))


def _mix(old: float, new: float) -> float:
    return (1 - _NEW) * old + _NEW * new if old and new else old or new


def _save(profile: Profile, measured: Known) -> None:
    """Write what was measured, or nothing: it only costs a measurement."""
    data = {
        "machine": asdict(measured.machine) if measured.machine else None,
        "models": {
            name: {"size": asdict(size), "speed": asdict(speed)}
            for name, (size, speed) in measured.models.items()
        },
    }
    path = _file(profile)
    part = path.with_name(f"{path.name}.{os.getpid()}.part")
    try:
        part.write_text(json.dumps(data), "utf-8")
        part.replace(path)
    except OSError:
        log.warning("what was measured could not be kept")
        part.unlink(missing_ok=True)


def _file(profile: Profile) -> Path:
    return profile.caches / "speeds.json"
