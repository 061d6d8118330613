"""A LoRA adapter changes what its base writes, and is refused beside any other model."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from models.adapters import read_adapter, require_base
from models.bringing import bring_in
from models.errors import ModelDamaged, ModelError, ModelMissing
from models.gguf import read_gguf, require_writer
from models.llm import Llm
from models.prompt import Part
from models.seal import seal, sealed_sha256
from tests.adapter_files import write_adapter

LOOKED_UP = "token_embd.weight"


@contextmanager
def loaded(path: Path, adapter: Path | None = None) -> Iterator[Llm]:
    with closing(Llm.load(path, 256, adapter=adapter)) as llm:
        yield llm


def written(llm: Llm) -> list[int]:
    """Return the tokens that follow a text, and that nobody drew."""
    list(llm.read(llm.prompt_tokens([Part("The capital of France is")])))
    "".join(llm.write(6))
    return list(llm.written)


def test_a_zero_adapter_changes_nothing_and_another_one_does(
    llm_path: Path, tmp_path: Path
) -> None:
    """And none goes on with what was read under another."""
    zero = write_adapter(tmp_path / "zero.lora", llm_path)
    other = write_adapter(tmp_path / "other.lora", llm_path, weight=1.0)
    with loaded(llm_path) as alone, loaded(llm_path, zero) as same, loaded(llm_path, other) as new:
        assert written(same) == written(alone)
        assert written(new) != written(alone)
        assert len({alone.fingerprint, same.fingerprint, new.fingerprint}) == 3


def test_one_of_another_model_is_refused(llm_path: Path, tmp_path: Path) -> None:
    base, path = read_gguf(llm_path), tmp_path / "a.lora"
    require_base(read_adapter(write_adapter(path, llm_path)), base)
    with pytest.raises(ModelError, match=r"another model.*'qwen2'"):
        require_base(read_adapter(write_adapter(path, llm_path, architecture="qwen2")), base)
    with pytest.raises(ModelError, match="another size"):
        require_base(read_adapter(write_adapter(path, llm_path, wider=64)), base)
    with pytest.raises(ModelError, match="another size"):
        Llm.load(llm_path, 256, adapter=path)
    write_adapter(path, llm_path)
    path.write_bytes(path.read_bytes().replace(b"blk.0.attn_q", b"blk.9.attn_z"))
    with pytest.raises(ModelError, match="another size"):
        require_base(read_adapter(path), base)


def test_vectors_of_words_are_changed_only_where_nothing_else_uses_them(
    llm_path: Path, tmp_path: Path
) -> None:
    """The starter writes with the same vectors, on which llama.cpp would end the process."""
    adapter = read_adapter(write_adapter(tmp_path / "a.lora", llm_path, names=(LOOKED_UP,)))
    base = read_gguf(llm_path)
    with pytest.raises(ModelError, match="vectors of words"):
        require_base(adapter, base)
    untied = replace(base, shapes={**base.shapes, "output.weight": base.shapes[LOOKED_UP]})
    require_base(adapter, untied)


def test_a_bad_file_is_refused_in_a_sentence(llm_path: Path, tmp_path: Path) -> None:
    path = write_adapter(tmp_path / "a.lora", llm_path)
    whole = path.read_bytes()
    for data in (whole[:10], whole[:100], whole[: len(whole) // 2], whole[:-1], whole[4:]):
        path.write_bytes(data)
        with pytest.raises(ModelDamaged):
            Llm.load(llm_path, 256, adapter=path)
    path.write_bytes(whole.replace(b"lora_b", b"lora_c"))
    with pytest.raises(ModelDamaged):
        read_adapter(path)
    write_adapter(path, llm_path, kind="ia3")
    with pytest.raises(ModelError, match="not known here"):
        read_adapter(path)
    with pytest.raises(ModelError, match="not known here"):
        read_adapter(llm_path)
    with pytest.raises(ModelError, match="no language model"):
        require_writer(read_gguf(path))
    with pytest.raises(ModelMissing, match="adapter's file"):
        Llm.load(llm_path, 256, adapter=tmp_path / "none.lora")


def test_its_hash_is_kept_and_another_file_is_refused(llm_path: Path, tmp_path: Path) -> None:
    source = write_adapter(tmp_path / "a.gguf", llm_path)
    target = tmp_path / "models" / "a.lora"
    target.parent.mkdir()
    *_, last = bring_in(source, target)
    assert (last.bytes, last.template) == (source.stat().st_size, "known")
    assert sealed_sha256(target) == hashlib.sha256(source.read_bytes()).hexdigest()
    write_adapter(target, llm_path, weight=1.0)
    with pytest.raises(ModelDamaged, match="brought in"):
        Llm.load(llm_path, 256, adapter=target)
    seal(target, hashlib.sha256(target.read_bytes()).hexdigest())
    with loaded(llm_path, target):
        pass
    with pytest.raises(ModelError, match="not known here"):
        list(bring_in(llm_path, tmp_path / "b.lora"))
