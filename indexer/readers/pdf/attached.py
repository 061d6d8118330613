"""The files that are attached to a PDF, read as those of a mail are.

By pypdf: it bounds what a stream expands to, pdfium does not.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from itertools import islice
from typing import Any

from indexer.errors import Unreadable
from indexer.readers.archives.members import Member, TooLarge, read_members
from indexer.readers.pdf.second import opened
from indexer.readers.source import Source
from indexer.types import ReaderItem, UnreadPage

log = logging.getLogger(__name__)

LOCKED = "The files that are attached to it are encrypted."
DAMAGED = "The files that are attached to it cannot be read."
_MOST_FILES = 200


def read_attached(source: Source) -> Iterator[ReaderItem]:
    """Read the attached files below their names; what of them cannot be read is told."""
    try:
        files = list(islice(opened(source).attachment_list, _MOST_FILES))
        members = [Member(str(file.alternative_name or file.name), _loader(file)) for file in files]
    except Unreadable:
        # Only they may be encrypted, and the pages not.
        yield UnreadPage(None, LOCKED)
        return
    except MemoryError:
        raise
    except Exception as error:  # noqa: BLE001 (a damaged file may make a parser raise anything)
        log.info("the attached files could not be listed: %s", type(error).__name__)
        yield UnreadPage(None, DAMAGED)
        return
    yield from read_members(source, members)


def _loader(file: Any) -> Any:
    from pypdf.errors import LimitReachedError

    def load(most: int) -> bytes:
        try:
            data = bytes(file.content)
        except LimitReachedError:
            raise TooLarge from None
        if len(data) > most:
            raise TooLarge
        return data

    return load
