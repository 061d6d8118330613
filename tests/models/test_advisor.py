"""What is said of a model before it was ever loaded."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import psutil
import pytest

from models.advisor import (
    Fit,
    Machine,
    Size,
    Speed,
    fit_of,
    measure_machine,
    predict,
    require_fit,
    size_of,
    size_of_entry,
)
from models.catalog import find_entry
from models.errors import ModelError
from models.gguf import read_gguf

GB = 10**9
MACHINE = Machine(cores=2, bytes_per_s=35e9, flops_per_s=218e9)


def size(name: str) -> Size:
    return size_of_entry(find_entry(name))


@pytest.mark.parametrize(
    ("shape", "reading", "writing"),
    [
        (replace(size("qwen2.5-7b-instruct"), bytes=4_289_343_232), (9.6, 11.7), (5.4, 5.5)),
        (replace(size("qwen2.5-7b-instruct"), bytes=8_096_984_832), (8.9, 10.8), (3.3, 3.6)),
        (replace(size("smollm2-135m-instruct"), bytes=98_362_432), (257, 293), (86, 98)),
    ],
)
def test_large_and_tiny_models_are_predicted_as_they_were_measured(
    shape: Size, reading: tuple[float, float], writing: tuple[float, float]
) -> None:
    """Within a factor of 1.5, on that machine."""
    speed = predict(shape, MACHINE)
    assert reading[1] / 1.5 < speed.reading < 1.5 * reading[0]
    assert writing[1] / 1.5 < speed.writing < 1.5 * writing[0]


def test_the_header_says_what_the_catalogue_says(llm_path: Path) -> None:
    """So that a prediction holds when the model is there."""
    known, found = size("smollm2-135m-instruct"), size_of(read_gguf(llm_path))
    assert found == replace(known, bytes=found.bytes, weights=found.weights)
    assert found.weights == pytest.approx(known.weights, rel=0.01)


def test_larger_models_are_slower() -> None:
    order = ["qwen2.5-1.5b-instruct", "qwen3-4b-instruct-2507", "qwen3-8b"]
    speeds = [predict(size(name), MACHINE) for name in order]
    assert [speed.writing for speed in speeds] == sorted(
        (speed.writing for speed in speeds), reverse=True
    )


def test_what_a_model_did_corrects_others_of_its_size_only() -> None:
    """A tiny one tells nothing of a large one."""
    large, alike = size("qwen2.5-7b-instruct"), size("qwen3-8b")
    plain = predict(large, MACHINE)
    was = predict(alike, MACHINE)
    slow = Speed(was.reading / 2, was.writing / 4)
    corrected = predict(large, MACHINE, {"other": (alike, slow)})
    assert corrected.reading == pytest.approx(plain.reading / 2)
    assert corrected.writing == pytest.approx(plain.writing / 4)
    tiny = Size(98 * 10**6, 134 * 10**6, 23_040)
    assert predict(large, MACHINE, {"tiny": (tiny, Speed(1.0, 1.0))}) == plain


def test_what_would_swap_is_refused() -> None:
    """A 7B fits 8 GB when other programs are closed, an 8B with its context in 6 GB does not."""
    seven = size("qwen2.5-7b-instruct")
    assert fit_of(seven, total=16 * GB, available=10 * GB) is Fit.FITS
    assert fit_of(seven, total=8 * GB, available=3 * GB) is Fit.TIGHT
    assert fit_of(size("qwen3-8b"), total=6 * GB, available=6 * GB) is Fit.TOO_LARGE
    with pytest.raises(ModelError, match="larger than this machine's memory"):
        require_fit(Size(2 * psutil.virtual_memory().total, 1, 1))


def test_the_machine_is_measured_in_a_moment() -> None:
    machine = measure_machine()
    assert machine.cores >= 1
    assert 1e8 < machine.bytes_per_s < 1e13
    assert 1e8 < machine.flops_per_s < 1e14
