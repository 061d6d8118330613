"""A library of text and vectors that were drawn, written into SQLite as the engine would."""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import apsw
import numpy as np
from numpy.typing import NDArray

from app.paths import Profile
from indexer.storage.contents import NewContent
from indexer.storage.store import Store
from indexer.text.words import STOP_WORDS
from indexer.types import Chunk, Page, State

_DIMENSIONS = 384
_DOCUMENT, _CHUNKS_A_PAGE = 100, 5
_WORDS_A_CHUNK = 120  # some 150 tokens
_ASKED_WORDS = 6
_KEPT = 2  # chunks of a document that can be asked about
_VOCABULARY = 200_000
_SUBJECTS = 2_000
# Real vectors vary much in few directions: the standard deviation falls as this power of the
# direction's place.
_FALL = -0.35
_COMMON = 40  # of the commonest words that are no stop words


@dataclass(frozen=True, slots=True)
class _Encoder:
    name: str
    dimensions: int


ENCODER = _Encoder("drawn", _DIMENSIONS)


@dataclass(frozen=True, slots=True)
class Questions:
    """Texts and their vectors; also the encoder that knows these vectors."""

    texts: list[str]
    common: list[str]  # the same number, of common words alone
    vectors: NDArray[np.float32]

    name = ENCODER.name
    dimensions = ENCODER.dimensions
    reads_cjk = True

    def embed_query(self, text: str) -> NDArray[np.float32]:
        """Return the vector that was drawn for a question."""
        texts = self.texts if text in self.texts else self.common
        vector: NDArray[np.float32] = self.vectors[texts.index(text)]
        return vector

    def embed_passages(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return what was drawn for texts that are questions."""
        return np.stack([self.embed_query(text) for text in texts])

    def match(
        self, question: str, texts: Sequence[str]
    ) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """Return the cosines of what was drawn, twice: there are no tokens here."""
        cosines = self.embed_passages(texts) @ self.embed_query(question)
        return cosines, cosines

    def token_offsets(self, text: str) -> NDArray[np.int64]:
        """Return words: nothing is chunked here."""
        return np.array([match.span() for match in re.finditer(r"\w+", text)], np.int64)

    def most_tokens(self, text: str) -> int:
        """Return the number of words."""
        return len(self.token_offsets(text))

    def save(self, folder: Path) -> None:
        """Keep the questions beside their library."""
        np.savez(folder / "questions.npz", texts=self.texts, common=self.common, v=self.vectors)

    @classmethod
    def load(cls, folder: Path) -> Questions:
        """Read them again."""
        with np.load(folder / "questions.npz") as kept:
            return cls(kept["texts"].tolist(), kept["common"].tolist(), kept["v"])


class Drawn:
    """Draws documents; the same ones each time."""

    def __init__(self, like: Path | None, seed: int = 0) -> None:
        """`like` is a library whose vectors are taken, and changed when they are used up."""
        self._chance = np.random.default_rng(seed)
        self._words = _words(np.random.default_rng(0))
        shares = 1 / np.arange(1, _VOCABULARY + 1)
        self._up_to = np.cumsum(shares / shares.sum())
        self._spread = (np.arange(1, _DIMENSIONS + 1, dtype=np.float32)) ** _FALL
        # In directions of their own: along the axes, most signs would say nothing.
        turn = self._chance.standard_normal((_DIMENSIONS, _DIMENSIONS), np.float32)
        self._spread = self._spread[:, np.newaxis] * np.linalg.qr(turn)[0]
        self._subjects = self._draw(_SUBJECTS)
        self._real = _vectors_of(like) if like else None
        self._used = 0
        self._kept: list[tuple[str, NDArray[np.float32]]] = []  # chunks to ask about

    def fill(self, profile: Profile, chunks: int) -> None:
        """Make a library of so many chunks."""
        store = Store(profile.database)
        try:
            self.add(store, profile.root / "documents", chunks)
        finally:
            store.close()

    def add(self, store: Store, folder: Path, chunks: int) -> list[int]:
        """Add documents to a library; return their files."""
        owner = store.add_folder(folder)
        encoder = store.contents.encoder_id(ENCODER.name, ENCODER.dimensions)
        store.use_encoder(encoder)
        files = []
        last = 0
        for first in range(0, chunks, _DOCUMENT):
            count = min(_DOCUMENT, chunks - first)
            new, texts = self._document(first, count)
            with store.transaction():
                content = store.contents.save(new)
                path = os.fsencode(folder / f"{first}.txt")
                store.put_file(owner, path, 1, 1, State.WAITING)
                (file,) = store.queue.waiting(1, [])
                store.queue.settle(file, State.WORDS, "", content)
            vectors = self._vectors(count)
            jobs = [job.chunk for job in store.contents.unembedded(encoder, last, count)]
            last = jobs[-1]
            store.contents.save_vectors(encoder, jobs, vectors)
            store.finish_embedded(encoder, [content])
            files.append(file.id)
            self._kept += zip(texts[:_KEPT], vectors[:_KEPT], strict=True)
        return files

    def _document(self, number: int, chunks: int) -> tuple[NewContent, list[str]]:
        pages: list[Page] = []
        places: list[Chunk] = []
        drawn = np.searchsorted(self._up_to, self._chance.random((chunks, _WORDS_A_CHUNK)))
        texts = [" ".join(self._words[at] for at in row) for row in drawn]
        for first in range(0, chunks, _CHUNKS_A_PAGE):
            begins = 0
            some = texts[first : first + _CHUNKS_A_PAGE]
            for text in some:
                places.append(Chunk(len(pages), begins, begins + len(text), ""))
                begins += len(text) + 1
            pages.append(Page("\n".join(some), len(pages) + 1))
        title = f"{texts[0].split()[0]} {number}"
        new = NewContent(
            self._chance.bytes(32), "text", title, title, "", len(pages),
            State.INDEXED, "", pages, places,
        )  # fmt: skip
        return new, texts

    def _vectors(self, count: int) -> NDArray[np.float32]:
        if self._real is None:
            subject = self._subjects[self._chance.integers(_SUBJECTS)]
            rows = 0.5 * subject + 0.45 * self._draw(1) + 0.7 * self._draw(count)
        elif self._used + count <= len(self._real):
            rows = self._real[self._used : self._used + count]
            self._used += count
        else:
            one, other = self._real[self._chance.integers(len(self._real), size=(2, count))]
            share = self._chance.uniform(0, 0.5, (count, 1)).astype(np.float32)
            noise = self._chance.standard_normal(one.shape, np.float32) * self._real.std(0)
            rows = (1 - share) * one + share * other + 0.5 * noise
        return _normalised(rows)

    def _draw(self, count: int) -> NDArray[np.float32]:
        rows = self._chance.standard_normal((count, _DIMENSIONS), np.float32)
        return _normalised(rows @ self._spread)

    def questions(self, count: int) -> Questions:
        """Draw questions about what was added: some of a chunk's words, and its vector, changed."""
        texts, vectors = [], []
        for at in self._chance.choice(len(self._kept), count, replace=len(self._kept) < count):
            text, vector = self._kept[at]
            texts.append(" ".join(self._chance.choice(text.split(), _ASKED_WORDS)))
            # A real question has a cosine of some 0.6 to what answers it.
            vectors.append(0.6 * vector + 0.8 * self._draw(1)[0])
        rare = [word for word in self._words[: 4 * _COMMON] if word not in STOP_WORDS][:_COMMON]
        common = [
            " ".join(self._chance.choice(rare, _ASKED_WORDS, replace=False)) for _ in range(count)
        ]
        return Questions(texts, common, _normalised(np.stack(vectors)))


def _words(chance: np.random.Generator) -> list[str]:
    """Return words by how common they are, English stop words first."""
    letters = np.array(list("aeiourstlnmdkpbgf"))
    drawn = map("".join, chance.choice(letters, (_VOCABULARY, 8)))
    return [*sorted(STOP_WORDS), *drawn][:_VOCABULARY]


def _normalised(rows: NDArray[np.float32]) -> NDArray[np.float32]:
    lengths = np.linalg.norm(rows, axis=-1, keepdims=True)
    normalised: NDArray[np.float32] = (rows / lengths).astype(np.float32)
    return normalised


def _vectors_of(database: Path) -> NDArray[np.float32]:
    db = apsw.Connection(str(database), flags=apsw.SQLITE_OPEN_READONLY)
    halves = b"".join(row[0] for row in db.execute("SELECT vector FROM vectors"))
    return np.frombuffer(halves, "<f2").reshape(-1, _DIMENSIONS).astype(np.float32)
