"""The library's SQLite database as its one writer uses it: the only truth.

Everything here happens inside short transactions: half a document is never seen. Paths are stored
as the file system's bytes.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from indexer.storage import erasure
from indexer.storage.audited import Audited
from indexer.storage.contents import Contents
from indexer.storage.database import id_list, in_words, open_for_writing, transaction
from indexer.storage.ledger import (
    IS_FILE,
    FolderStates,
    folder_states,
    ledger,
    path_of,
    under,
)
from indexer.storage.naming import Naming
from indexer.storage.presence import Presence, Presences
from indexer.storage.queue import ReadingQueue
from indexer.storage.relinking import Relinked, relink
from indexer.storage.tags import forget_tags, set_tags
from indexer.storage.unread import UnreadPages
from indexer.types import FileStatus, State

_SEP = os.fsencode(os.sep)
# How the reason begins of what readers/kinds/names.py knows no reader for.
_NOT_READ = "This kind of file is not read."


@dataclass(frozen=True, slots=True)
class Folder:
    """A folder (or a single file) that the owner added."""

    id: int
    path: Path
    online: bool


@dataclass(frozen=True, slots=True)
class KnownFile:
    """A file as the last scan saw it."""

    id: int
    size: int
    mtime_ns: int
    state: State
    reason: str
    presence: Presence
    has_content: bool


class Store:
    """The write side of a library. One process holds one of it, under the library's lock."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._db = open_for_writing(path)
        self.contents = Contents(self._db, path)
        self.naming = Naming(self._db, path)
        self.unread = UnreadPages(self._db, self.contents, self.naming)
        self.presences = Presences(self._db, path)
        self.queue = ReadingQueue(self._db, path, self.presences, self.unread)
        self.audited = Audited(self._db, path)

    def close(self) -> None:
        """Fold the write-ahead log into the file and close it."""
        with in_words(self.path), closing(self._db):
            self._db.execute("PRAGMA wal_checkpoint(TRUNCATE)")

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Commit all that happens inside as one, or none of it."""
        with transaction(self._db, self.path):
            yield

    @property
    def changes(self) -> int:
        """How many rows were written since the library was opened."""
        return self._db.total_changes()

    @property
    def version(self) -> tuple[int, int]:
        """What is another one when anything was written, be it here or by another connection."""
        return self.changes, int(self._db.execute("PRAGMA data_version").get)

    # --- folders -------------------------------------------------------------------------------

    def folders(self) -> list[Folder]:
        """Return what the owner added and has not taken out, in that order."""
        return self._folders("NOT removing", [])

    def hidden_folders(self) -> list[Folder]:
        """Return what the owner has taken out and may take back."""
        return self._folders("removing", [])

    def _folders(self, clause: str, values: Sequence[Any]) -> list[Folder]:
        rows = self._db.execute(
            f"SELECT id, path, online FROM folders WHERE {clause} ORDER BY id", values
        )
        return [Folder(id_, path_of(path), bool(online)) for id_, path, online in rows]

    def add_folder(self, path: Path) -> Folder:
        """Add a folder: inside another it is that one; around others it takes them over."""
        around = [os.fsencode(place) for place in (path, *path.parents)]
        marks = ", ".join("?" * len(around))
        # Both by the index on path: ten thousand files may be added one by one.
        with self.transaction():
            if known := self._folders(f"path IN ({marks})", around):
                self._db.execute("UPDATE folders SET removing = 0 WHERE id = ?", (known[0].id,))
                return known[0]
            inside = self._folders(*under([path]))
            self._db.execute("INSERT INTO folders (path) VALUES (?)", (os.fsencode(path),))
            new = Folder(self._db.last_insert_rowid(), path, online=True)
            for folder in inside:
                self._db.execute(
                    "UPDATE files SET folder_id = ? WHERE folder_id = ?", (new.id, folder.id)
                )
                self._db.execute("DELETE FROM folders WHERE id = ?", (folder.id,))
            return new

    def single_files(self) -> list[Path]:
        """Return the files that were added one by one, be they hidden or not."""
        rows: list[Any] = self._db.execute(
            f"SELECT path FROM folders WHERE {IS_FILE} ORDER BY id"
        ).fetchall()
        return [path_of(path) for (path,) in rows]

    def hide_folders(self, folders: Iterable[Folder], *, hidden: bool = True) -> None:
        """Take folders out of all that is shown, until they are removed or are to stay."""
        with self.transaction():
            self._db.executemany(
                "UPDATE folders SET removing = ? WHERE id = ?",
                ((int(hidden), folder.id) for folder in folders),
            )

    def remove_folders(self, folders: Iterable[Folder]) -> None:
        """Forget folders and their files; `erase` then removes what they held."""
        with self.transaction():
            erasure.begin(self._db, erasure.What.DOCUMENTS)
            ids = [folder.id for folder in folders]
            forget_tags(self._db, ids)
            self._db.executemany("DELETE FROM folders WHERE id = ?", ((id_,) for id_ in ids))

    @property
    def is_erasing(self) -> bool:
        """Whether something was removed of which a part may still stand somewhere."""
        return erasure.unfinished(self._db) is not None

    @property
    def erases_documents(self) -> bool:
        """Whether what is being erased may be in the full text and in caches, too."""
        return erasure.unfinished(self._db) in (None, erasure.What.DOCUMENTS)

    def erase(self) -> bool:
        """Do a part of what is left of erasing; False when it can go on later only, or is done."""
        documents = self.erases_documents
        if documents and (self.contents.erase_orphans() or self.naming.step()):
            return True
        what = erasure.What.DOCUMENTS if documents else erasure.What.LESSONS
        with in_words(self.path):
            erasure.finish(self._db, self.path, what)
        return False

    def relink(self, olds: Sequence[str | Path], new: Path, *, anyway: bool) -> Relinked:
        """Let the folders at or below a path stand under another one. Raises IndexerError."""
        return relink(self._db, self.path, olds, new, anyway=anyway)

    # --- files ---------------------------------------------------------------------------------

    def known_files(self, folder: Folder, inside: Path | None = None) -> dict[bytes, KnownFile]:
        """Return the files of a folder, or at or below a path in it, by their path's bytes."""
        if inside is None:
            return self._known("folder_id = ?", [folder.id])
        # Folders never lie in one another, so that the path alone decides.
        return self._known(*under([inside]))

    def known_children(self, folder: Path) -> dict[bytes, KnownFile]:
        """Return the files that stand in a folder itself, by their path's bytes."""
        clause, values, name = _children(folder)
        return self._known(f"{clause} AND NOT instr({name}, ?)", [*values, _SEP])

    def known_folders(self, folder: Path) -> list[bytes]:
        """Return the names of the folders in a folder below which files are known."""
        clause, values, name = _children(folder)
        rows = self._db.execute(
            f"SELECT DISTINCT substr({name}, 1, instr({name}, ?1) - 1) FROM files "
            f"WHERE instr({name}, ?1) AND {clause}",
            [_SEP, *values],
        )
        return [name for (name,) in rows]

    def _known(self, clause: str, values: Sequence[Any]) -> dict[bytes, KnownFile]:
        rows = self._db.execute(
            "SELECT path, id, size, mtime_ns, state, reason, presence, content_id IS NOT NULL "
            f"FROM files WHERE {clause}",
            values,
        )
        return {
            path: KnownFile(id_, size, mtime, State(state), reason, Presence(there), bool(content))
            for path, id_, size, mtime, state, reason, there, content in rows
        }

    def put_file(
        self, folder: Folder, path: bytes, size: int, mtime_ns: int, state: State, reason: str = ""
    ) -> None:
        """Enter a new or changed file into the ledger; WAITING queues it."""
        self._db.execute(
            """INSERT INTO files (folder_id, path, size, mtime_ns, suffix, state, reason)
               VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
               ON CONFLICT (path) DO UPDATE SET folder_id = ?1, size = ?3, mtime_ns = ?4,
                   state = ?6, reason = ?7, presence = 0,
                   content_id = CASE ?6 WHEN 'waiting' THEN content_id END""",
            (folder.id, path, size, mtime_ns, _suffix(path), state, reason),
        )
        if state is State.WAITING:
            # Other bytes deserve a new chance.
            self._db.execute(
                "DELETE FROM attempts WHERE file_id = (SELECT id FROM files WHERE path = ?)",
                (path,),
            )

    def forget_files(self, ids: Iterable[int]) -> None:
        """Remove files that are gone from the disk."""
        self._db.executemany("DELETE FROM files WHERE id = ?", ((id_,) for id_ in ids))

    def checkpoint(self) -> None:
        """Empty the write-ahead log, so that erased text stands nowhere."""
        with in_words(self.path):
            self._db.execute("PRAGMA wal_checkpoint(TRUNCATE)")

    def set_tags(self, path: Path, tags: Iterable[str]) -> tuple[str, ...]:
        """Give a file these tags in place of its own; as they are kept. Raises IndexerError."""
        with self.transaction():
            return set_tags(self._db, path, tags)

    # --- states that wait for vectors ----------------------------------------------------------

    def finish_embedded(
        self, encoder: int, contents: Sequence[int] | None = None
    ) -> list[FileStatus]:
        """Move files whose every chunk has a vector to their final state; return them.

        Looks at the files of `contents` only, or at all.
        """
        some = "" if contents is None else f"content_id IN ({id_list(set(contents))}) AND"
        with self.transaction():
            done: list[Any] = self._db.execute(
                f"""SELECT id, content_id FROM files
                    WHERE {some} state = 'words' AND NOT EXISTS (
                        SELECT 1 FROM chunks WHERE chunks.content_id = files.content_id
                        AND NOT EXISTS (SELECT 1 FROM vectors
                                        WHERE encoder_id = ? AND chunk_id = chunks.id))""",
                (encoder,),
            ).fetchall()
            self._db.executemany(
                "UPDATE files SET (state, reason) = "
                "(SELECT state, reason FROM contents WHERE id = ?2) WHERE id = ?1",
                done,
            )
        return self.statuses([row[0] for row in done])

    def use_encoder(self, encoder: int) -> None:
        """Make this the encoder of the library; files without its vectors return to `words`."""
        row = self._db.execute("SELECT value FROM library WHERE key = 'encoder'").fetchone()
        if row == (encoder,):
            return
        with self.transaction():
            self._db.execute("INSERT OR REPLACE INTO library VALUES ('encoder', ?)", (encoder,))
            self._db.execute(
                """UPDATE files SET state = 'words' WHERE state IN ('indexed', 'partial')
                   AND EXISTS (SELECT 1 FROM chunks WHERE chunks.content_id = files.content_id
                       AND NOT EXISTS (SELECT 1 FROM vectors
                                       WHERE encoder_id = ? AND chunk_id = chunks.id))""",
                (encoder,),
            )

    def use_kinds(self, kinds: str) -> None:
        """Queue what was of no kind that is read, if these are not the kinds of the last time."""
        row = self._db.execute("SELECT value FROM library WHERE key = 'kinds'").fetchone()
        if row == (kinds,):
            return
        with self.transaction():
            self._db.execute("INSERT OR REPLACE INTO library VALUES ('kinds', ?)", (kinds,))
            self._db.execute(
                "UPDATE files SET state = 'waiting' WHERE state = 'skipped' AND reason LIKE ?",
                (f"{_NOT_READ}%",),
            )

    # --- the ledger ----------------------------------------------------------------------------

    def statuses(self, file_ids: Sequence[int]) -> list[FileStatus]:
        """Return the ledger's lines of these files; those that are gone are left out."""
        return list(ledger(self._db, f"files.id IN ({id_list(file_ids)})"))

    def statuses_of_paths(self, paths: Iterable[bytes]) -> list[FileStatus]:
        """Return the ledger's lines of these paths."""
        return [line for path in paths for line in ledger(self._db, "path = ?", (path,))]

    def folder_states(self) -> tuple[list[FolderStates], int]:
        """Return the folders with their files by state, and how many chunks there are."""
        return folder_states(self._db)


def _children(folder: Path) -> tuple[str, list[bytes], str]:
    """Return an SQL clause for what lies below a folder, its values, and the rest of the path."""
    inside = os.fsencode(folder).rstrip(_SEP) + _SEP
    clause = "path > ? AND path < ?"
    return clause, [inside, inside[:-1] + bytes([_SEP[0] + 1])], f"substr(path, {len(inside) + 1})"


def _suffix(path: bytes) -> str:
    return os.path.splitext(os.fsdecode(path))[1][1:].lower()  # noqa: PTH122 -- Path is slower here
