"""Chinese signs that are written in several ways: traditional, simplified, and older forms.

The index holds what the documents have; a question is looked for in all forms of its signs.
"""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from itertools import islice, product

_MOST_FORMS = 16


@cache
def _variants() -> dict[str, str]:
    lines = (files("resources") / "han_variants.txt").read_text("utf-8").splitlines()
    return {sign: line for line in lines if not line.startswith("#") for sign in line}


def forms(pair: str) -> list[str]:
    """Return the ways to write a few signs, as they were written first."""
    ways = [(sign, *_variants().get(sign, "").replace(sign, "")) for sign in pair]
    return ["".join(signs) for signs in islice(product(*ways), _MOST_FORMS)]
