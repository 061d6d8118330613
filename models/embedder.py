"""A prepared encoder folder -> vectors: OpenVINO int8 and the model's own tokenizer, no torch.

`quantize.py` makes the folder. This module fits the indexer's `Embedder` protocol without knowing
it. The pooling and the normalisation are inside the graph, so a batch is one call.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import psutil
from numpy.typing import NDArray

from models.encoder_files import (
    EncoderCard,
    damaged,
    name_of,
    read_card,
    require_hash,
    require_sizes,
)
from models.errors import ModelDamaged, ModelError
from models.late_interaction import closeness, unit_rows, with_token_states
from models.silence import silence

# A batch is as many texts as fill this many positions, padding included; the longest of a sorted
# run decides the width. Every core works on a batch of its own (a stream), which beat all cores on
# one batch by 20 to 70 % on a busy 2-core machine; between 256 and 8192 positions the size made no
# difference beyond the noise, and small batches give way sooner.
BATCH_POSITIONS = 1024
# Widths are rounded up to a multiple of this. OpenVINO compiles kernels for every shape that it
# meets and keeps them: 4,096 abstracts in batches of 32 took 1,700 MB with exact widths, 540 MB
# with multiples of 16 and 480 MB with these, at 58, 60 and 59 passages a CPU second. A smaller
# cache (CPU_RUNTIME_CACHE_CAPACITY 100) left 770 MB at 54 passages.
WIDTH_STEP = 32
# So many passages go through the questions' graph before one of their own is compiled: that takes
# half a CPU second, longer than the few passages of a small change.
FEW_PASSAGES = 128
# Long texts go through the tokenizer in windows, so that the memory it needs stays small and one
# endless "word" costs no more than a window.
WINDOW = 1 << 16

# Text that Bert splits into words where these do: it has no sign that Bert drops or joins.
_PLAIN = re.compile("[\t\n\r -~\u00a0-\u00ac\u00ae-\u02ff\u2010-\u2027]*")
_WORD = re.compile("[A-Za-z0-9\u00a1-\u02ff]+|[^A-Za-z0-9\\s]")


def import_openvino() -> Any:
    """Import OpenVINO without its telemetry, which would report the import to its maker."""
    silence()
    import openvino

    return openvino


class OpenVinoEmbedder:
    """An encoder that is ready to use; all methods may be called from any thread.

    Passages and questions have graphs of their own: a question that shared the passages' streams
    would wait until a batch is done. That of the passages is compiled when it is first needed, so
    that a search in a fresh process does not wait for it.
    """

    def __init__(self, folder: Path, *, threads: int = 0) -> None:
        """Load the encoder in `folder`; `threads` 0 leaves their number to OpenVINO.

        Raises ModelMissing and ModelDamaged.
        """
        card = read_card(folder)
        require_sizes(folder, card)
        # A changed graph or tokenizer could do anything; changed weights only make wrong numbers,
        # so these are hashed while the graph compiles (hashlib releases the lock).
        for file in ("model.xml", "tokenizer.json"):
            require_hash(folder, card, file)
        broken: list[ModelDamaged] = []
        hashing = threading.Thread(target=_collect, args=(broken, folder, card, "model.bin"))
        hashing.start()
        self.card = card
        try:
            self._load(folder, threads)
        finally:
            hashing.join()
        if broken:
            raise broken[0]
        self.name = name_of(card)
        self.dimensions = card.dimensions
        self.reads_cjk = card.reads_cjk
        self.max_tokens = card.max_tokens
        self._passage_lock = threading.Lock()
        self._query_lock = threading.Lock()
        self._passages = 0

    def _load(self, folder: Path, threads: int) -> None:
        from tokenizers import Tokenizer
        from tokenizers.models import WordPiece
        from tokenizers.pre_tokenizers import BertPreTokenizer

        core = import_openvino().Core()
        settings: dict[str, Any] = {"INFERENCE_PRECISION_HINT": "f32"}
        self._streams = threads or psutil.cpu_count(logical=False) or 1
        if threads:
            settings["INFERENCE_NUM_THREADS"] = threads
        try:
            self._tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
            self._tokenizer.no_padding()
            self._tokenizer.no_truncation()
            graph = core.read_model(folder / "model.xml")
            asked = with_token_states(graph, self.card.dimensions)
            queries = core.compile_model(asked, "CPU", {**settings, "NUM_STREAMS": "1"})
            self._queries = queries.create_infer_request()
        except Exception as error:  # both libraries raise plain RuntimeError or Exception
            raise damaged() from error
        self._graph, self._settings, self._core = graph, settings, core
        self._queue: Any = None
        # Bert's splitting into words is known; of other vocabularies nothing is taken for granted.
        is_bert = isinstance(self._tokenizer.model, WordPiece) and isinstance(
            self._tokenizer.pre_tokenizer, BertPreTokenizer
        )
        self._words = frozenset(self._tokenizer.get_vocab()) if is_bert else frozenset()
        small = is_bert and self._tokenizer.normalizer.normalize_str("A") == "a"
        self._fold: Callable[[str], str] = str.lower if small else str
        self._specials = self._tokenizer.num_special_tokens_to_add(is_pair=False)

    def token_offsets(self, text: str) -> NDArray[np.int64]:
        """Return an (n, 2) array of each token's start and end character in `text`, in order.

        Without special tokens and without truncation; linear in the length of the text.
        """
        if len(text) <= WINDOW:
            encoding = self._tokenizer.encode(text, add_special_tokens=False)
            return np.array(encoding.offsets, dtype=np.int64).reshape(-1, 2)
        starts, windows = zip(*_windows(text), strict=True)
        found: list[NDArray[np.int64]] = []
        for start, encoding in zip(
            starts,
            self._tokenizer.encode_batch(list(windows), add_special_tokens=False),
            strict=True,
        ):
            offsets = np.array(encoding.offsets, dtype=np.int64).reshape(-1, 2)
            found.append(offsets + start)
        return np.concatenate(found)

    def most_tokens(self, text: str) -> int:
        """Return a number that the tokens of `text` don't exceed, a fifth of the time of counting.

        A word of a WordPiece vocabulary is one token; nothing else has more tokens than bytes.
        """
        plain = self._fold(text)
        if not self._words or not _PLAIN.fullmatch(plain):
            return len(text.encode())
        words = self._words
        return sum(1 if word in words else len(word.encode()) for word in _WORD.findall(plain))

    def embed_passages(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return one L2-normalised row a text: (len(texts), dimensions). Raises ModelError."""
        result = np.zeros((len(texts), self.dimensions), np.float32)
        rows = self._encode([self.card.passage_prefix + text for text in texts])
        widths = [self._width(row) for row in rows]
        with self._passage_lock:
            self._passages += len(rows)
            if self._passages <= FEW_PASSAGES:
                for batch in _batches(widths, BATCH_POSITIONS):
                    result[batch] = self._infer([rows[i] for i in batch])
                return result
            queue = self._passage_queue()
            # A small batch is spread over the streams as well.
            share = -(-sum(widths) // self._streams)
            try:
                for batch in _batches(widths, min(BATCH_POSITIONS, share)):
                    queue.start_async(self._inputs([rows[i] for i in batch]), (result, batch))
                queue.wait_all()
            except RuntimeError as error:
                raise _failed() from error
        return result

    def _passage_queue(self) -> Any:
        if self._queue is None:
            settings = {**self._settings, "NUM_STREAMS": str(self._streams)}
            try:
                compiled = self._core.compile_model(self._graph, "CPU", settings)
                queue = import_openvino().AsyncInferQueue(compiled, self._streams)
            except RuntimeError as error:
                raise _failed() from error
            queue.set_callback(_store)
            self._queue = queue
            self._graph = None
        return self._queue

    def embed_query(self, text: str) -> NDArray[np.float32]:
        """Return the L2-normalised vector of a question: (dimensions,). Raises ModelError."""
        vector: NDArray[np.float32] = self._infer(self._encode([self.card.query_prefix + text]))[0]
        return vector

    def match(
        self, question: str, texts: Sequence[str]
    ) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """Return each text's cosine to a question, and how well their tokens match.

        Both are (len(texts),). Raises ModelError.
        """
        rows = self._encode([self.card.query_prefix + question])
        rows += self._encode([self.card.passage_prefix + text for text in texts])
        cosines = np.zeros(len(texts), np.float32)
        close = np.zeros(len(texts), np.float32)
        by_width: dict[int, list[int]] = {}
        for at, row in enumerate(rows[1:]):
            by_width.setdefault(self._width(row), []).append(at)
        vector, asked = self._infer_tokens(rows[:1])
        wanted = unit_rows(asked[0])
        for batch in by_width.values():
            vectors, states = self._infer_tokens([rows[1 + at] for at in batch])
            cosines[batch] = vectors @ vector[0]
            close[batch] = [closeness(wanted, own) for own in states]
        return cosines, close

    def _infer_tokens(
        self, rows: Sequence[Sequence[int]]
    ) -> tuple[NDArray[np.float32], list[NDArray[np.float32]]]:
        """Return the vectors of some rows, and of each row what the last layer says of its tokens.

        Without the special tokens at both ends.
        """
        try:
            with self._query_lock:
                self._queries.infer(self._inputs(rows))
                vectors = np.array(self._queries.get_output_tensor(0).data, np.float32)
                states = np.array(self._queries.get_output_tensor(1).data, np.float32)
        except RuntimeError as error:
            raise _failed() from error
        return vectors, [states[i, 1 : max(2, len(row) - 1)] for i, row in enumerate(rows)]

    def _infer(self, rows: Sequence[Sequence[int]]) -> NDArray[np.float32]:
        try:
            with self._query_lock:
                self._queries.infer(self._inputs(rows))
                # The tensor is the request's own memory: the next call overwrites it.
                return np.array(self._queries.get_output_tensor(0).data, dtype=np.float32)
        except RuntimeError as error:
            raise _failed() from error

    def _width(self, row: Sequence[int]) -> int:
        return min(-(-max(1, len(row)) // WIDTH_STEP) * WIDTH_STEP, self.max_tokens)

    def _inputs(self, rows: Sequence[Sequence[int]]) -> dict[str, NDArray[np.int64]]:
        """Return ids and mask, both (len(rows), width of the longest); padding is 0 and masked."""
        width = max(map(self._width, rows))
        ids = np.zeros((len(rows), width), np.int64)
        mask = np.zeros((len(rows), width), np.int64)
        for i, row in enumerate(rows):
            ids[i, : len(row)] = row
            mask[i, : len(row)] = 1
        return {"input_ids": ids, "attention_mask": mask}

    def _encode(self, texts: list[str]) -> list[list[int]]:
        # A text of megabytes need not be read to its end: no word piece is longer than this.
        heads = [text[: self.max_tokens * 64] for text in texts]
        rows = [encoding.ids for encoding in self._tokenizer.encode_batch_fast(heads)]
        for i, row in enumerate(rows):
            if len(row) > self.max_tokens:
                encoding = self._tokenizer.encode(heads[i], add_special_tokens=False)
                encoding.truncate(self.max_tokens - self._specials)
                rows[i] = self._tokenizer.post_process(encoding).ids
        return rows


def _windows(text: str) -> Iterator[tuple[int, str]]:
    """Cut a text behind white space into pieces of about WINDOW characters, with their starts."""
    start = 0
    while start < len(text):
        end = start + WINDOW
        if end < len(text):
            space = max(text.rfind(" ", start, end), text.rfind("\n", start, end))
            end = space + 1 if space > start else end
        yield start, text[start:end]
        start = end


def _batches(widths: Sequence[int], positions: int) -> Iterator[list[int]]:
    """Yield the indices of rows of similar width that together fill so many positions."""
    batch: list[int] = []
    for i in sorted(range(len(widths)), key=widths.__getitem__):
        if batch and widths[i] * (len(batch) + 1) > positions:
            yield batch
            batch = []
        batch.append(i)
    if batch:
        yield batch


def _store(request: Any, place: tuple[NDArray[np.float32], list[int]]) -> None:
    """Copy a batch's vectors into their rows."""
    result, batch = place
    result[batch] = request.get_output_tensor(0).data


def _failed() -> ModelError:
    return ModelError("The encoder failed.", "Free some memory and retry, or prepare it again.")


def _collect(broken: list[ModelDamaged], folder: Path, card: EncoderCard, file: str) -> None:
    try:
        require_hash(folder, card, file)
    except ModelDamaged as error:
        broken.append(error)
