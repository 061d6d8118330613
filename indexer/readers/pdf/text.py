"""The text of a PDF's page as people would have typed it, and whether it is text at all."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter

from indexer.readers.sheet import clean

# pdfium puts U+FFFE or U+0002 where a hyphen stood at a line's end and takes the line break away;
# U+00AD is a soft hyphen of the document's own. Other hyphens at a line's end pdfium left.
_CUT = re.compile("[\ufffe\x02][ \t]*\n?[ \t]*|[\xad\u2010-][ \t]*\n[ \t]*")
_CUTS = ("\ufffe", "\x02", "-\n", "\xad\n", "\u2010\n", " \n", "\t\n")  # one is in each of them
_WORD_BEFORE = re.compile(r"-?\w*\Z")
_WORD_BEHIND = re.compile(r"\A\w*-?")
_LONGEST_WORD = 60
_FEW = 50  # words that are looked for before all are counted
_WORD = re.compile(r"\w+")
_SPACES = re.compile("  +|[\xa0\u2000-\u200a\u202f\u3000][ \xa0\u2000-\u200a\u202f\u3000]*")
_TABS = re.compile(r" *\t[ \t]*")
_WIDE_TABS = (" \t", "\t ", "\t\t")
_LINE_EDGES = re.compile(r"[ \t]+\n[ \t]*|\n[ \t]+")
_EDGES = (" \n", "\n ", "\t\n", "\n\t")
_EMPTY_LINES = re.compile(r"\n{3,}")
_CONTROLS = re.compile("[\x01-\x08\x0b\x0c\x0e-\x1f\x7f\xad\ufffe\uffff]")
_LIGATURES = {
    "\ufb00": "ff", "\ufb01": "fi", "\ufb02": "fl", "\ufb03": "ffi", "\ufb04": "ffl",
    "\ufb05": "st", "\ufb06": "st",
}  # fmt: skip
# These, and letters of right-to-left scripts in the shapes that they have on paper.
_LIGATURE = re.compile("[\ufb00-\ufb06\ufb1d-\ufdff\ufe70-\ufefc]")
# What those above and `clean` change, but for runs of spaces. Nine pages in ten have none of it,
# and one search with some finds takes a third of the time of all substitutions.
_UNUSUAL = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\xa0\xad\u2000-\u200a\u202f\u3000\ud800-\udfff"
    "\ufb00-\ufb06\ufb1d-\ufdff\ufe70-\ufefc\ufffe\uffff]"
)
# First parts that keep their hyphen in English, and are not the beginning of longer words.
_KEEPS = frozenset("anti cross half high long low non self short third well".split())  # noqa: SIM905

# Names of glyphs that stand for characters which a font does not map to Unicode.
_GLYPH_NAMES = re.compile(r"\(cid:\d+\)|(?:/(?:[a-zA-Z]|uni|glyph|cid)\d{1,5}\s*){3,}")
# But for white space.
_ODD = re.compile(
    "[\x00\x01\x03-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\ufffd\ue000-\uf8ff\U000e0000-\U0010ffff]"
)
_COMMON = frozenset("etaoinsr")
_LEAST_COMMON = 0.38
_VOWELS = frozenset("aeiouy")
_LOOKED_AT = 1_500  # characters of a page
_ENOUGH_LETTERS = 200  # below that the statistics of letters say nothing


def normalise(text: str) -> str:
    """Join what a line's end cut, and leave single spaces and tabs and at most one empty line."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    if any(sign in text for sign in _CUTS):
        text = _joined(text)
    is_usual = _UNUSUAL.search(text) is None
    if not is_usual:
        text = _LIGATURE.sub(_spelled, _CONTROLS.sub("", text))
    if not is_usual or "  " in text:
        text = _SPACES.sub(" ", text)
    if any(tab in text for tab in _WIDE_TABS):
        text = _TABS.sub("\t", text)
    if any(edge in text for edge in _EDGES):
        text = _LINE_EDGES.sub("\n", text)
    if "\n\n\n" in text:
        text = _EMPTY_LINES.sub("\n\n", text)
    text = text.strip()
    return text if is_usual else clean(text)


def _spelled(match: re.Match[str]) -> str:
    sign = match.group()
    return _LIGATURES.get(sign) or unicodedata.normalize("NFKC", sign)


def is_garbled(text: str) -> bool:
    """Tell whether a page's text, as it was extracted, is not what is seen on the page.

    Fonts without a map to Unicode give replacement, control and private characters, names of
    glyphs, or letters of another alphabet that are shifted or mixed up. The limits are wide: a
    page of part numbers, formulas or symbols is not garbled.
    """
    text = text[:_LOOKED_AT]
    named = 0
    if "/" in text or "(cid:" in text:
        named = sum(map(len, _GLYPH_NAMES.findall(text)))
    if not named and not _ODD.search(text):
        # Most pages: it is quicker to count ten signs than all of them.
        small = text.lower()
        length = len(small) - small.count(" ") - small.count("\n")
        if sum(map(small.count, _COMMON)) > _LEAST_COMMON * length:
            return False
    squeezed = "".join(text.split())
    if len(squeezed) < 10:
        return False
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
    return common < _LEAST_COMMON * letters and vowels < 0.22 * letters


def _joined(text: str) -> str:
    """Make words whole that were cut at a line's end."""
    cuts = []
    for match in _CUT.finditer(text):
        before = text[max(0, match.start() - _LONGEST_WORD) : match.start()]
        behind = text[match.end() : match.end() + _LONGEST_WORD]
        cuts.append((match, _WORD_BEFORE.findall(before)[0], _WORD_BEHIND.findall(behind)[0]))
    if not cuts:
        return text
    halves = Counter(half.strip("-").lower() for _, *two in cuts for half in two)
    words = _Words(text.lower(), halves)
    parts, end = [], 0
    for match, before, behind in cuts:
        parts += [text[end : match.start()], _between(match, before, behind, words)]
        end = match.end()
    return "".join([*parts, text[end:]])


class _Words:
    """The words of a page, without the halves of those that were cut."""

    def __init__(self, text: str, halves: Counter[str]) -> None:
        self._text = text
        self._halves = halves
        self._looked = 0
        self._counts: Counter[str] | None = None

    def __contains__(self, word: str) -> bool:
        if self._counts is None:
            self._looked += 1
            if self._looked < _FEW and self._text.count(word) <= self._halves[word]:
                return False  # without counting all words
            self._counts = Counter(_WORD.findall(self._text))
        return self._counts[word] > self._halves[word]


def _between(match: re.Match[str], left: str, right: str, words: _Words) -> str:
    """Return what stands between the halves of a cut word: nothing, or a hyphen that is its own.

    In reports most are (non-GAAP, cash-generating), in justified prose hardly any.
    """
    if match.group()[0] in "-\u2010" and not (left[-1:].islower() and right[:1].islower()):
        return match.group()
    if not left or not right:
        return "-" if left or right else ""
    if left[0] == "-" or right[-1] == "-":
        return "-"  # state-of-the-art
    first, second = left.lower(), right.lower()
    if first + second in words:
        return ""
    keeps = (
        left[-1].isdigit()
        or not right[0].islower()  # a name or a number follows
        or first in _KEEPS
        or (first in words and second in words)
    )
    return "-" if keeps else ""
