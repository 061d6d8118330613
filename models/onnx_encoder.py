"""An encoder's ONNX export -> the graph that is made small: transformer, pooling, normalisation.

Hubs have such an export of many encoders, of some of them beside weights that could only be
unpickled. It needs no torch.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.embedder import import_openvino
from models.errors import ModelDamaged, ModelError

_INPUTS = ("input_ids", "attention_mask")
_SEGMENTS = "token_type_ids"  # all of a single text are 0


def read_graph(path: Path, pooling: str) -> tuple[Any, int]:
    """Return the graph from ids and mask to one normalised vector, and its width.

    Raises ModelDamaged and ModelError.
    """
    openvino = import_openvino()
    try:
        graph = openvino.Core().read_model(path)
        given = {node.get_friendly_name(): node for node in graph.get_parameters()}
        hidden = _hidden(graph)
        if hidden is None or not set(_INPUTS) <= set(given) <= {*_INPUTS, _SEGMENTS}:
            raise _unknown()
        ids, mask = (given[name] for name in _INPUTS)
        if _SEGMENTS in given:
            _fill_with_zeros(given[_SEGMENTS], ids)
        vector = _normalised(_pooled(hidden, mask, pooling))
        result = openvino.Model([vector], [ids, mask], "encoder")
    except RuntimeError as error:  # whatever OpenVINO finds wrong with a file
        raise ModelDamaged(
            "The encoder's folder could not be loaded.", "Fetch it again."
        ) from error
    width = result.outputs[0].partial_shape[1]
    if width.is_dynamic:
        raise _unknown()
    return result, int(width.get_length())


def copy_tokenizer(folder: Path, work: Path) -> Any:
    """Write the folder's tokenizer.json without truncation and padding, and return it.

    Raises ModelError.
    """
    from tokenizers import Tokenizer

    try:
        tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    except Exception as error:  # the library raises plain Exception
        raise ModelError("This encoder has no fast tokenizer.", "Choose another one.") from error
    tokenizer.no_truncation()
    tokenizer.no_padding()
    tokenizer.save(str(work / "tokenizer.json"), pretty=False)
    return tokenizer


def attention_names(graph: Any) -> list[str]:
    """Return the names of the products of two activations, which stay in single precision.

    In a graph from torch they are inside of one operation, which no quantizer takes apart. In 8
    bits they cost all-MiniLM a mean cosine of 0.0035.
    """
    return [
        node.get_friendly_name()
        for node in graph.get_ops()
        if node.get_type_name() == "MatMul"
        and all(value.get_partial_shape().rank.get_length() == 4 for value in node.inputs())
    ]


def embed(graph: Any, inputs: list[dict[str, NDArray[np.int64]]]) -> NDArray[np.float32]:
    """Return the vectors of texts by a graph in single precision: (texts, width)."""
    core = import_openvino().Core()
    compiled = core.compile_model(graph, "CPU", {"INFERENCE_PRECISION_HINT": "f32"})
    return np.concatenate([np.array(compiled(item)[0], np.float32) for item in inputs])


def _hidden(graph: Any) -> Any:
    """Return what the last layer says of each token: (texts, tokens, width)."""
    found = [
        output
        for output in graph.outputs
        if output.partial_shape.rank.is_static and output.partial_shape.rank.get_length() == 3
    ]
    return found[0].get_node().input_value(0) if found else None


def _fill_with_zeros(segments: Any, ids: Any) -> None:
    from openvino import opset13 as ops

    zero = ops.constant(np.zeros(1, np.int64))
    zeros = ops.broadcast(zero, ops.shape_of(ids))
    segments.output(0).replace(zeros.output(0))


def _pooled(hidden: Any, mask: Any, pooling: str) -> Any:
    from openvino import opset13 as ops

    if pooling == "cls":
        return ops.gather(hidden, ops.constant(np.int64(0)), ops.constant(np.int64(1)))
    shares = ops.convert(ops.unsqueeze(mask, ops.constant(np.array([2]))), "f32")
    axis = ops.constant(np.array([1]))
    total = ops.reduce_sum(ops.multiply(hidden, shares), axis, keep_dims=False)
    count = ops.maximum(
        ops.reduce_sum(shares, axis, keep_dims=False), ops.constant(np.float32(1e-9))
    )
    return ops.divide(total, count)


def _normalised(vector: Any) -> Any:
    # Not ops.normalize_l2: nncf would write the vector itself in 8 bits, and short texts would
    # keep a cosine of 0.95 instead of 0.998.
    from openvino import opset13 as ops

    length = ops.reduce_l2(vector, ops.constant(np.array([1])), keep_dims=True)
    return ops.divide(vector, ops.maximum(length, ops.constant(np.float32(1e-12))))


def _unknown() -> ModelError:
    return ModelError("This encoder's architecture cannot be converted.", "Choose another one.")
