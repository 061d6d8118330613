"""How long a model will still read, by how fast it reads on this machine."""

from __future__ import annotations

import time
from collections.abc import Callable

from app.messages.llm import Reading

# A shorter stretch than this says little about the next one.
_LEAST_SECONDS = 0.4


class ReadingPace:
    """Takes the messages of readings, one after the other."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._id = ""
        self._began = (0.0, 0)
        self.tokens_per_s = 0.0  # as measured last; 0.0 until then

    def seconds_left(self, message: Reading) -> float | None:
        """Return how long this reading will still take; None if no reading was measured yet."""
        now = self._clock()
        if message.id != self._id:
            self._id, self._began = message.id, (now, message.tokens)
        seconds, tokens = now - self._began[0], message.tokens - self._began[1]
        if seconds >= _LEAST_SECONDS and tokens > 0:
            self.tokens_per_s = tokens / seconds
        if not self.tokens_per_s:
            return None
        return max(0, message.total - message.tokens) / self.tokens_per_s
