"""What is kept although it is not there: said after a comparison, and forgotten when asked to."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

from app.commands import Context
from app.commands.scope import holds_any
from indexer.engine import Engine
from indexer.errors import IndexerError
from indexer.storage.ledger import FolderStates

# A folder's path, whether it is there, and how many files of it went at once.
_Told = tuple[Path, bool, int]


def presence(engine: Engine) -> set[_Told]:
    """Return what there is to say of each folder, to say no more than what is new next time."""
    states, _ = engine.store.folder_states()
    return {_told(folder) for folder in states}


def note_missing(
    context: Context, engine: Engine, among: Collection[Path], said: Collection[_Told] = ()
) -> None:
    """Say which folders are away, and of which so much is gone that their owner is asked."""
    states, _ = engine.store.folder_states()
    for folder in states:
        if folder.path not in among or _told(folder) in said:
            continue
        if not folder.online:
            context.output.note(f"{folder.path} {_away(folder.path)}")
        if folder.held:
            context.output.line({"type": "missing", "path": str(folder.path), "files": folder.held})
            context.output.note(
                f"{folder.held} files of {folder.path} went at once. They are kept until they are "
                f"back; if they were deleted, `sync --forget-missing {folder.path}`."
            )


def forget_missing(context: Context, engine: Engine, paths: list[Path]) -> None:
    """Forget the files under `paths` that are not there. Raises IndexerError."""
    for path in paths:
        if not holds_any(context, (path,)):
            raise IndexerError(
                "This is not in the library.", "`status --files` lists what is.", path
            )
    for folder in engine.store.folders():
        engine.reconcile(folder)
    count = engine.forget_missing(*paths)
    context.output.line({"type": "forgotten", "files": count})
    context.output.text(f"{count} missing {'file was' if count == 1 else 'files were'} forgotten.")


def _told(folder: FolderStates) -> _Told:
    return folder.path, folder.online, folder.held


def _away(path: Path) -> str:
    if path.exists():
        return (
            "is another folder or drive than what was added; the passages of that are kept. "
            f"`add {path}` takes what is there now instead."
        )
    return "is away; its passages are kept."
