"""status: what the library holds, and what became of each file."""

from __future__ import annotations

import argparse
from contextlib import closing
from pathlib import Path
from typing import Any

import apsw

from app.commands import Context
from app.output import file_line, file_text
from app.paths import absolute
from app.pausing.pressure import SENTENCES
from app.pausing.waits import told
from indexer.folders.identity import standing
from indexer.storage.database import in_words, open_for_reading
from indexer.storage.ledger import (
    ledger,
    pages_waiting,
    passwords_wanted,
    path_of,
    state_counts,
    under,
)
from indexer.storage.lessons import count_lessons
from indexer.types import State

_NOT_READ = (State.FAILED, State.QUARANTINED, State.PARTIAL)


def status(context: Context, arguments: argparse.Namespace) -> int:
    """Print counts by state, and the lines of the ledger that are asked for."""
    output = context.output
    database = context.profile.database
    counts = dict.fromkeys(State, 0)
    folders: list[dict[str, object]] = []
    totals = {"chunks": 0, "vectors": 0, "pages_waiting": 0, "lessons": 0}
    encrypted = 0
    listing = bool(arguments.files or arguments.states or arguments.inside)
    if database.exists():
        with in_words(database), closing(open_for_reading(database)) as db:
            counts |= {State(state): count for state, count in state_counts(db)}
            folders = _folders(db)
            totals = {
                "chunks": int(db.execute("SELECT count(*) FROM chunks").get),
                "vectors": int(db.execute("SELECT count(*) FROM vectors").get),
                "pages_waiting": pages_waiting(db),
                "lessons": count_lessons(db),
            }
            encrypted = passwords_wanted(db)
            if listing:
                clause, values = under([absolute(path) for path in arguments.inside])
                for item in ledger(db, clause, values):
                    if not arguments.states or item.state in arguments.states:
                        output.line(file_line(item))
                        output.text(file_text(item))
    waits = told(context.profile)
    output.line(
        {
            "type": "status",
            "folders": folders,
            "files": {state.value: count for state, count in counts.items()},
            **totals,
            "waits": waits,
            "bytes": _size(context.profile.root),
        }
    )
    for folder in folders:
        missing = f", {folder['missing']} missing" if "missing" in folder else ""
        output.text(f"{folder['path']}  {folder['files']} files, {folder['state']}{missing}")
    if not folders:
        output.text("The library is empty. `add FOLDER` puts documents into it.")
    output.text(
        ", ".join(f"{count} {state}" for state, count in counts.items() if count) or "No files yet."
    )
    output.text(f"{totals['chunks']} passages, {totals['vectors']} searchable by meaning.")
    if totals["lessons"]:
        output.text(f"{totals['lessons']} lessons. `lessons` lists them.")
    if waits is not None:
        output.text(f"Indexing waits: {SENTENCES[waits]}.")
    if totals["pages_waiting"]:
        output.text(f"{totals['pages_waiting']} pages wait for text recognition.")
    if encrypted:
        output.text(f"Encrypted: {encrypted}. `unlock PATH` asks for a file's password.")
    if not listing and any(counts[state] for state in _NOT_READ):
        output.text("`status --state failed,partial` says what could not be read, and why.")
    return 0


def _folders(db: apsw.Connection) -> list[dict[str, object]]:
    rows: list[Any] = db.execute(
        "SELECT path, online, identity, "
        "(SELECT count(*) FROM files WHERE folder_id = folders.id), "
        "(SELECT count(*) FROM files WHERE folder_id = folders.id AND presence IN (1, 3)) "
        "FROM folders ORDER BY id"
    ).fetchall()
    return [
        {
            "path": str(path_of(path)),
            # The disk is asked, not the memory of the last sync.
            "state": "online" if _is_there(path_of(path), bool(online), identity) else "away",
            "files": files,
            **({"missing": missing} if missing else {}),
        }
        for path, online, identity, files, missing in rows
    ]


def _is_there(path: Path, online: bool, identity: str) -> bool:
    if not path.exists():
        return False
    # Another drive may stand at its place; or the same one, which came back since the last look.
    return online or ((there := standing(path)) is not None and there.lasting == identity)


def _size(root: Path) -> int:
    return sum(file.stat().st_size for file in root.rglob("*") if file.is_file())
