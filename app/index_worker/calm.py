"""Whether to do now what nobody waits for: learning, and measuring how well search finds."""

from __future__ import annotations

import time

import app.settings
from app.llm.answering import is_answering
from app.paths import Profile
from app.pausing.machine import Machine, model_bytes, on_battery
from app.pausing.pressure import Pressure, Reason, judge

_READ_SECONDS = 1.0  # between two readings of the machine


class Calm:
    """Looks at the machine by itself.

    What it lets wait is no stretch of indexing, and nothing of which the owner would want to know.
    """

    def __init__(self, profile: Profile) -> None:
        self._profile = profile
        self._machine = Machine(lambda: model_bytes(profile, self._settings()))
        self._pressure = Pressure()
        self._read = 0.0

    @property
    def waits(self) -> bool:
        """Whether it is better to wait."""
        now = time.monotonic()
        if now - self._read >= _READ_SECONDS:
            self._read = now
            despite = {each for each in Reason if each in self._settings().index_despite}
            self._pressure = judge(
                self._pressure,
                self._machine.read(),
                answering=is_answering(self._profile.answering),
                despite=frozenset(despite),
            )
        # Nobody waits for it: it can be done on mains another time.
        return self._pressure.waits is not None or bool(on_battery())

    def _settings(self) -> app.settings.Settings:
        return app.settings.load(self._profile.settings)
