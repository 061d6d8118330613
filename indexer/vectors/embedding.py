"""Chunks that have no vector yet, batch by batch."""

from __future__ import annotations

import time
from collections.abc import Callable

import numpy as np

from indexer.storage.contents import Contents, EmbeddingJob
from indexer.text.titles import embedded_text
from indexer.types import Embedder

# A step ends in a commit, and where its owner is waited for: he is asked after each slice. Behind
# other programs, at a low priority, the last slice is all that a pause waits for. Slices of 8, 4
# and 2 chunks take 1, 3 and 8 % more processor time than those of 32.
_MOST = 32
_SLICE_SECONDS = 0.05
_LEAST = 2
# Chunks of one length go together, so jobs are fetched in windows and sorted.
_WINDOW = 512


class EmbeddingQueue:
    """Embeds what lacks a vector of one encoder."""

    def __init__(self, contents: Contents, encoder: int, embedder: Embedder) -> None:
        self._contents = contents
        self._encoder = encoder
        self._embedder = embedder
        self._jobs: list[EmbeddingJob] = []
        self._slice = _LEAST
        self._last = 0  # the last chunk that was fetched

    def step(self, ends: Callable[[], bool]) -> list[int] | None:
        """Embed a few chunks, fewer if `ends` says so, and return the contents that they are of.

        None if nothing is left.
        """
        if not self._jobs:
            self._fetch()
        if not self._jobs:
            return None
        done: list[EmbeddingJob] = []
        vectors = []
        while self._jobs and len(done) < _MOST:
            began = time.monotonic()
            jobs = self._jobs[-min(self._slice, _MOST - len(done)) :]
            texts = [embedded_text(job.title, job.heading, job.text) for job in jobs]
            vectors.append(self._embedder.embed_passages(texts))
            del self._jobs[-len(jobs) :]
            done += jobs
            fitting = int(len(jobs) * _SLICE_SECONDS / max(time.monotonic() - began, 0.001))
            self._slice = max(_LEAST, min(_MOST, fitting))
            if ends():
                break
        chunks = [job.chunk for job in done]
        self._contents.save_vectors(self._encoder, chunks, np.concatenate(vectors))
        return [job.content for job in done]

    def _fetch(self) -> None:
        jobs = self._contents.unembedded(self._encoder, self._last, _WINDOW)
        if not jobs and self._last:
            # Whatever was added below the mark meanwhile.
            jobs = self._contents.unembedded(self._encoder, 0, _WINDOW)
        self._last = jobs[-1].chunk if jobs else 0
        self._jobs = sorted(jobs, key=lambda job: len(job.text))
