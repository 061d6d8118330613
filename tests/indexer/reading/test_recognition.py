"""Pages wait for OCR in their places; what is recognised is a page like the others."""

from __future__ import annotations

import io
import sys
import zipfile
from contextlib import closing
from pathlib import Path
from queue import SimpleQueue
from typing import Any, ClassVar

import apsw
import pytest
from PIL import Image

from app.pipes.supervisor import Worker
from indexer.engine import Engine, pending
from indexer.reading.pool import ReaderPool
from indexer.search.searcher import Searcher
from indexer.storage.migrations import MIGRATIONS
from indexer.types import Coverage, Scope, State
from tests.indexer.conftest import Library

FEE = "The fee for moving a tree is forty crowns."


class FakeOcr:
    """An OCR process that reads every page as a sentence with its number, or fails."""

    pid = 0
    asked: ClassVar[list[int | None]] = []
    members: ClassVar[list[tuple[int, ...]]] = []
    fails: ClassVar[set[int | None]] = set()
    unread: ClassVar[set[tuple[int, ...]]] = set()  # members that fail
    dies = False

    def __init__(self, inbox: SimpleQueue[Any]) -> None:
        self._inbox = inbox
        self._put({"type": "Ready"})

    def _put(self, message: dict[str, Any] | None) -> None:
        self._inbox.put((self, message))

    def send(self, message: dict[str, Any]) -> None:
        job, page = message["job"], message.get("page")
        FakeOcr.asked.append(page)
        member = tuple(message.get("member", ()))
        FakeOcr.members.append(member)
        if page in FakeOcr.fails and FakeOcr.dies:
            self._put(None)
        elif page in FakeOcr.fails or member in FakeOcr.unread:
            self._put({"type": "Failed", "job": job, "title": "No.", "detail": "",
                       "unsupported": False})  # fmt: skip
        else:
            text = f"{FEE} This is sheet {page}."
            line = (0, len(FEE), 0.1, 0.2, 0.9, 0.25)
            self._put({"type": "Page", "job": job, "text": text, "number": page, "lines": [line]})
            self._put({"type": "Done", "job": job})

    def kill(self) -> None:
        pass

    def close(self, timeout: float = 2.0) -> None:
        pass


@pytest.fixture(autouse=True)
def _fresh() -> None:
    FakeOcr.asked, FakeOcr.fails, FakeOcr.dies = [], set(), False
    FakeOcr.members, FakeOcr.unread = [], set()


def engine(library: Library) -> Engine:
    """Return an engine with real readers and the fake OCR."""
    readers = ReaderPool(
        lambda inbox: Worker([sys.executable, "-m", "app", "--worker", "reader"], inbox=inbox)
    )
    return Engine(
        library.database, library.root, readers, library.embedder, ocr_pool=ReaderPool(FakeOcr, 1)
    )


def run(library: Library, *, recognising: bool = True) -> None:
    with closing(engine(library)) as opened:
        opened.recognising = recognising
        opened.reconcile(opened.add(library.documents))
        for _ in pending(opened):
            pass


def coverage(library: Library, types: tuple[str, ...] = ()) -> Coverage:
    with closing(Searcher(library.database, library.root)) as searcher:
        return searcher.coverage(Scope(types=types))


def scans(path: Path, count: int) -> Path:
    """Write a TIFF of so many pages."""
    pages = [Image.new("L", (200, 280), 255 - number) for number in range(count)]
    pages[0].save(path, save_all=True, append_images=pages[1:])
    return path


def rows(library: Library, sql: str) -> list[Any]:
    with closing(apsw.Connection(str(library.database))) as db:
        return db.execute(sql).fetchall()


def test_pages_wait_with_a_reason_until_they_are_read(library: Library) -> None:
    """Switched off, nothing is lost; switched on, the document is whole."""
    scans(library.documents / "letters.tif", 3)
    Image.new("RGB", (200, 200), "white").save(library.documents / "photo.png")
    run(library, recognising=False)
    assert library.ledger() == {
        "letters.tif": ("partial", "Pages 1, 2, 3 wait for text recognition."),
        "photo.png": ("partial", "This picture waits for text recognition."),
    }
    assert not FakeOcr.asked
    assert coverage(library) == Coverage(2, 2, partial=2, pages=4)
    assert coverage(library, types=("png",)) == Coverage(1, 1, partial=1, pages=1)
    run(library)
    assert coverage(library).whole
    assert FakeOcr.asked == [1, 2, 3, None]
    assert set(library.ledger().values()) == {("indexed", "")}
    found = library.search("What does moving a tree cost?", k=10)
    assert sorted((hit.path.name, hit.page) for hit in found) == [
        ("letters.tif", 1), ("letters.tif", 2), ("letters.tif", 3), ("photo.png", None),
    ]  # fmt: skip
    assert all(hit.cosine is not None for hit in found)


def test_pictures_inside_other_files_are_read(library: Library) -> None:
    """They wait with a reason, are asked for by their way, and fail without harm."""
    picture = io.BytesIO()
    Image.new("L", (300, 300), 9).save(picture, "PNG")
    with zipfile.ZipFile(library.documents / "letters.zip", "w") as archive:
        archive.writestr("note.txt", "The marmot sleeps in winter.")
        for name in ("first.png", "second.png"):
            archive.writestr(name, picture.getvalue())
    run(library, recognising=False)
    reason = "2 pages or pictures in it wait for text recognition."
    assert library.ledger() == {"letters.zip": ("partial", reason)}
    FakeOcr.unread = {(2,)}
    run(library)
    assert FakeOcr.members == [(1,), (2,), (2,)]
    reason = "A page or picture in it could not be recognised."
    assert library.ledger() == {"letters.zip": ("partial", reason)}
    assert library.search("What does moving a tree cost?")[0].path.name == "letters.zip"


def test_recognised_pages_stand_in_their_order(library: Library) -> None:
    """The order of pages is that of the document, not that of recognition."""
    scans(library.documents / "letters.tif", 3)
    FakeOcr.fails = {1}
    run(library)
    texts = rows(library, "SELECT number, text FROM pages ORDER BY id")
    assert [number for number, _ in texts] == [1, 2, 3]
    assert [bool(text) for _, text in texts] == [False, True, True]


def test_words_and_vectors_come_first(library: Library) -> None:
    """No page is asked for as long as a file or a passage waits."""
    scans(library.documents / "letters.tif", 1)
    library.write("note.txt", "The marmot sleeps in winter.")
    with closing(engine(library)) as opened:
        opened.reconcile(opened.add(library.documents))
        while not FakeOcr.asked:
            left = opened.progress()
            opened.step()
        assert (left.files, left.chunks, left.pages) == (0, 0, 1)


def test_what_fails_twice_keeps_its_reason(library: Library) -> None:
    """The other pages are read; `retry` tries all of it again."""
    scans(library.documents / "letters.tif", 2)
    FakeOcr.fails = {2}
    run(library)
    assert FakeOcr.asked == [1, 2, 2]
    reason = "Page 2 could not be read: The text of this picture could not be recognised."
    assert library.ledger()["letters.tif"] == ("partial", reason)
    run(library)
    assert len(FakeOcr.asked) == 3
    FakeOcr.fails = set()
    with closing(engine(library)) as opened:
        assert opened.store.queue.retry([]) == 1
    run(library)
    assert library.ledger()["letters.tif"] == ("indexed", "")


def test_a_process_that_dies_costs_its_page_only(library: Library) -> None:
    """A picture that kills OCR is a failed file, and the next one is read."""
    Image.new("L", (200, 200), 9).save(library.documents / "bad.png")
    FakeOcr.fails, FakeOcr.dies = {None}, True
    run(library)
    assert FakeOcr.asked == [None, None]
    state, reason = library.ledger()["bad.png"]
    assert (state, reason) == ("failed", "The text of this picture could not be recognised.")


def test_each_page_is_saved_when_it_is_read(library: Library) -> None:
    """What was read before the program ended is not read again."""
    scans(library.documents / "letters.tif", 3)
    with closing(engine(library)) as opened:
        opened.reconcile(opened.add(library.documents))
        while opened.progress().pages != 1:
            opened.step()
    run(library)
    assert sorted(filter(None, FakeOcr.asked)) in ([1, 2, 3], [1, 2, 3, 3])
    assert library.ledger()["letters.tif"] == ("indexed", "")


def test_what_is_removed_is_gone(library: Library) -> None:
    """Neither text nor places nor the queue remember it."""
    scans(library.documents / "letters.tif", 2)
    FakeOcr.fails = {2}
    run(library)
    assert rows(library, "SELECT count(*) FROM page_lines") == [(1,)]
    with closing(engine(library)) as opened:
        opened.remove(library.documents)
    for table in ("contents", "pages", "page_lines", "unread_pages", "chunks"):
        assert rows(library, f"SELECT count(*) FROM {table}") == [(0,)], table
    assert b"forty crowns" not in library.database.read_bytes()
    with closing(apsw.Connection(str(library.database))) as db:
        for words in ("chunk_words", "document_words"):
            vocabulary = f"temp.{words}_v"
            db.execute(f"CREATE VIRTUAL TABLE {vocabulary} USING fts5vocab (main, {words}, row)")
            assert db.execute(f"SELECT * FROM {vocabulary}").fetchall() == []


def test_a_file_that_is_gone_is_not_asked_for(library: Library) -> None:
    """Its pages wait until it is there again."""
    path = scans(library.documents / "letters.tif", 1)
    run(library, recognising=False)
    hidden = path.rename(library.root / "elsewhere.tif")
    with closing(engine(library)) as opened:
        for _ in pending(opened):
            pass
    assert not FakeOcr.asked
    hidden.rename(path)
    run(library)
    assert library.ledger()["letters.tif"] == ("indexed", "")


def test_a_scan_without_a_name_is_called_by_its_text(library: Library) -> None:
    """As other documents are that a machine named."""
    Image.new("L", (200, 200), 9).save(library.documents / "scan-3.png")
    run(library)
    assert rows(library, "SELECT title FROM contents")[0][0].startswith("The fee for moving")


def test_pictures_without_text_are_empty(library: Library, monkeypatch: pytest.MonkeyPatch) -> None:
    """That is a state of its own, and no failure."""

    def send(self: FakeOcr, message: dict[str, Any]) -> None:
        self._put({"type": "Page", "job": message["job"], "text": ""})
        self._put({"type": "Done", "job": message["job"]})

    monkeypatch.setattr(FakeOcr, "send", send)
    Image.new("L", (200, 200), 9).save(library.documents / "sky.png")
    run(library)
    assert library.ledger()["sky.png"] == (State.EMPTY.value, "No text was found in it.")


def test_an_older_library_reads_its_scans_anew(library: Library) -> None:
    """What it could not read was kept nowhere; what it could read stays as it is.

    So does a file all of whose members were read.
    """
    with closing(apsw.Connection(str(library.database))) as db:
        db.create_scalar_function("cut_cjk", lambda text: text, 1, deterministic=True)
        db.execute(MIGRATIONS[0])
        db.execute("PRAGMA user_version = 1; INSERT INTO folders VALUES (1, x'2f61', 1)")
        contents = (
            (1, "pdf", "partial"), (2, "pdf", "indexed"), (3, "csv", "empty"),
            (4, "zip", "indexed"), (5, "zip", "indexed"),
        )  # fmt: skip
        for id_, kind, state in contents:
            db.execute(
                "INSERT INTO contents VALUES (?, ?, ?, '', '', 1, ?, '')",
                (id_, bytes([id_]), kind, state),
            )
            db.execute(
                "INSERT INTO files VALUES (?, 1, ?, 1, 1, '', ?, ?, '')",
                (id_, f"/a/{id_}".encode(), id_, state),
            )
        for id_, text in ((4, "Not read\nphoto.png"), (5, "a.txt\nNot read by me")):
            db.execute("INSERT INTO pages (content_id, text) VALUES (?, ?)", (id_, text))
        db.execute(
            "INSERT INTO files VALUES (6, 1, x'2f612f36', 1, 1, '', NULL, 'skipped', "
            "'This kind of file is not read. Nothing in it is of a kind that is read.')"
        )
    with closing(engine(library)) as opened:
        assert [file.id for file in opened.store.queue.waiting(9, [])] == [1, 4, 6]
        known = [
            opened.store.contents.find(bytes([id_]), kind) is not None for id_, kind, _ in contents
        ]
    assert known == [False, True, True, False, True]
