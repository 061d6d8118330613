"""teach and lessons: what the owner says about passages and phrases, and what came of it."""

from __future__ import annotations

import argparse
import os
from collections.abc import Iterator
from contextlib import closing
from datetime import datetime
from pathlib import Path
from typing import Any

import apsw

from app.commands import Context
from app.commands.batch import read_batch
from app.library import open_embedder, open_searcher
from app.output import one_line, place
from app.paths import absolute
from indexer.errors import IndexerError
from indexer.lessons.file import lessons_to_lines, read_lessons
from indexer.lessons.teaching import Teacher, teacher
from indexer.search.lessons import meant_chunks
from indexer.search.pointing import pointed_at
from indexer.search.searcher import Searcher
from indexer.storage.database import in_words, open_for_reading
from indexer.storage.lessons import Kind, Lesson, all_lessons, chunks_at, is_overruled
from indexer.types import Hit

# How far down a passage is looked for that a lesson is about.
_DEPTH = 50


def teach(context: Context, arguments: argparse.Namespace) -> int:
    """Teach one lesson, or each of a batch."""
    embedder = open_embedder(context.profile, context.settings)
    # A search, too, makes the library if there is none, or brings it up to date.
    with (
        closing(open_searcher(context.profile, embedder)) as searcher,
        teacher(context.profile.database, embedder) as owner,
        closing(open_for_reading(context.profile.database)) as db,
    ):
        if arguments.batch is not None:
            return _teach_batch(context, db, searcher, owner, arguments.batch)
        text = " ".join(arguments.question)
        if arguments.means is not None:
            lesson = owner.means(text, arguments.means)
        elif arguments.passage is not None:
            lesson = owner.answers(text, arguments.passage)
        else:
            lesson = owner.answers_not(text, arguments.refused)
    context.output.line({"type": "lesson", "id": lesson})
    context.output.text(f"Taught. `lessons undo {lesson}` takes it back.")
    return 0


def _teach_batch(
    context: Context, db: apsw.Connection, searcher: Searcher, owner: Teacher, file: str
) -> int:
    taught = 0
    items = list(read_batch(file))
    for number, item in enumerate(items, start=1):
        hit = None
        if item.path is not None:
            path = absolute(item.path)
            hit = pointed_at(db, searcher, item.query, path, item.page, item.text)
        if hit is None:
            context.output.error(f"Line {number}: there is no such passage in the library.")
            continue
        lesson = owner.answers(item.query, hit.chunk)
        line = {"type": "lesson", "id": lesson, "line": item.id, "chunk": hit.chunk}
        context.output.line({**line, "path": os.fspath(hit.path), "page": hit.page})
        context.output.progress("Teaching", number, len(items))
        taught += 1
    context.output.line({"type": "done", "lessons": taught, "failed": len(items) - taught})
    context.output.text(f"{taught} lessons were taught.")
    return 0 if taught == len(items) else 1


def list_all(context: Context, arguments: argparse.Namespace) -> int:
    """Print each lesson with what it does to its own question."""
    lessons = _lessons(context)
    if not lessons:
        context.output.text("Nothing was taught yet. `teach QUESTION --passage ID` does.")
        return 0
    effects = not getattr(arguments, "plain", False)
    embedder = open_embedder(context.profile, context.settings) if effects else None
    database = context.profile.database
    with (
        closing(open_searcher(context.profile, embedder)) as searcher,
        in_words(database),
        closing(open_for_reading(database)) as db,
    ):
        for lesson in lessons:
            _print(context, searcher, db, lesson, effects=effects)
    return 0


def _print(
    context: Context, searcher: Searcher, db: apsw.Connection, lesson: Lesson, *, effects: bool
) -> None:
    hit = _passage(searcher, db, lesson)
    overruled = is_overruled(db, lesson)
    taught = datetime.fromtimestamp(lesson.taught_ns / 1e9).astimezone()
    line: dict[str, Any] = {
        "type": "lesson", "id": lesson.id, "kind": lesson.kind, "text": lesson.text,
        "meaning": lesson.meaning, "taught": taught.isoformat(timespec="seconds"),
        "overruled": overruled, "rests": lesson.place is not None and hit is None,
        "chunk": hit and hit.chunk, "path": hit and os.fspath(hit.path), "page": hit and hit.page,
    }  # fmt: skip
    said = f"{lesson.id}  {taught:%Y-%m-%d}  “{one_line(lesson.text)}”"
    if lesson.kind is Kind.MEANS:
        said += f" means “{one_line(lesson.meaning or '')}”"
    elif hit is None:
        said += " · rests: its passage is not in the library now"
    else:
        said += (
            f" {'is not answered' if lesson.kind is Kind.NOT else 'is answered'} by {place(hit)}"
        )
        if effects:
            line["rank"] = _rank(searcher, lesson.text, hit, lessons=True)
            line["rank_without"] = _rank(searcher, lesson.text, hit, lessons=False)
            said += f" · {_effect(line['rank'], line['rank_without'])}"
    context.output.line(line)
    context.output.text(said + (" · overruled by a later lesson" if overruled else ""))


def _passage(searcher: Searcher, db: apsw.Connection, lesson: Lesson) -> Hit | None:
    """Return the passage of a lesson as it is shown; None while it rests."""
    if lesson.place is None:
        return None
    chunks = meant_chunks(lesson, chunks_at(db, lesson.place))
    return next(iter(searcher.passages(chunks)), None)


def _rank(searcher: Searcher, question: str, passage: Hit, *, lessons: bool) -> int | None:
    for hit in searcher.search(question, _DEPTH, lessons=lessons):
        same = (hit.path, hit.page) == (passage.path, passage.page)
        if same and hit.start < passage.end and passage.start < hit.end:
            return hit.rank
    return None


def _effect(now: int | None, without: int | None) -> str:
    place_now, place_without = (
        f"{rank}." if rank else f"below {_DEPTH}." for rank in (now, without)
    )
    return f"{place_now} (without lessons {place_without})"


def undo(context: Context, arguments: argparse.Namespace) -> int:
    """Take lessons back, every byte of them."""
    known = {lesson.id for lesson in _lessons(context)}
    for id_ in arguments.ids:
        if id_ not in known:
            raise IndexerError(f"There is no lesson {id_}.", "`lessons` lists them.")
    with teacher(context.profile.database, None) as owner:
        owner.forget(arguments.ids)
    context.output.text("Taken back.")
    return 0


def export(context: Context, arguments: argparse.Namespace) -> int:
    """Write all lessons to a file."""
    lessons = _lessons(context)
    file = absolute(arguments.file)
    text = "".join(f"{line}\n" for line in lessons_to_lines(lessons))
    part = file.with_name(f"{file.name}.part")
    try:
        part.write_text(text, "utf-8")
        part.replace(file)
    except OSError as error:
        part.unlink(missing_ok=True)
        raise _not_written(file) from error
    context.output.line({"type": "exported", "path": str(file), "lessons": len(lessons)})
    context.output.text(
        f"{len(lessons)} lessons were written to {file}: your questions and phrases, "
        "and nothing of the documents."
    )
    return 0


def import_(context: Context, arguments: argparse.Namespace) -> int:
    """Add the lessons of a file; what is known already is there once."""
    file = absolute(arguments.file)
    try:
        new = read_lessons(file)
    except OSError as error:
        raise IndexerError("The file cannot be read.", "Check its name.", file) from error
    embedder = open_embedder(context.profile, context.settings)
    before = len(_lessons(context))
    with teacher(context.profile.database, embedder) as owner:
        done = 0
        for part in owner.teaching(new):
            done += len(part)
            context.output.progress("Lessons", done, len(new))
    added = len(_lessons(context)) - before
    line = {"type": "imported", "path": str(file), "lessons": len(new), "new": added}
    context.output.line(line)
    context.output.text(f"{added} of {len(new)} lessons are new.")
    return 0


def _lessons(context: Context) -> list[Lesson]:
    return list(_read(context.profile.database))


def _read(database: Path) -> Iterator[Lesson]:
    if database.exists():
        with in_words(database), closing(open_for_reading(database)) as db:
            yield from all_lessons(db)


def _not_written(file: Path) -> IndexerError:
    return IndexerError("The file cannot be written.", "Choose another place.", file)
