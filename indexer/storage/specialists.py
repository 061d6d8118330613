"""Which lessons and tags came with which specialist, so that each can be taken back whole.

A row that several specialists have brought goes with the last of them. One that is in none is its
owner's own, and stays; so is what the owner teaches after it had come.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import apsw

from indexer.storage.database import id_list
from indexer.storage.lessons import delete_lessons
from indexer.storage.tags import MOST_TAGS

_ALONE = """SELECT {row} FROM {links} AS links WHERE specialist_id = ? AND NOT EXISTS
    (SELECT 1 FROM {links} AS others
     WHERE others.{row} = links.{row} AND others.specialist_id != links.specialist_id)"""


@dataclass(frozen=True, slots=True)
class Taken:
    """A specialist that was taken in, and how much of what it brought is here now."""

    id: int
    name: str  # of its file
    taken_ns: int
    lessons: int
    tags: int
    choices: str  # what else was chosen with it, as its caller wrote it


def put_specialist(db: apsw.Connection, name: str, sha256: bytes) -> int:
    """Enter a specialist and return its id; that of the first time if it has come before.

    Call inside a transaction.
    """
    row: Any = db.execute("SELECT id FROM specialists WHERE sha256 = ?", (sha256,)).fetchone()
    if row is not None:
        return int(row[0])
    db.execute(
        "INSERT INTO specialists (name, sha256, taken_ns) VALUES (?, ?, ?)",
        (name, sha256, time.time_ns()),
    )
    return db.last_insert_rowid()


def all_specialists(db: apsw.Connection) -> list[Taken]:
    """Return what was taken in, in that order."""
    rows: list[Any] = db.execute(
        """SELECT id, name, taken_ns,
                  (SELECT count(*) FROM specialist_lessons WHERE specialist_id = specialists.id),
                  (SELECT count(*) FROM specialist_tags WHERE specialist_id = specialists.id),
                  choices
           FROM specialists ORDER BY id"""
    ).fetchall()
    return [Taken(*row) for row in rows]


def put_choices(db: apsw.Connection, specialist: int, choices: str) -> None:
    """Note what else was chosen with a specialist, for whoever takes it back."""
    db.execute("UPDATE specialists SET choices = ? WHERE id = ?", (choices, specialist))


def put_tags(db: apsw.Connection, specialist: int, tags: Mapping[bytes, Iterable[str]]) -> int:
    """Add tags to contents, told by the SHA-256 of their bytes; return how many were not there.

    Those that a content has no room for are left out. Call inside a transaction.
    """
    before = db.total_changes()
    now = time.time_ns()
    every = [(sha, tag, now) for sha, some in tags.items() for tag in some]
    db.executemany(
        """INSERT INTO tags (sha256, tag, set_ns) SELECT ?1, ?2, ?3
           WHERE NOT EXISTS (SELECT 1 FROM tags WHERE sha256 = ?1 AND tag = ?2)"""
        f" AND (SELECT count(*) FROM tags WHERE sha256 = ?1) < {MOST_TAGS}",
        every,
    )
    new = db.total_changes() - before
    db.executemany(
        """INSERT INTO specialist_tags (specialist_id, tag_id) SELECT ?4, id FROM tags
           WHERE sha256 = ?1 AND tag = ?2
               AND (set_ns = ?3 OR EXISTS (SELECT 1 FROM specialist_tags WHERE tag_id = tags.id))
               AND NOT EXISTS (SELECT 1 FROM specialist_tags
                               WHERE specialist_id = ?4 AND tag_id = tags.id)""",
        [(*each, specialist) for each in every],
    )
    return new


def drop_empty(db: apsw.Connection, specialist: int) -> None:
    """Forget a specialist of which nothing is here that was not here without it."""
    db.execute(
        """DELETE FROM specialists WHERE id = ?1 AND choices = ''
           AND NOT EXISTS (SELECT 1 FROM specialist_lessons WHERE specialist_id = ?1)
           AND NOT EXISTS (SELECT 1 FROM specialist_tags WHERE specialist_id = ?1)""",
        (specialist,),
    )


def delete_specialist(db: apsw.Connection, specialist: int) -> tuple[int, int] | None:
    """Delete a specialist with all that it alone has brought; return how many lessons and tags.

    None if there is no such specialist. Call inside a transaction.
    """
    if not db.execute("SELECT 1 FROM specialists WHERE id = ?", (specialist,)).fetchall():
        return None
    lessons = _alone(db, "specialist_lessons", "lesson_id", specialist)
    tags = _alone(db, "specialist_tags", "tag_id", specialist)
    db.execute("DELETE FROM specialists WHERE id = ?", (specialist,))
    if tags:
        db.execute(f"DELETE FROM tags WHERE id IN ({id_list(tags)})")
        db.execute("DELETE FROM learned WHERE kind = 'tags'")
    return delete_lessons(db, lessons), len(tags)


def count_resting(db: apsw.Connection, specialist: int) -> int:
    """Return how many of its lessons are about passages of documents that are not here."""
    return int(
        db.execute(
            """SELECT count(*) FROM specialist_lessons JOIN lessons ON lessons.id = lesson_id
               WHERE specialist_id = ? AND content IS NOT NULL
                   AND content NOT IN (SELECT identity FROM contents)""",
            (specialist,),
        ).get
    )


def _alone(db: apsw.Connection, links: str, row: str, specialist: int) -> list[int]:
    rows: list[Any] = db.execute(_ALONE.format(links=links, row=row), (specialist,)).fetchall()
    return [id_ for (id_,) in rows]
