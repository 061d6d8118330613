"""How long the rest of the indexing will take, as far as its pace until now can say."""

from __future__ import annotations

import time

# A pace measured over less is noise, and an estimate that jumps is worse than none.
_PACE_SECONDS = 2.0
# Those of a page that was just recognised, which are embedded before the next page.
_FEW_CHUNKS = 30


class Pace:
    """Estimates what is left from how fast it has become less."""

    def __init__(self) -> None:
        self._since: tuple[float, int, str] | None = None

    def seconds_left(self, files: int, chunks: int, pages: int) -> float | None:
        """Return the seconds that this stage (reading, embedding, OCR) will take, if known."""
        if files:
            left, stage = files, "reading"
        elif chunks > _FEW_CHUNKS or not pages:
            left, stage = chunks, "embedding"
        else:
            left, stage = pages, "recognising"
        now = time.monotonic()
        if not left:
            self._since = None
            return None
        if self._since is None or self._since[2] != stage or left > self._since[1]:
            self._since = (now, left, stage)
            return None
        done, elapsed = self._since[1] - left, now - self._since[0]
        return elapsed / done * left if done and elapsed >= _PACE_SECONDS else None
