"""The text of a PDF's page as people would have typed it, and whether it is text at all."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter

from indexer.readers.sheet import clean

# pdfium puts U+FFFE or U+0002 where a hyphen stood at a line's end and takes the line break away;
# U+00AD is a soft hyphen of the document's own.
_HYPHEN = re.compile(
    "(\\w*)(?:[\ufffe\x02][ \t]*\n?[ \t]*|\xad[ \t]*\n[ \t]*)(\\w*)"
    "|([^\\W\\d_]{2,})[-\u2010][ \t]*\n[ \t]*([^\\W\\d_]{2,})"
)
_WORD = re.compile(r"\w+")
_SPACES = re.compile(r"[ \t\xa0\u2000-\u200a\u202f\u3000]+")
_LINE_EDGES = re.compile(r" *\n *")
_EMPTY_LINES = re.compile(r"\n{3,}")
_CONTROLS = re.compile("[\x01-\x08\x0b\x0c\x0e-\x1f\x7f\xad\ufffe\uffff]")
_LIGATURES = {
    "\ufb00": "ff", "\ufb01": "fi", "\ufb02": "fl", "\ufb03": "ffi", "\ufb04": "ffl",
    "\ufb05": "st", "\ufb06": "st",
}  # fmt: skip
_LIGATURE = re.compile("[\ufb00-\ufb06]")
# First parts that keep their hyphen in English, and are not the beginning of longer words.
_KEEPS = frozenset("anti cross half high long low non self short third well".split())  # noqa: SIM905

# Names of glyphs that stand for characters which a font does not map to Unicode.
_GLYPH_NAMES = re.compile(r"\(cid:\d+\)|(?:/(?:[a-zA-Z]|uni|glyph|cid)\d{1,5}\s*){3,}")
_COMMON = frozenset("etaoinsr")
_VOWELS = frozenset("aeiouy")
_ENOUGH_LETTERS = 200  # below that the statistics of letters say nothing


def normalise(text: str) -> str:
    """Join what a line's end cut, and leave single spaces and at most one empty line."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    if _HYPHEN.search(text):
        words = {word.lower() for word in _WORD.findall(_HYPHEN.sub(" ", text))}
        text = _HYPHEN.sub(lambda match: _join(match, words), text)
    text = _CONTROLS.sub("", text)
    text = _LIGATURE.sub(lambda match: _LIGATURES[match.group()], text)
    text = _LINE_EDGES.sub("\n", _SPACES.sub(" ", text))
    return clean(_EMPTY_LINES.sub("\n\n", text).strip())


def is_garbled(text: str) -> bool:
    """Tell whether a page's text, as it was extracted, is not what is seen on the page.

    Fonts without a map to Unicode give replacement, control and private characters, names of
    glyphs, or letters of another alphabet that are shifted or mixed up. The limits are wide: a
    page of part numbers, formulas or symbols is not garbled.
    """
    squeezed = "".join(text.split())
    if len(squeezed) < 10:
        return False
    named = sum(len(name) for name in _GLYPH_NAMES.findall(text))
    counts = Counter(squeezed)
    odd = sum(count for sign, count in counts.items() if _is_odd(sign))
    if (named + odd) * 4 > len(squeezed):
        return True
    return (not squeezed.isascii() and _is_shifted(counts)) or _is_no_language(counts)


def _is_odd(sign: str) -> bool:
    """Tell whether a character has no meaning of its own (hyphens of pdfium's have)."""
    if sign.isascii():
        return not sign.isprintable() and sign != "\x02"
    if sign == "\ufffe":
        return False
    return sign == "\ufffd" or unicodedata.category(sign) in ("Cc", "Cn", "Co", "Cs")


def _is_shifted(counts: Counter[str]) -> bool:
    """Tell letters of another alphabet that were read by their codes.

    No language is written in accented letters or phonetic signs alone; Vietnamese, which has the
    most, comes to a third of its letters.
    """
    letters = strange = 0
    for sign, count in counts.items():
        if sign.isalpha():
            letters += count
            if "\x80" <= sign < "\u0370":
                strange += count
    return letters >= 10 and strange * 5 > letters * 3


def _is_no_language(counts: Counter[str]) -> bool:
    """Tell Latin letters in shares that no language has.

    The letters e, t, a, o, i, n, s, r make up half or more of European languages, of Vietnamese
    and of Pinyin, a third of evenly mixed letters; vowels a third or more, against a fifth.
    """
    letters = common = vowels = other = 0
    for sign, count in counts.items():
        if not sign.isalpha():
            other += count
            continue
        base = sign if sign.isascii() else unicodedata.normalize("NFD", sign)[0]
        if not base.isascii():
            other += count
            continue
        base = base.lower()
        letters += count
        common += count * (base in _COMMON)
        vowels += count * (base in _VOWELS)
    if letters < max(_ENOUGH_LETTERS, 2 * other):
        return False
    return common < 0.38 * letters and vowels < 0.22 * letters


def _join(match: re.Match[str], words: set[str]) -> str:
    """Decide whether a hyphen at a line's end belongs to the word; `words` are those of the page.

    In reports most do (non-GAAP, cash-generating), in justified prose hardly any.
    """
    left, right, before, after = match.groups()
    if before is not None:
        # A hyphen that pdfium left is only taken for a cut word where the word goes on.
        if not (before[-1].islower() and after[0].islower()):
            return match.group()
        left, right = before, after
    if not left or not right:
        return f"{left}-{right}" if left or right else ""
    first, second = left.lower(), right.lower()
    if first + second in words:
        return left + right
    keeps = (
        left[-1].isdigit()
        or not right[0].islower()  # a name or a number follows
        or first in _KEEPS
        or (first in words and second in words)
    )
    return f"{left}-{right}" if keeps else left + right
