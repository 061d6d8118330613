"""Lets an engine stand still while the machine or the owner has better to do.

Used by the index worker and by `watch`. A command that the owner has started and waits for minds
one reason alone, the answer that he waits for as well: a laptop's owner who types `sync` on battery
means it, and a script must not hang for ever on a busy server.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

import app.settings
from app.llm.answering import is_answering
from app.paths import Profile
from app.pausing.machine import Machine, model_bytes
from app.pausing.pressure import Pressure, Reason, insist, judge
from app.pausing.waits import tell
from indexer.engine import Engine
from indexer.types import FileStatus

# Between two looks; to ask for the sign of a model costs half a millisecond.
LOOK_SECONDS = 0.2
_READ_SECONDS = 1.0  # between two readings of the machine
# Readers that stand still hold memory, OCR a gigabyte. Most answers are written before this.
_LET_GO_SECONDS = 300.0


@dataclass(frozen=True, slots=True)
class Step:
    """What came of one look."""

    goes: bool  # whether the engine may do a step
    changed: bool = False  # whether the reason is another than before
    files: tuple[FileStatus, ...] = ()  # what became final when the engine stopped


class Pausing:
    """Looks at the machine between two steps of an engine, and stops it where it should wait."""

    def __init__(
        self,
        profile: Profile,
        *,
        minds: frozenset[Reason] = frozenset(Reason),
        machine: Machine | None = None,
    ) -> None:
        self._profile = profile
        self._minds = minds
        self._machine = machine or Machine(lambda: model_bytes(profile, self._settings()))
        self._pressure = Pressure()
        self._looked = self._read = 0.0
        self._held: float | None = None  # since when the engine stands still
        self._let_go = False

    @property
    def reason(self) -> Reason | None:
        """Why indexing waits, if the machine is why."""
        return self._pressure.waits

    @property
    def due(self) -> bool:
        """Whether it is time to look again."""
        return time.monotonic() - self._looked >= LOOK_SECONDS

    def insist(self) -> None:
        """Go on all the same, until the present reason has passed."""
        self._pressure = insist(self._pressure)

    def rest(self) -> None:
        """Nothing is left to do: what comes next is another stretch of work."""
        tell(self._profile, None)
        self._pressure = Pressure()
        self._held = None

    def look(self, engine: Engine, *, stopped: bool = False) -> Step:
        """Say whether the engine may do a step; `stopped` is what the owner wants, above all."""
        before = self.reason
        now = time.monotonic()
        if self.due:
            self._looked = now
            self._judge(now)
        changed = self.reason is not before
        if changed:
            tell(self._profile, self.reason)
        if not (stopped or self.reason):
            self._held = None
            return Step(goes=True, changed=changed)
        files: list[FileStatus] = []
        if self._held is None:
            self._held, self._let_go = now, False
            files = engine.hold()
        lasts = now - self._held >= _LET_GO_SECONDS
        if not self._let_go and (lasts or self.reason is Reason.MEMORY):
            engine.let_go()
            self._let_go = True
        return Step(goes=False, changed=changed, files=tuple(files))

    def _judge(self, now: float) -> None:
        answering = Reason.ANSWER in self._minds and is_answering(self._profile.answering)
        if self._minds == {Reason.ANSWER}:
            self._pressure = Pressure(waits=Reason.ANSWER if answering else None)
        elif now - self._read >= _READ_SECONDS or answering is not (self.reason is Reason.ANSWER):
            self._read = now
            despite = {reason for reason in Reason if reason in self._settings().index_despite}
            self._pressure = judge(
                self._pressure,
                self._machine.read(),
                answering=answering,
                despite=frozenset(despite),
            )

    def _settings(self) -> app.settings.Settings:
        return app.settings.load(self._profile.settings)


def wait(
    pausing: Pausing, engine: Engine, say: Callable[[Reason | None], None]
) -> list[FileStatus]:
    """Wait until a command's engine may go on; return what became final when it stopped.

    `say` is given each reason once, and None when it goes on.
    """
    files: list[FileStatus] = []
    said = False
    while not (step := pausing.look(engine)).goes:
        files += step.files
        if step.changed:
            said = True
            say(pausing.reason)
        time.sleep(LOOK_SECONDS)
    if said:
        say(None)
    return files
