"""A whole library as one verified file, and back again.

The file is a zip: the database as SQLite copies it, the files that are named beside it, and a
manifest with the SHA-256 of each; the zip's comment is the SHA-256 of the manifest. So a single
changed byte of them is found before anything is restored, and any program can unpack it.
"""

from __future__ import annotations

import errno
import hashlib
import io
import json
import os
import zipfile
import zlib
from collections.abc import Generator, Iterator, Mapping
from contextlib import closing, contextmanager, suppress
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any

import apsw

from indexer.errors import IndexerError, LibraryDamaged
from indexer.storage.database import connect, in_words
from indexer.storage.encryption import give_key, key_of
from indexer.storage.migrations import MIGRATIONS

DATABASE = "library.db"
_FORMAT = 1
_MANIFEST = "manifest.json"
_MANIFEST_BYTES = 1 << 20
_PAGES = 2000  # that are copied between two looks at what the owner wants
_BLOCK = 1 << 20


@dataclass(frozen=True, slots=True)
class Step:
    """How far a backup is; `what` is a word for its owner, the numbers are bytes."""

    what: str
    done: int
    total: int


@dataclass(frozen=True, slots=True)
class Member:
    """A file in a backup."""

    size: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a backup holds, and which schema its library has."""

    schema: int
    made: str  # as in 2026-01-31T12:00:00+00:00
    members: dict[str, Member]


def back_up(database: Path, beside: Mapping[str, Path], target: Path) -> Iterator[Step]:
    """Write a library and the files `beside` it (by their names in the backup) to one file.

    Indexing may go on meanwhile. The file is there when it is whole and was read again, and not
    before; closing the generator leaves nothing behind. Raises IndexerError.
    """
    _require_target(database, target)
    copy, part = (target.with_name(f"{target.name}.{end}") for end in ("copy", "part"))
    try:
        with _disk_in_words(target), in_words(target):
            schema = yield from _copy(database, copy)
            members = {DATABASE: copy}
            members |= {name: path for name, path in beside.items() if path.is_file()}
            yield from _pack(members, schema, part)
            with open_backup(part) as (archive, manifest):
                for name in manifest.members:
                    yield from _unpack(archive, manifest, name, None, "Verifying")
            part.replace(target)
            _sync_folder(target.parent)
    finally:
        for path in (copy, part):
            path.unlink(missing_ok=True)


def _require_target(database: Path, target: Path) -> None:
    if target.is_relative_to(database.parent):
        raise IndexerError(
            "A backup cannot be kept in the profile.",
            "Choose a place outside: what is erased in the library would stay there.",
            target,
        )
    if not database.exists():
        raise IndexerError("There is no library yet.", "`add` a folder first.", database)
    if target.exists():
        try:
            with open_backup(target):
                pass
        except IndexerError as error:
            raise IndexerError(
                "There is a file of this name that is no backup.", "Choose another name.", target
            ) from error


def _copy(database: Path, copy: Path) -> Generator[Step, None, int]:
    """Copy the database as it is at this moment; return its schema's number."""
    copy.unlink(missing_ok=True)
    with (
        closing(connect(database, flags=apsw.SQLITE_OPEN_READWRITE)) as source,
        closing(apsw.Connection(str(copy))) as target,
    ):
        give_key(target, key_of(database))
        # What others write from here on is not in the copy, and does not make it begin anew.
        source.execute("BEGIN")
        schema = int(source.execute("PRAGMA user_version").get)
        size = int(source.execute("PRAGMA page_size").get)
        with target.backup("main", source, "main") as copying:
            while not copying.done:
                copying.step(_PAGES)
                done = copying.page_count - copying.remaining
                yield Step("Copying", done * size, copying.page_count * size)
        target.execute("PRAGMA journal_mode = DELETE")
        require_whole(target, copy)
    return schema


def require_whole(db: apsw.Connection, path: Path) -> None:
    """Look at every page of a database. Raises LibraryDamaged."""
    if db.execute("PRAGMA quick_check").get != "ok":
        raise LibraryDamaged(
            "The library's database is damaged.", "`doctor --check --repair` mends it.", path
        )


def _pack(members: Mapping[str, Path], schema: int, part: Path) -> Iterator[Step]:
    with part.open("wb") as file:
        # Level 1 takes 0.4 of the default's time and makes files that are 7 % larger.
        with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
            packed: dict[str, Member] = {}
            for name, path in members.items():
                size = path.stat().st_size
                digest, done = hashlib.sha256(), 0
                with path.open("rb") as source, archive.open(name, "w", force_zip64=True) as member:
                    while block := source.read(_BLOCK):
                        member.write(block)
                        digest.update(block)
                        done += len(block)
                        yield Step("Packing", done, size)
                packed[name] = Member(done, digest.hexdigest())
            made = datetime.now(UTC).isoformat(timespec="seconds")
            manifest = json.dumps(
                {"format": _FORMAT, **asdict(Manifest(schema, made, packed))}
            ).encode()
            archive.writestr(_MANIFEST, manifest)
            archive.comment = hashlib.sha256(manifest).hexdigest().encode()
        file.flush()
        os.fsync(file.fileno())


@contextmanager
def open_backup(path: Path) -> Iterator[tuple[zipfile.ZipFile, Manifest]]:
    """Open a backup and read its manifest. Raises IndexerError if it is none, or too new."""
    try:
        with zipfile.ZipFile(path) as archive:
            yield archive, _manifest(archive, path)
    except FileNotFoundError as error:
        raise IndexerError("There is no such file.", "Check how the path is written.", path) from (
            error
        )
    except (
        *(zipfile.BadZipFile, zlib.error, KeyError, ValueError, TypeError, EOFError),
        RuntimeError,  # compressed or encrypted in a way that we do not
    ) as error:
        raise _damaged(path) from error


def _manifest(archive: zipfile.ZipFile, path: Path) -> Manifest:
    with archive.open(_MANIFEST) as file:
        raw = file.read(_MANIFEST_BYTES)
    if hashlib.sha256(raw).hexdigest().encode() != archive.comment:
        raise _damaged(path)
    data: Any = json.loads(raw)
    manifest = Manifest(
        int(data["schema"]),
        str(data["made"]),
        {str(name): Member(**member) for name, member in data["members"].items()},
    )
    if data["format"] > _FORMAT or manifest.schema > len(MIGRATIONS):
        raise IndexerError(
            "This backup was written by a newer Pocket-LLM.",
            "Install the newer version; nothing was changed.",
            path,
        )
    if DATABASE not in manifest.members:
        raise _damaged(path)
    return manifest


def unpack(archive: zipfile.ZipFile, manifest: Manifest, name: str, target: Path) -> Iterator[Step]:
    """Write a member to a file, synced. Raises IndexerError if a single byte is not as it was."""
    with _disk_in_words(target), target.open("wb") as file:
        yield from _unpack(archive, manifest, name, file, "Unpacking")
        file.flush()
        os.fsync(file.fileno())


def read_member(source: Path, name: str) -> bytes | None:
    """Return the bytes of a small file; None if the backup has none. Raises IndexerError."""
    with open_backup(source) as (archive, manifest):
        if name not in manifest.members:
            return None
        target = io.BytesIO()
        for _ in _unpack(archive, manifest, name, target, "Reading"):
            pass
        return target.getvalue()


def _unpack(
    archive: zipfile.ZipFile, manifest: Manifest, name: str, target: IO[bytes] | None, what: str
) -> Iterator[Step]:
    member = manifest.members[name]
    digest, done = hashlib.sha256(), 0
    with archive.open(name) as source:
        # Never more than was said, so that a hostile file fills no disk.
        while done <= member.size and (block := source.read(_BLOCK)):
            digest.update(block)
            done += len(block)
            if target is not None:
                target.write(block)
            yield Step(what, done, member.size)
    if done != member.size or digest.hexdigest() != member.sha256:
        raise _damaged(Path(archive.filename or name))


def _damaged(path: Path) -> IndexerError:
    return IndexerError(
        "This file is no backup of a library, or it is damaged.",
        "Take another copy of it; nothing was changed.",
        path,
    )


@contextmanager
def _disk_in_words(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        if error.errno not in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
            raise
        raise IndexerError(
            "The disk is full.", "Free some space; nothing that was there before has changed.", path
        ) from error


def _sync_folder(folder: Path) -> None:
    """Make a renaming last through a power failure, where a system has a way to."""
    with suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
