"""A text's sentences, in the languages of an answer."""

from __future__ import annotations

import re
from collections.abc import Iterator

_LIST_MARK = re.compile(r"^\s*(?:[-*•·‣◦]|\(?\d{1,2}[.)、])\s+")
_END = re.compile(
    r"""(?P<stop>[.!?…]+["'”’)\]»]*)(?=\s|$)|[。！？；｡]+["'”’」』）]*|\n\s*(?=\n|[-*•·‣◦]\s|\(?\d{1,2}[.)、]\s)"""
)
_ABBREVIATIONS = (
    "dr mr mrs ms prof st no nr vs etc e.g i.e fig eq al approx dept inc ltd co corp jr sr vol pp "
    "art sec ca z.b d.h bzw usw u.a p.ej jan feb mar apr jun jul aug sep sept oct nov dec"
)
_SHORT = frozenset(_ABBREVIATIONS.split())


def split_sentences(text: str) -> list[str]:
    """Split a text into its sentences; items of a list are sentences, their marks are dropped."""
    sentences, start = [], 0
    for end in (*sentence_ends(text), len(text)):
        sentence = _LIST_MARK.sub("", text[start:end]).strip()
        if any(sign.isalnum() for sign in sentence):
            sentences.append(sentence)
        start = end
    return sentences


def sentence_ends(text: str) -> Iterator[int]:
    """Yield the offset behind each sentence of a text."""
    for match in _END.finditer(text):
        if match["stop"] == ".":
            before = text[: match.start()][-12:].split()
            word = before[-1].strip("(\"'“").casefold() if before else ""
            # An abbreviation, an initial or the mark of a list is no end.
            if word in _SHORT or (len(word) == 1 and word.isalpha()) or _is_list_mark(text, match):
                continue
        yield match.end()


def _is_list_mark(text: str, match: re.Match[str]) -> bool:
    line = text[text.rfind("\n", 0, match.start()) + 1 : match.start()].strip()
    return line.isdecimal() and len(line) <= 2
