"""The words of the library as the full-text index stems and counts them."""

from __future__ import annotations

from functools import cached_property, lru_cache
from typing import Any

import apsw

from indexer.search import ranking
from indexer.text.words import cut_cjk, has_cjk, parse_query

_TOKENIZE_DOCUMENT = 0x0004  # FTS5_TOKENIZE_DOCUMENT


class Vocabulary:
    """Stems and their inverse document frequencies, over a connection opened for reading."""

    def __init__(self, db: apsw.Connection) -> None:
        self._db = db
        self._counts: dict[tuple[str, str], int] = {}  # by table and term
        self._documents: int | None = None
        # A search stems the names of hundreds of documents, mostly the same ones as the last.
        self.stem = lru_cache(maxsize=50_000)(self._stem)
        self._version = -1  # of the library, when they were counted

    @cached_property
    def tokenizer(self) -> Any:
        """The index's own, so that a stem here is a stem there."""
        return self._db.fts5_tokenizer("porter", ["unicode61"])

    def stems(self, text: str) -> set[str]:
        """Return the stems of a text; runs of CJK as their pairs."""
        raw = cut_cjk(text).encode("utf-8", "replace")
        tokens = self.tokenizer(
            raw, _TOKENIZE_DOCUMENT, None, include_offsets=False, include_colocated=False
        )
        return set(tokens)

    def _stem(self, word: str) -> str:
        """Return the stem of one word of a question; a pair of CJK signs is its own."""
        return word if has_cjk(word) else min(self.stems(word), default=word)

    def question_stems(self, question: str) -> set[str]:
        """Return the stems of a question's words, over any connection."""
        return {self.stem(word) for word in parse_query(question).words}

    def question(self, question: str) -> dict[str, float]:
        """Return the stems of a question's words with their idf over all chunks."""
        chunks = self.chunks()
        stems = dict.fromkeys(self.stem(word) for word in parse_query(question).words)
        return {stem: self._idf("temp.vocabulary", stem, chunks) for stem in stems}

    def chunk_idf(self, stem: str) -> float:
        """Return the idf of a stem over all chunks."""
        return self._idf("temp.vocabulary", stem, self.chunks())

    def chunks(self) -> int:
        """Return how many chunks there are."""
        return int(self._db.execute("SELECT value FROM library WHERE key = 'chunks'").get)

    def documents(self) -> int:
        """Return how many documents there are."""
        self._look()
        if self._documents is None:
            self._documents = int(self._db.execute("SELECT count(*) FROM contents").get)
        return self._documents

    def frequency(self, term: str) -> int:
        """Return how many chunks hold a term."""
        return self._count("temp.vocabulary", term)

    def _count(self, table: str, term: str) -> int:
        # FTS5 goes through all of a term's places to count them.
        self._look()
        if (table, term) not in self._counts:
            row: Any = self._db.execute(
                f"SELECT doc FROM {table} WHERE term = ?", (term,)
            ).fetchone()
            self._counts[table, term] = row[0] if row else 0
        return self._counts[table, term]

    def _look(self) -> None:
        """Forget what was counted before the library changed."""
        version = int(self._db.execute("PRAGMA data_version").get)
        if version != self._version:
            self._counts.clear()
            self._documents = None
            self._version = version

    def holds(self, term: str) -> bool:
        """Whether any chunk holds a term, as it is indexed."""
        return self.frequency(term) > 0

    def beginning_with(self, prefix: str) -> list[str]:
        """Return the terms that begin with a prefix, in order."""
        rows: list[Any] = self._db.execute(
            "SELECT term FROM temp.vocabulary WHERE term >= ? AND term < ?",
            (prefix, prefix[:-1] + chr(ord(prefix[-1]) + 1)),
        ).fetchall()
        return [row[0] for row in rows]

    def folded(self, word: str) -> str:
        """Return a word in lower case and without accents, but with its ending."""
        tokens = self._folding(
            word.encode("utf-8", "replace"), _TOKENIZE_DOCUMENT, None,
            include_offsets=False, include_colocated=False,
        )  # fmt: skip
        return str(tokens[0]) if tokens else word.lower()

    @cached_property
    def _folding(self) -> Any:
        return self._db.fts5_tokenizer("unicode61")

    def document_idf(self, stem: str, documents: int) -> float:
        """Return the idf of a stem over the documents' names and beginnings."""
        return self._idf("temp.document_vocabulary", stem, documents)

    def _idf(self, table: str, stem: str, rows: int) -> float:
        return ranking.idf(self._count(table, stem), rows)
