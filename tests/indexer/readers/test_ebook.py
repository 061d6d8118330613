"""E-books."""

from __future__ import annotations

from pathlib import Path

import documents
import pytest

from indexer.errors import Unreadable
from indexer.readers import read
from indexer.types import DocumentInfo, Heading, Page, UnreadPage


class TestEpub:
    """E-books."""

    CONTAINER = '<container><rootfiles><rootfile full-path="E/b.opf"/></rootfiles></container>'
    OPF = (
        '<package xmlns:dc="http://purl.org/dc/elements/1.1/"><metadata><dc:title>Tides</dc:title>'
        "<dc:creator>Ada Byron</dc:creator></metadata><manifest>"
        '<item id="n" href="nav.xhtml" media-type="application/xhtml+xml" properties="nav"/>'
        '<item id="two" href="t%202.xhtml" media-type="application/xhtml+xml"/>'
        '<item id="one" href="t1.xhtml" media-type="application/xhtml+xml"/>'
        '<item id="gone" href="t3.xhtml" media-type="application/xhtml+xml"/></manifest>'
        '<spine><itemref idref="one"/><itemref idref="two"/>{}</spine></package>'
    )
    NAV = (
        '<html xmlns:epub="http://www.idpf.org/2007/ops"><body><nav epub:type="page-list">'
        '<a href="t1.xhtml">7</a></nav><nav epub:type="toc"><a href="t1.xhtml#a">Ebb</a>'
        '<a href="t%202.xhtml">Flood</a></nav></body></html>'
    )

    def book(self, path: Path, more: str = "", **parts: str) -> Path:
        documents.zipped(
            path,
            {
                "mimetype": b"application/epub+zip",
                "META-INF/container.xml": self.CONTAINER.encode(),
                "E/b.opf": self.OPF.format(more).encode(),
                "E/nav.xhtml": self.NAV.encode(),
                "E/t1.xhtml": b"<html><head><title>x</title></head><body><p>Low.</p></body></html>",
                "E/t 2.xhtml": b"<html><body><h1>High water</h1><p>Wet.</p></body></html>",
                **{name.replace("__", "/"): text.encode() for name, text in parts.items()},
            },
        )
        return path

    def test_chapters_in_the_order_of_the_spine(self, tmp_path: Path):
        """The table of contents names the chapter that has no heading."""
        info, *pages = read(self.book(tmp_path / "a.epub"))
        assert info == DocumentInfo("epub", "Tides")
        assert pages == [
            Page("Title: Tides\nAuthor: Ada Byron"),
            Page("Low.", None, (Heading(0, 1, "Ebb"),)),
            Page("High water\nWet.", None, (Heading(0, 1, "High water"),)),
        ]

    def test_a_missing_chapter_is_told(self, tmp_path: Path):
        """The others are read, under any name of the file."""
        *_, last = read(self.book(tmp_path / "book.zip", '<itemref idref="gone"/>'))
        assert last == UnreadPage(None, "A chapter of this e-book is damaged.")

    def test_protected_against_copying(self, tmp_path: Path):
        """Scrambled fonts are no protection, scrambled chapters are."""
        rights = (
            '<encryption><EncryptedData><EncryptionMethod Algorithm="{}"/><CipherData>'
            '<CipherReference URI="E/t1.xhtml"/></CipherData></EncryptedData></encryption>'
        )
        name = {"META-INF/encryption.xml": rights.format("http://www.w3.org/2001/04/xmlenc#aes")}
        with pytest.raises(Unreadable, match=r"This e-book is encrypted\."):
            list(read(self.book(tmp_path / "a.epub", "", **name)))
        name = {"META-INF/encryption.xml": rights.format("http://www.idpf.org/2008/embedding")}
        assert len(list(read(self.book(tmp_path / "b.epub", "", **name)))) == 4

    def test_damaged(self, tmp_path: Path):
        """A book without a list of its chapters cannot be read."""
        path = self.book(tmp_path / "a.epub", **{"E__b.opf": "<package>"})
        with pytest.raises(Unreadable, match=r"This e-book is damaged\."):
            list(read(path))
        # The place of a chapter is before the beginning of the file.
        whole = bytearray(self.book(path).read_bytes())
        at = whole.rindex(b"PK\x01\x02", 0, whole.rindex(b"E/t1.xhtml"))
        whole[at + 42 : at + 46] = b"\xff\xff\xff\x7f"
        path.write_bytes(whole)
        assert UnreadPage(None, "A chapter of this e-book is damaged.") in list(read(path))
        path.write_bytes(whole[:200])
        with pytest.raises(Unreadable, match=r"This e-book is damaged\."):
            list(read(path))
