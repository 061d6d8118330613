"""A library is put back from a backup; the old one stays aside until the new one opened well."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import closing, suppress
from pathlib import Path

import apsw

from indexer.errors import LibraryDamaged
from indexer.storage.backup import DATABASE, Step, open_backup, require_whole, unpack
from indexer.storage.database import in_words, open_for_writing, put_aside, take_back
from indexer.storage.lock import take_lock


def restore(source: Path, database: Path, beside: Mapping[str, Path]) -> Iterator[Step]:
    """Replace a library, and the files `beside` it, by those of a backup.

    All of the backup is verified before anything is touched; closing the generator before its end
    leaves everything as it was. Raises IndexerError, LibraryBusy while another process writes to
    the library or searches it.
    """
    new = {DATABASE: _beside(database)} | {name: _beside(path) for name, path in beside.items()}
    lock = take_lock(database)
    try:
        with open_backup(source) as (archive, manifest):
            held = [name for name in new if name in manifest.members]
            for name in held:
                yield from unpack(archive, manifest, name, new[name])
        with in_words(source), closing(apsw.Connection(str(new[DATABASE]))) as db:
            require_whole(db, source)
        yield Step("Opening", 0, 1)
        _replace(database, new[DATABASE])
        for name in held:
            if name != DATABASE:
                new[name].replace(beside[name])
    finally:
        for path in new.values():
            path.unlink(missing_ok=True)
        lock.release()


def _beside(path: Path) -> Path:
    return path.with_name(f"{path.name}.restored")


def _replace(database: Path, new: Path) -> None:
    if database.exists():
        # A search of another process would take the new library's log for its own. What cannot be
        # read at all is not searched.
        with (
            suppress(LibraryDamaged),
            in_words(database),
            closing(apsw.Connection(str(database))) as db,
        ):
            db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            db.execute("PRAGMA journal_mode = DELETE")
        put_aside(database)
    try:
        new.replace(database)
        open_for_writing(database).close()
    except BaseException:
        take_back(database)
        raise
