"""search: passages, best first."""

from __future__ import annotations

import argparse
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from typing import Any

from app.commands import Context
from app.commands.batch import read_batch
from app.commands.scope import note_coverage, note_what_is_missing, note_wording, scope_of
from app.commands.selections import use_selection
from app.index_worker.serving import serving
from app.library import open_embedder, open_searcher
from app.output import also_text, coverage_fields, hit_line, place, taught_text, wording_fields
from indexer.search.searcher import Searcher
from indexer.types import AS_WRITTEN, Mode, Scope

_SHOWN_CHARACTERS = 300


@dataclass(frozen=True, slots=True)
class _Request:
    id: str | None
    query: str
    scope: Scope


def search(context: Context, arguments: argparse.Namespace) -> int:
    """Print the passages that answer one query, or each of a batch."""
    use_selection(context, arguments)
    mode = Mode(arguments.mode)
    embedder = None if mode is Mode.WORDS else open_embedder(context.profile, context.settings)
    if embedder is None and mode is Mode.MEANING:
        context.output.note("No encoder is prepared: the words decide alone.")
    with closing(open_searcher(context.profile, serving(context.profile, embedder))) as searcher:
        for request in _requests(arguments):
            _search(context, searcher, request, arguments.k, mode)
    return 0


def _requests(arguments: argparse.Namespace) -> Iterator[_Request]:
    scope = scope_of(arguments)
    if arguments.batch is None:
        yield _Request(None, " ".join(arguments.query), scope)
        return
    for item in read_batch(arguments.batch):
        yield _Request(item.id, item.query, scope_of(arguments, item.inside))


def _search(context: Context, searcher: Searcher, request: _Request, k: int, mode: Mode) -> None:
    output = context.output
    started = time.perf_counter()
    asked = bool(request.query.strip())
    hits = searcher.search(request.query, k, request.scope, mode) if asked else []
    milliseconds = (time.perf_counter() - started) * 1000
    for hit in hits:
        output.line(hit_line(hit, request.id))
        text = " ".join(hit.text.split())
        shown = text if len(text) <= _SHOWN_CHARACTERS else f"{text[:_SHOWN_CHARACTERS]} …"
        output.text(f"{hit.rank}. {place(hit)}\n   {shown}{also_text(hit)}{taught_text(hit)}")
    done: dict[str, Any] = {"type": "done", "id": request.id, "hits": len(hits)}
    coverage = searcher.coverage(request.scope)
    wording = searcher.wording(request.query) if asked else AS_WRITTEN
    fields = {**coverage_fields(coverage), **wording_fields(wording)}
    output.line({**done, "ms": round(milliseconds, 1), **fields})
    note_wording(context, wording, found=bool(hits))
    if not hits:
        output.text("Nothing was found.")
        note_what_is_missing(context, request.scope)
    note_coverage(context, coverage)
