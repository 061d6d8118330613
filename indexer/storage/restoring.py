"""A library is put back from a backup; the old one stays aside until the new one opened well."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import closing, suppress
from pathlib import Path

import apsw

from indexer.errors import LibraryDamaged, LibraryLocked
from indexer.storage.backup import DATABASE, Step, open_backup, require_whole, unpack
from indexer.storage.database import connect, in_words, open_for_writing, put_aside, take_back
from indexer.storage.encryption import give_key, key_of, use_key
from indexer.storage.lock import take_lock


def restore(
    source: Path, database: Path, beside: Mapping[str, Path], key: bytes | None = None
) -> Iterator[Step]:
    """Replace a library, and the files `beside` it, by those of a backup.

    All of the backup is verified before anything is touched; closing the generator before its end
    leaves everything as it was. `key` is that of an encrypted backup, and stands in the library's
    key file already. Raises IndexerError, LibraryBusy while another process writes to the library
    or searches it.
    """
    new = {DATABASE: _beside(database)} | {name: _beside(path) for name, path in beside.items()}
    lock = take_lock(database)
    try:
        with open_backup(source) as (archive, manifest):
            held = [name for name in new if name in manifest.members]
            for name in held:
                yield from unpack(archive, manifest, name, new[name])
        with in_words(source), closing(apsw.Connection(str(new[DATABASE]))) as db:
            give_key(db, key)
            require_whole(db, source)
        yield Step("Opening", 0, 1)
        replace_library(database, new[DATABASE], key)
        for name in held:
            if name != DATABASE:
                new[name].replace(beside[name])
    finally:
        for path in new.values():
            path.unlink(missing_ok=True)
        lock.release()


def _beside(path: Path) -> Path:
    return path.with_name(f"{path.name}.restored")


def replace_library(database: Path, new: Path, key: bytes | None) -> None:
    """Put another library, with its key, into the place of one that nobody has open.

    The old one comes back if the new one does not open. The caller holds the lock.
    Raises LibraryBusy or IndexerError.
    """
    old_key = None
    if database.exists():
        # A search of another process would take the new library's log for its own. What cannot be
        # read at all is not searched.
        with suppress(LibraryDamaged, LibraryLocked), in_words(database):
            with closing(connect(database)) as db:
                db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
                db.execute("PRAGMA journal_mode = DELETE")
            old_key = key_of(database)
        put_aside(database)
    try:
        new.replace(database)
        use_key(database, key)
        open_for_writing(database).close()
    except BaseException:
        use_key(database, old_key)
        take_back(database)
        raise
