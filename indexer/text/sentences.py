"""Where sentences end, in text that may be wrapped, listed or tabled."""

from __future__ import annotations

import re

SENTENCE_END = re.compile(r"[.!?…][\"'”’)\]]*(?=\s)|[。！？；][”’」』）]*")
_BLANK_LINE = re.compile(r"\n[ \t]*\n")
_LIST_ITEM = re.compile(r"[ \t]*(?:[-*•‣·|#>]|\d{1,3}[.)]\s|[(（]?[一二三四五六七八九十]+[、）)])")
# "Dr. Smith" and "3. Item": a full stop after these ends no sentence.
_ABBREVIATION = re.compile(
    r"(?:\b(?:Mr|Mrs|Ms|Dr|Prof|St|No|Nos|vs|etc|e\.g|i\.e|cf|Fig|Figs|al|approx|Inc|Ltd|Co|Corp"
    r"|Jr|Sr|Art|Sec|pp?)|\b[A-Z]|(?:^|[\n#])[ \t]*\d{1,3})\.$"
)
# A line this much shorter than the longest was ended by its author, not by the margin.
_SHORT_LINE = 0.7


def sentence_spans(text: str, *, lines: bool = False) -> list[tuple[int, int]]:
    """Return (start, end) of each sentence, without the white space around it.

    With `lines` every line ends a sentence (tables, source code).
    """
    ends = {match.end() for match in SENTENCE_END.finditer(text)}
    ends -= {end for end in ends if _ABBREVIATION.search(text[max(0, end - 12) : end])}
    ends |= {match.start() for match in _BLANK_LINE.finditer(text)}
    ends |= _line_ends(text, every=lines)
    spans = []
    start = 0
    for end in [*sorted(ends), len(text)]:
        piece = text[start:end]
        left = start + len(piece) - len(piece.lstrip())
        right = start + len(piece.rstrip())
        if right > left:
            spans.append((left, right))
        start = end
    return spans


def _line_ends(text: str, *, every: bool) -> set[int]:
    breaks = [match.start() for match in re.finditer(r"\n", text)]
    if every or not breaks:
        return set(breaks)
    starts = [0, *(at + 1 for at in breaks)]
    longest = max(end - start for start, end in zip(starts, [*breaks, len(text)], strict=True))
    ends = set()
    for start, end in zip(starts, breaks, strict=False):
        following = text[end + 1 : end + 12]
        if _LIST_ITEM.match(following) or (
            end - start < _SHORT_LINE * longest and not following[:1].islower()
        ):
            ends.add(end)
    return ends
