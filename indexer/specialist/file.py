"""A specialist as a file: JSON lines, of which the first says what it is, the last is a checksum.

It holds the questions and phrases that were taught, the tags, sums of passages and of files, and
the names of two models. What was learned from folders and tags stays out, although it has hashes
in place of words: they can be guessed (ARCHITECTURE.md has the measurement), and its labels are
paths.
"""

from __future__ import annotations

import hashlib
import json
import stat
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from indexer.errors import IndexerError
from indexer.lessons.file import FORMAT as LESSONS_FORMAT
from indexer.lessons.file import SPECIALIST_FORMAT, lesson_of, lesson_to_line
from indexer.storage.lessons import Lesson, NewLesson
from indexer.storage.tags import MOST_TAGS, checked

_VERSION = 1
_SUM = 32  # bytes
# 100,000 lessons take some 40 MB.
_MOST_MEGABYTES = 128
_MOST_ROWS = 1_000_000
# A question of 4,000 signs, each of which JSON may write as twelve, and room to spare.
_MOST_OF_LINE = 1 << 17
_MOST_OF_NAME = 200


@dataclass(frozen=True, slots=True)
class ModelName:
    """What a model is told by."""

    name: str
    sha256: str = ""  # of its weights, in hexadecimal; empty where it is not known


@dataclass(frozen=True, slots=True)
class Specialist:
    """What a file holds."""

    sha256: bytes  # of the file, by which it is known again
    lessons: tuple[NewLesson, ...]
    tags: Mapping[bytes, tuple[str, ...]]  # by the SHA-256 of the files' bytes
    models: Mapping[str, ModelName]  # by what they are used for, as the caller calls it


def specialist_to_lines(
    lessons: list[Lesson], tags: Mapping[bytes, tuple[str, ...]], models: Mapping[str, ModelName]
) -> Iterator[str]:
    """Yield the lines of a file, with their ends."""
    used = {use: {"name": each.name, "sha256": each.sha256} for use, each in models.items()}
    head = {
        "format": SPECIALIST_FORMAT, "version": _VERSION,
        "lessons": len(lessons), "tagged": len(tags), "models": used,
    }  # fmt: skip
    digest = hashlib.sha256()
    for line in _objects(head, lessons, tags):
        text = f"{json.dumps(line)}\n"
        digest.update(text.encode())
        yield text
    yield f"{json.dumps({'sha256': digest.hexdigest()})}\n"


def _objects(
    head: dict[str, Any], lessons: list[Lesson], tags: Mapping[bytes, tuple[str, ...]]
) -> Iterator[dict[str, Any]]:
    yield head
    yield from map(lesson_to_line, lessons)
    for sha256, some in tags.items():
        yield {"sha256": sha256.hex(), "tags": some}


def read_specialist(file: Path) -> Specialist:
    """Read such a file, all of it or nothing. Raises IndexerError, or OSError."""
    about = file.stat()
    if not stat.S_ISREG(about.st_mode):
        raise _foreign(file)
    digest = hashlib.sha256()
    with file.open("rb") as source:
        first = source.readline(_MOST_OF_LINE)
        head = _head(file, first)
        if about.st_size > _MOST_MEGABYTES << 20:
            raise IndexerError(
                "This specialist is too large.",
                f"It may have {_MOST_MEGABYTES} MB; nothing was changed.",
                file,
            )
        digest.update(first)
        try:
            lessons, tagged = (_count(head[name]) for name in ("lessons", "tagged"))
            models = {str(use): _model(each) for use, each in head["models"].items()}
            lines = _lines(source, digest, lessons + tagged)
            read = [lesson_of(next(lines)) for _ in range(lessons)]
            tags = dict(_tags(next(lines)) for _ in range(tagged))
            last = json.loads(source.readline(_MOST_OF_LINE))
            whole = last == {"sha256": digest.hexdigest()} and not source.read(1)
        except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
            raise _damaged(file) from error
    if not whole:
        raise _damaged(file)
    return Specialist(digest.digest(), tuple(read), tags, models)


def _head(file: Path, line: bytes) -> dict[str, Any]:
    """Return what the first line says, if it is that of a specialist. Raises IndexerError."""
    try:
        head = json.loads(line)
        form, version = head["format"], head["version"]
    except (ValueError, TypeError, KeyError, RecursionError) as error:
        raise _foreign(file) from error
    if form == LESSONS_FORMAT:
        raise IndexerError(
            "This is a file of lessons, not a specialist.", "`lessons import FILE` adds them.", file
        )
    if form != SPECIALIST_FORMAT or type(version) is not int:
        raise _foreign(file)
    if version > _VERSION:
        raise IndexerError(
            "This specialist was written by a newer Pocket-LLM.",
            "Install the newer version; nothing was changed.",
            file,
        )
    return dict(head)


def _lines(source: Any, digest: Any, count: int) -> Iterator[dict[str, Any]]:
    """Yield so many lines. Raises ValueError where there are fewer, or one is none."""
    for _ in range(count):
        raw = source.readline(_MOST_OF_LINE)
        if not raw.endswith(b"\n"):
            raise ValueError
        digest.update(raw)
        yield json.loads(raw)


def _count(value: Any) -> int:
    if type(value) is not int or not 0 <= value <= _MOST_ROWS:
        raise ValueError
    return value


def _model(value: Any) -> ModelName:
    name, sha256 = value["name"], value["sha256"]
    if not name.isprintable() or not 0 < len(name) <= _MOST_OF_NAME:
        raise ValueError
    if sha256 and len(bytes.fromhex(sha256)) != _SUM:
        raise ValueError
    return ModelName(name, sha256)


def _tags(line: dict[str, Any]) -> tuple[bytes, tuple[str, ...]]:
    sha256, some = bytes.fromhex(line["sha256"]), line["tags"]
    if len(sha256) != _SUM or not isinstance(some, list) or not 0 < len(some) <= MOST_TAGS:
        raise ValueError
    try:
        return sha256, tuple(dict.fromkeys(map(checked, some)))
    except IndexerError as error:
        raise ValueError from error


def _foreign(file: Path) -> IndexerError:
    return IndexerError("This is no specialist.", "`specialist export FILE` writes one.", file)


def _damaged(file: Path) -> IndexerError:
    return IndexerError(
        "This specialist is damaged.",
        "Export it again where it was made; nothing was changed.",
        file,
    )
