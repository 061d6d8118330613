"""How many threads read and write fastest, measured.

Cores that share a unit, or wait for memory, make it slower, and no count of them tells.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass

import psutil

from models.context import Context

_ROUNDS = 3
_READ = 16  # tokens of a slice that is read for it; a 7B takes a second on two cores
# A count that needs this much more in the first round is not asked again.
_HOPELESS = 1.3
# Fewer threads leave more to others, at this price.
_ALIKE = 1.02


@dataclass(frozen=True, slots=True)
class Threads:
    """How many threads compute single tokens, and batches of them."""

    writing: int
    reading: int


def counts() -> list[int]:
    """Return numbers of threads that are worth a try, the likeliest first."""
    logical = psutil.cpu_count() or 1
    physical = min(psutil.cpu_count(logical=False) or logical, logical)
    fewer = (
        range(1, physical) if physical <= 4 else (physical // 2, 3 * physical // 4, physical - 1)
    )
    return list(dict.fromkeys([physical, logical, (physical + logical) // 2, *reversed(fewer)]))


def measure(context: Context, given: list[int]) -> Iterator[Threads]:
    """Try each number of threads; the last thing yielded is what was fastest.

    A yield says what seems best so far, some seconds apart at most: whoever has other work stops
    asking, or interrupts the context. What that holds stays as it was. Nothing is yielded where a
    context cannot take back what it computes, or has no room for it.
    """
    before = len(context.tokens)
    if not context.forgets or context.size - before <= _READ + 1 or len(given) < 2:
        return
    # Any token will do, as long as it is one.
    token = context.tokens[-1] if context.tokens else 0
    best: dict[int, dict[int, float]] = {1: {}, _READ: {}}  # seconds by threads, a batch a row
    try:
        for _ in range(_ROUNDS):
            for count in given:
                for size, seconds in best.items():
                    if seconds.get(count, 0.0) > _HOPELESS * min(seconds.values(), default=0.0):
                        continue
                    context.use_threads(count, count)
                    began = time.perf_counter()
                    with context.abortable():
                        if not context.decode([token] * size):
                            return
                    took = time.perf_counter() - began
                    context.keep(before)
                    seconds[count] = min(took, seconds.get(count, took))
                yield Threads(_fastest(best[1]), _fastest(best[_READ]))
    finally:
        context.keep(before)


def _fastest(seconds: dict[int, float]) -> int:
    least = min(seconds.values())
    return min(count for count, took in seconds.items() if took <= _ALIKE * least)
