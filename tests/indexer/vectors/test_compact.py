"""Many vectors: nearly what an exact search finds, whatever is added, removed or damaged."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from indexer.vectors import compact
from indexer.vectors.cache import CacheFile, CacheWriter, blank, read_layout
from indexer.vectors.compact import CompactIndex

_DIMENSIONS, _ROWS = 96, 6000
Halves = NDArray[np.float16]
Ids = NDArray[np.int64]


class Rows:
    """Vectors by id, as the library has them."""

    def __init__(self, count: int, dimensions: int = _DIMENSIONS, seed: int = 0) -> None:
        chance = np.random.default_rng(seed)
        subjects = chance.standard_normal((count // 50, dimensions))
        rows = np.repeat(subjects, 50, axis=0) + chance.standard_normal((count, dimensions))
        self.rows = _normalised(rows).astype(np.float16)
        self.ids: Ids = np.arange(count) * 3 + 5
        self.there = np.ones(count, bool)
        self.asked = 0
        near = rows[chance.choice(count, 12)]
        self.queries = _normalised(near + chance.standard_normal(near.shape)).astype(np.float32)

    def source(self, ids: Ids) -> tuple[Ids, Halves]:
        self.asked += len(ids)
        at = (ids - 5) // 3
        at = at[self.there[at]]
        return self.ids[at], self.rows[at]

    def remove(self, places: NDArray[np.int64]) -> Ids:
        self.there[places] = False
        return self.ids[places]

    def best(self, query: NDArray[np.float32], k: int, allowed: Ids | None = None) -> list[int]:
        here = self.there if allowed is None else self.there & np.isin(self.ids, allowed)
        cosines = self.rows[here].astype(np.float32) @ query
        found: list[int] = self.ids[here][np.argsort(-cosines)[:k]].tolist()
        return found

    def recall(self, index: CompactIndex, k: int = 10) -> float:
        shares = []
        for query in self.queries:
            found, cosines = index.search(query, k)
            assert list(cosines) == sorted(cosines, reverse=True)
            shares.append(len(set(found.tolist()) & set(self.best(query, k))) / k)
        return sum(shares) / len(shares)


def _normalised(rows: NDArray[np.float64]) -> NDArray[np.float64]:
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)


def save(path: Path, rows: Rows, count: int) -> None:
    with CacheWriter(path, rows.rows.shape[1]) as writer:
        for at in range(0, count, 4096):
            part = slice(at, min(at + 4096, count))
            writer.add(rows.ids[part], rows.rows[part])
        writer.finish(7, "mark")


@pytest.fixture(autouse=True)
def few_are_many(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(compact, "_NEAREST", 1200)
    monkeypatch.setattr(compact, "_FEW", 1500)
    monkeypatch.setattr(compact, "_BLOCK_ROWS", 1000)


@pytest.fixture(params=[0, _ROWS // 2, _ROWS])
def filled(request: pytest.FixtureRequest, tmp_path: Path) -> tuple[Rows, CompactIndex]:
    """Return vectors of which none, a half or all are in a file."""
    rows, in_file = Rows(_ROWS), int(request.param)
    save(tmp_path / "a.vectors", rows, in_file)
    index = CompactIndex(_DIMENSIONS, rows.source, CacheFile.open(tmp_path / "a.vectors"))
    for at in range(in_file, _ROWS, 700):
        index.add(rows.ids[at : at + 700], rows.rows[at : at + 700])
    return rows, index


def test_nearly_all_of_the_best_are_found(filled: tuple[Rows, CompactIndex]) -> None:
    """Wherever the rows are."""
    rows, index = filled
    assert rows.recall(index) >= 0.98
    assert rows.asked == 0


def test_what_was_removed_does_not_stand_in_the_way(filled: tuple[Rows, CompactIndex]) -> None:
    """Although all that is nearest to a question is gone, as many are found as before."""
    rows, index = filled
    for query in rows.queries:
        gone = (np.array(rows.best(query, 400)) - 5) // 3
        index.remove(np.append(rows.remove(gone), [1, 4_000_000]))
        assert len(index) == rows.there.sum()
        found, _ = index.search(query, 100)
        assert len(found) == 100
        assert rows.there[(found - 5) // 3].all()


@pytest.mark.parametrize("count", [30, 3000])
def test_a_search_inside_a_part_finds_nothing_else(
    filled: tuple[Rows, CompactIndex], count: int
) -> None:
    """It is exact when the part is small."""
    rows, index = filled
    allowed = np.random.default_rng(3).permutation(rows.ids)[:count]
    index.remove(rows.remove((allowed[:10] - 5) // 3))
    for query in rows.queries:
        found, _ = index.search(query, 10, np.append(allowed, 2))
        true = rows.best(query, 10, allowed)
        assert set(found.tolist()) <= set(allowed[10:].tolist())
        assert found.tolist() == true or count > compact._FEW
    assert index.search(rows.queries[0], 10, np.array([2]))[0].tolist() == []


def test_what_comes_back_is_found_as_it_is_now(filled: tuple[Rows, CompactIndex]) -> None:
    """A chunk that is embedded anew has the same id and another vector."""
    rows, index = filled
    some = np.arange(0, _ROWS, 7)
    index.remove(rows.ids[some])
    rows.rows[some] = -rows.rows[some]
    index.add(rows.ids[some], rows.rows[some])
    assert len(index) == _ROWS
    assert rows.recall(index) >= 0.98
    parts = list(index.parts())
    ids = np.concatenate([part[0] for part in parts])
    order = np.argsort(ids)
    assert np.array_equal(ids[order], rows.ids)
    assert np.array_equal(np.concatenate([part[1] for part in parts])[order], rows.rows)


def _flip_rows(data: bytearray, at: int) -> None:
    data[at : at + 20_000] = bytes(20_000)


def _flip_signs(data: bytearray, at: int) -> None:
    at += _ROWS * 2 * _DIMENSIONS
    data[at : at + 5000] = bytes(5000)


@pytest.mark.parametrize("damage", [_flip_rows, _flip_signs])
def test_only_what_is_damaged_is_read_from_the_library(
    tmp_path: Path, damage: Callable[[bytearray, int], None]
) -> None:
    """A row when it is needed, signs at once, from the rows in the file."""
    rows, path = Rows(_ROWS), tmp_path / "a.vectors"
    save(path, rows, _ROWS)
    layout = read_layout(path)
    assert layout is not None
    data = bytearray(path.read_bytes())
    damage(data, layout.rows_at + 30_000)
    path.write_bytes(data)
    index = CompactIndex(_DIMENSIONS, rows.source, CacheFile.open(path))
    assert rows.recall(index) >= 0.98
    assert rows.asked <= 20_000 / (2 * _DIMENSIONS) + 2
    assert (rows.asked > 0) == (damage is _flip_rows)


def test_what_was_blanked_is_in_no_byte_and_the_rest_is_found(tmp_path: Path) -> None:
    """Also by whoever has mapped the file before."""
    rows, path = Rows(_ROWS), tmp_path / "a.vectors"
    save(path, rows, _ROWS)
    before = CompactIndex(_DIMENSIONS, rows.source, CacheFile.open(path))
    gone = np.r_[100:900, 5000, 5999]
    texts = [rows.rows[at].tobytes() for at in gone]
    ids = rows.remove(gone)
    blank(path, ids)
    data = path.read_bytes()
    assert not any(text in data for text in texts)
    after = CompactIndex(_DIMENSIONS, rows.source, CacheFile.open(path))
    for index in (before, after):
        index.remove(ids)
        assert rows.recall(index) >= 0.98


def test_rows_in_memory_that_are_of_no_use_are_left_behind() -> None:
    """An index without a file is as small as one that never had what was removed."""
    rows = Rows(_ROWS)
    index = CompactIndex(_DIMENSIONS, rows.source)
    index.add(rows.ids, rows.rows)
    chance = np.random.default_rng(5)
    for _ in range(4):
        index.remove(rows.remove(chance.choice(_ROWS, 900)))
        assert len(index) == rows.there.sum()
        assert rows.recall(index) >= 0.98
    assert index.in_memory <= 1.25 * len(index)
    assert len(index._blocks) <= 5
    back = np.flatnonzero(~rows.there)
    rows.there[back] = True
    index.add(rows.ids[back], rows.rows[back])
    assert rows.recall(index) >= 0.98
