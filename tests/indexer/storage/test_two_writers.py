"""Two connections write to one library."""

from __future__ import annotations

import threading
from contextlib import closing
from pathlib import Path

from indexer.storage.database import open_for_writing, transaction


def test_who_has_read_may_write_although_another_waits(tmp_path: Path) -> None:
    """Nobody is refused: the second waits until the first is done."""
    database = tmp_path / "library.db"
    open_for_writing(database).close()
    began = threading.Event()

    def put(key: str, read_first: threading.Event | None = None) -> None:
        with closing(open_for_writing(database)) as db:
            if read_first is not None:
                read_first.wait(10)
            with transaction(db, database):
                db.execute("SELECT count(*) FROM library").fetchall()
                began.set()
                db.execute("INSERT INTO library VALUES (?, 1)", (key,))

    other = threading.Thread(target=put, args=("other", began))
    other.start()
    with closing(open_for_writing(database)) as db:
        with transaction(db, database):
            db.execute("SELECT count(*) FROM library").fetchall()
            began.set()
            other.join(0.3)  # without the lock it would have written by now
            db.execute("INSERT INTO library VALUES ('one', 1)")
        other.join(10)
        keys = {row[0] for row in db.execute("SELECT key FROM library")}
    assert {"one", "other"} <= keys
