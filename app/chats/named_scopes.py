"""Selections as they are kept: a scope under its name, and the adapter that answers inside."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from app.chats.turns import read_scope, written_scope
from app.pipes.wire import ProtocolError, decode, encode, rebuild, take_apart
from indexer.storage.chats import list_selections
from indexer.types import Scope


@dataclass(frozen=True, slots=True)
class NamedScope:
    """What has a name."""

    scope: Scope
    adapter: str = ""  # the LoRA adapter with which is answered; "": as anywhere else


def written_selection(scope: Scope, adapter: str = "") -> str:
    """Return a selection as it is kept; without an adapter as every version reads it."""
    if not adapter:
        return written_scope(scope)
    return encode(take_apart(NamedScope(scope, adapter))).decode("ascii").strip()


def read_selection(text: str) -> NamedScope:
    """Return a selection; everything where it cannot be read."""
    try:
        named: NamedScope = rebuild(NamedScope, decode(text.encode()))
    except ProtocolError:
        return NamedScope(read_scope(text))
    return named


def adapter_for(database: Path, scope: Scope) -> str:
    """Return the adapter that a library has for a scope, as `adapter_among` does."""
    if not scope.paths or not database.exists():
        return ""
    return adapter_among(map(read_selection, list_selections(database).values()), scope)


def adapter_among(kept: Iterable[NamedScope], scope: Scope) -> str:
    """Return the adapter of the selection that is asked about; "" if it has none, or is none.

    Of several with the same folders and files the first one that has an adapter counts.
    """
    paths = frozenset(scope.paths)
    alike = (each.adapter for each in kept if frozenset(each.scope.paths) == paths)
    return next(filter(None, alike), "") if paths else ""
