"""Invented measurements for the gallery: none, one, some with a loss at the end, and many."""

from __future__ import annotations

from random import Random

from app.messages.quality import Quality
from indexer.storage.quality import Measured

_DAY_NS = 24 * 3600 * 10**9
_FIRST_NS = 1_735_700_000 * 10**9  # in January 2025


def _measured(day: int, five: int, chunks: int, lessons: int, encoder: str, lost: int) -> Measured:
    return Measured(
        _FIRST_NS + day * _DAY_NS, chunks, encoder, lessons, 200, five - 30, five,
        min(five, 160), five - min(lessons // 4, 12), min(lessons, 100), min(lessons, 100),
        int(0.7 * min(lessons, 100)), int(0.4 * min(lessons, 100)), chunks + day, lessons,
        200, 3, lost,
    )  # fmt: skip


def _many() -> tuple[Measured, ...]:
    chance = Random(1)  # noqa: S311 -- no secret
    found = []
    five, chunks, lessons = 176, 9_000, 0
    for day in range(400):
        five = min(198, max(165, five + chance.choice((-1, 0, 0, 1))))
        chunks += chance.choice((0, 0, 0, 0, 0, 12, 40, chunks // 5 if day % 90 == 50 else 0))
        lessons += chance.random() < 0.1
        encoder = "all-MiniLM-L6-v2" if day < 250 else "multilingual-e5-small"
        found.append(_measured(day, five, chunks, lessons, encoder, 3))
    return tuple(reversed(found))


_SOME = (
    _measured(95, 168, 14_200, 42, "multilingual-e5-small", 19),
    _measured(60, 184, 14_200, 42, "all-MiniLM-L6-v2", 2),
    _measured(41, 183, 14_100, 30, "all-MiniLM-L6-v2", 1),
    _measured(12, 179, 9_100, 8, "all-MiniLM-L6-v2", 4),
    _measured(0, 180, 9_000, 0, "all-MiniLM-L6-v2", 0),
)

QUALITIES = {
    "nothing measured": Quality("sample", ()),
    "measured once": Quality("sample", _SOME[-1:]),
    "worse": Quality("sample", _SOME),
    "measured often": Quality("sample", _many()),
}
