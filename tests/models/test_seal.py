"""A model file is the one that was brought in, or is refused before it is parsed."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

import pytest

from models.errors import ModelDamaged
from models.llm import Llm
from models.seal import require_sealed, seal


@pytest.fixture
def sealed(tmp_path: Path) -> Path:
    path = tmp_path / "model.gguf"
    path.write_bytes(b"GGUF" + bytes(1000))
    seal(path, hashlib.sha256(path.read_bytes()).hexdigest())
    return path


def test_another_file_is_refused_before_anything_parses_it(sealed: Path) -> None:
    require_sealed(sealed)
    sealed.write_bytes(b"GGUF" + bytes(999) + b"x")
    with pytest.raises(ModelDamaged, match="brought in"):
        require_sealed(sealed)
    with pytest.raises(ModelDamaged, match="brought in"):
        Llm.load(sealed, 256)


def test_the_same_bytes_are_the_same_file(sealed: Path) -> None:
    """After a copy, or a new date: read through once, and not again."""
    os.utime(sealed, (1, 1))
    before = sealed.with_name("model.gguf.sha256").read_text()
    require_sealed(sealed)
    assert sealed.with_name("model.gguf.sha256").read_text() != before
    sealed.with_name("other.gguf").write_bytes(b"GGUF")
    require_sealed(sealed.with_name("other.gguf"))


@pytest.mark.parametrize("seal_text", ["", "{}", "[]", '{"sha256": "0", "stat": null}'])
def test_a_damaged_seal_seals_nothing(sealed: Path, seal_text: str) -> None:
    sealed.with_name("model.gguf.sha256").write_text(seal_text)
    with pytest.raises(ModelDamaged):
        require_sealed(sealed)
