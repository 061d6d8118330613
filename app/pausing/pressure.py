"""Whether indexing should wait, as a pure function over what the machine says.

Nothing here looks at a machine or a clock: `machine.py` reads, `pausing.py` acts.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum


class Reason(StrEnum):
    """Why indexing waits; the first that holds is the one that is told."""

    ANSWER = "answer"  # a language model reads or writes
    MEMORY = "memory"
    BATTERY = "battery"
    BUSY = "busy"  # other programs use the processor


# Those that the owner may overrule.
OVERRULED = frozenset({Reason.MEMORY, Reason.BATTERY, Reason.BUSY})

SENTENCES = {
    Reason.ANSWER: "an answer is being written",
    Reason.MEMORY: "memory is short",
    Reason.BATTERY: "the computer runs on battery",
    Reason.BUSY: "other programs need the processor",
}

# A stretch of work begins with so many seconds for which neither the battery nor other programs
# count: a saved file is found at once, and so are the first words of a fresh folder. At a low
# priority this costs others nothing, and a charge of hours nothing that could be seen.
FIRST_SECONDS = 15.0
# Two readings that are further apart were not of one stretch: the machine slept.
_MOST_BETWEEN = 5.0

# Shares of all cores that others take. Between the two nothing changes, and either must last: a
# page that loads, or a pause of a compiler, is no reason. Beside others our low priority leaves
# them nine tenths of a core that is contended, so that it is the long loads which matter.
_CROWDED, _CALM = 0.6, 0.4
_CROWDED_SECONDS, _CALM_SECONDS = 30.0, 5.0

# Memory is enough again when this much more than the bound is available.
_ENOUGH = 1.25
# Shares of the last ten seconds in which a program stood still for memory. Desktops warn at 7 %.
_STALLED, _FLOWING = 0.1, 0.02


@dataclass(frozen=True, slots=True)
class Readings:
    """What a machine says at one moment; None where it does not say."""

    seconds: float  # of a clock that only goes forward
    on_battery: bool | None = None  # None: it has none
    available: int | None = None  # bytes of memory
    bound: int = 0  # bytes that must stay available
    stalled: float | None = None  # share of the last ten seconds that a program waited for memory
    others: float | None = None  # share of all cores that others took since the last readings


@dataclass(frozen=True, slots=True)
class Pressure:
    """What was found until now in one stretch of work; the beginning is `Pressure()`."""

    at: float | None = None  # when the last readings were taken
    worked: float = 0.0  # seconds
    short: bool = False  # of memory
    busy: bool = False
    turning: float = 0.0  # seconds for which others' load has spoken against `busy`
    insisted: frozenset[Reason] = frozenset()  # what the owner overrules, until it has passed
    waits: Reason | None = None


def judge(
    before: Pressure, now: Readings, *, answering: bool, despite: frozenset[Reason] = frozenset()
) -> Pressure:
    """Return what holds after these readings; `despite` are reasons that never count."""
    elapsed = 0.0 if before.at is None else min(now.seconds - before.at, _MOST_BETWEEN)
    worked = before.worked + (0.0 if before.waits else elapsed)
    short = _is_short(before, now)
    busy, turning = _is_busy(before, now, elapsed)
    first = worked < FIRST_SECONDS
    holding = [
        reason
        for reason, holds in (
            (Reason.MEMORY, short),
            (Reason.BATTERY, bool(now.on_battery)),
            (Reason.BUSY, busy),
        )
        if holds
    ]
    insisted = before.insisted & frozenset(holding)
    counting = [
        reason
        for reason in holding
        if reason not in despite | insisted and not (first and reason is not Reason.MEMORY)
    ]
    waits = Reason.ANSWER if answering else next(iter(counting), None)
    return Pressure(now.seconds, worked, short, busy, turning, insisted, waits)


def insist(before: Pressure) -> Pressure:
    """Return what holds when the owner wants to go on all the same, until the reason has passed."""
    if before.waits not in OVERRULED:
        return before
    return replace(before, insisted=before.insisted | {before.waits}, waits=None)


def _is_short(before: Pressure, now: Readings) -> bool:
    bound = now.bound * (_ENOUGH if before.short else 1.0)
    stalled = _FLOWING if before.short else _STALLED
    return (now.available is not None and now.available < bound) or (
        now.stalled is not None and now.stalled >= stalled
    )


def _is_busy(before: Pressure, now: Readings, elapsed: float) -> tuple[bool, float]:
    """Return whether others keep the machine busy, and for how long they have said otherwise."""
    if now.others is None:
        return before.busy, before.turning
    turns = now.others <= _CALM if before.busy else now.others >= _CROWDED
    turning = before.turning + elapsed if turns else 0.0
    if turning >= (_CALM_SECONDS if before.busy else _CROWDED_SECONDS):
        return not before.busy, 0.0
    return before.busy, turning
