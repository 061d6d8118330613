"""Tags that the owner gave to files, kept by the SHA-256 of their bytes: a move takes them along.

Where a file's bytes change, a trigger has its tags follow them. And what was learned from tags and
folders (indexer/learning), which may be thrown away at any time.
"""

from __future__ import annotations

import os
import time
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import apsw

from indexer.errors import IndexerError
from indexer.storage.database import id_list

MOST_CHARACTERS = 100
MOST_TAGS = 50  # of a file

# Rows that `set_tags` writes none of.
BAD_TAGS = f"""length(sha256) != 32 OR tag = '' OR length(tag) > {MOST_CHARACTERS}
    OR instr(CAST(tag AS BLOB), x'00')"""
# A content's identity is the SHA-256 of its bytes and its kind.
_SHA = "substr(contents.identity, 1, 32)"


@dataclass(frozen=True, slots=True)
class Tagged:
    """A tag and how many files have it."""

    tag: str
    files: int


def checked(tag: str) -> str:
    """Return a tag as it is kept. Raises IndexerError if it can be none."""
    kept = " ".join(unicodedata.normalize("NFC", tag).split(" ")).strip()
    if not kept:
        raise IndexerError("A tag is empty.", "Write a word or a few.")
    if len(kept) > MOST_CHARACTERS:
        raise IndexerError("A tag is too long.", f"Write {MOST_CHARACTERS} characters at most.")
    if any(sign in kept for sign in "/\\"):
        raise IndexerError("A tag cannot be a path.", "Write a word or a few, without / and \\.")
    if "," in kept or not kept.isprintable():
        raise IndexerError(
            "A tag holds a sign that it cannot have.",
            "Write it without commas, line breaks and control characters.",
        )
    return kept


def set_tags(db: apsw.Connection, path: Path, tags: Iterable[str]) -> tuple[str, ...]:
    """Give a file these tags in place of those that it has; return them as they are kept.

    Call inside a transaction. Raises IndexerError if it has not been read, or one can be no tag.
    """
    kept = tuple(dict.fromkeys(map(checked, tags)))
    if len(kept) > MOST_TAGS:
        raise IndexerError("These are too many tags.", f"Choose {MOST_TAGS} at most.", path)
    sha = _sha_of(db, path)
    if sha is None:
        raise IndexerError(
            "This file has not been read.",
            "Only what can be searched can have tags; `status --files` lists the files.",
            path,
        )
    held = set(_of_sha(db, sha))
    db.executemany(
        "DELETE FROM tags WHERE sha256 = ? AND tag = ?", ((sha, tag) for tag in held - {*kept})
    )
    now = time.time_ns()
    db.executemany(
        "INSERT INTO tags (sha256, tag, set_ns) VALUES (?, ?, ?)",
        ((sha, tag, now) for tag in kept if tag not in held),
    )
    return kept


def tags_of(db: apsw.Connection, path: Path) -> tuple[str, ...]:
    """Return the tags of a file, in the order in which they were given."""
    sha = _sha_of(db, path)
    return () if sha is None else _of_sha(db, sha)


def all_tags(db: apsw.Connection) -> list[Tagged]:
    """Return every tag with the number of its files, the most frequent first."""
    rows: list[Any] = db.execute(
        """SELECT tag, count(files.id) FROM tags
           LEFT JOIN contents ON identity > sha256 AND identity < CAST(sha256 || x'ff' AS BLOB)
           LEFT JOIN files ON content_id = contents.id GROUP BY tag"""
    ).fetchall()
    return sorted((Tagged(*row) for row in rows), key=lambda each: (-each.files, each.tag))


def tags_by_content(db: apsw.Connection) -> dict[bytes, tuple[str, ...]]:
    """Return the tags of each content, by the SHA-256 of its bytes, be it in the library or not."""
    found: dict[bytes, list[str]] = {}
    for sha, tag in db.execute(f"SELECT sha256, tag FROM tags WHERE NOT ({BAD_TAGS}) ORDER BY id"):
        found.setdefault(bytes(sha), []).append(str(tag))
    return {sha: tuple(tags[:MOST_TAGS]) for sha, tags in found.items()}


def forget_tags(db: apsw.Connection, folders: Sequence[int]) -> None:
    """Remove the tags of files that are in these folders alone, and what was learned from any.

    Call inside the transaction that takes the folders out, before it does.
    """
    some = id_list(folders)
    db.execute(
        f"""DELETE FROM tags WHERE sha256 IN
                (SELECT {_SHA} FROM contents JOIN files ON content_id = contents.id
                 WHERE folder_id IN ({some}))
            AND sha256 NOT IN
                (SELECT {_SHA} FROM contents JOIN files ON content_id = contents.id
                 WHERE folder_id NOT IN ({some}))"""
    )
    db.execute("DELETE FROM learned")


def _sha_of(db: apsw.Connection, path: Path) -> bytes | None:
    row: Any = db.execute(
        f"SELECT {_SHA} FROM contents JOIN files ON content_id = contents.id WHERE path = ?",
        (os.fsencode(path),),
    ).fetchone()
    return row[0] if row else None


def _of_sha(db: apsw.Connection, sha: bytes) -> tuple[str, ...]:
    rows: list[Any] = db.execute(
        "SELECT tag FROM tags WHERE sha256 = ? ORDER BY id", (sha,)
    ).fetchall()
    return tuple(row[0] for row in rows)
