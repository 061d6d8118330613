"""Writes a GGUF of a 7B's shape with random weights: as slow and as large as a real one.

Its answers are noise, but reading, writing, cancel and memory cost what they cost with the model
whose shape it has. The tokenizer is copied from a real GGUF. Needs the `bench` extra.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

# A block is a scale (and a minimum) and quanta: bytes and weights of it, and where its scales are.
_BLOCKS = {"q4_k": (144, 256, (0, 2)), "q8_0": (34, 32, (0,))}
_UNUSED = 5  # llama.cpp's type of a token that stands for nothing
_ROWS = 1024  # rows of random bytes, used again and again: 7B of them would take minutes


@dataclass(frozen=True, slots=True)
class Shape:
    """The numbers that decide what a model costs."""

    architecture: str
    layers: int
    width: int
    feed_forward: int
    heads: int
    key_heads: int
    vocabulary: int
    biases: bool  # of queries, keys and values


SHAPES = {
    "qwen2.5-7b": Shape("qwen2", 28, 3584, 18944, 28, 4, 152064, biases=True),
    "llama-7b": Shape("llama", 32, 4096, 11008, 32, 32, 32000, biases=False),
    "tiny": Shape("llama", 2, 256, 512, 4, 2, 512, biases=False),
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Write a model."""
    parser = argparse.ArgumentParser(description=__doc__, prog="python -m benchmarks.shaped_model")
    parser.add_argument("tokenizer", type=Path, help="a GGUF whose tokenizer is copied")
    parser.add_argument("output", type=Path, help="the GGUF to write")
    parser.add_argument("--shape", choices=sorted(SHAPES), default="qwen2.5-7b")
    parser.add_argument("--blocks", choices=sorted(_BLOCKS), default="q4_k")
    parsed = parser.parse_args(arguments)
    write(parsed.tokenizer, parsed.output, SHAPES[parsed.shape], parsed.blocks)
    print(f"{parsed.output}: {parsed.output.stat().st_size / 1e9:.2f} GB")
    return 0


def write(tokenizer: Path, output: Path, shape: Shape, blocks: str) -> None:
    """Write a model of this shape, every matrix in random blocks."""
    import gguf

    writer = gguf.GGUFWriter(output, shape.architecture)
    writer.add_name(f"random {output.stem}")
    writer.add_block_count(shape.layers)
    writer.add_context_length(32768)
    writer.add_embedding_length(shape.width)
    writer.add_feed_forward_length(shape.feed_forward)
    writer.add_head_count(shape.heads)
    writer.add_head_count_kv(shape.key_heads)
    writer.add_layer_norm_rms_eps(1e-6)
    writer.add_rope_freq_base(1_000_000.0)
    words = _copy_tokenizer(gguf.GGUFReader(tokenizer), writer, shape.vocabulary)
    kind = {"q4_k": gguf.GGMLQuantizationType.Q4_K, "q8_0": gguf.GGMLQuantizationType.Q8_0}[blocks]
    matrices = list(_matrices(shape, words))
    for name, (rows, width) in matrices:
        if width:
            size, weights, _ = _BLOCKS[blocks]
            row = width // weights * size
            writer.add_tensor_info(name, (rows, row), np.dtype(np.uint8), rows * row, kind)
        else:
            writer.add_tensor_info(name, (rows,), np.dtype(np.float32), rows * 4)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_ti_data_to_file()
    for name, (rows, width) in matrices:
        writer.write_tensor_data(_data(name, rows, width, blocks))
    writer.close()


def _matrices(shape: Shape, words: int) -> Iterator[tuple[str, tuple[int, int]]]:
    """Yield each tensor's name, rows and width; width 0 for a vector."""
    head = shape.width // shape.heads
    keys = head * shape.key_heads
    yield "token_embd.weight", (words, shape.width)
    yield "output_norm.weight", (shape.width, 0)
    yield "output.weight", (words, shape.width)
    for layer in range(shape.layers):
        block = f"blk.{layer}"
        yield f"{block}.attn_norm.weight", (shape.width, 0)
        yield f"{block}.ffn_norm.weight", (shape.width, 0)
        for name, rows in (("q", shape.width), ("k", keys), ("v", keys)):
            yield f"{block}.attn_{name}.weight", (rows, shape.width)
            if shape.biases:
                yield f"{block}.attn_{name}.bias", (rows, 0)
        yield f"{block}.attn_output.weight", (shape.width, shape.width)
        yield f"{block}.ffn_gate.weight", (shape.feed_forward, shape.width)
        yield f"{block}.ffn_up.weight", (shape.feed_forward, shape.width)
        yield f"{block}.ffn_down.weight", (shape.width, shape.feed_forward)


def _data(name: str, rows: int, width: int, blocks: str) -> NDArray[Any]:
    if not width:
        return np.full(rows, 0.0 if name.endswith("bias") else 1.0, np.float32)
    size, weights, scales = _BLOCKS[blocks]
    random = np.random.default_rng(len(name) + rows)
    some = random.integers(0, 256, (min(rows, _ROWS), width // weights, size), dtype=np.uint8)
    for at in scales:
        # Weights of about 1 / sqrt(width), so that nothing overflows: quanta reach 15 x 63 and 127.
        scale = np.float16((0.002 if blocks == "q4_k" else 0.02) / np.sqrt(width))
        some[..., at : at + 2] = np.frombuffer(scale.tobytes(), np.uint8)
    several = np.tile(some, (-(-rows // _ROWS), 1, 1))[:rows]
    return several.reshape(rows, -1)


def _copy_tokenizer(reader: Any, writer: Any, least: int) -> int:
    """Copy the fields of a tokenizer, filled up to `least` words, and return how many it has."""
    fields = {
        name: (each.contents(), each.types)
        for name, each in reader.fields.items()
        if name.startswith("tokenizer.")
    }
    words = len(fields["tokenizer.ggml.tokens"][0])
    more = range(words, max(words, least))
    filling = {
        "tokenizer.ggml.tokens": [f"[unused{number}]" for number in more],
        "tokenizer.ggml.token_type": [_UNUSED for _ in more],
        "tokenizer.ggml.scores": [0.0 for _ in more],
    }
    for name, (value, types) in fields.items():
        filled = value + filling[name] if name in filling else value
        writer.add_key_value(name, filled, types[0], types[-1] if len(types) > 1 else None)
    return words + len(more)


if __name__ == "__main__":
    sys.exit(main())
