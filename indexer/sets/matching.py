"""Which contents hold the words of a question: found by the full text, made sure by the text.

The index knows stems only, under which "arbitrary" may meet "arbitrate": what it finds is looked at
again, so that only the word itself, its plural and its possessive count.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

import apsw

from indexer.storage.database import id_list
from indexer.text.han import forms
from indexer.text.words import CJK, folded_words, has_cjk, normalise

_GERMAN_ENDINGS = "s|es|n|en|e|er|ern|em"
_BETWEEN = r"[^\w]{1,5}"
_TEXTS_AT_ONCE = 500
_WORDS = re.compile(rf"[{CJK}]+|[^\W{CJK}]+")


@dataclass(frozen=True, slots=True)
class Place:
    """Where a content holds what was looked for; offsets in its page's text."""

    page: int  # the id of the row
    start: int
    end: int


@cache
def word_pattern(text: str, *, exact: bool, german: bool) -> re.Pattern[str]:
    """Return what finds words in a text, one behind the other, in the forms that count."""
    parts = []
    for word in _WORDS.findall(normalise(text)):
        if has_cjk(word):
            signs = (f"[{''.join(re.escape(form) for form in forms(sign))}]" for sign in word)
            parts.append(r"\s*".join(signs))
        else:
            inflected = re.escape(word) if exact else _inflected(word, german=german)
            parts.append(rf"(?<![^\W{CJK}]){inflected}(?![^\W{CJK}])")
    if len(parts) > 1 and not has_cjk(text):
        return re.compile(_BETWEEN.join(parts), re.IGNORECASE)
    return re.compile(r"[^\w]{0,5}".join(parts), re.IGNORECASE)


def _inflected(word: str, *, german: bool) -> str:
    low = word.lower()
    if german:
        base = re.sub(r"(?:en|es|er|n|e|s)$", "", low) if len(low) > 5 else low
        return rf"(?:{re.escape(low)}|{re.escape(base)})(?:{_GERMAN_ENDINGS})?"
    own = r"(?:['’]s?)?"
    if low.endswith("ies") and len(low) > 4:
        return rf"{re.escape(low[:-3])}(?:y|ies){own}"
    if low.endswith("y") and len(low) > 3:
        return rf"{re.escape(low[:-1])}(?:y|ys|ies){own}"
    if low.endswith(("ses", "xes", "ches", "shes", "zes")):
        return rf"{re.escape(low[:-2])}(?:e|es)?{own}"
    base = low[:-1] if low.endswith("s") and not low.endswith(("ss", "us", "is")) else low
    ends = "s|es" if base[-1:] in "sxzho" else "s"
    return rf"{re.escape(base)}(?:{ends})?{own}"


class Matching:
    """Finds words over one connection that only reads."""

    def __init__(self, db: apsw.Connection, *, german: bool) -> None:
        self._db = db
        self._german = german
        self.apart: list[str] = []  # words that stand nowhere side by side

    def holding(self, option: str, contents: set[int], *, exact: bool) -> dict[int, Place]:
        """Return the contents of some that hold words, with the first place in each."""
        found = self._verified(option, contents, exact=exact)
        words = option.split()
        if found or exact or len(words) < 2:
            return found
        # Nowhere side by side: then all of them, wherever they stand.
        single = [self._verified(word, contents, exact=False) for word in words]
        both = set.intersection(*(set(each) for each in single))
        if both:
            self.apart.append(option)
        return {content: single[0][content] for content in both}

    def _verified(self, text: str, contents: set[int], *, exact: bool) -> dict[int, Place]:
        pattern = word_pattern(text, exact=exact, german=self._german and not exact)
        found: dict[int, Place] = {}
        candidates = sorted(self._candidates(text, contents))
        for page, content, body in texts_of(self._db, candidates):
            if content in found:
                continue
            match = pattern.search(body) or pattern.search(normalise(body))
            if match is not None:
                found[content] = Place(page, match.start(), match.end())
        return found

    def _candidates(self, text: str, contents: set[int]) -> set[int]:
        """Return the contents that hold the stem of each word somewhere."""
        left = contents
        for word in dict.fromkeys(folded_words(text)):
            if not left:
                break
            expression = " OR ".join(
                f'{{body}} : "{form}"{star}' for form, star in self._spelled(word)
            )
            rows = self._db.execute(
                """SELECT DISTINCT content_id FROM chunks WHERE id IN
                   (SELECT rowid FROM chunk_words WHERE chunk_words MATCH ?)""",
                (expression,),
            )
            left = left & {int(row[0]) for row in rows}
        return left

    def _spelled(self, word: str) -> Iterator[tuple[str, str]]:
        if has_cjk(word):
            for form in forms(word):
                yield form, "*" if len(form) == 1 else ""
            return
        yield word, ""
        if self._german and len(word) > 5:
            # Stems of the index are English ones.
            yield re.sub(r"(?:en|es|er|n|e|s)$", "", word), "*"


def texts_of(db: apsw.Connection, contents: Iterable[int]) -> Iterator[tuple[int, int, str]]:
    """Yield the id, the content and the text of each page of some contents, in order."""
    wanted = list(contents)
    for at in range(0, len(wanted), _TEXTS_AT_ONCE):
        rows: Any = db.execute(
            f"""SELECT id, content_id, text FROM pages
                WHERE content_id IN ({id_list(wanted[at : at + _TEXTS_AT_ONCE])}) ORDER BY id"""
        )
        yield from rows
