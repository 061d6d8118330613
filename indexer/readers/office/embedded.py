"""Files inside Office documents: documents that were inserted as objects, and chunks of text.

An object of today's Office stands in the package as it is; one of another program is in a container
of the older Office, in one of the ways of [MS-OLEDS]. Formulas, pictures and controls are objects
as well, and nothing that could be read.
"""

from __future__ import annotations

import logging
import struct
from collections.abc import Iterable, Iterator
from functools import partial
from pathlib import PurePosixPath

from indexer.readers.archives.members import MAX_BYTES, Member, TooLarge, load_from
from indexer.readers.encodings.decoding import decode
from indexer.readers.kinds.sniffing import OLE
from indexer.readers.office.compound import Compound, compound
from indexer.readers.office.package import BROKEN, Parts
from indexer.readers.source import Source

log = logging.getLogger(__name__)

# How a part relates to what is inserted; a chart's own table is related to the chart, not to it.
_RELATIONS = ("package", "oleObject", "aFChunk")
_NATIVE = "\x01Ole10Native"
_PACKED = ("Package", "EmbeddedOdf", "CONTENTS")  # streams that hold a file; the last one a PDF
_DOCUMENTS = ("WordDocument", "Workbook", "Book", "PowerPoint Document")
_NAMED = 2  # a native object that says what its file is called
_NAMELESS = "Embedded file"


def embedded(parts: Parts, owners: Iterable[str], source: Source) -> Iterator[Member]:
    """Yield the files that stand in an Office document's parts `owners`."""
    number = 0
    for name in dict.fromkeys(_names(parts, owners)):
        called = PurePosixPath(name).name
        if not called.lower().endswith((".bin", ".ole")):
            yield Member(called, partial(_load, parts, name))
            continue
        most = min(MAX_BYTES, source.allowance.data)
        try:
            found = _unwrapped(source.member(called, _load(parts, name, most)))
        except TooLarge:
            yield Member(_NAMELESS, _refused)  # not by a name that belongs to a program
            continue
        except Exception as error:  # noqa: BLE001 (a damaged object leaves the document untouched)
            log.info("an object could not be opened: %s", type(error).__name__)
            continue
        if found is not None:
            own_name, data = found
            number += not own_name
            source.allowance.data -= len(data)
            yield Member(own_name or f"{_NAMELESS} {number}", partial(_given, data))


def _names(parts: Parts, owners: Iterable[str]) -> Iterator[str]:
    for owner in owners:
        for relation in _RELATIONS:
            try:
                yield from parts.related(owner, relation)
            except BROKEN as error:
                log.info("relations could not be read: %s", type(error).__name__)


def _load(parts: Parts, name: str, most: int) -> bytes:
    with parts.open(name) as file:
        return load_from(file.read, most)


def _given(data: bytes, most: int) -> bytes:
    if len(data) > most:
        raise TooLarge
    return data


def _refused(most: int) -> bytes:  # noqa: ARG001 (it is a Member's load)
    raise TooLarge


def _unwrapped(source: Source) -> tuple[str, bytes] | None:
    """Return the name, "" if it has none, and the bytes of an object's file; None if it has no."""
    data = source.data or b""
    if not data.startswith(OLE):
        return "", data
    with compound(source, "object") as streams:
        if _NATIVE in streams:
            return _native(streams)
        for name in _PACKED:
            if name in streams:
                return "", streams.read(name)
        return ("", data) if any(name in streams for name in _DOCUMENTS) else None


def _native(streams: Compound) -> tuple[str, bytes] | None:
    """Return the file in a native object ([MS-OLEDS] 2.3.6; what is in it is undocumented)."""
    data = streams.read(_NATIVE)
    if struct.unpack_from("<4xH", data)[0] != _NAMED:
        return None
    name, _, rest = data[6:].partition(b"\0")
    _, _, rest = rest.partition(b"\0")  # where it came from
    (length,) = struct.unpack_from("<4xI", rest)
    rest = rest[8 + length :]  # and where it was put meanwhile
    (size,) = struct.unpack_from("<I", rest)
    return decode(name), rest[4 : 4 + size]
