"""Embeds the same texts with one of two encoders; the child process of `indexing.py`.

torch and FAISS must not share a process, and neither may slow the other's measurement.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from app.library import open_embedder
from app.paths import Profile
from app.settings import Settings
from benchmarks.measure import cpu_seconds
from models.catalog import find_entry, find_starter_source
from models.embedder import OpenVinoEmbedder
from models.encoder_files import read_card

_BLOCK = 2048  # texts that are held as tokens at one time
_WARM_UP = 16

Encode = Callable[[Sequence[str]], NDArray[np.float32]]


def main(arguments: Sequence[str] | None = None) -> int:
    """Embed the texts of a file, a JSON string a line, and print how long it took."""
    parser = argparse.ArgumentParser(description=__doc__, prog="python -m benchmarks.encoders")
    parser.add_argument("encoder", choices=["ours", "torch"])
    parser.add_argument("texts", type=Path, help="a JSON string a line")
    parser.add_argument("--profile", type=Path, default=Path(), help="where our encoder is")
    parser.add_argument("--threads", type=int, default=0)
    parser.add_argument("--vectors", type=Path, help="save the vectors as .npy")
    parsed = parser.parse_args(arguments)
    with parsed.texts.open(encoding="utf-8") as file:
        texts = [str(json.loads(line)) for line in file]
    load = _ours if parsed.encoder == "ours" else _torch
    encode = load(Profile(parsed.profile), parsed.threads)
    encode(texts[:_WARM_UP])
    wall, cpu = time.perf_counter(), cpu_seconds()
    vectors = encode(texts)
    wall, cpu = time.perf_counter() - wall, cpu_seconds() - cpu
    if parsed.vectors:
        np.save(parsed.vectors, vectors)
    print(json.dumps({"texts": len(texts), "seconds": wall, "cpu_seconds": cpu}))
    return 0


def _ours(profile: Profile, _threads: int) -> Encode:
    embedder = open_embedder(profile, Settings())  # a stream a core, as the program runs it
    assert isinstance(embedder, OpenVinoEmbedder), "the starter encoder is not prepared"

    def encode(texts: Sequence[str]) -> NDArray[np.float32]:
        order = sorted(range(len(texts)), key=lambda at: len(texts[at]))
        vectors = np.zeros((len(texts), embedder.dimensions), np.float32)
        for start in range(0, len(order), _BLOCK):
            block = order[start : start + _BLOCK]
            vectors[block] = embedder.embed_passages([texts[at] for at in block])
        return vectors

    return encode


def _torch(profile: Profile, threads: int) -> Encode:
    import torch
    from sentence_transformers import SentenceTransformer

    name = Settings().encoder
    source = find_starter_source(find_entry(name))
    assert source is not None, "the package of the starter encoder is not installed"
    torch.set_num_threads(threads)
    model = SentenceTransformer(str(source), device="cpu")
    # Both read as much of a text.
    from app.model_files.installed import find_encoder

    folder = find_encoder(profile, name)
    assert folder is not None
    model.max_seq_length = read_card(folder).max_tokens

    def encode(texts: Sequence[str]) -> NDArray[np.float32]:
        # The library sorts by length itself; 32 is its default, and is said.
        vectors: NDArray[np.float32] = model.encode(
            list(texts), batch_size=32, normalize_embeddings=True, show_progress_bar=False
        )
        return vectors

    return encode


if __name__ == "__main__":
    sys.exit(main())
