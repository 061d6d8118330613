"""How a question is put to this library: with the forms and the spelling that its documents have.

The index holds words as they stand in the documents, stemmed as English. What else one means by a
word is found in the index's own list of words, when the question is asked: the forms of it in the
languages of the library (Snowball), the other ways to write Chinese signs, the words that a prefix
begins, and, for a word that no document holds, the nearest one.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

import apsw
import Stemmer

from indexer.search.pruning import MOST_PASSAGES, too_common
from indexer.search.spelling import nearest_term, written_form
from indexer.search.terms import Terms
from indexer.search.vocabulary import Vocabulary
from indexer.storage.database import id_list
from indexer.text.han import forms
from indexer.text.language import asked_in, small_words
from indexer.text.words import Query, has_cjk, parse_query
from indexer.types import Replaced, Wording

# Snowball's stemmers by ISO 639-1; the index stems English itself.
_STEMMERS = {
    "de": "german", "fr": "french", "es": "spanish", "it": "italian", "pt": "portuguese",
    "nl": "dutch", "sv": "swedish", "da": "danish", "no": "norwegian", "fi": "finnish",
    "hu": "hungarian", "ro": "romanian", "tr": "turkish", "pl": "polish", "cs": "czech",
    "ca": "catalan", "ru": "russian", "el": "greek",
}  # fmt: skip
# In these languages a word also stands for those that are joined of it and others: on one half of
# XQuAD's German questions hit@1 rose from 0.891 to 0.898, on the other half nothing changed. Stems
# of 8 letters and more alone gain half as much.
_COMPOUNDING = frozenset(
    {"german", "dutch", "swedish", "danish", "norwegian", "finnish", "hungarian"}
)
_COMPOUND_LETTERS = 6
# Letters that a word and its forms begin with: of fewer there are too many words.
_LEAST_LETTERS = 3
# Unknown words of a question for which others are looked for, at 9 ms each among 100,000 words.
_MOST_TRIED = 16
# Words that a prefix may stand for; the rest of them is left out.
_MOST_FORMS = 500


@dataclass(frozen=True, slots=True)
class Asked:
    """A question as it is put to the full text of one library."""

    query: Query
    expression: str | None
    # For words that no document holds: what is looked for instead, at a lower weight.
    instead: str | None
    # Any passage has to hold the first, none may hold the second.
    required: str | None
    excluded: str | None
    wording: Wording = field(default_factory=Wording)
    counted: int = 1  # how often each word is in the expression, and counts in its scores


class Wordings:
    """Puts questions to one library, over a connection that only reads."""

    def __init__(self, db: apsw.Connection, vocabulary: Vocabulary) -> None:
        self._db = db
        self._vocabulary = vocabulary
        self._terms = Terms(db, vocabulary.tokenizer)

    def of(self, question: str) -> Asked:
        """Return how a question is put; it holds until the next question is."""
        self._terms.clear()
        query = parse_query(question)
        query, missing = self._with_phrases(query)
        languages = self._languages()
        asked = asked_in(question, languages)
        words = [word for word in query.words if word.lower() not in small_words(asked)]
        spoken = (asked,) if asked else languages
        own = self._own(words or query.words, spoken) | self._prefixed(query.prefixes)
        replaced: list[Replaced] = []
        instead: list[str] = []
        unknown: list[str] = []
        for word in words or query.words:
            if word in own or self._is_known(word):
                continue
            tried = len(unknown) + len(replaced) < _MOST_TRIED
            term = nearest_term(self._db, self._vocabulary, word) if tried else None
            if term is None:
                unknown.append(word)
                continue
            marked = self._terms.mark([term])
            instead.append(marked)
            by = written_form(self._db, self._vocabulary, term, marked)
            replaced.append(Replaced(word, by))
        known = len(unknown) + len(replaced) < len(words or query.words)
        wording = Wording(
            tuple(replaced), tuple(unknown), tuple(missing), nothing_known=bool(unknown or replaced)
            and not (known or query.prefixes or query.phrases)
        )  # fmt: skip
        common = self._common(words or query.words, own)
        return Asked(
            query,
            query.expression_of(words or query.words, own, common),
            " OR ".join(dict.fromkeys(instead)) or None,
            query.requiring,
            query.excluding,
            wording,
            2 if common else 1,
        )

    def _common(self, words: Sequence[str], own: Mapping[str, str]) -> set[str]:
        """Return the words that are too common in this library to be looked for by themselves."""
        if len(words) * self._vocabulary.chunks() <= MOST_PASSAGES:
            return set()
        terms = {
            word: self._terms.forms(own[word]) if word in own else self._vocabulary.stems(word)
            for word in words
        }
        return too_common(
            {word: sum(map(self._vocabulary.frequency, terms[word])) for word in words}
        )

    def allowed(self, asked: Asked, scores: dict[int, float]) -> dict[int, float]:
        """Return those of some chunks that hold what is required, and nothing excluded."""
        left = set(scores)
        if asked.required:
            left &= self._matching(asked.required, left)
        if asked.excluded:
            left -= self._matching(asked.excluded, left)
        return {chunk: score for chunk, score in scores.items() if chunk in left}

    def _matching(self, expression: str, chunks: Collection[int]) -> set[int]:
        rows: list[Any] = self._db.execute(
            "SELECT rowid FROM chunk_words WHERE chunk_words MATCH ? "
            f"AND rowid IN ({id_list(chunks)})",
            (expression,),
        ).fetchall()
        return {row[0] for row in rows}

    # --- phrases -------------------------------------------------------------------------------

    def _with_phrases(self, query: Query) -> tuple[Query, list[str]]:
        """Require the phrases that stand somewhere; the others are their words, and are returned.

        Quotation marks are also put around a title, or around what somebody said in other words.
        """
        missing = [
            phrase for phrase in query.phrases
            if self._db.execute(
                "SELECT 1 FROM chunk_words WHERE chunk_words MATCH ? LIMIT 1", (f'"{phrase}"',)
            ).fetchone() is None
        ]  # fmt: skip
        return query.without_phrases(missing), missing

    # --- forms ---------------------------------------------------------------------------------

    def _languages(self) -> tuple[str, ...]:
        """Return the languages of the library's documents."""
        rows: list[Any] = self._db.execute(
            """WITH RECURSIVE each (language) AS (
                   SELECT min(language) FROM contents WHERE language > ''
                   UNION ALL
                   SELECT (SELECT min(language) FROM contents WHERE language > each.language)
                   FROM each WHERE each.language IS NOT NULL)
               SELECT language FROM each WHERE language IS NOT NULL"""
        ).fetchall()
        return tuple(row[0] for row in rows)

    def _own(self, words: Iterable[str], languages: Sequence[str]) -> dict[str, str]:
        """Return the marks of those words that the library has in several forms."""
        own: dict[str, str] = {}
        stemmers = [_STEMMERS[code] for code in languages if code in _STEMMERS]
        for word in words:
            terms = self._written(word) if has_cjk(word) else self._inflected(word, stemmers)
            if len(terms) > 1 or (terms and terms[0] != self._vocabulary.stem(word)):
                own[word] = self._terms.mark(terms)
        return own

    def _written(self, pair: str) -> list[str]:
        ways = forms(pair) if len(pair) > 1 else [pair]
        return [way for way in ways if len(ways) == 1 or self._vocabulary.holds(way)]

    def _inflected(self, word: str, stemmers: Sequence[str]) -> list[str]:
        if not stemmers or len(word) < _LEAST_LETTERS or not word.isalpha():
            return []
        term = self._vocabulary.stem(word)
        found = [term] if self._vocabulary.holds(term) else []
        for stemmer in stemmers:
            stem = _stem(stemmer, term)
            if len(stem) >= _LEAST_LETTERS:
                beginning = stem[: max(_LEAST_LETTERS, len(stem) - 1)]
                near = self._vocabulary.beginning_with(beginning)
                joined = stemmer in _COMPOUNDING and len(stem) >= _COMPOUND_LETTERS
                found += [
                    other for other in near
                    if _stem(stemmer, other) == stem or (joined and other.startswith(stem))
                ]  # fmt: skip
        return found

    def _prefixed(self, prefixes: Iterable[str]) -> dict[str, str]:
        """Return the marks of prefixes: FTS5 would stem them as if they were words."""
        marks: dict[str, str] = {}
        for prefix in prefixes:
            folded = self._vocabulary.folded(prefix)
            terms = self._vocabulary.beginning_with(folded)[:_MOST_FORMS]
            marks[f"{prefix}*"] = self._terms.mark(terms or [self._vocabulary.stem(prefix)])
        return marks

    def _is_known(self, word: str) -> bool:
        if has_cjk(word):
            return len(word) == 1 or self._vocabulary.holds(word)
        return all(map(self._vocabulary.holds, self._vocabulary.stems(word)))


@lru_cache(maxsize=20_000)
def _stem(language: str, term: str) -> str:
    return str(_stemmer(language).stemWord(term))


@lru_cache
def _stemmer(language: str) -> Any:
    return Stemmer.Stemmer(language)
