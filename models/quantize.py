"""A sentence-transformers folder -> an int8 encoder that runs without torch.

Only the preparer process comes here: torch and nncf are heavy and must never share a process with
FAISS. The result is written beside its destination and renamed, so that a preparation that was
killed leaves nothing that looks finished.
"""

from __future__ import annotations

import hashlib
import json
import logging
import os
import shutil
import threading
import time
import warnings
from collections.abc import Callable, Generator, Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.embedder import OpenVinoEmbedder, import_openvino
from models.encoder_files import CARD, FILES, EncoderCard
from models.errors import ModelError
from models.onnx_encoder import attention_names, copy_tokenizer, embed, read_graph
from models.source import Source, inspect_source
from models.torch_encoder import convert, load, save_tokenizer

log = logging.getLogger(__name__)

SUBSET = 150  # texts that calibrate; 300 gave the same cosine in twice the time
# How much of the activations' outliers SmoothQuant moves into the weights. Mean cosine to the
# float all-MiniLM-L6-v2 on 399 SciFact abstracts, calibrated on pydoc's text: 0.3 0.9923, 0.5
# 0.9914, 0.6 0.9953, 0.7 0.9975, 0.75 0.9977, 0.85 0.9963, nncf's own 0.95 0.9952. Bias correction
# and the mixed preset changed nothing; single paragraphs instead of one to six lost 0.001.
SMOOTHING = 0.7
HELD_OUT = 32  # texts that measure the result
LEAST_COSINE = 0.98  # below, the encoder is refused: it would find other passages
# Vocabulary entries with Chinese, Japanese or Korean in them. An English WordPiece vocabulary has
# hundreds of single signs (all-MiniLM: see tests), a multilingual one tens of thousands.
LEAST_CJK = 2000


@dataclass(frozen=True, slots=True)
class Step:
    """Progress of a preparation."""

    sentence: str
    done: float  # 0 to 1


class _Stopped(Exception):
    """The preparation was given up."""


def prepare_encoder(
    source: Path,
    destination: Path,
    name: str,
    calibration: Sequence[str],
    *,
    prefixes: tuple[str, str] = ("", ""),
) -> Generator[Step, None, None]:
    """Make the folder `destination` from the sentence-transformers folder `source`.

    `prefixes` stand before questions and passages where the folder itself names none. `calibration`
    are some hundred texts of the kind that will be embedded; a part of them is held
    out to measure what the quantization cost. Closing the iterator gives the preparation up.
    Raises ModelError and its children.
    """
    yield Step("Checking the model's files.", 0.0)
    checked = inspect_source(source)
    if not (checked.query_prefix or checked.passage_prefix):
        checked = replace(checked, query_prefix=prefixes[0], passage_prefix=prefixes[1])
    texts = [text for text in calibration if text.strip()]
    if len(texts) < 2 * HELD_OUT:
        raise ModelError("There is too little text to calibrate the encoder with.")
    held_out, texts = texts[:HELD_OUT], texts[HELD_OUT:]
    destination.parent.mkdir(parents=True, exist_ok=True)
    _sweep(destination)
    work = destination.with_name(f".{destination.name}.{os.getpid()}.part")
    shutil.rmtree(work, ignore_errors=True)
    work.mkdir()
    try:
        yield from _prepare(checked, work, name, texts, held_out)
        _publish(work, destination)
    except OSError as error:
        raise ModelError(
            "The encoder could not be written.", "Make room on the disk and try again."
        ) from error
    finally:
        shutil.rmtree(work, ignore_errors=True)
    yield Step("The encoder is ready.", 1.0)


def _prepare(
    source: Source, work: Path, name: str, texts: list[str], held_out: list[str]
) -> Iterator[Step]:
    yield Step("Loading the model.", 0.02)
    if source.onnx is not None:
        tokenizer = copy_tokenizer(source.folder, work)
        limit = source.max_tokens
        graph, dimensions = read_graph(source.onnx, source.pooling)
        yield Step("Measuring the model on sample texts.", 0.3)
        prefixed = [source.passage_prefix + text for text in held_out]
        floats = embed(graph, [_inputs(tokenizer, text, limit) for text in prefixed])
    else:
        model = load(source.folder)
        yield Step("Converting the model.", 0.25)
        tokenizer = save_tokenizer(model, work)
        graph, dimensions = convert(model, source.pooling)
        yield Step("Measuring the model on sample texts.", 0.35)
        floats = model.encode(
            held_out,
            prompt=source.passage_prefix or None,
            normalize_embeddings=True,
            show_progress_bar=False,
        )
        limit = int(min(model.max_seq_length or source.max_tokens, source.max_tokens))
        del model  # float weights of gigabytes are not needed twice
    samples = [_inputs(tokenizer, source.passage_prefix + text, limit) for text in texts]
    quantized: list[Any] = []
    for done in _in_thread(lambda feed: quantized.append(_quantize(graph, samples, feed))):
        yield Step("Making the model small and fast.", 0.4 + 0.5 * done)
    yield Step("Checking the result.", 0.92)
    _save_graph(quantized[0], work)
    card = EncoderCard(
        name=name,
        dimensions=dimensions,
        max_tokens=limit,
        pooling=source.pooling,
        query_prefix=source.query_prefix,
        passage_prefix=source.passage_prefix,
        reads_cjk=cjk_entries(tokenizer.get_vocab()) >= LEAST_CJK,
        source_sha256=source.sha256,
        cosine=0.0,
        sizes={file: (work / file).stat().st_size for file in FILES},
        sha256={file: _sha256(work / file) for file in FILES},
    )
    _write_card(card, work)
    cosine = _cosine(OpenVinoEmbedder(work), held_out, floats)
    if cosine < LEAST_COSINE:
        raise ModelError(
            "This encoder loses too much when it is made small.", "Choose another one."
        )
    _write_card(replace(card, cosine=round(cosine, 5)), work)


def cjk_entries(vocabulary: dict[str, int]) -> int:
    """Count the entries that contain a Chinese, Japanese or Korean sign."""
    return sum(any(_is_cjk(ord(sign)) for sign in entry) for entry in vocabulary)


def _is_cjk(code: int) -> bool:
    return (
        0x3040 <= code <= 0x30FF  # kana
        or 0x3400 <= code <= 0x4DBF
        or 0x4E00 <= code <= 0x9FFF
        or 0xAC00 <= code <= 0xD7AF  # hangul
        or 0xF900 <= code <= 0xFAFF
        or 0x20000 <= code <= 0x3134F
    )


def _quantize(graph: Any, samples: list[Any], feed: Callable[[Any], Any]) -> Any:
    with warnings.catch_warnings(action="ignore"):
        import nncf

    nncf.set_log_level(logging.ERROR)
    smooth = nncf.AdvancedSmoothQuantParameters(matmul=SMOOTHING)
    return nncf.quantize(
        graph,
        nncf.Dataset(samples, feed),
        model_type=nncf.ModelType.TRANSFORMER,
        subset_size=min(SUBSET, len(samples)),
        ignored_scope=nncf.IgnoredScope(names=attention_names(graph)),
        advanced_parameters=nncf.AdvancedQuantizationParameters(
            smooth_quant_alphas=smooth, disable_bias_correction=True
        ),
    )


def _in_thread(work: Callable[[Callable[[Any], Any]], None]) -> Iterator[float]:
    """Run `work`, which passes every sample it takes through the callable that it is given.

    Yields how much is done. When the iterator is closed, the next sample ends the work.
    """
    taken = 0
    stop = threading.Event()
    failure: list[BaseException] = []

    def feed(sample: Any) -> Any:
        nonlocal taken
        if stop.is_set():
            raise _Stopped
        taken += 1
        return sample

    def run() -> None:
        try:
            work(feed)
        except BaseException as error:  # noqa: BLE001 - handed to the other thread
            failure.append(error)

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    try:
        while thread.is_alive():
            thread.join(0.25)
            # Three passes over the samples: smooth quantization, ranges, bias correction.
            yield min(1.0, taken / (3 * SUBSET))
    finally:
        stop.set()
        thread.join(10)
    if failure:
        raise ModelError(
            "The encoder could not be made small.", "Choose another one."
        ) from failure[0]


def _inputs(tokenizer: Any, text: str, limit: int) -> dict[str, NDArray[np.int64]]:
    ids = tokenizer.encode(text).ids[:limit]
    return {
        "input_ids": np.array([ids], np.int64),
        "attention_mask": np.ones((1, len(ids)), np.int64),
    }


def _cosine(embedder: OpenVinoEmbedder, texts: list[str], floats: Any) -> float:
    vectors = embedder.embed_passages(texts)
    return float(np.mean(np.sum(vectors * np.asarray(floats, np.float32), axis=1)))


def _save_graph(graph: Any, work: Path) -> None:
    import_openvino().save_model(graph, work / "model.xml", compress_to_fp16=False)


def _write_card(card: EncoderCard, work: Path) -> None:
    text = json.dumps(asdict(card), indent=1, ensure_ascii=True)
    (work / CARD).write_text(text + "\n", encoding="utf-8")


def _sha256(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _sweep(destination: Path) -> None:
    """Remove what preparations that were killed left behind; an hour ago none of ours ran."""
    for left in destination.parent.glob(f".{destination.name}.*.part"):
        if time.time() - left.stat().st_mtime > 3600:
            shutil.rmtree(left, ignore_errors=True)


def _publish(work: Path, destination: Path) -> None:
    for file in (*FILES, CARD):
        with (work / file).open("rb+") as stream:
            os.fsync(stream.fileno())
    old = work.with_name(f"{work.name[:-5]}.old.part")
    if destination.exists():
        destination.rename(old)  # a folder cannot be renamed over one that is not empty
    work.rename(destination)
    shutil.rmtree(old, ignore_errors=True)
    if os.name == "posix":
        handle = os.open(destination.parent, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
