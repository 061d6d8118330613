"""Encrypted files: read by the password that their owner gives, and not kept anywhere."""

from __future__ import annotations

from contextlib import closing
from io import BytesIO
from pathlib import Path

import apsw
import documents
import pypdf
import pytest
from msoffcrypto.format.ooxml import OOXMLFile

from indexer.engine import Engine, pending
from indexer.errors import Unreadable
from indexer.readers import read
from indexer.readers.ocr.process import recognise
from indexer.readers.pdf.page import render_page
from indexer.readers.source import Source
from indexer.storage.migrations import M005_LEFT_OUT
from indexer.storage.unread import state_of
from indexer.types import UNLOCKABLE, FileStatus, Page, State, UnreadPage
from tests.indexer.conftest import Library

PASSWORD = "sésame 1887"


def encrypted_pdf(path: Path, algorithm: str = "AES-256") -> Path:
    """Write a PDF that needs PASSWORD."""
    writer = pypdf.PdfWriter(clone_from=BytesIO(documents.pdf(["The marmot sleeps."])))
    writer.encrypt(PASSWORD, algorithm=algorithm)
    writer.write(path)
    return path


def plain_word(path: Path) -> Path:
    """Write a Word document."""
    documents.word(path)
    return path


def encrypted_word(path: Path) -> Path:
    """Write a Word document that needs PASSWORD."""
    plain = BytesIO(plain_word(path).read_bytes())
    with path.open("wb") as file:
        OOXMLFile(plain).encrypt(PASSWORD, file)
    return path


@pytest.mark.parametrize("algorithm", ["RC4-128", "AES-128", "AES-256"])
def test_pdf(tmp_path: Path, algorithm: str):
    """Of each scheme; without the password, or with another, it says encrypted."""
    path = encrypted_pdf(tmp_path / "a.pdf", algorithm)
    _, page = read(path, PASSWORD)
    assert isinstance(page, Page)
    assert page.text == "The marmot sleeps."
    for password in (None, "", "another"):
        with pytest.raises(Unreadable, match="encrypted"):
            list(read(path, password))


def test_word(tmp_path: Path):
    """The same of an Office file."""
    path = encrypted_word(tmp_path / "a.docx")
    plain = plain_word(tmp_path / "plain.docx")
    assert list(read(path, PASSWORD)) == list(read(plain))
    for password in (None, "another"):
        with pytest.raises(Unreadable, match="encrypted"):
            list(read(path, password))


def test_a_file_that_needs_no_password_is_read_with_one(tmp_path: Path):
    """What was unlocked and then saved without."""
    path = plain_word(tmp_path / "a.docx")
    assert list(read(path, PASSWORD)) == list(read(path))
    (tmp_path / "a.txt").write_text("hello")
    assert len(list(read(tmp_path / "a.txt", PASSWORD))) == 2


def test_page_is_drawn_by_its_password(tmp_path: Path):
    """As it was read; without, it says encrypted."""
    path = encrypted_pdf(tmp_path / "a.pdf")
    assert render_page(path, 1, 100, "marmot", PASSWORD).boxes
    for password in (None, "another"):
        with pytest.raises(Unreadable, match="is encrypted"):
            render_page(path, 1, 100, "marmot", password)


def index(engine: Engine, library: Library) -> str:
    """Compare and read; return the state and reason of the one file."""
    engine.reconcile(engine.add(library.documents))
    list(pending(engine))
    ((state, reason),) = library.ledger().values()
    return f"{state}: {reason}"


def test_unlocked_by_its_owner(library: Library):
    """For this run: the password is in no byte of the profile, and the next run asks again."""
    path = encrypted_pdf(library.documents / "a.pdf")
    with closing(library.engine()) as engine:
        assert index(engine, library).startswith("failed: This PDF is encrypted.")
        assert engine.unlock(path, "another")
        assert index(engine, library).startswith("failed: This PDF is encrypted.")
        assert engine.unlock(path, PASSWORD)
        assert index(engine, library) == "indexed: "
        assert not engine.unlock(path, PASSWORD)
        assert engine.password_of(path) == PASSWORD
        encrypted_pdf(path)
        assert index(engine, library) == "indexed: "
    encrypted_pdf(path)
    with closing(library.engine()) as engine:
        assert index(engine, library).startswith("failed: This PDF is encrypted.")
        assert engine.password_of(path) is None
        engine.remember(path, "wrong")
        encrypted_pdf(path)
        assert index(engine, library).startswith("failed: This PDF is encrypted.")
        assert engine.password_of(path) is None
    for file in library.root.rglob("*"):
        assert not file.is_file() or PASSWORD.encode() not in file.read_bytes()


def test_a_kept_password_opens_the_changed_file(library: Library):
    """The key store is asked for encrypted files only, and its wrong password ends."""
    path = encrypted_pdf(library.documents / "a.pdf")
    kept = {path: "wrong"}
    asked: list[Path] = []

    def password_of(path: Path) -> str | None:
        asked.append(path)
        return kept.get(path)

    with closing(library.engine()) as engine:
        engine._intake._password_of = password_of
        assert index(engine, library).startswith("failed: This PDF is encrypted.")
        assert asked == [path]
        kept[path] = PASSWORD
        encrypted_pdf(path)
        assert index(engine, library) == "indexed: "
        library.write("b.txt", "hello")
        engine.reconcile(engine.add(library.documents))
        list(pending(engine))
        assert asked == [path, path]


def test_a_library_of_an_older_version_learns_what_can_be_unlocked(library: Library):
    """And forgets what it did not know how to read, which the next comparison enters again."""
    encrypted_pdf(library.documents / "a.pdf")
    (library.documents / "b.key").write_bytes(b"neither")
    library.sync(words_only=True)
    with closing(apsw.Connection(str(library.database))) as db:
        db.execute(
            "UPDATE files SET reason = 'This PDF is encrypted. Save a copy without a password.' "
            "WHERE state = 'failed'"
        )
        db.execute(
            "UPDATE files SET reason = 'This kind of file is not read. It was none.' "
            "WHERE state = 'skipped'"
        )
        db.execute(M005_LEFT_OUT)
    library.sync(words_only=True)
    assert library.ledger()["a.pdf"] == ("failed", f"This PDF is encrypted. {UNLOCKABLE}")
    assert "It was none." not in library.ledger()["b.key"][1]


def test_ocr_says_that_a_file_is_encrypted(tmp_path: Path):
    """Where nobody has given its password to this run: of a PDF, and of one inside a document."""
    for path, way in ((encrypted_pdf(tmp_path / "a.pdf"), ()),
                      (encrypted_word(tmp_path / "b.docx"), (0,))):  # fmt: skip
        with pytest.raises(Unreadable) as caught:
            list(recognise(Source.of(path), 1, way))
        assert caught.value.title.endswith("is encrypted.")
        assert caught.value.detail == UNLOCKABLE


def test_what_its_owner_can_do_stands_at_the_end():
    """Whatever else is missing of a file whose pages wait for a password."""
    locked = f"This PDF is encrypted. {UNLOCKABLE}"
    lost = [UnreadPage(2, locked), UnreadPage(1, "This page is damaged."), UnreadPage(3, locked)]
    reason = f"Pages 2, 3 could not be read: {locked}"
    assert state_of([], lost, has_text=False) == (State.FAILED, reason)
    state, whole = state_of([], lost, has_text=True)
    assert (state, whole) == (
        State.PARTIAL, f"Page 1 could not be read: This page is damaged. {reason}"
    )  # fmt: skip
    assert FileStatus(Path("a.pdf"), state, whole, 3, 1).wants_password
    inside = state_of([], [UnreadPage(1, locked, (0,))], has_text=True)[1]
    assert inside == f"A page or picture in it could not be recognised. {locked}"
