"""Whether a small model has begun to repeat itself, which greedy writing falls into.

A repetition penalty is no way out: at 1.1, over the written tokens alone, the starter model turned
"330 metres" into "320 metres", because a 3 had just been written.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

LOOP_TOKENS = 24  # the answer ends where so many tokens stood in it before ...
_SAME_LINES = 3  # ... or where so many lines were the same but for their numbers
_LIST_MARK = re.compile(r"^\s*(?:[-*+]|\d+[.)])\s*")


def repeats_lines(text: str) -> bool:
    """Tell whether the last lines are one and the same, whatever their numbers in a list."""
    lines = [_LIST_MARK.sub("", line).strip() for line in text.splitlines() if line.strip()]
    last = lines[-_SAME_LINES:]
    return len(last) == _SAME_LINES and len(set(last)) == 1


def loops(written: Sequence[int]) -> bool:
    """Whether the last LOOP_TOKENS tokens stood there before."""
    tail = written[-LOOP_TOKENS:]
    starts = range(len(written) - LOOP_TOKENS)
    return any(written[i] == tail[0] and written[i : i + LOOP_TOKENS] == tail for i in starts)
