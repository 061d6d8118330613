"""The same documents under another root: a moved disk, another user's name, another drive letter.

Paths are changed, and nothing is read or embedded again but what turns out to be other than it
was. A library that was copied from another system has paths in that system's form.
"""

from __future__ import annotations

import hashlib
import os
import stat
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import apsw

from indexer.errors import IndexerError
from indexer.storage.database import transaction
from indexer.storage.ledger import path_of, under

_SEP = os.fsencode(os.sep)
_SEPARATORS = b"/\\"
_LEAST_SAME = 0.5  # of the files; with fewer it is more likely the wrong folder


@dataclass(frozen=True, slots=True)
class Relinked:
    """What a new root holds of the files that were known under the old one."""

    old: Path
    same: int
    changed: int
    missing: int


@dataclass(frozen=True, slots=True)
class _File:
    """A file at its new place."""

    id: int
    path: bytes
    state: str  # same, changed, missing
    size: int
    mtime_ns: int


def relink(
    db: apsw.Connection, database: Path, olds: Sequence[str | Path], new: Path, *, anyway: bool
) -> Relinked:
    """Let all folders at or below a path stand under `new`; `olds` are ways to write that path.

    A file is the same by its size and time, or by its size and its bytes. Raises IndexerError, and
    changes nothing, if there is no such folder, if another one is in the way, or if fewer than half
    of the files are there, unless they are to be taken `anyway`.
    """
    old, folders = _folders(db, olds)
    if not new.exists():
        raise IndexerError(
            "There is no such folder or file.", "Check how the path is written.", new
        )
    target = os.fsencode(new)
    _require_free(db, [id_ for id_, _ in folders], new)
    marks = ",".join(str(id_) for id_, _ in folders)
    rows: list[Any] = db.execute(
        f"""SELECT files.id, path, size, mtime_ns, substr(identity, 1, 32) FROM files
            LEFT JOIN contents ON contents.id = content_id
            WHERE folder_id IN ({marks}) AND files.state != 'skipped' ORDER BY path"""
    ).fetchall()
    found = [
        _look(id_, _moved(path, old, target), size, mtime_ns, sha256)
        for id_, path, size, mtime_ns, sha256 in rows
    ]
    count = [sum(file.state == state for file in found) for state in ("same", "changed", "missing")]
    same, known = count[0], len(found)
    if same < _LEAST_SAME * known and not anyway:
        raise IndexerError(
            f"Only {same} of {known} files are the same there.",
            "Choose the folder that holds them, or use `relink` with --anyway.",
            new,
        )
    others: list[Any] = db.execute(
        f"SELECT id, path FROM files WHERE folder_id IN ({marks}) AND state = 'skipped'"
    ).fetchall()
    with transaction(db, database):
        for table, paths in (
            ("folders", folders),
            ("files", [(id_, path) for id_, path, *_ in (*rows, *others)]),
        ):
            # In two steps: a new path may be the old one of another file.
            db.executemany(
                f"UPDATE {table} SET path = ? WHERE id = ?",
                ((b"\0" + _moved(path, old, target), id_) for id_, path in paths),
            )
            db.execute(f"UPDATE {table} SET path = substr(path, 2) WHERE substr(path, 1, 1) = ?",
                       (b"\0",))  # fmt: skip
        db.executemany(
            "UPDATE files SET size = ?, mtime_ns = ?, presence = 0 WHERE id = ?",
            ((file.size, file.mtime_ns, file.id) for file in found if file.state == "same"),
        )
        db.execute(
            f"UPDATE folders SET online = 1, identity = '', volumes = '{{}}' WHERE id IN ({marks})"
        )
    return Relinked(path_of(old), *count)


def _folders(
    db: apsw.Connection, olds: Sequence[str | Path]
) -> tuple[bytes, list[tuple[int, bytes]]]:
    """Return how the library writes a path, and its folders at or below it."""
    every: list[Any] = db.execute("SELECT id, path FROM folders WHERE NOT removing").fetchall()
    for written in olds:
        old = os.fsencode(written).rstrip(_SEPARATORS)
        inside = tuple(old + bytes([separator]) for separator in _SEPARATORS)
        if old and (chosen := [row for row in every if row[1] == old or row[1].startswith(inside)]):
            return old, chosen
    raise IndexerError(
        "No folder of the library stands there.", "`status` lists them as they were added.",
        Path(olds[0]),
    )  # fmt: skip


def _require_free(db: apsw.Connection, moving: Sequence[int], new: Path) -> None:
    clause, values = under([new])
    around = [os.fsencode(place) for place in (new, *new.parents)]
    taken = db.execute(
        f"SELECT path FROM folders WHERE id NOT IN ({','.join(map(str, moving))}) "
        f"AND (path IN ({','.join('?' * len(around))}) OR {clause})",
        (*around, *values),
    ).fetchone()
    if taken:
        raise IndexerError(
            "This folder, or a part of it, is in the library already.",
            "`remove` the one that you don't need.",
            new,
        )


def _moved(path: bytes, old: bytes, new: bytes) -> bytes:
    rest = path[len(old) :]
    if rest and _SEP not in rest[:1]:
        rest = rest.translate(bytes.maketrans(rest[:1], _SEP))
    return new.rstrip(_SEP) + rest if rest else new


def _look(id_: int, path: bytes, size: int, mtime_ns: int, sha256: bytes | None) -> _File:
    """Compare a file with what is known of it; its bytes only where its time says nothing."""
    state, now = "missing", mtime_ns
    with suppress(OSError):
        there = os.lstat(path)
        now = there.st_mtime_ns
        if not stat.S_ISREG(there.st_mode) or there.st_size != size:
            state = "changed"
        elif now == mtime_ns:
            state = "same"
        else:
            with open(path, "rb") as file:  # noqa: PTH123 -- its name need not be UTF-8
                digest = hashlib.file_digest(file, "sha256").digest()
            state = "same" if digest == sha256 else "changed"
    return _File(id_, path, state, size, now)
