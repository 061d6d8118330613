"""Archives: zip and tar, whose members are read one by one, in memory and within limits."""

from __future__ import annotations

import bz2
import gzip
import io
import logging
import lzma
import tarfile
import zipfile
import zlib
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import BinaryIO, cast

from indexer.errors import Unreadable
from indexer.readers import damaged, encrypted
from indexer.readers.archives.members import TOO_LARGE, Member, TooLarge, load_from, read_members
from indexer.readers.encodings.decoding import decode
from indexer.readers.kinds.names import Kind
from indexer.readers.source import Source
from indexer.text.words import has_cjk
from indexer.types import DocumentInfo, ReaderItem, UnreadPage

log = logging.getLogger(__name__)

WHAT = "archive"
_UTF8 = 0x800  # the flag of a zip's member that says how its name is written
_ENCRYPTED = 0x1
_REST_DAMAGED = "The rest of this archive is damaged."
_MOST_EXPANDED = 2_000_000_000  # bytes of a compressed tar, most of which may be skipped

_NAMELESS = "file"
# Notes that macOS keeps beside the files; nobody knows of them.
_NOTES = "__MACOSX/"

_BROKEN = (zipfile.BadZipFile, tarfile.TarError, zlib.error, lzma.LZMAError, EOFError, OSError)
_UNPACKERS: tuple[tuple[bytes, Callable[[BinaryIO], object]], ...] = (
    (b"\x1f\x8b", lambda file: gzip.GzipFile(fileobj=file)),
    (b"BZh", bz2.BZ2File),
    (b"\xfd7zXZ", lzma.LZMAFile),
)


def read_zip(source: Source) -> Iterator[ReaderItem]:
    """Read the members of a zip. Raises Unreadable, Unsupported."""
    try:
        archive = zipfile.ZipFile(source.file)
    except (zipfile.BadZipFile, NotImplementedError, ValueError, EOFError):
        raise damaged(WHAT, source.path) from None
    with archive:
        # Not is_dir(), which takes a member without a name amiss.
        infos = [info for info in archive.infolist() if not info.filename.endswith("/")]
        if infos and all(info.flag_bits & _ENCRYPTED for info in infos):
            raise encrypted(WHAT, source.path, unlockable=False)
        yield DocumentInfo(Kind.ZIP.value)
        members = (
            Member(name or _NAMELESS, partial(_load, archive, info, source))
            for info, name in zip(infos, _names(infos), strict=True)
            if not name.startswith(_NOTES)
        )
        yield from read_members(source, members, alone=True)


def _load(archive: zipfile.ZipFile, info: zipfile.ZipInfo, source: Source, most: int) -> bytes:
    if info.flag_bits & _ENCRYPTED:
        raise encrypted("file", source.path, unlockable=False)
    if info.file_size > most:
        raise TooLarge
    try:
        # Python's zipfile expands nothing beyond the declared size.
        with archive.open(info) as file:
            return load_from(file.read, most)
    except NotImplementedError:
        raise Unreadable(
            "This file is compressed in a way that is not known here.",
            "Unpack it with its own program to have it read.",
            source.path,
        ) from None
    except (*_BROKEN, ValueError):  # the last of a place before the beginning
        # What was expanded in vain counts too: a directory may name one bad member for ever.
        source.allowance.data -= info.file_size
        raise damaged("file", source.path) from None


def _names(infos: Sequence[zipfile.ZipInfo]) -> list[str]:
    """Return the members' names, written as their maker meant them.

    A name without the flag for UTF-8 is in code page 437 by the standard, but in truth in the
    maker's own encoding: macOS writes UTF-8, a Chinese Windows GBK.
    """
    names = [info.filename for info in infos]
    odd = [
        at for at, info in enumerate(infos)
        if not info.flag_bits & _UTF8 and not info.filename.isascii()
    ]  # fmt: skip
    try:
        raw = [names[at].encode("cp437") for at in odd]
    except UnicodeEncodeError:
        return names  # a name that another field of its own has corrected
    try:
        meant = b"\n".join(raw).decode("utf-8").split("\n")
    except UnicodeDecodeError:
        meant = decode(b"\n".join(raw)).split("\n")
        if not has_cjk("".join(meant)):
            return names
    if len(meant) == len(odd):
        for at, name in zip(odd, meant, strict=True):
            names[at] = name
    return names


def read_tar(source: Source) -> Iterator[ReaderItem]:
    """Read the files in a tar, compressed or not, in one pass. Raises Unreadable, Unsupported."""
    with source.open() as file:
        try:
            archive = tarfile.open(fileobj=_Expanded(_unpacked(file)), mode="r|")  # noqa: SIM115
        except _BROKEN:
            raise damaged(WHAT, source.path) from None
        yield DocumentInfo(Kind.TAR.value)
        ended: list[str] = []
        with archive:
            yield from read_members(source, _tar_members(archive, source, ended), alone=True)
        if ended:
            yield UnreadPage(None, ended[0])


def _unpacked(file: BinaryIO) -> BinaryIO:
    head = file.read(8)
    file.seek(0)
    for magic, unpacker in _UNPACKERS:
        if head.startswith(magic):
            return cast(BinaryIO, unpacker(file))
    return file


class _Expanded(io.RawIOBase):
    """A stream that ends with TooLarge after _MOST_EXPANDED bytes: skipping expands as well."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._left = _MOST_EXPANDED

    def read(self, size: int = -1, /) -> bytes:
        """Read a block."""
        block = self._file.read(size)
        self._left -= len(block)
        if self._left < 0:
            raise TooLarge
        return block


def _tar_members(archive: tarfile.TarFile, source: Source, ended: list[str]) -> Iterator[Member]:
    """Yield the ordinary files; why it ended early goes to `ended`."""
    try:
        for info in archive:
            # Without this, each member seen is kept for a list that nobody asks for.
            archive.members = []  # type: ignore[attr-defined]
            if info.isreg():
                yield Member(info.name, partial(_load_tar, archive, info, source))
    except TooLarge:
        ended.append(TOO_LARGE)
    except _BROKEN as error:
        log.info("an archive ended early: %s", type(error).__name__)
        ended.append(_REST_DAMAGED)


def _load_tar(archive: tarfile.TarFile, info: tarfile.TarInfo, source: Source, most: int) -> bytes:
    if info.size > most:
        raise TooLarge
    try:
        file = archive.extractfile(info)
        data = load_from(file.read, most) if file is not None else b""
    except _BROKEN:
        raise damaged("file", source.path) from None
    if len(data) < info.size:
        raise damaged("file", source.path)
    return data
