"""Folders become passages: every file ends in a state, nothing is done twice, nothing is lost."""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import apsw
import pytest

from app.pipes.supervisor import Worker
from indexer.engine import Engine, pending
from indexer.errors import IndexerError, LibraryBusy
from indexer.reading.pool import ReaderPool
from indexer.types import Mode, State
from tests.indexer.conftest import BagOfWords, Library


def test_every_file_ends_with_a_state_and_a_reason(library: Library) -> None:
    """What cannot be read says why, and the rest goes on."""
    library.write("good.md", "# Title\n\nSome text.\n")
    library.write("empty.txt", "")
    library.write("blank.txt", " \n\n ")
    (library.documents / "binary.txt").write_bytes(bytes(range(256)) * 40)
    (library.documents / "broken.pdf").write_bytes(b"%PDF-1.7\nnothing of a PDF follows")
    (library.documents / "broken.docx").write_bytes(b"this is no zip at all")
    (library.documents / "photo.jpg").write_bytes(b"\xff\xd8\xff\xe0")
    library.write(".hidden", "secret")
    library.write(".git/config", "[core]")
    (library.documents / "link.md").symlink_to(library.documents / "good.md")
    if hasattr(os, "mkfifo"):
        os.mkfifo(library.documents / "pipe.txt")
    library.sync()
    ledger = library.ledger()
    states = {name: state for name, (state, _) in ledger.items()}
    assert states["good.md"] == "indexed"
    assert states["empty.txt"] == states["blank.txt"] == "empty"
    assert states["broken.pdf"] == "failed"
    assert states["broken.docx"] in ("failed", "indexed", "skipped")
    assert states["photo.jpg"] == "failed"
    for name in ("binary.txt", ".hidden", ".git", "link.md"):
        assert states[name] == "skipped", name
    assert all(reason for state, reason in ledger.values() if state != "indexed")


def test_nothing_changed_means_nothing_is_read_or_embedded(library: Library) -> None:
    """A second sync only looks."""
    library.write("a.txt", "The first document.")
    library.sync()
    assert library.embedder is not None
    before = library.embedder.embedded
    assert library.sync() == []
    assert library.embedder.embedded == before


def test_words_come_before_vectors(library: Library) -> None:
    """A document is searchable by word in a commit of its own."""
    library.write("a.txt", "The marmot sleeps in winter.")
    library.sync(words_only=True)
    assert library.ledger()["a.txt"][0] == "words"
    assert library.search("marmot")
    library.sync()
    assert library.ledger()["a.txt"][0] == "indexed"
    assert library.search("marmot")[0].cosine is not None


def test_what_was_saved_anew_before_its_old_words_were_is_read_again(library: Library) -> None:
    """A look finds a file changed that was read, but not yet committed with others."""
    path = library.write("a.txt", "The marmot sleeps.")
    with closing(library.engine()) as engine:
        folder = engine.add(library.documents)
        engine.reconcile(folder)
        while not engine._intake._read:
            engine.step()
        path.write_text("The badger sleeps.")
        engine.reconcile(folder)
        for _ in pending(engine):
            pass
    assert library.search("badger", mode=Mode.WORDS)
    assert not library.search("marmot", mode=Mode.WORDS)


def test_a_move_and_a_copy_embed_nothing(library: Library) -> None:
    """What stands in a file is known by its hash, wherever it is."""
    path = library.write("a.txt", "The marmot sleeps in winter.")
    library.sync()
    assert library.embedder is not None
    before = library.embedder.embedded
    path.rename(library.documents / "b.txt")
    library.write("copy.txt", "The marmot sleeps in winter.")
    library.sync()
    assert library.embedder.embedded == before
    assert {name: state for name, (state, _) in library.ledger().items()} == {
        "b.txt": "indexed",
        "copy.txt": "indexed",
    }
    assert [hit.path.name for hit in library.search("marmot")] == ["b.txt"]


def test_a_changed_file_is_read_again_and_its_old_words_are_gone(library: Library) -> None:
    """Nobody finds what no longer stands there."""
    path = library.write("a.txt", "The marmot sleeps in winter.")
    library.sync()
    path.write_text("The badger digs at night, all year long.")
    library.sync()
    assert library.search("badger")
    assert not [hit for hit in library.search("marmot") if "marmot" in hit.text]


def test_a_deleted_file_leaves_no_trace_in_the_database(library: Library) -> None:
    """Erased means gone from the bytes, not only from the tables."""
    path = library.write("a.txt", "The canary word is zygomorphic.")
    library.write("b.txt", "Another document stays.")
    library.sync()
    path.unlink()
    library.sync()
    assert not [hit for hit in library.search("zygomorphic") if "zygomorphic" in hit.text]
    for file in library.root.rglob("*"):
        if file.is_file():
            assert b"zygomorphic" not in file.read_bytes(), file.name


def test_an_away_folder_keeps_its_passages(library: Library, tmp_path: Path) -> None:
    """An unplugged drive must not cost its index."""
    library.write("a.txt", "The marmot sleeps in winter.")
    library.sync()
    library.documents.rename(tmp_path / "unplugged")
    with closing(library.engine()) as engine:
        folder = engine.store.folders()[0]
        assert engine.reconcile(folder) == []
        assert not engine.store.folders()[0].online
        assert list(pending(engine)) == []
    assert library.search("marmot")


def test_an_unreadable_folder_deletes_nothing(
    library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What could not be listed may still be there."""
    library.write("sub/a.txt", "The marmot sleeps in winter.")
    library.sync()
    real = os.scandir

    def scandir(path: Any) -> Any:
        if os.fsencode(path).endswith(b"sub"):
            raise PermissionError
        return real(path)

    monkeypatch.setattr(os, "scandir", scandir)
    library.sync()
    ledger = library.ledger()
    assert ledger["a.txt"][0] == "indexed"
    assert ledger["sub"] == ("failed", "This folder may not be read.")
    monkeypatch.undo()
    library.sync()
    assert set(library.ledger()) == {"a.txt"}


def test_adding_what_is_not_there_says_so(library: Library, tmp_path: Path) -> None:
    """A wrong path is a sentence, and nothing is added."""
    with closing(library.engine()) as engine:
        with pytest.raises(IndexerError, match="no such folder"):
            engine.add(tmp_path / "nowhere")
        assert engine.store.folders() == []


def test_folders_inside_folders_are_one(library: Library) -> None:
    """No file belongs to two folders; the outer one takes the inner ones over."""
    inner = library.write("sub/a.txt", "The marmot sleeps.").parent
    with closing(library.engine()) as engine:
        engine.reconcile(engine.add(inner))
        list(pending(engine))
        engine.add(library.documents)
        assert [folder.path for folder in engine.store.folders()] == [library.documents]
        assert engine.add(inner).path == library.documents
    assert library.ledger()["a.txt"][0] == "indexed"


def test_another_version_reads_more_kinds(library: Library, monkeypatch: pytest.MonkeyPatch):
    """What was no kind that is read is looked at again, once; what a rule left out is not."""
    library.write(".hidden.txt", "x")
    (library.documents / "a.data").write_bytes(bytes(range(256)) * 9)
    library.sync()
    assert library.ledger()["a.data"][1].startswith("This kind of file is not read.")
    with closing(library.engine()) as engine:
        assert engine.store.queue.count_waiting() == 0
        engine.store.use_kinds("another")
        assert engine.store.queue.count_waiting() == 1


def test_removing_a_folder_erases_it_and_leaves_the_documents(library: Library) -> None:
    """What was stored is gone; what the owner has is not touched."""
    path = library.write("a.txt", "The marmot sleeps in winter.")
    library.sync()
    with closing(library.engine()) as engine:
        engine.remove(library.documents)
    assert path.exists()
    assert library.ledger() == {}
    assert library.search("marmot") == []
    assert b"marmot" not in library.database.read_bytes()


def test_two_engines_never_write_to_one_library(library: Library) -> None:
    """The second one says who is in the way; searching goes on."""
    library.write("a.txt", "The marmot sleeps.")
    library.sync()
    with closing(library.engine()):
        with pytest.raises(LibraryBusy, match="Another Pocket-LLM"):
            library.engine()
        assert library.search("marmot")


def test_names_that_are_not_utf8_are_indexed(library: Library) -> None:
    """A path is bytes; it comes back as it was."""
    raw = os.fsencode(library.documents) + b"/caf\xe9.txt"
    try:
        Path(os.fsdecode(raw)).write_text("The marmot sleeps.")
    except OSError:
        pytest.skip("this file system only takes names in UTF-8")
    library.sync()
    assert os.fsencode(library.search("marmot")[0].path) == raw


def _library_with_reader(library: Library, script: str) -> Engine:
    pool = ReaderPool(
        lambda inbox: Worker([sys.executable, "-c", script], inbox=inbox), silence=1.0
    )
    return Engine(library.database, library.root, pool, library.embedder)


_DYING_READER = """
import json, os, sys
from app.pipes.worker import Pipe
from indexer.readers.service import serve
pipe = Pipe.claim("reader")
def send(message):
    pipe.write(message)
class Watch:
    def __iter__(self):
        for message in pipe:
            if "deadly" in json.dumps(message):
                os.kill(os.getpid(), 9)
            yield message
serve(Watch(), send)
"""


def test_a_file_that_kills_its_reader_twice_is_quarantined(library: Library) -> None:
    """The other files are read, and the engine lives."""
    library.write("deadly.txt", "You will not read this.")
    for n in range(5):
        library.write(f"good{n}.txt", f"Good document number {n}.")
    with closing(_library_with_reader(library, _DYING_READER)) as engine:
        engine.reconcile(engine.add(library.documents))
        list(pending(engine))
    states = {name: state for name, (state, _) in library.ledger().items()}
    assert states.pop("deadly.txt") == "quarantined"
    assert set(states.values()) == {"indexed"}
    assert library.ledger()["deadly.txt"][1]
    # It stays there until its bytes change, or the owner asks for another try.
    assert library.sync() == []
    with closing(library.engine()) as engine:
        assert engine.store.queue.retry([]) == 1
        list(pending(engine))
    assert library.ledger()["deadly.txt"][0] == "indexed"


_FAILING_READER = """
import os
from app.pipes.worker import Pipe
pipe = Pipe.claim("reader")
pipe.write({"type": "Ready"})
for message in pipe:
    job = message["job"]
    pipe.write({"type": "Info", "job": job, "kind": "pdf", "title": None, "pages": 3})
    pipe.write({"type": "Page", "job": job, "number": 1, "text": "The marmot sleeps."})
    pipe.write({"type": "UnreadPage", "job": job, "number": 2, "reason": "This page is damaged."})
    if "deadly" in message["path"]:
        os._exit(3)
    pipe.write({"type": "Failed", "job": job, "unsupported": False, "title": "This PDF is damaged.",
                "detail": ""})
"""


@pytest.mark.parametrize("name", ["broken.txt", "deadly.txt"])
def test_what_was_read_before_a_failure_is_kept(library: Library, name: str) -> None:
    """A fault at the end, or a second death, costs only what came after; the reason says it."""
    library.write(name, "whatever")
    with closing(_library_with_reader(library, _FAILING_READER)) as engine:
        engine.reconcile(engine.add(library.documents))
        list(pending(engine))
        assert engine.store.queue.count_waiting() == 0
    assert library.search("marmot")
    state, reason = library.ledger()[name]
    assert state == "partial"
    assert reason.startswith("Page 2 could not be read: This page is damaged. The rest of it could")


def test_a_file_that_ended_three_engines_is_quarantined(library: Library) -> None:
    """Only the file that was open is blamed, and it is tried alone after the first time."""
    library.write("a.txt", "The marmot sleeps.")
    for _ in range(3):
        engine = library.engine()
        engine.reconcile(engine.add(library.documents))
        engine.step()
        # As a kill leaves it: nothing is said, the lock goes with the process.
        engine._intake._pool.close()
        engine.store._db.close()
        engine._lock.release()
    library.sync()
    assert library.ledger()["a.txt"][0] == "quarantined"


def test_a_file_that_changes_while_it_is_read_is_read_again(
    library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No version that never stood on the disk is kept."""
    path = library.write("a.txt", "The first version.")
    with closing(library.engine()) as engine:
        engine.reconcile(engine.add(library.documents))
        engine.step()
        path.write_text("The second version, which is longer.")
        list(pending(engine))
    assert library.search("version")[0].text == "The second version, which is longer."


def test_a_file_that_vanishes_while_it_is_read_is_forgotten(library: Library) -> None:
    """It is no error to delete a file."""
    path = library.write("a.txt", "The first version.")
    with closing(library.engine()) as engine:
        engine.reconcile(engine.add(library.documents))
        path.unlink()
        list(pending(engine))
    assert library.ledger() == {}


def test_a_full_disk_loses_nothing_that_was_saved(library: Library) -> None:
    """It is said in a sentence; with room again, the work goes on where it was."""
    library.write("a.txt", "The marmot sleeps in winter.")
    library.sync()
    for n in range(40):
        library.write(f"b{n}.txt", f"Document {n}. " + f"Filler {n} words. " * 400)
    engine = library.engine()
    db: apsw.Connection = engine.store._db
    db.execute(f"PRAGMA max_page_count = {db.execute('PRAGMA page_count').get}")
    with pytest.raises(IndexerError, match="disk is full"):  # noqa: PT012 -- at whichever step
        engine.reconcile(engine.add(library.documents))
        list(pending(engine))
    assert library.search("marmot")
    with contextlib.suppress(IndexerError):
        engine.close()
    library.sync()
    assert {state for state, _ in library.ledger().values()} == {"indexed"}


def test_another_encoder_embeds_anew_from_the_stored_text(library: Library) -> None:
    """Its vectors never mix with those of the one before."""
    library.write("a.txt", "The marmot sleeps in winter.")
    library.sync()
    library.embedder = BagOfWords("other", 32)
    (library.documents / "a.txt").touch()
    library.sync()
    assert library.embedder.embedded == 1
    assert library.search("marmot")[0].cosine is not None


def test_progress_counts_down_to_nothing(library: Library) -> None:
    """What is left is known at each step."""
    for n in range(10):
        library.write(f"{n}.txt", f"Document number {n}.")
    with closing(library.engine()) as engine:
        engine.reconcile(engine.add(library.documents))
        assert engine.progress().files == 10
        seen = [engine.progress() for _ in pending(engine)]
    assert seen[-1].files == seen[-1].chunks == 0


def test_the_index_is_the_same_from_whatever_history(
    library: Library, make_library: Callable[[str], Library]
) -> None:
    """Added, changed, moved and removed, or built from nothing: the same is found."""
    for n in range(6):
        library.write(f"{n}.txt", f"Document {n} speaks of marmots.")
    library.sync()
    library.write("1.txt", "Document 1 now speaks of badgers.")
    (library.documents / "2.txt").unlink()
    (library.documents / "3.txt").rename(library.documents / "3b.txt")
    library.sync()
    fresh = make_library("fresh")
    for path in library.documents.iterdir():
        (fresh.documents / path.name).write_bytes(path.read_bytes())
    fresh.sync()
    for question in ("marmots", "badgers", "document 4"):
        found = {(hit.path.name, hit.text) for hit in library.search(question, 20)}
        assert found == {(hit.path.name, hit.text) for hit in fresh.search(question, 20)}
    assert State.INDEXED.value in {state for state, _ in fresh.ledger().values()}
