"""Pure: what a watcher heard becomes the folders that are worth a look.

What exactly happened does not matter and is often told wrong; where it happened is enough, since
the disk is compared with the ledger there.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from indexer.folders.ignoring import left_out


@dataclass(frozen=True, slots=True)
class Change:
    """A raw event: paths as the system spells them, "" where there is none."""

    path: str
    moved_to: str = ""
    is_folder: bool = False
    created: bool = False


@dataclass(frozen=True, slots=True)
class Look:
    """A folder to compare with the disk: its own entries, or `deep` all that lies below."""

    folder: Path
    deep: bool = False


def looks(changes: Iterable[Change], root: Path, real: Path | None = None) -> list[Look]:
    """Return the looks that these changes below a root ask for, folded.

    `real` is the root as the system spells it in events, where that differs (behind a link).
    """
    spelled = os.fspath(real or root)
    return fold(look for change in changes for look in _looks(change, root, spelled.rstrip(os.sep)))


def fold(wanted: Iterable[Look]) -> list[Look]:
    """Return one look a folder, without those that a deep one above them covers, by path."""
    deep: dict[Path, bool] = {}
    for look in wanted:
        deep[look.folder] = deep.get(look.folder, False) or look.deep
    folded: list[Look] = []
    above: Path | None = None
    for folder in sorted(deep, key=lambda folder: folder.parts):
        if above is not None and folder.is_relative_to(above):
            continue
        if deep[folder]:
            above = folder
        folded.append(Look(folder, deep[folder]))
    return folded


def _looks(change: Change, root: Path, spelled: str) -> Iterator[Look]:
    yield from _looks_at(change.path, root, spelled, new=change.is_folder and change.created)
    yield from _looks_at(change.moved_to, root, spelled, new=change.is_folder)


def _looks_at(path: str, root: Path, spelled: str, *, new: bool) -> Iterator[Look]:
    if not path:
        return
    if not path.startswith(spelled + os.sep):
        # The root itself, or a spelling that we don't know: all of it may have changed.
        yield Look(root, deep=True)
        return
    place = root / path[len(spelled) + 1 :]
    parents = place.parent.relative_to(root).parts
    if any(left_out(os.fsencode(parent)) for parent in parents):
        return
    # Other rules hold from there down.
    yield Look(place.parent, deep=place.name == ".gitignore")
    if new and not left_out(os.fsencode(place.name)):
        # It came with all that is in it, maybe to a place where another of its name was.
        yield Look(place, deep=True)
