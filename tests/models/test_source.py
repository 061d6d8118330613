from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from models.catalog import find_entry, find_starter_source
from models.errors import ModelDamaged, ModelError, ModelMissing
from models.quantize import LEAST_CJK, cjk_entries, prepare_encoder
from models.source import inspect_source

KIND = "sentence_transformers.models."


def write(folder: Path, **changed: Any) -> Path:
    """Write a folder like those that sentence-transformers writes, without weights of use."""
    modules = [
        {"idx": 0, "path": "", "type": KIND + "Transformer"},
        {"idx": 1, "path": "1_Pooling", "type": KIND + "Pooling"},
        {"idx": 2, "path": "2_Normalize", "type": KIND + "Normalize"},
    ]
    files: dict[str, Any] = {
        "modules.json": modules,
        "config.json": {"model_type": "bert", "max_position_embeddings": 512},
        "1_Pooling/config.json": {
            "pooling_mode_mean_tokens": True,
            "pooling_mode_cls_token": False,
        },
        "model.safetensors": "weights",
        **changed,
    }
    for name, content in files.items():
        if content is not None:
            place = folder / name
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_text(json.dumps(content), encoding="utf-8")
    return folder


def test_a_plain_encoder_is_accepted(tmp_path: Path) -> None:
    """Its pooling, length, prefixes and the hash of its weights are read."""
    source = inspect_source(
        write(
            tmp_path,
            **{
                "1_Pooling/config.json": {"pooling_mode": "cls"},
                "config_sentence_transformers.json": {
                    "prompts": {"query": "query: ", "passage": "passage: "}
                },
            },
        )
    )
    assert (source.pooling, source.max_tokens) == ("cls", 512)
    assert (source.query_prefix, source.passage_prefix) == ("query: ", "passage: ")
    assert len(source.sha256) == 64


@pytest.mark.parametrize(
    ("changed", "error", "words"),
    [
        ({"modules.json": None}, ModelMissing, "no sentence-transformers"),
        ({"modules.json": {"a": 1}}, ModelDamaged, "damaged"),
        ({"modules.json": [{"type": "mine.Code"}]}, ModelError, "program code"),
        ({"modules.json": [{"type": KIND + "CLIPModel"}]}, ModelError, "cannot be prepared"),
        ({"config.json": None}, ModelDamaged, "damaged"),
        ({"config.json": {"auto_map": {}}}, ModelError, "program code"),
        ({"1_Pooling/config.json": {"pooling_mode": "max"}}, ModelError, "cannot be prepared"),
        ({"model.safetensors": None}, ModelMissing, "missing"),
        ({"model.safetensors": None, "pytorch_model.bin": "x"}, ModelError, "pickle"),
    ],
)
def test_what_cannot_be_prepared_is_refused_before_it_is_loaded(
    tmp_path: Path, changed: dict[str, Any], error: type[ModelError], words: str
) -> None:
    """In a sentence that says why."""
    with pytest.raises(error, match=words):
        inspect_source(write(tmp_path, **changed))


def test_a_module_outside_the_folder_is_refused(tmp_path: Path) -> None:
    """A path in modules.json must not lead out."""
    modules = [
        {"path": "../..", "type": KIND + "Transformer"},
        {"path": "1_Pooling", "type": KIND + "Pooling"},
    ]
    with pytest.raises(ModelDamaged):
        inspect_source(write(tmp_path / "model", **{"modules.json": modules}))


def test_a_refused_preparation_leaves_nothing(tmp_path: Path) -> None:
    """Neither the destination nor anything that looks like it."""
    destination = tmp_path / "out" / "encoder"
    with pytest.raises(ModelError):
        list(prepare_encoder(tmp_path / "nothing", destination, "encoder", ["text"] * 500))
    with pytest.raises(ModelError, match="too little text"):
        list(prepare_encoder(write(tmp_path / "in"), destination, "encoder", ["text"]))
    assert not destination.exists()


def test_chinese_is_counted_in_the_vocabulary() -> None:
    """Chinese, Japanese and Korean signs count; Latin ones do not."""
    assert cjk_entries({"a": 0, "##汉": 1, "かな": 2, "한국": 3, "é": 4}) == 3
    assert LEAST_CJK > 3


def test_the_starters_are_found_without_importing_them() -> None:
    """Their packages would import torch and a whole program."""
    import sys

    for name in ("all-minilm-l6-v2", "SmolLM2-135M-Instruct"):
        entry = find_entry(name)
        source = find_starter_source(entry)
        assert source is not None
        assert source.exists()
        assert entry.package not in sys.modules
    with pytest.raises(ModelMissing, match="models list"):
        find_entry("nothing")
