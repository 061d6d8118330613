"""What is looked for instead of a word: several terms of the index that count as one.

FTS5 weighs each part of an OR for itself, so that the rarest form of a word would count most. What
a tokenizer gives for one place of a query, however, counts as one term. So words with several forms
stand in an expression as signs of our own, for which the connection's tokenizer gives the forms.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import apsw

# FTS5 takes signs for private use for letters, and no word of a question holds one.
_MARK = "\ue000"


class Terms:
    """Marks of an expression, over one connection that only reads."""

    def __init__(self, db: apsw.Connection, tokenizer: Callable[..., Any]) -> None:
        """`tokenizer` is the index's own; it stays what it is for texts without marks."""
        self._tokenizer = tokenizer
        self._forms: dict[str, tuple[str, ...]] = {}
        db.register_fts5_tokenizer("porter", lambda *_: self._tokenize)

    def clear(self) -> None:
        """Forget all marks, before the next question."""
        self._forms.clear()

    def mark(self, terms: Sequence[str]) -> str:
        """Return what stands in an FTS5 expression for any of these terms of the index."""
        mark = f"{_MARK}{len(self._forms)}"
        self._forms[mark] = tuple(dict.fromkeys(terms))
        return f'"{mark}"'

    def forms(self, marked: str) -> tuple[str, ...]:
        """Return the terms that a mark stands for."""
        return self._forms[marked.strip('"')]

    def _tokenize(self, text: bytes, reason: int, locale: str | None) -> Iterator[Any]:
        for start, end, *tokens in self._tokenizer(text, reason, locale):
            yield start, end, *self._forms.get(tokens[0], tokens)
