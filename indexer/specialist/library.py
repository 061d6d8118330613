"""A library's specialist: gathered into a file, and another one taken in and taken back.

What is taken in is merged as it would be taught: what is there already is known, and of two lessons
to the contrary the later one counts. Killed at any moment, it goes on when the file is taken in
again, and can be taken back as far as it came.
"""

from __future__ import annotations

from collections.abc import Generator, Mapping
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import apsw

from indexer.errors import IndexerError
from indexer.lessons.teaching import Teacher
from indexer.specialist.file import ModelName, Specialist, specialist_to_lines
from indexer.storage import erasure
from indexer.storage.database import in_words, open_for_reading, open_for_writing, transaction
from indexer.storage.lessons import all_lessons
from indexer.storage.specialists import (
    Taken,
    all_specialists,
    count_resting,
    delete_specialist,
    drop_empty,
    put_choices,
    put_specialist,
    put_tags,
)
from indexer.storage.tags import tags_by_content
from indexer.types import Embedder

_TAGGED_AT_ONCE = 500  # contents whose tags are added in a transaction


@dataclass(frozen=True, slots=True)
class Given:
    """How much a file holds that was written."""

    lessons: int
    tags: int
    documents: int  # that have them


@dataclass(frozen=True, slots=True)
class Brought:
    """How much a specialist holds, and how much of it was not here before."""

    specialist: int
    lessons: int
    new_lessons: int
    tags: int
    new_tags: int
    resting: int  # lessons of it about passages of documents that are not here


def write_specialist(database: Path, models: Mapping[str, ModelName], file: Path) -> Given:
    """Write all that a library was taught to a file, with the models in use.

    The file is there when it is whole, and not before. Raises IndexerError.
    """
    lessons, tags = [], {}
    if database.exists():
        with in_words(database), closing(open_for_reading(database)) as db:
            lessons, tags = list(all_lessons(db)), tags_by_content(db)
    part = file.with_name(f"{file.name}.part")
    try:
        with part.open("w", encoding="utf-8", newline="\n") as target:
            target.writelines(specialist_to_lines(lessons, tags, models))
        part.replace(file)
    except OSError as error:
        part.unlink(missing_ok=True)
        raise IndexerError("The file cannot be written.", "Choose another place.", file) from error
    return Given(len(lessons), sum(map(len, tags.values())), len(tags))


def take_in(
    database: Path, embedder: Embedder | None, specialist: Specialist, name: str, at_once: int
) -> Generator[int, None, Brought]:
    """Add what a specialist holds, `at_once` lessons in a transaction; `name` is for its owner.

    Yields how many lessons and tagged documents are done. Raises IndexerError.
    """
    lessons, tags = specialist.lessons, list(specialist.tags.items())
    with in_words(database), closing(open_for_writing(database)) as db:
        with transaction(db, database):
            id_ = put_specialist(db, name, specialist.sha256)
        owner = Teacher(db, database, embedder)
        before = _last_lesson(db)
        fresh: set[int] = set()
        new_tags = 0
        try:
            for start in range(0, len(lessons), at_once):
                part = [replace(each, specialist=id_) for each in lessons[start : start + at_once]]
                fresh.update(lesson for lesson in owner.teach(part) if lesson > before)
                yield start + len(part)
            for start in range(0, len(tags), _TAGGED_AT_ONCE):
                some = tags[start : start + _TAGGED_AT_ONCE]
                with transaction(db, database):
                    new_tags += put_tags(db, id_, dict(some))
                yield len(lessons) + start + len(some)
        except apsw.ConstraintError as error:
            raise IndexerError(
                "This specialist was taken back while it was taken in.", "Import it again."
            ) from error
        tags_in_all = sum(len(some) for _, some in tags)
        resting = count_resting(db, id_)
    return Brought(id_, len(lessons), len(fresh), tags_in_all, new_tags, resting)


def keep(database: Path, specialist: int, choices: str) -> bool:
    """Note what else was chosen with a specialist that was taken in; False if nothing was new.

    Such a one is forgotten: there is nothing to take back. Raises IndexerError.
    """
    with in_words(database), closing(open_for_writing(database)) as db:
        with transaction(db, database):
            if choices:
                put_choices(db, specialist, choices)
            drop_empty(db, specialist)
        return any(each.id == specialist for each in all_specialists(db))


def taken_in(database: Path) -> list[Taken]:
    """Return what can be taken back, in the order in which it came. Raises IndexerError."""
    if not database.exists():
        return []
    with in_words(database), closing(open_for_writing(database)) as db:
        return all_specialists(db)


def take_back(database: Path, specialist: int, *, wholly: bool = True) -> tuple[int, int]:
    """Take a specialist back; return how many lessons and tags went with it. Raises IndexerError.

    Every byte of them goes; with `wholly` False the engine does the last of that.
    """
    with in_words(database), closing(open_for_writing(database)) as db:
        with transaction(db, database):
            gone = delete_specialist(db, specialist)
            if gone is None:
                raise IndexerError(
                    f"There is no specialist {specialist}.", "`specialist list` shows them."
                )
            erasure.begin(db, erasure.What.LESSONS)
        if wholly and erasure.unfinished(db) is erasure.What.LESSONS:
            erasure.finish(db, database, erasure.What.LESSONS)
    return gone


def _last_lesson(db: apsw.Connection) -> int:
    row: Any = db.execute("SELECT seq FROM sqlite_sequence WHERE name = 'lessons'").fetchone()
    return int(row[0]) if row else 0
