"""backup, restore, relink: a library as one file, and folders that stand in another place."""

from __future__ import annotations

import argparse
from collections.abc import Iterable
from contextlib import closing
from pathlib import Path

from app.commands import Context
from app.library import open_engine
from app.paths import Profile, absolute
from indexer.storage.backup import Step, back_up, read_member
from indexer.storage.key_file import KEY_FILE, WrappedKey, key_file, load_keys, read_keys, save_keys
from indexer.storage.restoring import restore as restore_library
from indexer.vectors.cache import remove_caches
from models.state import discard_states

_MEGABYTE = 2**20


def backup(context: Context, arguments: argparse.Namespace) -> int:
    """Write the whole library to one file, which is read again before it is there."""
    profile, target = context.profile, absolute(arguments.file)
    _show(context, back_up(profile.database, _beside(profile), target))
    size = target.stat().st_size
    context.output.line({"type": "backup", "path": str(target), "bytes": size})
    context.output.text(
        f"The library was written to {target} ({max(1, size // _MEGABYTE)} MB) and verified. "
        "Models are in it by their names only."
    )
    return 0


def restore(context: Context, arguments: argparse.Namespace) -> int:
    """Replace the library by that of a backup."""
    profile, source = context.profile, absolute(arguments.file)
    file = key_file(profile.database)
    before, keys = load_keys(file), _keys_in(source)
    key = context.owner.key_among(keys, source) if keys else None
    beside = {profile.settings.name: profile.settings}
    try:
        save_keys(file, [*before, *keys])
        _show(context, restore_library(source, profile.database, beside, key))
    except BaseException:
        save_keys(file, before)
        raise
    save_keys(file, keys)
    remove_caches(profile.caches)
    discard_states(profile.caches)
    context.output.line({"type": "restored", "path": str(source)})
    context.output.text(f"The library is as it was in {source}. `sync` compares it with the disk.")
    return 0


def relink(context: Context, arguments: argparse.Namespace) -> int:
    """Say that what was added at one place stands at another one now."""
    new = absolute(arguments.new)
    with closing(open_engine(context.profile, None)) as engine:
        # As it is written, too: it may be a path of the system that the library came from.
        found = engine.relink(
            (absolute(arguments.old), arguments.old), new, anyway=arguments.anyway
        )
    context.output.line(
        {
            "type": "relinked", "old": str(found.old), "new": str(new), "same": found.same,
            "changed": found.changed, "missing": found.missing,
        }
    )  # fmt: skip
    context.output.text(
        f"{found.old} is {new} now: {found.same} files are the same, {found.changed} have "
        f"changed, {found.missing} are missing. Nothing has to be read again but what changed: "
        "`sync` does that."
    )
    return 0


def _beside(profile: Profile) -> dict[str, Path]:
    return {profile.settings.name: profile.settings, KEY_FILE: key_file(profile.database)}


def _keys_in(source: Path) -> list[WrappedKey]:
    raw = read_member(source, KEY_FILE)
    return [] if raw is None else read_keys(raw, source)


def _show(context: Context, steps: Iterable[Step]) -> None:
    for step in steps:
        show_step(context, step)
    context.output.clear()


def show_step(context: Context, step: Step) -> None:
    """Show how far a work on the whole library is."""
    context.output.progress(
        f"{step.what} (MB)", step.done // _MEGABYTE, max(1, step.total // _MEGABYTE)
    )
