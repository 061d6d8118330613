"""Reads a prompt and writes behind it with llama.cpp's calls alone; `answering.py`'s measure.

No slices, no progress, no cancel, no pipe: what is slower than this is ours.
"""

from __future__ import annotations

import argparse
import ctypes
import json
import os
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from app.messages.llm import Generate
from app.messages.wire import from_wire
from models.llm import Llm
from models.loading import BATCH
from models.prompt import Passage, Turn, build, marks


def main(arguments: Sequence[str] | None = None) -> int:
    """Read and write once, and print how long both took."""
    parser = argparse.ArgumentParser(description=__doc__, prog="python -m benchmarks.bare_llama")
    parser.add_argument("model", type=Path)
    parser.add_argument("request", type=Path, help="a Generate message as JSON")
    parser.add_argument("--reused", type=int, default=0, help="tokens that are read beforehand")
    parser.add_argument("--write", type=int, default=64, help="how many tokens to write")
    parser.add_argument("--context", type=int, default=4096)
    parsed = parser.parse_args(arguments)
    request = from_wire(json.loads(parsed.request.read_text(encoding="utf-8")))
    assert isinstance(request, Generate)
    tokens, threads = _prompt(parsed.model, request, parsed.context)
    print(json.dumps(_run(parsed, tokens, threads)))
    return 0


def _prompt(model: Path, request: Generate, context: int) -> tuple[list[int], int]:
    """Return the tokens that our worker reads for a request, and its threads."""
    llm = Llm.load(model, 64)
    passages = tuple(Passage(item.number, item.title, item.text) for item in request.passages)
    prompt = build(
        Turn(request.question, "", passages, request.language),
        [],
        frame=lambda roles: marks(roles, llm.render),
        count=lambda part: len(llm.tokenize(part.text, special=part.special)),
        budget=request.reading_budget,
        room=context - request.max_tokens,
    )
    tokens, threads = llm.prompt_tokens(prompt.parts), llm.threads
    llm.close()
    return tokens, threads


def _run(options: argparse.Namespace, tokens: list[int], threads: int) -> dict[str, float]:
    from llama_cpp import llama_cpp as api

    settings = api.llama_model_default_params()
    settings.n_gpu_layers = 0
    model: Any = api.llama_model_load_from_file(os.fsencode(options.model), settings)
    wanted = api.llama_context_default_params()
    wanted.n_ctx = options.context
    wanted.n_batch = wanted.n_ubatch = BATCH
    wanted.n_threads = wanted.n_threads_batch = threads
    context: Any = api.llama_init_from_model(model, wanted)

    def decode(some: Sequence[int]) -> None:
        for start in range(0, len(some), BATCH):
            piece = some[start : start + BATCH]
            batch = (ctypes.c_int32 * len(piece))(*piece)
            if api.llama_decode(context, api.llama_batch_get_one(batch, len(piece))):
                raise RuntimeError("llama.cpp could not compute these tokens")
        api.llama_synchronize(context)

    if options.reused:
        decode(tokens[: options.reused])
    began = time.perf_counter()
    decode(tokens[options.reused :])
    read = time.perf_counter()
    sampler = api.llama_sampler_init_greedy()
    for _ in range(options.write):
        decode([api.llama_sampler_sample(sampler, context, -1)])
    wrote = time.perf_counter()
    return {
        "read": len(tokens) - options.reused,
        "read_seconds": read - began,
        "written": options.write,
        "write_seconds": wrote - read,
    }


if __name__ == "__main__":
    sys.exit(main())
