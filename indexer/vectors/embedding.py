"""Chunks that have no vector yet, batch by batch."""

from __future__ import annotations

import time

from indexer.storage.contents import Contents, EmbeddingJob
from indexer.text.titles import embedded_text
from indexer.types import Embedder

# A chunk of 200 tokens takes some 12 ms, beside other programs five times that. A step is to be
# short, since the engine stops between two only; 32 at a load of 8 on two cores took 2 s.
_STEP_SECONDS = 0.25
_LEAST, _MOST = 8, 32
# Chunks of one length go together, so jobs are fetched in windows and sorted.
_WINDOW = 512


class EmbeddingQueue:
    """Embeds what lacks a vector of one encoder."""

    def __init__(self, contents: Contents, encoder: int, embedder: Embedder) -> None:
        self._contents = contents
        self._encoder = encoder
        self._embedder = embedder
        self._jobs: list[EmbeddingJob] = []
        self._batch = _LEAST
        self._last = 0  # the last chunk that was fetched

    def step(self) -> list[int] | None:
        """Embed one batch and return the contents that it belongs to; None if nothing is left."""
        if not self._jobs:
            self._fetch()
        if not self._jobs:
            return None
        began = time.monotonic()
        batch, self._jobs = self._jobs[-self._batch :], self._jobs[: -self._batch]
        texts = [embedded_text(job.title, job.heading, job.text) for job in batch]
        vectors = self._embedder.embed_passages(texts)
        self._contents.save_vectors(self._encoder, [job.chunk for job in batch], vectors)
        fitting = int(len(batch) * _STEP_SECONDS / max(time.monotonic() - began, 0.001))
        self._batch = max(_LEAST, min(_MOST, fitting))
        return [job.content for job in batch]

    def _fetch(self) -> None:
        jobs = self._contents.unembedded(self._encoder, self._last, _WINDOW)
        if not jobs and self._last:
            # Whatever was added below the mark meanwhile.
            jobs = self._contents.unembedded(self._encoder, 0, _WINDOW)
        self._last = jobs[-1].chunk if jobs else 0
        self._jobs = sorted(jobs, key=lambda job: len(job.text))
