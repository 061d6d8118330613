"""Scans that are encrypted: OCR reads them by the password that their owner gave for this run."""

from __future__ import annotations

import io
import sys
from contextlib import closing
from pathlib import Path
from typing import Any

import pypdf
import pytest
from PIL import Image, ImageDraw, ImageFont

from app.index_worker.unlocking import Unlocking
from app.messages.index import RememberPassword, UnlockFile
from app.paths import Profile
from app.pipes.supervisor import Worker
from indexer.engine import Engine, pending
from indexer.readers.ocr.networks import models_folder
from indexer.reading.pool import ReaderPool
from indexer.types import UNLOCKABLE, FileStatus
from tests.indexer.conftest import Library

PASSWORD = "sésame 1887"
WORDS = ("marmots", "badgers", "otters")
LOCKED = f"This PDF is encrypted. {UNLOCKABLE}"

pytestmark = pytest.mark.skipif(models_folder() is None, reason="needs the models of OCR")


@pytest.fixture
def scan(library: Library) -> Path:
    """Write a scan of three pages, encrypted."""
    pages = []
    for word in WORDS:
        pages.append(Image.new("L", (620, 300), "white"))
        pen = ImageDraw.Draw(pages[-1])
        font = ImageFont.load_default(26)
        pen.text((60, 100), f"This page is about {word}.", font=font, fill="black")
    data = io.BytesIO()
    pages[0].save(data, "PDF", save_all=True, append_images=pages[1:], resolution=100)
    writer = pypdf.PdfWriter(clone_from=data)
    writer.encrypt(PASSWORD, algorithm="AES-256")
    path = library.documents / "scan.pdf"
    writer.write(path)
    return path


def engine(library: Library) -> Engine:
    """Return an engine with real readers and real OCR, and without a key store."""

    def pool(role: str, workers: int) -> ReaderPool:
        command = [sys.executable, "-m", "app", "--worker", role]
        return ReaderPool(lambda inbox: Worker(command, inbox=inbox), workers, silence=120)

    return Engine(
        library.database, library.root, pool("reader", 2), library.embedder, ocr_pool=pool("ocr", 1)
    )


def advance(engine: Engine, recognised: int) -> list[FileStatus]:
    """Work until so many pages were recognised, or all is done; return what changed."""
    changed: list[FileStatus] = []
    for each in pending(engine):
        changed += each
        if recognised and 3 - engine.progress().pages == recognised and not engine.progress().files:
            break
    return changed


def test_a_scan_is_read_by_the_password_of_this_run(library: Library, scan: Path) -> None:
    """What is left of it asks for the password in the next run, and goes on where it was."""
    sent: list[Any] = []
    unlocking = Unlocking(Profile(library.root), sent.append)
    with closing(engine(library)) as opened:
        opened.reconcile(opened.add(library.documents))
        advance(opened, 0)
        assert library.ledger() == {"scan.pdf": ("failed", LOCKED)}
        unlocking.handle(opened, UnlockFile("1", scan, PASSWORD, keep=False))
        advance(opened, 1)
    assert library.ledger()["scan.pdf"][1] == "Pages 2, 3 wait for text recognition."
    reason = f"Pages 2, 3 could not be read: {LOCKED}"
    unlocking = Unlocking(Profile(library.root), sent.append)
    with closing(engine(library)) as opened:
        assert advance(opened, 0)[-1].wants_password
        assert library.ledger() == {"scan.pdf": ("partial", reason)}
        assert library.search("marmots")
        unlocking.handle(opened, UnlockFile("2", scan, "another", keep=True))
        for item in advance(opened, 0):
            unlocking.after(item)
        assert [each.title for each in sent] == ["scan.pdf: This password does not open the file."]
        assert opened.password_of(scan) is None
        assert library.ledger() == {"scan.pdf": ("partial", reason)}
        unlocking.handle(opened, RememberPassword(scan, PASSWORD, keep=False))
        advance(opened, 0)
    assert library.ledger() == {"scan.pdf": ("indexed", "")}
    assert all(library.search(word)[0].page == n for n, word in enumerate(WORDS, 1))
