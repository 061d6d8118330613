"""The word of the library that somebody meant who typed one that no document holds."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from typing import Any

import apsw

from indexer.search.vocabulary import Vocabulary
from indexer.text.words import folded_words, has_cjk

# Letters that may be wrong, by the length of a stem: of shorter words too many are neighbours.
_LEAST_LETTERS = 4
_MOST_LETTERS = 64  # a word of 100,000 took a second
_TWO_WRONG = 7
# Terms with the same first letter are compared in a library of so many chunks (3 ms at 11,000), in
# a larger one those with the same two letters, in either order or without the second.
_MANY_CHUNKS = 100_000
_LETTERS = re.compile(r"[^\W\d_]+")
_SAMPLES = 5  # chunks in which the written form of a stem is looked for


def nearest_term(db: apsw.Connection, vocabulary: Vocabulary, word: str) -> str | None:
    """Return the indexed stem that is nearest to a word by edit distance; None if none is near.

    Of equally near ones that with the same beginning, then that which more chunks hold. Chinese,
    Japanese and Korean have no such neighbours: each pair of signs is another word.
    """
    from rapidfuzz.distance import OSA  # 10 ms, for a word in a hundred

    stem = vocabulary.stem(word)
    if not _LEAST_LETTERS <= len(stem) <= _MOST_LETTERS:
        return None
    if has_cjk(word) or not _LETTERS.fullmatch(stem):
        return None
    found: dict[str, int] = {}
    for start in _beginnings(stem, whole=vocabulary.chunks() <= _MANY_CHUNKS):
        rows: list[Any] = db.execute(
            "SELECT term, doc FROM temp.vocabulary WHERE term >= ? AND term < ?",
            (start, start[:-1] + chr(ord(start[-1]) + 1)),
        ).fetchall()
        found.update(rows)
    wrong = 2 if len(stem) >= _TWO_WRONG else 1
    order = sorted(
        (distance, term[:1] != stem[:1], -chunks, term)
        for term, chunks in found.items()
        if (distance := OSA.distance(stem, term, score_cutoff=wrong)) <= wrong
        and len(term) >= _LEAST_LETTERS - 1
        and _LETTERS.fullmatch(term)
    )
    return order[0][-1] if order else None


def _beginnings(stem: str, *, whole: bool) -> Iterator[str]:
    if whole:
        yield from {stem[0], stem[1]}
    else:
        yield from {stem[:2], stem[1] + stem[0], stem[0] + stem[2], stem[1:3]}


def written_form(db: apsw.Connection, vocabulary: Vocabulary, stem: str, marked: str) -> str:
    """Return how the library writes a stem most often, in a few of the chunks that hold it.

    `marked` is the FTS5 expression for the stem.
    """
    rows: list[Any] = db.execute(
        f"""SELECT substr(pages.text, start + 1, end - start), contents.titles, heading
            FROM chunks JOIN pages ON pages.id = page_id
            JOIN contents ON contents.id = chunks.content_id WHERE chunks.id IN
            (SELECT rowid FROM chunk_words WHERE chunk_words MATCH ? LIMIT {_SAMPLES})""",
        (marked,),
    ).fetchall()
    words = Counter(word for row in rows for word in folded_words(" ".join(row)))
    forms = [word for word in words if vocabulary.stem(word) == stem]
    return max(forms, key=lambda word: (words[word], word), default=stem)
