"""How good an order of passages is: pure functions over what was found and what is right."""

from __future__ import annotations

import math
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from typing import TypeVar

Key = TypeVar("Key", bound=Hashable)


def ndcg(ranked: Sequence[str], relevance: Mapping[str, int], k: int = 10) -> float:
    """Return nDCG@k of documents in their order (Järvelin and Kekäläinen 2002, linear gain)."""
    gains = [relevance.get(document, 0) for document in ranked[:k]]
    ideal = sorted(relevance.values(), reverse=True)[:k]
    best = _discounted(ideal)
    return _discounted(gains) / best if best else 0.0


def _discounted(gains: Iterable[int]) -> float:
    return sum(gain / math.log2(place + 2) for place, gain in enumerate(gains))


def by_best(ranked: Iterable[Key]) -> list[Key]:
    """Return each document (or page) once, at the place of its best passage."""
    return list(dict.fromkeys(ranked))


def covers(passage: tuple[int, int], paragraph: tuple[int, int], share: float = 0.5) -> bool:
    """Whether a passage holds at least `share` of a paragraph's characters."""
    overlap = min(passage[1], paragraph[1]) - max(passage[0], paragraph[0])
    return overlap >= share * (paragraph[1] - paragraph[0]) > 0


def first_hit(ranked: Sequence[Key], right: Callable[[Key], bool]) -> int | None:
    """Return the place of the first right one, from 1; None if there is none."""
    return next((place for place, item in enumerate(ranked, 1) if right(item)), None)


def hit_rate(places: Sequence[int | None], k: int) -> float:
    """Return the share of questions whose first hit is among the first k."""
    if not places:
        return 0.0
    return sum(place is not None and place <= k for place in places) / len(places)


def holds_answer(text: str, answers: Iterable[str]) -> bool:
    """Whether a text holds one of the answers, whatever the case and the white space."""
    plain = _plain(text)
    return any(wanted in plain for answer in answers if (wanted := _plain(answer)))


def _plain(text: str) -> str:
    return " ".join(text.casefold().split())
