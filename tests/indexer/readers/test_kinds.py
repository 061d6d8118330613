"""What kind of file something is."""

from __future__ import annotations

import codecs
from pathlib import Path

import documents
import pytest
from reader_items import text_of

from indexer.errors import Unreadable, Unsupported
from indexer.readers import Kind, Source, kind_of, may_be_read, read, why_not


class TestKinds:
    """What a file is."""

    @pytest.mark.parametrize(
        ("name", "head", "kind"),
        [
            ("a.txt", b"hello", Kind.TEXT),
            ("README", b"hello", Kind.TEXT),
            ("Report v1.2", b"hello", Kind.TEXT),
            ("a.MD", b"# hello", Kind.MARKDOWN),
            ("a.py", b"import os", Kind.CODE),
            ("a.csv", b"a,b", Kind.CSV),
            ("a.pdf", b"rubbish\n%PDF-1.4", Kind.PDF),
            ("a.txt", b"\x89PNG\r\n", Kind.PICTURE),
            ("a.pdf", b"\xff\xd8\xff\xe0", Kind.PICTURE),
            ("scan", b"%PDF-1.7", Kind.PDF),
            ("about.md", b"The magic is %PDF-", Kind.MARKDOWN),
            ("a.pdf", b"<!-- x --><!DOCTYPE html><html>", Kind.HTML),
            ("a.txt", b"\n<html><body>", Kind.HTML),
            ("a.php", b"<html><?php ?>", Kind.CODE),
            ("a.txt", codecs.BOM_UTF16_LE + "ab".encode("utf-16-le"), Kind.TEXT),
            ("a.txt", "Grüße".encode("utf-16-be") * 9, Kind.TEXT),
            ("a.txt", "你好世界".encode("gb18030") * 9, Kind.TEXT),
        ],
    )
    def test_content_decides_before_the_name(self, name: str, head: bytes, kind: Kind):
        """Magic beats the suffix, and the suffix tells texts apart."""
        assert kind_of(Source.of(Path(name)), head) is kind

    @pytest.mark.parametrize(
        ("name", "head", "detail"),
        [
            ("a.txt", bytes(range(256)), "not text"),
            ("a.txt", b"abc\x00\x00\x00def", "not text"),
            ("a.pst", b"!BDN", "mail"),
            ("a.vsd", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "drawing program"),
            ("server.key", b"-----BEGIN PRIVATE KEY-----", "key"),
            ("a.records", bytes(range(160, 256)) * 9, "not text"),
        ],
    )
    def test_unsupported_names_the_kind(self, name: str, head: bytes, detail: str):
        """What is not read is said in words."""
        with pytest.raises(Unsupported, match="This kind of file is not read") as caught:
            kind_of(Source.of(Path(name)), head)
        assert detail in caught.value.detail

    def test_names_alone_skip_films_but_not_unknown_ones(self):
        """The engine need not open what no reader will take."""
        for name in ("a.MP4", "a.exe", "b.mp3", "~$Report.docx", "a.wk1"):
            assert not may_be_read(name)
        for name in ("a.pdf", "README", "a.unknown", "Report v1.2", ".bashrc", "你好.txt"):
            assert may_be_read(name)
        assert why_not("a.jpg") is None

    def test_zip_is_judged_by_its_directory(self, tmp_path: Path):
        """A Word document is one under any name; another zip is named."""
        path = tmp_path / "renamed.bin"
        documents.zipped(path, documents.word_parts("<w:p><w:r><w:t>Hi</w:t></w:r></w:p>"))
        assert text_of(path) == "Hi"
        documents.zipped(path, {"xl/workbook.xml": b""})
        with pytest.raises(Unreadable, match="spreadsheet"):
            list(read(path))

    def test_not_an_ordinary_file(self, tmp_path: Path):
        """A directory or a pipe is never opened."""
        with pytest.raises(Unsupported, match="ordinary"):
            list(read(tmp_path))
