"""Finding: a question to passages, and passages to the sentences that answer.

A Searcher has a read-only connection and its own copy of the vectors, and belongs to one thread,
so that a search never waits for indexing.
"""

from __future__ import annotations

import os
from collections.abc import Collection, Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from indexer.chats import KnownFile
from indexer.search import ranking
from indexer.search.codes import exact_bonus
from indexer.search.evidence import weigh_sentences
from indexer.search.folding import fold
from indexer.search.gate import seems_answered, signals
from indexer.search.lessons import Lessons, Meant, Taught
from indexer.search.names import best_named, name_bonus
from indexer.search.page_questions import asked_page, chunks_of_page
from indexer.search.passages import LONGEST_PASSAGE, whole_paragraphs
from indexer.search.vocabulary import Vocabulary
from indexer.search.wording import Asked, Wordings
from indexer.sets.finding import SetFinder
from indexer.sets.plan import SetAnswer
from indexer.sets.questions import parse_set_question
from indexer.storage.database import in_words, open_for_reading
from indexer.storage.ledger import (
    AWAY,
    FolderStates,
    coverage,
    folder_states,
    known_files,
    ledger,
    path_of,
    under,
)
from indexer.text.words import has_cjk
from indexer.types import (
    Coverage,
    Embedder,
    Evidence,
    FileStatus,
    Hit,
    Line,
    Mode,
    Page,
    Scope,
    State,
    Wording,
)
from indexer.vectors.library import LibraryVectors

# Rows that the words may find before the best of them are taken.
_WORD_ROWS = 2000
# Files of the same bytes that are looked at for the one that a question names.
_COPIES = 200


class Searcher:
    """Answers questions about one library."""

    def __init__(self, database: Path, caches: Path, embedder: Embedder | None = None) -> None:
        self._path = database
        self._db = open_for_reading(database)
        self._vocabulary = Vocabulary(self._db)
        self._lessons = Lessons(self._db, self._vocabulary)
        self._wordings = Wordings(self._db, self._vocabulary)
        self._embedder = embedder
        self._embedded: tuple[str, NDArray[np.float32]] | None = None
        self._vectors = LibraryVectors(self._db, caches, embedder) if embedder else None

    def close(self) -> None:
        """Close the connection."""
        self._db.close()

    def search(
        self,
        question: str,
        k: int = 10,
        scope: Scope | None = None,
        mode: Mode = Mode.HYBRID,
        *,
        lessons: bool = True,
        without_lessons: Collection[int] = (),
    ) -> list[Hit]:
        """Return the best k passages, best first; without `lessons` as if nothing was taught.

        `without_lessons` are single ones that lift and lower nothing. Raises IndexerError.
        """
        scope = scope or Scope()
        with in_words(self._path):
            bm25: dict[int, float] = {}
            cosine: dict[int, float] = {}
            # An encoder that was not trained on a script only adds noise: mixed evenly, Chinese
            # hit@1 falls from 91 to 68. The words decide alone there.
            meaning = mode is not Mode.WORDS and self._reads(question)
            meant = self._lessons.meant(question) if lessons else Meant(question, question)
            asked = meant.words
            put = self._wordings.of(asked)
            if mode is not Mode.MEANING or not meaning:
                bm25 = self._find_words(put, scope)
            vector = self._embed(question) if meaning else None
            if vector is not None:
                told = asked if mode is Mode.MEANING else meant.embedded
                query = vector if told == question else self._embed(told)
                cosine = self._wordings.allowed(put, self._find_meaning(query, scope))
            page = asked_page(question)
            on_page = chunks_of_page(self._db, page, *_in_scope(scope)) if page else {}
            bonus: dict[int, float] = {}
            if scope.everything and mode is not Mode.MEANING:
                best = islice(bm25, ranking.CANDIDATES)
                candidates = {*best, *cosine, *on_page}
                bonus = name_bonus(self._db, self._vocabulary, asked, candidates)
            taught: dict[int, Taught] = {}
            if lessons:
                taught = self._lessons.taught(question, vector, self._embedder, without_lessons)
            gains = {at: item.gain for at, item in taught.items()}
            if mode is not Mode.MEANING:
                codes = exact_bonus(self._db, put.query)
                gains |= {at: gain + gains.get(at, 0.0) for at, gain in codes.items()}
            # What a question excludes stays excluded.
            gains = self._wordings.allowed(put, gains)
            order = ranking.fuse(bm25, cosine, bonus, on_page, gains)
            return fold(self._join(asked, order, scope, bm25, cosine, taught), k)

    def wording(self, question: str) -> Wording:
        """Return which words of a question the library has not, and what is looked for instead."""
        with in_words(self._path):
            return self._wordings.of(self._lessons.meant(question).words).wording

    def passages(self, chunks: Sequence[int]) -> list[Hit]:
        """Return passages by their identifiers; those that are gone are left out."""
        with in_words(self._path):
            order = [(chunk, 0.0) for chunk in chunks]
            return list(self._join("", order, Scope(), {}, {}, {}))

    def known_files(self, ids: Sequence[int]) -> list[KnownFile]:
        """Return files by their numbers; those that are gone are left out."""
        with in_words(self._path):
            return known_files(self._db, ids)

    def evidence(self, question: str, hits: Sequence[Hit], count: int = 3) -> list[Evidence]:
        """Return the sentences of the best hits that answer best, best first."""
        with in_words(self._path):
            asked = self._lessons.meant(question).words
            embedder = self._embedder if self._reads(question) else None
            return weigh_sentences(self._vocabulary, asked, hits, embedder)[:count]

    def may_answer(
        self,
        question: str,
        hits: Sequence[Hit],
        evidence: Sequence[Evidence],
        scope: Scope | None = None,
    ) -> bool:
        """Tell whether an answer seems to be among what was found.

        Of a part of the library, or of what was taught, the owner knows what it holds.
        """
        if not (scope or Scope()).everything or asked_page(question):
            return True
        if any(hit.taught is not None for hit in hits):
            return True
        with in_words(self._path):
            asked = self._lessons.meant(question).words
            found = signals(self._vocabulary, asked, hits, evidence)
        encoder = self._embedder.name if self._embedder is not None else ""
        return seems_answered(found, question, encoder)

    def find_set(self, question: str, scope: Scope | None = None) -> SetAnswer | None:
        """Return all files that a question about a set of files asks for; None if it is none."""
        plan = parse_set_question(question)
        if plan is None:
            return None
        with in_words(self._path):
            return SetFinder(self._db, plan, *_in_scope(scope or Scope())).find()

    def coverage(self, scope: Scope | None = None) -> Coverage:
        """Return how many of the files in a scope can be searched."""
        with in_words(self._path):
            return coverage(self._db, *_in_scope(scope or Scope()))

    def page(self, chunk: int) -> Page | None:
        """Return the whole page that a chunk stands on, without headings; None if it is gone."""
        with in_words(self._path):
            row: Any = self._db.execute(
                "SELECT id, text, number FROM pages "
                "WHERE id = (SELECT page_id FROM chunks WHERE id = ?)",
                (chunk,),
            ).fetchone()
            if row is None:
                return None
            lines = self._db.execute(
                "SELECT start, end, left, top, right, bottom FROM page_lines "
                "WHERE page_id = ? ORDER BY id",
                (row[0],),
            )
            return Page(row[1], row[2], (), tuple(Line(*line) for line in lines))

    def files(
        self,
        states: Sequence[State],
        inside: Path | None,
        offset: int,
        limit: int,
        named: str = "",
    ) -> tuple[list[FileStatus], int]:
        """Return lines of the ledger, by path, and how many there are in all."""
        clause, values = under([inside] if inside else [])
        if states:
            clause += f" AND files.state IN ({','.join('?' * len(states))})"
            values += states
        if named:
            # As bytes: a name may hold some that are no text, and so may what is typed of it.
            clause += " AND instr(lower(CAST(path AS TEXT)), lower(CAST(? AS TEXT)))"
            values.append(os.fsencode(named))
        with in_words(self._path):
            total = self._db.execute(f"SELECT count(*) FROM files WHERE {clause}", values).get
            lines = ledger(self._db, clause, values, offset=offset, limit=limit)
            return list(lines), int(total)

    def folder_states(self) -> tuple[list[FolderStates], int]:
        """Return the folders with their files by state, and how many chunks there are."""
        with in_words(self._path):
            return folder_states(self._db)

    # --- by word -------------------------------------------------------------------------------

    def _find_words(self, asked: Asked, scope: Scope) -> dict[int, float]:
        if asked.instead is None:
            return self._match(asked.expression, scope, asked.counted)
        return ranking.with_instead(
            self._match(asked.expression, scope, asked.counted), self._match(asked.instead, scope)
        )

    def _match(self, expression: str | None, scope: Scope, counted: int = 1) -> dict[int, float]:
        if expression is None:
            return {}
        clause, values = _in_scope(scope)
        restriction = (
            ""
            if scope.everything
            else "AND rowid IN (SELECT id FROM chunks WHERE content_id IN "
            f"(SELECT content_id FROM files WHERE {clause}))"
        )
        rows: list[Any] = self._db.execute(
            # FTS5 sorts all that it finds where it is asked for its rank; so does SQLite, but of an
            # expression of our own it keeps only the best: 29 ms instead of 47 among a million.
            f"""SELECT rowid, -bm25(chunk_words, 1.0, 0.5) / {counted} AS score FROM chunk_words
                WHERE chunk_words MATCH ? {restriction}
                ORDER BY score DESC LIMIT {_WORD_ROWS}""",
            (expression, *([] if scope.everything else values)),
        ).fetchall()
        return dict(rows)

    # --- by meaning ----------------------------------------------------------------------------

    def _reads(self, question: str) -> bool:
        if self._embedder is None:
            return False
        return self._embedder.reads_cjk or not has_cjk(question)

    def _embed(self, question: str) -> NDArray[np.float32]:
        """Return a question's vector; the last one is kept, as its evidence is asked for next."""
        assert self._embedder is not None
        if self._embedded is None or self._embedded[0] != question:
            self._embedded = (question, self._embedder.embed_query(question))
        return self._embedded[1]

    def _find_meaning(self, query: NDArray[np.float32], scope: Scope) -> dict[int, float]:
        assert self._vectors is not None
        allowed = None
        if not scope.everything:
            clause, values = _in_scope(scope)
            chosen: list[Any] = self._db.execute(
                f"SELECT id FROM chunks WHERE content_id IN "
                f"(SELECT content_id FROM files WHERE {clause})",
                values,
            ).fetchall()
            allowed = np.array([row[0] for row in chosen], np.int64)
        ids, cosines = self._vectors.search(query, ranking.CANDIDATES, allowed)
        return dict(zip(ids.tolist(), cosines.tolist(), strict=True))

    # --- what a hit shows ----------------------------------------------------------------------

    def _join(
        self,
        question: str,
        order: Sequence[tuple[int, float]],
        scope: Scope,
        bm25: dict[int, float],
        cosine: dict[int, float],
        taught: dict[int, Taught],
    ) -> Iterator[Hit]:
        clause, values = _in_scope(scope)
        shown: list[tuple[int, int, int]] = []
        for chunk, score in order:
            row: Any = self._db.execute(
                f"""SELECT contents.id,
                           pages.id, pages.number, pages.label, contents.pages, heading, start, end,
                           max(0, start - {LONGEST_PASSAGE}),
                           substr(pages.text, 1 + max(0, start - {LONGEST_PASSAGE}),
                                  end - start + 2 * {LONGEST_PASSAGE})
                    FROM chunks
                    JOIN pages ON pages.id = chunks.page_id
                    JOIN contents ON contents.id = chunks.content_id
                    WHERE chunks.id = ?""",
                (chunk,),
            ).fetchone()
            if row is None:
                continue
            content, page_id, page, printed, pages, heading, start, end, offset, around = row
            left, right = whole_paragraphs(around, start - offset, end - offset)
            place = (page_id, offset + left, offset + right)
            if any(_repeats(place, other) for other in shown):
                continue
            file = self._file_of(content, question, clause, values)
            # A file that is gone, or was until a moment ago, is not shown.
            if file is None:
                continue
            path, away, copies = file
            shown.append(place)
            yield Hit(
                chunk=chunk,
                rank=len(shown),
                path=path,
                page=page,
                pages=pages,
                heading=heading,
                start=offset + left,
                end=offset + right,
                text=around[left:right],
                score=score,
                bm25=bm25.get(chunk),
                cosine=cosine.get(chunk),
                label=printed,
                away=away,
                taught=lesson.by if (lesson := taught.get(chunk)) and lesson.gain > 0 else None,
                also=copies,
            )

    def _file_of(
        self, content: int, question: str, clause: str, values: Sequence[Any]
    ) -> tuple[Path, bool, tuple[Path, ...]] | None:
        """Return the file of a content that is shown, whether it is away, and its copies.

        Of several copies that is one that is there, and of these the one that the question names.
        """
        rows: list[Any] = self._db.execute(
            f"""SELECT path, {AWAY} FROM files WHERE content_id = ? AND {clause}
                ORDER BY 2, path LIMIT {_COPIES}""",
            (content, *values),
        ).fetchall()
        alike = [path_of(path) for path, away in rows if away == rows[0][1]]
        if not alike:
            return None
        at = best_named(self._vocabulary, question, alike) if len(alike) > 1 else 0
        copies = (path_of(path) for path, _ in rows)
        return alike[at], bool(rows[0][1]), tuple(path for path in copies if path != alike[at])


def _repeats(place: tuple[int, int, int], other: tuple[int, int, int]) -> bool:
    """Whether most of a passage is shown already: the other half of a paragraph was found too."""
    overlap = min(place[2], other[2]) - max(place[1], other[1])
    return place[0] == other[0] and 2 * overlap > place[2] - place[1]


def _in_scope(scope: Scope) -> tuple[str, list[Any]]:
    clause, values = under(scope.paths)
    clauses = [clause]
    if scope.types:
        clauses.append(f"suffix IN ({','.join('?' * len(scope.types))})")
        values += scope.types
    if scope.languages:
        marks = ",".join("?" * len(scope.languages))
        clauses.append(f"content_id IN (SELECT id FROM contents WHERE language IN ({marks}))")
        values += scope.languages
    if scope.since_ns is not None:
        clauses.append("mtime_ns >= ?")
        values.append(scope.since_ns)
    if scope.before_ns is not None:
        clauses.append("mtime_ns < ?")
        values.append(scope.before_ns)
    return " AND ".join(clauses), values
