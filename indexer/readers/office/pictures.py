"""The pictures in Office documents and e-books, which OCR reads as it does those of a mail.

A scan that was pasted into a letter, or a slide that is a screenshot, says what no other part does.
What decorates is passed over: bullets, rules, logos, and what each page has behind its text.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator
from functools import partial
from io import BytesIO
from pathlib import PurePosixPath

from indexer.errors import Unreadable
from indexer.readers.archives.members import MAX_BYTES, Member, load_from
from indexer.readers.kinds.names import BY_SUFFIX, Kind, suffix_of
from indexer.readers.ocr.picture import MOST_PIXELS, NOT_RECOGNISED, opened
from indexer.readers.office.package import BROKEN, Parts
from indexer.readers.source import Source
from indexer.types import DocumentInfo, ReaderItem, UnreadPage

log = logging.getLogger(__name__)

MOST = 50  # of a file; a page of OCR takes seconds, and a book of photographs has hundreds
TOO_MANY = "No more pictures of one file are read."
# How much of a picture is looked at for its size: these may have it at their end.
_ANYWHERE = frozenset({"tif", "tiff", "webp"})
_HEAD = 1_000_000  # bytes
_MOST_LOOKED_AT = 400_000_000  # bytes of a file
_LEAST_WIDTH, _LEAST_HEIGHT = 200, 60  # pixels: a line of words


def pictures(parts: Parts, names: Iterable[str], source: Source) -> Iterator[Member]:
    """Yield those of the parts `names` that may show words, each content once, MOST at most.

    None is loaded before OCR looks for it, nor counted as a file that was expanded.
    """
    told: set[tuple[int, int]] = set()
    left = _MOST_LOOKED_AT
    for name in names:
        content = parts.content(name)
        if BY_SUFFIX.get(suffix_of(name)) is not Kind.PICTURE or content in told:
            continue
        looked_at = min(content[1], MAX_BYTES if suffix_of(name) in _ANYWHERE else _HEAD)
        left -= looked_at
        if left < 0:
            return
        try:
            if not _shows_words(parts, name, looked_at, source):
                continue
        except (*BROKEN, Unreadable) as error:
            log.info("a picture could not be opened: %s", type(error).__name__)
            continue
        told.add(content)
        yield Member(
            PurePosixPath(name).name,
            partial(_load, parts, name) if source.sought else _nothing,
            f"Picture {len(told)}",
            _waiting if len(told) <= MOST else _too_many,
            counted=False,
        )
        if len(told) > MOST:
            return


def related_pictures(parts: Parts, owners: Iterable[str], source: Source) -> Iterator[Member]:
    """Yield those that the parts `owners` show."""
    return pictures(parts, dict.fromkeys(_related(parts, owners)), source)


def _related(parts: Parts, owners: Iterable[str]) -> Iterator[str]:
    for owner in owners:
        try:
            yield from parts.related(owner, "image")
        except BROKEN as error:
            log.info("relations could not be read: %s", type(error).__name__)


def _shows_words(parts: Parts, name: str, most: int, source: Source) -> bool:
    with parts.open(name) as file:
        head = BytesIO(file.read(most))
    with opened(head, source.path) as image:
        width, height = image.size
    return width >= _LEAST_WIDTH and height >= _LEAST_HEIGHT and width * height <= MOST_PIXELS


def _load(parts: Parts, name: str, most: int) -> bytes:
    with parts.open(name) as file:
        return load_from(file.read, most)


def _nothing(most: int) -> bytes:  # noqa: ARG001 (it is a Member's load)
    return b""


def _waiting(source: Source) -> Iterator[ReaderItem]:  # noqa: ARG001 (it is a Member's reader)
    yield DocumentInfo(Kind.PICTURE.value)
    yield UnreadPage(None, NOT_RECOGNISED)


def _too_many(source: Source) -> Iterator[ReaderItem]:  # noqa: ARG001 (it is a Member's reader)
    yield DocumentInfo(Kind.PICTURE.value)
    yield UnreadPage(None, TOO_MANY)
