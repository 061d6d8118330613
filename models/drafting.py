"""Prompt-lookup speculation: what is likely to be written next stands in the prompt already.

An answer quotes its passages. So the tokens that followed the last time on what was just written
are taken as a draft, and computed in one batch with the next token, which costs less than one
after the other: what the model itself would have written is kept, the rest is forgotten. Method:
A. Saxena, "Prompt Lookup Decoding" (2023).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

LONGEST, SHORTEST = 4, 2  # tokens by which a place is looked up
# Of so many places the one is taken before which most is the same; a frequent pair has hundreds.
_PLACES = 8
_COMPARED = 32  # tokens before a place
# With the token before them drafts fill rows of four, in which matrices are multiplied: a batch of
# three costs SmolLM2 what one of four does, and a 7B pays for four 0.83 of what it pays for two
# twice. Besides, all rows of such a batch are computed alike.
LENGTHS = (3, 7, 11, 15)
# A draft has to promise this much, since what it promises is an estimate.
_GAIN = 1.05
# How often a draft's token is right by the number of tokens before it that are the same, at first;
# as measured with SmolLM2 over questions on the samples.
_RIGHT = {2: 0.5, 3: 0.55, 4: 0.8, 8: 0.88, 16: 0.95}
_WEIGHT = 6.0  # tokens that the first estimate counts
_MEMORY = 60.0  # tokens that an estimate counts at most, so that it follows the text
# What a batch costs more for each token, before it was measured: half of a single one's on two
# cores (SmolLM2 and Q8_0), 0.7 of a Q4_K. Less would try drafts that pay nowhere.
_MORE = 0.5
# What a token more is guessed to cost, of what one more has cost in the largest batch measured: the
# larger a batch, the less, a 7B's 0.66 of a single one in fours and 0.45 in sixteens.
_LESS = 0.5
# Weights of a measurement below and above the estimate: what is above is often other programs'.
_BELOW, _ABOVE = 0.4, 0.1
_AGAIN = 40  # computations after which a cost that decides is measured again ...
_SURE = 0.7  # ... by a short draft, if each of its tokens is as likely as this to be right
# What drafts may lose, in single tokens, so that they never cost more than they have gained but for
# a little: at first, with each token written, and at most.
_CREDIT, _CREDIT_EACH, _CREDIT_MOST = 1.8, 0.02, 30.0


@dataclass(frozen=True, slots=True)
class Draft:
    """Tokens that may come next, and how many tokens before them are the same."""

    tokens: tuple[int, ...] = ()
    alike: int = 0


class Lookup:
    """The tokens so far, by the two, three and four before each place."""

    def __init__(self, tokens: Iterable[int] = ()) -> None:
        self._tokens: list[int] = []
        self._places: dict[tuple[int, ...], list[int]] = {}
        for token in tokens:
            self.add(token)

    def add(self, token: int) -> None:
        """Take what was written next."""
        tokens, at = self._tokens, len(self._tokens)
        # What stands before this place is entered now: a look-up finds earlier places only.
        for length in range(SHORTEST, min(LONGEST, at) + 1):
            self._places.setdefault(tuple(tokens[at - length :]), []).append(at)
        tokens.append(token)

    def draft(self, most: int = LENGTHS[-1]) -> Draft:
        """Return what followed on the place that is most like the end."""
        tokens, end = self._tokens, len(self._tokens)
        for length in range(min(LONGEST, end), SHORTEST - 1, -1):
            if places := self._places.get(tuple(tokens[end - length :])):
                alike, place = max((self._alike(at), at) for at in places[-_PLACES:])
                return Draft(tuple(tokens[place : place + most]), alike)
        return Draft()

    def _alike(self, place: int) -> int:
        tokens, end = self._tokens, len(self._tokens)
        most = min(_COMPARED, place)
        return next((i for i in range(most) if tokens[place - 1 - i] != tokens[end - 1 - i]), most)


class Pace:
    """How long a draft pays: by how often drafts are right, and what a batch costs here.

    Both are measured while it is written, the first also where nothing is drafted: what would have
    been is compared with what came. So drafting ends by itself where it does not pay.
    """

    def __init__(self, seconds: Mapping[int, float] | None = None) -> None:
        """`seconds` are those of batches by their size, as `seconds` of an earlier one."""
        self.seconds = dict(seconds or {})
        self._ages = dict.fromkeys(self.seconds, 0)
        self._credit = _CREDIT
        self._taken = 0.0  # seconds of the last batch
        self._right = {alike: (right * _WEIGHT, _WEIGHT) for alike, right in _RIGHT.items()}

    def length(self, draft: Draft, most: int) -> int:
        """Return how many tokens of a draft are worth computing; 0 for none."""
        single = self.seconds.get(1)
        if single is None or self._ages[1] >= _AGAIN:
            return 0
        most = min(most, len(draft.tokens))
        best, length, expected, chance, done = _GAIN / single, 0, 1.0, 1.0, 0
        for count in LENGTHS:
            size = count + 1
            # Beyond twice what was measured is too far to guess.
            if count > most or size > 2 * max(self.seconds) + 2:
                break
            if self.cost(size) / single - 1 > self._credit:
                break
            for alike in range(draft.alike + done, draft.alike + count):
                chance *= self._chance(alike)
                expected += chance
            done = count
            cost = self.cost(size)
            if expected / cost > best:
                best, length = expected / cost, count
        is_afforded = self.cost(LENGTHS[0] + 1) / single - 1 <= self._credit
        if not length and most >= LENGTHS[0] and is_afforded and self._is_worth_a_try(draft.alike):
            return LENGTHS[0]
        return length

    def computed(self, size: int, seconds: float) -> None:
        """Take what a batch has cost."""
        self._taken = seconds
        old = self.seconds.setdefault(size, seconds)
        self.seconds[size] += (_BELOW if seconds < old else _ABOVE) * (seconds - old)
        for other in self._ages:
            self._ages[other] += 1
        self._ages[size] = 0

    def compared(self, draft: Draft, length: int, following: Sequence[int]) -> None:
        """Take what was right of the `length` tokens computed, or of the first if none was."""
        if length and (single := self.seconds.get(1)):
            self._credit += len(following) - self._taken / single
        self._credit = min(_CREDIT_MOST, self._credit + _CREDIT_EACH * len(following))
        for count, token in enumerate(following):
            if count >= max(1, length) or count >= len(draft.tokens):
                return
            bucket = _bucket(draft.alike + count)
            hits, weight = self._right[bucket]
            fade = min(1.0, _MEMORY / (weight + 1))
            self._right[bucket] = (hits * fade + (draft.tokens[count] == token), weight * fade + 1)

    def _chance(self, alike: int) -> float:
        hits, count = self._right[_bucket(alike)]
        return hits / count

    def cost(self, size: int) -> float:
        """Return the seconds of a batch: measured, or guessed from the largest one below.

        0.0 where nothing was measured.
        """
        if size in self.seconds or not self.seconds:
            return self.seconds.get(size, 0.0)
        below = max((other for other in self.seconds if other < size), default=1)
        single = self.seconds.get(1, 0.0)
        low = self.seconds.get(below, 0.0)
        each = _LESS * (low - single) / (below - 1) if below > 1 else _MORE * single
        return low + max(0.0, each) * (size - below)

    def _is_worth_a_try(self, alike: int) -> bool:
        """Whether a good draft was not computed for so long that its cost may be another now."""
        ages = [age for size, age in self._ages.items() if size > 1]
        return min(ages, default=0) >= _AGAIN and self._chance(alike) > _SURE


def _bucket(alike: int) -> int:
    return max(lowest for lowest in _RIGHT if lowest <= max(alike, SHORTEST))


def agreement(draft: Sequence[int], tokens: Sequence[int]) -> int:
    """Return how many tokens of a draft are what the model would have written."""
    pairs = enumerate(zip(draft, tokens, strict=False))
    return next((i for i, (guess, token) in pairs if guess != token), len(draft))
