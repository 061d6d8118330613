from __future__ import annotations

import numpy as np

from models.drafting import LENGTHS, Draft, Lookup, Pace, agreement


def simulate(pace: Pace, right: float, each: float, tokens: int = 600) -> tuple[float, float]:
    """Return the seconds of writing with a pace, and without it.

    A single token takes 0.1 s, one more in its batch `each` of that; a draft's is `right` so often.
    """
    chance = np.random.default_rng(1)
    seconds, written = 0.0, 0
    while written < tokens:
        draft = Draft(tuple(range(LENGTHS[-1])), 4)
        length = pace.length(draft, LENGTHS[-1])
        cost = 0.1 * (1 + each * length)
        hits = next((i for i in range(LENGTHS[-1]) if chance.random() >= right), LENGTHS[-1])
        following = [*draft.tokens[: min(hits, length)], -1 if hits <= length else hits]
        if not length:
            following = [0 if hits else -1]
        pace.computed(length + 1, cost)
        pace.compared(draft, length, following)
        seconds += cost
        written += len(following)
    return seconds, 0.1 * written


def test_a_draft_is_what_followed_on_the_likest_place() -> None:
    """More of the same before it wins, else the later place."""
    known = [1, 2, 3, 4, 10, 11, 9, 2, 3, 4, 20, 21, 9, 3, 4, 30]
    assert Lookup([*known, 1, 2, 3, 4]).draft(2) == Draft((10, 11), 4)
    assert Lookup([*known, 7, 3, 4]).draft(1) == Draft((30,), 2)
    assert Lookup([*known, 7, 4]).draft() == Draft()
    assert Lookup([]).draft() == Draft()


def test_what_was_written_is_looked_up_too() -> None:
    """Token by token, and its own end is no place."""
    lookup = Lookup([1, 2])
    assert lookup.draft() == Draft()
    for token in (5, 1, 2):
        lookup.add(token)
    assert lookup.draft() == Draft((5, 1, 2), 2)


def test_the_agreement_ends_at_the_first_difference() -> None:
    """What is behind it was computed for another text."""
    assert agreement([1, 2, 3], [1, 2, 4, 5]) == 2
    assert agreement([1, 2], [1, 2, 9]) == 2
    assert agreement([], [9]) == 0


def test_quotes_are_written_faster() -> None:
    """Where a batch costs little and drafts are right, or a lot and they nearly always are."""
    seconds, plain = simulate(Pace(), 0.9, 0.2)
    assert plain / seconds > 1.8
    seconds, plain = simulate(Pace(), 0.97, 0.6)
    assert plain / seconds > 1.25


def test_drafting_never_costs_much() -> None:
    """It ends by itself where drafts are wrong, or a batch costs as much as its tokens."""
    for right, each in ((0.0, 0.2), (0.3, 0.5), (0.6, 1.0), (0.95, 1.2)):
        seconds, plain = simulate(Pace(), right, each)
        assert plain / seconds > 0.97, (right, each)


def test_drafting_begins_again_when_it_pays_again() -> None:
    """A machine that was busy, or a text that was no quote, does not end it for good."""
    pace = Pace()
    simulate(pace, 0.0, 1.5)
    seconds, plain = simulate(pace, 0.95, 0.2)
    assert plain / seconds > 1.5


def test_drafts_that_are_always_wrong_cost_next_to_nothing() -> None:
    pace = Pace()
    draft = Draft((1,) * LENGTHS[-1], 16)
    seconds = tokens = 0.0
    for _ in range(200):
        length = pace.length(draft, LENGTHS[-1])
        taken = 1.0 + 0.6 * length
        pace.computed(1 + length, taken)
        pace.compared(draft, length, [2])
        seconds, tokens = seconds + taken, tokens + 1
    assert seconds / tokens < 1.03


def test_drafts_that_are_always_right_grow_to_the_longest() -> None:
    pace = Pace()
    draft = Draft((1,) * LENGTHS[-1], 16)
    lengths = []
    for _ in range(60):
        length = pace.length(draft, LENGTHS[-1])
        lengths.append(length)
        pace.computed(1 + length, 1.0 + 0.6 * length)
        pace.compared(draft, length, [*draft.tokens[:length], 1])
    assert max(lengths) == LENGTHS[-1]
