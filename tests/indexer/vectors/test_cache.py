"""The saved copy of the vectors: whatever is wrong with it, searching finds what it should."""

from __future__ import annotations

import random
import shutil
from collections.abc import Callable, Iterator
from contextlib import closing
from itertools import islice
from pathlib import Path

import pytest

from indexer.storage.database import open_for_reading
from indexer.vectors import cache
from indexer.vectors import library as of_library
from indexer.vectors.library import LibraryVectors
from tests.indexer.conftest import BagOfWords, Library

_QUESTIONS = ("harbour of the third town", "who repaired the lighthouse", "number 17")


def fill(library: Library, documents: int, first: int = 0) -> None:
    for number in range(first, first + documents):
        library.write(
            f"{number}.md",
            f"# Town {number}\n\nThe harbour of town {number} was built by smith {number % 7}.\n\n"
            f"## Lighthouse\n\nMason {number % 11} repaired the lighthouse in {1800 + number}.\n",
        )
    library.sync()


def found(library: Library) -> list[list[tuple[int, float]]]:
    """Return the cosine of every chunk to each question, by the chunk's number."""
    assert library.embedder is not None
    rows = []
    with closing(open_for_reading(library.database)) as db:
        vectors = LibraryVectors(db, library.root, library.embedder)
        for question in _QUESTIONS:
            ids, cosines = vectors.search(library.embedder.embed_query(question), 1000)
            # All of them, by number: among equals the order is nobody's concern.
            rows.append(sorted(zip(ids.tolist(), cosines.round(5).tolist(), strict=True)))
    return rows


def cache_of(library: Library) -> Path:
    (file,) = library.root.glob("*.vectors")
    return file


def without_cache(library: Library) -> list[list[tuple[int, float]]]:
    """Return what is found where there is no cache, which is left in its place."""
    file = cache_of(library)
    aside = file.rename(file.with_suffix(".aside"))
    truth = found(library)
    aside.rename(file)
    return truth


def mutations(good: bytes, seed: int) -> Iterator[bytes]:
    """Yield damaged copies without end: cut, flipped, zeroed, shifted, written twice."""
    chance = random.Random(seed)  # noqa: S311 -- the same mutations in each run
    while True:
        data = bytearray(good)
        at = chance.randrange(len(data))
        match chance.randrange(6):
            case 0:
                del data[at:]
            case 1:
                data[at] ^= 1 << chance.randrange(8)
            case 2:
                data[at : at + 4096] = bytes(len(data[at : at + 4096]))
            case 3:
                del data[at : at + chance.randrange(1, 64)]
            case 4:
                data[at:at] = chance.randbytes(chance.randrange(1, 64))
            case 5:
                # The description is a hundredth of the file and decides over all of it.
                data[-1 - at % 300] = chance.randrange(256)
        yield bytes(data)


@pytest.fixture(params=["held in memory", "mapped"])
def _way(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cache, "_SIGN_ROWS", 16)
    if request.param == "mapped":
        monkeypatch.setattr(of_library, "_EXACT_ROWS", 10)


@pytest.mark.usefixtures("_way")
@pytest.mark.parametrize("count", [25, pytest.param(1000, marks=pytest.mark.slow)])
def test_a_damaged_cache_is_found_and_nothing_else_is_damaged(library: Library, count: int) -> None:
    """Each of these files is loaded; what cannot be trusted comes from the library instead."""
    fill(library, 40)
    file = cache_of(library)
    good = file.read_bytes()
    truth = without_cache(library)
    assert found(library) == truth
    for data in islice(mutations(good, seed=count), count):
        file.write_bytes(data)
        assert found(library) == truth


def test_the_cache_of_another_library_is_not_used(
    library: Library, make_library: Callable[[str], Library]
) -> None:
    """It has the same size, the same dimensions and the same ids; only the library is another."""
    other = make_library("other")
    fill(library, 20)
    fill(other, 20, first=300)
    truth = without_cache(library)
    shutil.copy(cache_of(other), cache_of(library))
    assert found(library) == truth


def test_the_cache_of_another_encoder_is_not_used(library: Library) -> None:
    """Vectors of two encoders never mix, whatever their files are called."""
    fill(library, 20)
    first = cache_of(library)
    library.embedder = BagOfWords("bag of another kind")
    library.sync()
    (second,) = set(library.root.glob("*.vectors")) - {first}
    truth = found(library)
    shutil.copy(first, second)
    assert found(library) == truth


def test_the_cache_of_a_history_that_was_taken_back_is_not_used(library: Library) -> None:
    """An older copy of the library grows again, past the number that its cache was saved at."""
    fill(library, 10)
    older = library.database.read_bytes()
    fill(library, 10, first=10)
    later = cache_of(library).read_bytes()
    library.database.write_bytes(older)
    for path in library.documents.glob("1?.md"):
        path.unlink()
    fill(library, 15, first=500)
    truth = without_cache(library)
    cache_of(library).write_bytes(later)
    assert found(library) == truth


def test_a_folder_in_the_place_of_the_cache_is_passed_over(library: Library) -> None:
    """Nothing of the owner's is in the way of searching, or of ending well."""
    fill(library, 5)
    truth = without_cache(library)
    file = cache_of(library)
    file.unlink()
    file.mkdir()
    assert found(library) == truth
    fill(library, 5, first=90)
    assert file.is_dir()
