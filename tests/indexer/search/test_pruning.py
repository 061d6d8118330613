"""Common words of a question only rank what rarer ones have found, in libraries of many chunks."""

from __future__ import annotations

import pytest

from indexer.search import pruning, wording
from indexer.search.pruning import too_common
from indexer.types import Hit, Mode
from tests.indexer.conftest import Library


def test_rare_words_decide_as_long_as_they_find_little() -> None:
    """A word that nothing holds decides nothing, and the rarest one always does."""
    assert too_common({"harbour": 40, "town": 500, "old": 3000}, most=1000) == {"old"}
    assert too_common({"town": 500, "old": 3000}, most=10) == {"old"}
    assert too_common({"unheard": 0, "old": 3000, "new": 4000}, most=10) == {"new"}
    assert too_common({"town": 500, "old": 400}, most=1000) == set()
    assert too_common({}, most=10) == set()


def test_what_is_found_keeps_its_score(library: Library, monkeypatch: pytest.MonkeyPatch) -> None:
    """Passages without a rare word are left out, and all others are as they were."""
    for number in range(30):
        rare = "The lighthouse keeper sleeps." if number % 10 == 0 else "Nobody sleeps here."
        other = " ".join(f"boat{number}of{boat}" for boat in range(number % 7 + 8))
        library.write(f"{number}.txt", f"An old town lies by the water with {other}. {rare}")
    library.sync()

    def found(question: str) -> dict[str, float]:
        hits: list[Hit] = library.search(question, k=50, mode=Mode.WORDS)
        return {hit.path.name: round(hit.bm25 or 0, 6) for hit in hits}

    question = "old town with a lighthouse"
    everything = found(question)
    assert len(everything) == 30
    monkeypatch.setattr(wording, "MOST_PASSAGES", 10)
    monkeypatch.setattr(wording, "too_common", lambda counts: pruning.too_common(counts, 10))
    few = found(question)
    assert few == {name: everything[name] for name in ("0.txt", "10.txt", "20.txt")}
