"""Lessons as a file that can be kept or given away: JSON lines, the first of which says what it is.

It holds the questions and phrases that were taught and sums of the passages, and neither names nor
texts of documents.
"""

from __future__ import annotations

import json
import re
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from indexer.errors import IndexerError
from indexer.storage.lessons import Kind, Lesson, NewLesson, Place, words_of

FORMAT = "pocket-llm lessons"
SPECIALIST_FORMAT = "pocket-llm specialist"  # which has these lines and others
_VERSION = 1
_READ_AS = re.compile(r"[a-z0-9_-]{1,32}")
_SUM = 32  # bytes
_MOST = 1 << 40  # of a number of pages or characters


def lessons_to_lines(lessons: Sequence[Lesson]) -> Iterator[str]:
    """Yield the lines of a file with these lessons, without line ends."""
    yield json.dumps({"format": FORMAT, "version": _VERSION, "lessons": len(lessons)})
    for lesson in lessons:
        yield json.dumps(lesson_to_line(lesson))


def lesson_to_line(lesson: Lesson) -> dict[str, Any]:
    """Return what stands in a file for a lesson."""
    line: dict[str, Any] = {
        "kind": lesson.kind, "text": lesson.text, "taught_ns": lesson.taught_ns,
    }  # fmt: skip
    if (place := lesson.place) is None:
        return line | {"meaning": lesson.meaning}
    return line | {
        "sha256": place.content[:_SUM].hex(),
        "read_as": place.content[_SUM:].decode(),
        "page": place.page, "start": place.start, "end": place.end,
        "passage": place.passage.hex(),
    }  # fmt: skip


def read_lessons(file: Path) -> list[NewLesson]:
    """Read such a file, all of it or nothing. Raises IndexerError, or OSError."""
    try:
        lines = file.read_text("utf-8").split("\n")
        head = json.loads(lines[0])
        whole = head["format"] == FORMAT and isinstance(head["version"], int)
        version, is_specialist = head["version"], head["format"] == SPECIALIST_FORMAT
    except (ValueError, TypeError, KeyError, RecursionError) as error:
        raise _foreign(file) from error
    if is_specialist:
        raise IndexerError(
            "This is a specialist, not a file of lessons.",
            "`specialist import FILE` adds it.",
            file,
        )
    if not whole:
        raise _foreign(file)
    if version > _VERSION:
        raise IndexerError(
            "These lessons were written by a newer Pocket-LLM.",
            "Install the newer version; nothing was changed.",
            file,
        )
    try:
        lessons = [lesson_of(json.loads(line)) for line in lines[1:] if line]
    except (ValueError, TypeError, KeyError, RecursionError) as error:
        raise _damaged(file) from error
    if len(lessons) != head.get("lessons"):
        raise _damaged(file)
    return lessons


def lesson_of(line: dict[str, Any]) -> NewLesson:
    """Return the lesson of a line. Raises ValueError, TypeError or KeyError."""
    kind = Kind(line["kind"])
    text = _text(line["text"])
    # A clock that was ahead must not have the last word for years.
    taught = min(_number(line["taught_ns"], 0, 1 << 62), time.time_ns())
    if kind is Kind.MEANS:
        return NewLesson(kind, text, _text(line["meaning"]), None, taught)
    content, passage = bytes.fromhex(line["sha256"]), bytes.fromhex(line["passage"])
    if len(content) != _SUM or len(passage) != _SUM or not _READ_AS.fullmatch(line["read_as"]):
        raise ValueError
    start = _number(line["start"], 0, _MOST)
    place = Place(
        content + line["read_as"].encode(),
        _number(line["page"], 1, _MOST),
        start,
        _number(line["end"], start + 1, _MOST),
        passage,
    )
    return NewLesson(kind, text, None, place, taught)


def _text(value: Any) -> str:
    if not isinstance(value, str) or not words_of(value.replace("\0", "")):
        raise ValueError
    return value.encode("utf-8", "replace").decode()


def _number(value: Any, least: int, most: int) -> int:
    if type(value) is not int or not least <= value <= most:
        raise ValueError
    return value


def _foreign(file: Path) -> IndexerError:
    return IndexerError("This is no file of lessons.", "`lessons export FILE` writes one.", file)


def _damaged(file: Path) -> IndexerError:
    return IndexerError(
        "This file of lessons is damaged.",
        "Export it again where it was made; nothing was changed.",
        file,
    )
