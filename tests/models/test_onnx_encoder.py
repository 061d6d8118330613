"""An encoder's exported graph: pooled, normalised, and without inputs that a text does not need."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from models.embedder import import_openvino
from models.errors import ModelDamaged, ModelError
from models.onnx_encoder import attention_names, embed, read_graph
from models.source import inspect_source

TABLE = np.random.default_rng(3).normal(size=(50, 8)).astype(np.float32)
IDS = np.array([[3, 7, 9, 0]], np.int64)
MASK = np.array([[1, 1, 1, 0]], np.int64)


def export(path: Path, *inputs: str) -> None:
    """Write a transformer of one table; what is no id or mask would change all of it."""
    openvino = import_openvino()
    from openvino import opset13 as ops

    given = {}
    for name in inputs:
        given[name] = ops.parameter([-1, -1], np.int64, name=name)
    zero = ops.constant(np.int64(0))
    hidden = ops.gather(ops.constant(TABLE), given["input_ids"], zero)
    for name in inputs:
        if name not in {"input_ids", "attention_mask"}:
            more = ops.unsqueeze(ops.convert(given[name], "f32"), ops.constant(np.array([2])))
            hidden = ops.add(hidden, more)
    openvino.save_model(
        openvino.Model([hidden], list(given.values()), "one"), path, compress_to_fp16=False
    )


@pytest.mark.parametrize("segments", [False, True])
@pytest.mark.parametrize("pooling", ["mean", "cls"])
def test_texts_become_vectors_of_length_one(tmp_path: Path, pooling: str, segments: bool) -> None:
    """As numpy computes them; padding and segments count nothing."""
    path = tmp_path / "model.xml"
    export(path, "input_ids", "attention_mask", *(["token_type_ids"] if segments else []))
    graph, width = read_graph(path, pooling)
    assert width == 8
    assert len(graph.inputs) == 2
    found = embed(graph, [{"input_ids": IDS, "attention_mask": MASK}])
    wanted = TABLE[3] if pooling == "cls" else TABLE[[3, 7, 9]].mean(axis=0)
    assert np.allclose(found, wanted / np.linalg.norm(wanted), atol=1e-5)
    assert attention_names(graph) == []


def test_a_graph_that_wants_something_else_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "model.xml"
    export(path, "input_ids", "attention_mask", "pixels")
    with pytest.raises(ModelError, match="architecture"):
        read_graph(path, "mean")


def test_a_damaged_graph_is_a_sentence(tmp_path: Path) -> None:
    path = tmp_path / "model.onnx"
    path.write_bytes(b"\x08\x07no graph")
    with pytest.raises(ModelDamaged):
        read_graph(path, "mean")


def test_an_export_stands_in_for_weights_that_could_only_be_unpickled(tmp_path: Path) -> None:
    """Its data, in a file beside it, counts for its identity."""
    (tmp_path / "1_Pooling").mkdir()
    (tmp_path / "onnx").mkdir()
    parts = [("", "Transformer"), ("1_Pooling", "Pooling")]
    kinds = [{"path": path, "type": f"sentence_transformers.models.{kind}"} for path, kind in parts]
    for name, data in (
        ("modules.json", kinds),
        ("config.json", {"max_position_embeddings": 8194, "model_type": "xlm-roberta"}),
        ("1_Pooling/config.json", {"pooling_mode_cls_token": True}),
    ):
        (tmp_path / name).write_text(json.dumps(data))
    (tmp_path / "pytorch_model.bin").write_bytes(b"PK\x03\x04")
    with pytest.raises(ModelError, match="pickle"):
        inspect_source(tmp_path)
    (tmp_path / "onnx" / "model.onnx").write_bytes(b"graph")
    without = inspect_source(tmp_path)
    assert without.onnx == tmp_path / "onnx" / "model.onnx"
    assert (without.pooling, without.max_tokens) == ("cls", 512)
    (tmp_path / "onnx" / "model.onnx_data").write_bytes(b"weights")
    assert inspect_source(tmp_path).sha256 != without.sha256
