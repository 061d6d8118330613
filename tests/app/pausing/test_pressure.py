"""When indexing waits, over made-up readings of a machine."""

from __future__ import annotations

from dataclasses import replace

from app.pausing.pressure import FIRST_SECONDS, Pressure, Readings, Reason, insist, judge

CALM = Readings(0.0, available=8 << 30, bound=1 << 30, stalled=0.0, others=0.1)


def after(
    pressure: Pressure,
    readings: Readings,
    seconds: float,
    *,
    despite: frozenset[Reason] = frozenset(),
) -> Pressure:
    """Return what holds when readings have stood for so long, one a second."""
    at = pressure.at or 0.0
    for step in range(1, round(seconds) + 1):
        now = replace(readings, seconds=at + step)
        pressure = judge(pressure, now, answering=False, despite=despite)
    return pressure


def long_at_work() -> Pressure:
    return after(Pressure(at=0.0), CALM, FIRST_SECONDS + 1)


def test_a_calm_machine_is_never_waited_for() -> None:
    assert after(Pressure(), CALM, 3600).waits is None


def test_a_machine_that_says_nothing_is_calm() -> None:
    assert after(Pressure(), Readings(0.0), 3600).waits is None


def test_an_answer_is_waited_for_at_once_and_above_all() -> None:
    short = replace(CALM, available=0, on_battery=True, others=1.0)
    assert judge(Pressure(), short, answering=True).waits is Reason.ANSWER
    assert judge(Pressure(), CALM, answering=True, despite=frozenset(Reason)).waits is Reason.ANSWER


def test_the_first_seconds_go_on_on_battery_and_beside_others() -> None:
    """A saved file, and the first words of a folder, wait for neither."""
    unplugged = replace(CALM, on_battery=True, others=1.0)
    assert after(Pressure(at=0.0), unplugged, FIRST_SECONDS - 1).waits is None
    assert after(Pressure(at=0.0), unplugged, FIRST_SECONDS + 1).waits is Reason.BATTERY


def test_waiting_is_no_work() -> None:
    """What waited for long has its first seconds still before it."""
    short = after(Pressure(at=0.0), replace(CALM, available=1 << 20), 3600)
    assert short.waits is Reason.MEMORY
    unplugged = replace(CALM, on_battery=True)
    assert after(short, unplugged, 3).waits is None


def test_unplugging_is_noticed_at_the_next_reading_and_plugging_in_ends_it() -> None:
    unplugged = after(long_at_work(), replace(CALM, on_battery=True), 1)
    assert unplugged.waits is Reason.BATTERY
    assert after(unplugged, replace(CALM, on_battery=False), 1).waits is None


def test_memory_is_waited_for_at_once_and_must_be_more_to_go_on() -> None:
    short = judge(Pressure(), replace(CALM, available=(1 << 30) - 1), answering=False)
    assert short.waits is Reason.MEMORY
    assert after(short, replace(CALM, available=(1 << 30) + 1), 60).waits is Reason.MEMORY
    assert after(short, replace(CALM, available=3 << 29), 1).waits is None


def test_programs_that_stand_still_for_memory_are_short_of_it() -> None:
    stalled = after(Pressure(), replace(CALM, stalled=0.2), 1)
    assert stalled.waits is Reason.MEMORY
    assert after(stalled, replace(CALM, stalled=0.05), 60).waits is Reason.MEMORY
    assert after(stalled, replace(CALM, stalled=0.0), 1).waits is None


def test_a_burst_of_others_is_not_waited_for() -> None:
    pressure = long_at_work()
    for _ in range(20):
        pressure = after(pressure, replace(CALM, others=0.9), 20)
        assert pressure.waits is None
        pressure = after(pressure, replace(CALM, others=0.5), 1)


def test_others_that_go_on_are_waited_for_until_they_rest() -> None:
    """A pause of theirs does not start the work, nor does a load between the two bounds."""
    busy = after(long_at_work(), replace(CALM, others=0.9), 30)
    assert busy.waits is Reason.BUSY
    for _ in range(20):
        busy = after(busy, replace(CALM, others=0.1), 3)
        busy = after(busy, replace(CALM, others=0.5), 2)
        assert busy.waits is Reason.BUSY
    assert after(busy, replace(CALM, others=0.3), 5).waits is None


def test_a_load_that_swings_changes_the_state_seldom() -> None:
    pressure, changes = long_at_work(), 0
    for second in range(600):
        before = pressure.waits
        pressure = after(pressure, replace(CALM, others=0.9 if second % 3 else 0.2), 1)
        changes += pressure.waits is not before
    assert changes == 0


def test_what_the_owner_overrules_holds_until_it_has_passed() -> None:
    unplugged = replace(CALM, on_battery=True)
    pressure = insist(after(long_at_work(), unplugged, 1))
    pressure = after(pressure, unplugged, 3600)
    assert pressure.waits is None
    pressure = after(pressure, CALM, 1)
    assert after(pressure, unplugged, 1).waits is Reason.BATTERY


def test_overruling_the_battery_does_not_overrule_the_memory() -> None:
    unplugged = replace(CALM, on_battery=True)
    pressure = insist(after(long_at_work(), unplugged, 1))
    assert after(pressure, replace(unplugged, available=0), 1).waits is Reason.MEMORY


def test_an_answer_cannot_be_overruled() -> None:
    answering = judge(Pressure(), CALM, answering=True)
    assert insist(answering) == answering


def test_what_never_counts_never_counts() -> None:
    unplugged = replace(CALM, on_battery=True, others=1.0)
    never = frozenset({Reason.BATTERY})
    assert after(long_at_work(), unplugged, 3, despite=never).waits is None
    assert after(long_at_work(), unplugged, 30, despite=never).waits is Reason.BUSY


def test_a_night_of_sleep_is_no_work_and_no_load() -> None:
    asleep = after(Pressure(at=0.0), replace(CALM, on_battery=True, others=0.9), 3)
    woken = replace(CALM, on_battery=True, others=0.9, seconds=30_000.0)
    assert judge(asleep, woken, answering=False).waits is None
