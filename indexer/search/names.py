"""Questions that name a document: what its passages gain, and which of its files is meant."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

import apsw

from indexer.search import ranking
from indexer.search.vocabulary import Vocabulary
from indexer.storage.database import id_list
from indexer.text.words import name_words, parse_query, unfold_years

# Documents whose beginning holds a word, beyond which it says nothing: to list 100,000 takes 50 ms,
# and among a million chunks they would gain 0.03 by it at most.
_MOST_BEGINNINGS = 10_000


def name_bonus(
    db: apsw.Connection, vocabulary: Vocabulary, question: str, chunks: Iterable[int]
) -> dict[int, float]:
    """Return what each of these chunks gains because the question names its document.

    Only documents of more than NAMED_DOCUMENT_CHUNKS chunks gain anything, and only those that
    have a name: with the beginnings of nameless ones SciFact falls from 72.5 to 71.4.
    """
    least = ranking.NAMED_DOCUMENT_CHUNKS
    rows: list[Any] = db.execute(
        f"""SELECT chunks.id, content_id FROM chunks JOIN contents ON contents.id = content_id
            WHERE chunks.id IN ({id_list(chunks)}) AND name_words != '' AND
                  (SELECT count(*) FROM (SELECT 1 FROM chunks AS others
                   WHERE others.content_id = chunks.content_id LIMIT {least + 1})) > {least}"""
    ).fetchall()
    if not rows:
        return {}
    asked = _asked(vocabulary, question)
    documents = vocabulary.documents()
    in_head = {stem: _documents_beginning_with(db, word) for stem, word in asked.items()}
    scores: dict[int, float] = {}
    for content, names in _names(db, vocabulary, {content for _, content in rows}).items():
        in_any = asked.keys() & {stem for written, _ in names for stem in written}
        only_head = {stem for stem in asked if content in in_head[stem]} - in_any
        if not (in_any or only_head):
            continue
        asked_in_head = sum(vocabulary.document_idf(stem, documents) for stem in only_head)
        scores[content] = max(
            _score(vocabulary, in_any & written, name, asked_in_head, documents)
            for written, name in names
        )
    return {
        chunk: ranking.NAME_WEIGHT * scores[content] for chunk, content in rows if content in scores
    }


def best_named(vocabulary: Vocabulary, question: str, paths: Sequence[Path]) -> int:
    """Return which of some files a question names most, the first of them if it names none."""
    asked = _asked(vocabulary, question).keys()
    shares = []
    for path in paths:
        stems = {vocabulary.stem(word) for word in name_words(path.name)}
        shares.append((len(asked & stems), len(asked & stems) / len(stems) if stems else 0.0))
    return max(range(len(paths)), key=lambda at: (shares[at], -at))


def _asked(vocabulary: Vocabulary, question: str) -> dict[str, str]:
    """Return the words of a question, and neighbours joined, by their stems."""
    words = [word.lower() for word in parse_query(question).words]
    words += [left + right for left, right in pairwise(words)]
    return {vocabulary.stem(word): word for word in unfold_years(words)}


def _score(
    vocabulary: Vocabulary,
    asked: Iterable[str],
    name: Iterable[str],
    asked_in_head: float,
    documents: int,
) -> float:
    asked_in_name = sum(vocabulary.document_idf(stem, documents) for stem in asked)
    whole = sum(vocabulary.document_idf(stem, documents) for stem in name)
    return ranking.name_score(asked_in_name, max(whole, asked_in_name), asked_in_head, documents)


def _documents_beginning_with(db: apsw.Connection, word: str) -> set[int]:
    """Return the documents that hold a word in their beginning; none if there are too many."""
    rows: list[Any] = db.execute(
        f"""SELECT rowid FROM document_words WHERE document_words MATCH ?
            LIMIT {_MOST_BEGINNINGS + 1}""",
        (f'{{head}} : "{word}"',),
    ).fetchall()
    return {row[0] for row in rows} if len(rows) <= _MOST_BEGINNINGS else set()


def _names(
    db: apsw.Connection, vocabulary: Vocabulary, contents: Iterable[int]
) -> dict[int, list[tuple[set[str], set[str]]]]:
    """Return, for each name of a document, all of its stems and those that are no joined pairs."""
    rows: list[Any] = db.execute(
        f"SELECT id, name_words FROM contents WHERE id IN ({id_list(contents)})"
    ).fetchall()
    names: dict[int, list[tuple[set[str], set[str]]]] = {}
    for content, text in rows:
        for line in text.split("\n"):
            words = line.split()
            # A joined pair is another way to write two words, not one more.
            joined = {left + right for left, right in pairwise(words)}
            name = {vocabulary.stem(word) for word in words if word not in joined}
            written = name | {vocabulary.stem(word) for word in words}
            names.setdefault(content, []).append((written, name))
    return names
