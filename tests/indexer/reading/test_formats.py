"""Each format through real reader processes, and what they say of files that fail."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any

import documents
import pytest
from acting_readers import MakePool, drain, read_all

from indexer.reading.messages import (
    InfoRead,
    PageRead,
    PageUnread,
    ReadDone,
    ReadFailed,
)
from indexer.types import DocumentInfo, Heading, Page


def test_each_format_through_real_readers(make_pool: MakePool, tmp_path: Path):
    """Every event arrives whole and in order, whatever the format."""
    pool, _ = make_pool()
    documents.word(tmp_path / "a.docx")
    (tmp_path / "a.pdf").write_bytes(documents.pdf(["One", "Two"]))
    (tmp_path / "a.md").write_text("# Title\nbody\n")
    (tmp_path / "a.html").write_text("<html><title>T</title><p>body")
    (tmp_path / "a.csv").write_text("a,b\n1,2\n")
    names = ["a.docx", "a.pdf", "a.md", "a.html", "a.csv"]
    events = read_all(pool, [tmp_path / name for name in names])
    for job, kind in enumerate(["docx", "pdf", "markdown", "html", "csv"]):
        first, *pages, last = events[job]
        assert isinstance(first, InfoRead)
        assert first.info.kind == kind
        assert all(isinstance(page, PageRead) for page in pages)
        assert last == ReadDone(job)
    assert events[1][1:3] == [PageRead(1, Page("One", 1)), PageRead(1, Page("Two", 2))]
    assert events[2][:2] == [
        InfoRead(2, DocumentInfo("markdown")),
        PageRead(2, Page("# Title\nbody\n", None, (Heading(0, 1, "Title"),))),
    ]
    assert pool.poll(60) == []  # at once: nothing is being read


def test_failures_are_sentences(make_pool: MakePool, tmp_path: Path):
    """A file that cannot be read says why; the reader lives on."""
    pool, readers = make_pool(workers=1)
    (tmp_path / "binary.txt").write_bytes(bytes(range(256)) * 9)
    (tmp_path / "broken.pdf").write_bytes(b"%PDF-1.4 rubbish")
    (tmp_path / "good.txt").write_text("good")
    names = ["binary.txt", "broken.pdf", "gone.txt", "good.txt"]
    events = read_all(pool, [tmp_path / name for name in names])
    binary, broken, gone = (events[job][-1] for job in range(3))
    assert isinstance(binary, ReadFailed)
    assert binary.unsupported
    assert "not text" in binary.detail
    assert isinstance(broken, ReadFailed)
    assert not broken.unsupported
    assert broken.title == "This PDF is damaged."
    assert isinstance(gone, ReadFailed)
    assert gone.title == "This file is gone."
    assert events[3][-1] == ReadDone(3)
    assert len(readers.started) == 1


@pytest.mark.skipif(sys.platform == "win32", reason="permissions are not bits there")
def test_permission_denied(make_pool: MakePool, tmp_path: Path):
    """A file that may not be opened is told from one that is gone."""
    path = tmp_path / "a.txt"
    path.write_text("secret")
    path.chmod(0)
    if os.access(path, os.R_OK):
        pytest.skip("the superuser may open everything")
    pool, _ = make_pool()
    pool.submit(1, path)
    assert "may not be opened" in drain(pool, 1)[-1].title  # type: ignore[union-attr]


def test_permission_denied_is_a_sentence():
    """The same, for the superuser: what the system's refusal becomes."""
    from indexer.readers import service

    def refuse() -> Any:
        raise PermissionError
        yield

    sent: list[dict[str, Any]] = []
    service.answer(1, refuse(), sent.append)
    assert [each["title"] for each in sent] == ["This file may not be opened."]


@pytest.mark.parametrize("error", [RuntimeError("secret"), RecursionError(), MemoryError()])
def test_a_parser_may_raise_anything(caplog: pytest.LogCaptureFixture, error: Exception):
    """It becomes a plain sentence, and neither text nor name reaches the log."""
    from indexer.readers import service

    def fail() -> Any:
        yield DocumentInfo("text")
        raise error

    sent: list[dict[str, Any]] = []
    service.answer(1, fail(), sent.append)
    (several,) = sent
    assert [each["type"] for each in several["messages"]] == ["Info", "Failed"]
    assert ("memory" in several["messages"][1]["title"]) == isinstance(error, MemoryError)
    assert "secret" not in caplog.text + str(sent)


@pytest.mark.skipif(sys.platform != "linux", reason="names are Unicode elsewhere")
def test_names_that_are_not_utf8(make_pool: MakePool, tmp_path: Path):
    """Any bytes that name a file reach the reader unharmed."""
    pool, _ = make_pool()
    folder = os.fsencode(tmp_path)
    with open(folder + b"/caf\xe9.txt", "wb") as file:  # noqa: PTH123 (a name of bytes)
        file.write(b"hello")
    with open(folder + b"/caf\xe9.pdf", "wb") as file:  # noqa: PTH123
        file.write(documents.pdf(["hello"]))
    events = read_all(pool, sorted(tmp_path.iterdir()))
    for job in (0, 1):
        assert events[job][1].page.text == "hello"  # type: ignore[union-attr]
        assert events[job][-1] == ReadDone(job)


@pytest.mark.skipif(sys.platform == "win32", reason="an open file cannot be deleted there")
def test_file_deleted_while_it_is_read(make_pool: MakePool, tmp_path: Path):
    """The open file stays whole; the job ends."""
    path = tmp_path / "a.pdf"
    path.write_bytes(documents.pdf([f"Page {number}" for number in range(400)]))
    pool, _ = make_pool(workers=1)
    pool.submit(1, path)
    events = drain(pool, 1, until=InfoRead)
    path.unlink()
    if not isinstance(events[-1], ReadDone):
        events += drain(pool, 1)
    assert isinstance(events[-1], ReadDone)
    assert sum(isinstance(event, PageRead | PageUnread) for event in events) == 400
