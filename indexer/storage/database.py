"""Opens the library's SQLite file: settings, functions, migrations, and foreign errors in words."""

from __future__ import annotations

import logging
import os
import uuid
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import apsw

from indexer.errors import IndexerError, LibraryBusy, LibraryDamaged, LibraryOutdated
from indexer.storage.encryption import give_key, key_of
from indexer.storage.migrations import MIGRATIONS
from indexer.text.words import cut_cjk

log = logging.getLogger(__name__)

# Where a library stands until another one, which takes its place, has opened well.
ASIDE = ".replaced"
_BUSY_MS = 5000
_BLOCK = 1 << 20
_LOG_BYTES = 16 << 20  # that the write-ahead log keeps when a long reader has let it grow


@contextmanager
def in_words(path: Path) -> Iterator[None]:
    """Convert SQLite's errors to ours; the one place where that is done."""
    try:
        yield
    except apsw.FullError as error:
        raise IndexerError(
            "The disk is full.",
            "Free some space; everything that was indexed until now is kept.",
            path,
        ) from error
    # Our own SQL is right wherever the schema is as we made it.
    except (apsw.CorruptError, apsw.NotADBError, apsw.SQLError, UnicodeDecodeError) as error:
        raise LibraryDamaged(
            "The library's database is damaged.",
            "`doctor --repair` saves what is yours in it and reads your documents again.",
            path,
        ) from error
    except apsw.BusyError as error:
        raise LibraryBusy(
            "Another program is using this library.", "Try again in a moment.", path
        ) from error
    except (apsw.CantOpenError, apsw.ReadOnlyError, apsw.PermissionsError) as error:
        raise IndexerError(
            "The library cannot be opened.",
            "Check that its folder exists and that you may write to it.",
            path,
        ) from error
    except apsw.IOError as error:
        raise IndexerError(
            "The disk that holds the library failed.",
            "Check the disk; nothing that was saved before is lost.",
            path,
        ) from error


@contextmanager
def transaction(connection: apsw.Connection, path: Path) -> Iterator[None]:
    """Commit all that happens inside as one, or none of it. Raises IndexerError.

    One inside of another is a part of it, which can fail alone.
    """
    with in_words(path):
        if connection.in_transaction:
            with connection:
                yield
            return
        # The lock for writing comes first: SQLite refuses a transaction at once, without waiting,
        # that has read what another writer has changed since. And it comes by a statement: where
        # `with connection` waits for it, all other threads of this process wait as well.
        connection.execute("BEGIN IMMEDIATE")
        try:
            yield
            connection.execute("COMMIT")
        finally:
            if not connection.get_autocommit():
                connection.execute("ROLLBACK")


def open_for_writing(path: Path) -> apsw.Connection:
    """Open or create the library and bring it to the present schema. Raises IndexerError."""
    with in_words(path):
        if not path.exists():
            take_back(path)
        connection = connect(path)
        with _closed_on_failure(connection):
            _configure(connection)
            # secure_delete: what was removed is gone from the file, not only from the tables.
            for pragma in ("journal_mode = WAL", "synchronous = NORMAL", "secure_delete = ON"):
                connection.execute(f"PRAGMA {pragma}")
            connection.execute(f"PRAGMA journal_size_limit = {_LOG_BYTES}")
            _migrate(connection, path)
        for place in _places(path, ASIDE):
            _erase(place)
        return connection


def connect(
    path: Path, *, flags: int = apsw.SQLITE_OPEN_READWRITE | apsw.SQLITE_OPEN_CREATE
) -> apsw.Connection:
    """Connect to a library, or to what stands beside it, with its key. Raises LibraryLocked."""
    key = key_of(path)
    connection = apsw.Connection(str(path), flags=flags)
    give_key(connection, key)
    return connection


@contextmanager
def _closed_on_failure(connection: apsw.Connection) -> Iterator[None]:
    # Windows moves no file aside that somebody has open.
    try:
        yield
    except BaseException:
        with suppress(apsw.Error):
            connection.close()
        raise


def _erase(path: Path) -> None:
    """Remove a file whose text shall not be found on the disk, where a disk writes in place."""
    if not path.exists():
        return
    try:
        with path.open("rb+") as file:
            left = path.stat().st_size
            while left > 0:
                left -= file.write(bytes(min(left, _BLOCK)))
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:
        log.warning("a library could not be overwritten: %s", type(error).__name__)
    path.unlink(missing_ok=True)


def put_aside(path: Path) -> None:
    """Move a library, which nobody has open, out of the way of another one."""
    for place, aside in zip(_places(path), _places(path, ASIDE), strict=True):
        with suppress(FileNotFoundError):
            place.replace(aside)


def take_back(path: Path) -> None:
    """Move a library that was put aside back to its place, if there is one."""
    if not path.with_name(path.name + ASIDE).exists():
        return
    for place, aside in zip(_places(path), _places(path, ASIDE), strict=True):
        place.unlink(missing_ok=True)
        with suppress(FileNotFoundError):
            aside.replace(place)


def _places(path: Path, aside: str = "") -> list[Path]:
    return [path.with_name(f"{path.name}{aside}{end}") for end in ("", "-wal", "-shm")]


def open_for_reading(path: Path) -> apsw.Connection:
    """Open an existing library without writing to it. Raises LibraryOutdated or IndexerError."""
    with in_words(path):
        connection = _connect_to_read(path)
        _configure(connection)
        if _check_version(connection, path) < len(MIGRATIONS):
            raise LibraryOutdated(
                "This library was written by an older Pocket-LLM.",
                "`sync` brings it up to date.",
                path,
            )
        connection.execute(
            "CREATE VIRTUAL TABLE temp.vocabulary USING fts5vocab (main, chunk_words, row);"
            "CREATE VIRTUAL TABLE temp.document_vocabulary "
            "USING fts5vocab (main, document_words, row);"
            # What is being taken out is hidden here, for all that read: these stand before the
            # tables of the same names.
            "CREATE TEMP VIEW folders AS SELECT * FROM main.folders WHERE NOT removing;"
            "CREATE TEMP VIEW files AS SELECT * FROM main.files WHERE folder_id NOT IN "
            "(SELECT id FROM main.folders WHERE removing);"
            "PRAGMA query_only = ON"
        )
        return connection


def _connect_to_read(path: Path) -> apsw.Connection:
    """Connect for reading, also where the disk refuses what SQLite writes beside the library."""
    connection = connect(path, flags=apsw.SQLITE_OPEN_READWRITE)
    try:
        connection.execute("PRAGMA user_version").fetchall()
    except apsw.CantOpenError:
        connection.close()
        log_file = path.with_name(f"{path.name}-wal")
        if os.access(path.parent, os.W_OK) or (log_file.exists() and log_file.stat().st_size):
            raise
        flags = apsw.SQLITE_OPEN_READONLY | apsw.SQLITE_OPEN_URI
        connection = apsw.Connection(f"{path.absolute().as_uri()}?immutable=1", flags=flags)
        give_key(connection, key_of(path))
    return connection


def id_list(ids: Iterable[int]) -> str:
    """Return identifiers of our own for an SQL list; bound ones would meet a limit of SQLite."""
    return ",".join(map(str, ids))


def _configure(connection: apsw.Connection) -> None:
    connection.set_busy_timeout(_BUSY_MS)
    connection.create_scalar_function("cut_cjk", _cut_cjk, 1, deterministic=True)
    connection.execute("PRAGMA foreign_keys = ON")


def _cut_cjk(*values: apsw.SQLiteValue) -> str:
    return cut_cjk(str(values[0] or ""))


def _check_version(connection: apsw.Connection, path: Path) -> int:
    version = int(connection.execute("PRAGMA user_version").get)
    if version > len(MIGRATIONS):
        raise IndexerError(
            "This library was written by a newer Pocket-LLM.",
            "Install the newer version; nothing was changed.",
            path,
        )
    return version


def _migrate(connection: apsw.Connection, path: Path) -> None:
    if _check_version(connection, path) == len(MIGRATIONS):
        return
    if version := _check_version(connection, path):
        backup = path.with_name(f"{path.name}.before-{version + 1}")
        # Another process may be doing the same at this moment.
        part = backup.with_name(f"{backup.name}.{os.getpid()}")
        part.unlink(missing_ok=True)
        connection.execute("VACUUM INTO ?", (str(part),))
        part.replace(backup)
    connection.execute("BEGIN IMMEDIATE")
    try:
        # Looked at again inside the transaction: another process may just have done it.
        version = _check_version(connection, path)
        for script in MIGRATIONS[version:]:
            try:
                connection.execute(script)
            except apsw.SQLError as error:
                raise apsw.CorruptError from error  # it is not of the version that it says
        connection.execute("INSERT OR IGNORE INTO library VALUES ('id', ?)", (uuid.uuid4().hex,))
        connection.execute(f"PRAGMA user_version = {len(MIGRATIONS)}")
    except BaseException:
        connection.execute("ROLLBACK")
        raise
    connection.execute("COMMIT")
    log.info("library schema is now %d", len(MIGRATIONS))
