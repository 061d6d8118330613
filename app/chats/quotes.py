"""Quotes as they are kept with an answer: places in pages, never text of a document."""

from __future__ import annotations

from dataclasses import dataclass

from indexer.types import Hit


@dataclass(frozen=True, slots=True)
class Quote:
    """Characters of the page that a passage stands on; `number` is the passage's, 0 without one."""

    number: int
    chunk: int
    start: int
    end: int


def place_of(number: int, hit: Hit, quote: str) -> Quote:
    """Return where a quote stands."""
    at = hit.text.find(quote)
    # A quote that is put together of what stands apart is its passage.
    start, end = (at, at + len(quote)) if at >= 0 else (0, len(hit.text))
    return Quote(number, hit.chunk, hit.start + start, hit.start + end)


def text_of(quote: Quote, hit: Hit) -> str:
    """Return what stands at a place."""
    return hit.text[max(0, quote.start - hit.start) : max(0, quote.end - hit.start)]
