"""What Office wrote before 2007, rich text, and binary spreadsheets.

report.doc and report.xls were written by LibreOffice from a letter and a table of our own.
"""

from __future__ import annotations

import struct
from pathlib import Path

import pytest
from containers import ole

from indexer.errors import Unreadable, Unsupported
from indexer.readers import read
from indexer.types import DocumentInfo, Heading, Page, ReaderItem, UnreadPage

DATA = Path(__file__).parents[2] / "data"


@pytest.fixture
def written(tmp_path: Path):
    """Return a function that writes a file and reads it."""

    def written(name: str, content: bytes) -> list[ReaderItem]:
        path = tmp_path / name
        path.write_bytes(content)
        return list(read(path))

    return written


def text_of(items: list[ReaderItem]) -> str:
    """Return the text of a document of one page."""
    _, page = items
    assert isinstance(page, Page)
    return page.text


def record(kind: int, content: bytes, instance: int = 0, version: int = 0) -> bytes:
    """Return a record of a presentation."""
    return struct.pack("<HHI", version | instance << 4, kind, len(content)) + content


def presentation(token: int = 0xE391C05F) -> bytes:
    """Return a presentation of one slide with a title, a text box, a comment and notes."""

    def text(kind: int, content: str) -> bytes:
        return record(0x0F9F, struct.pack("<I", kind)) + record(0x0FA0, content.encode("utf-16-le"))

    comment = record(0x2EE0, record(0x0FBA, "Really?".encode("utf-16-le"), 1), version=15)
    slide = record(
        0x03EE,
        record(0x03EF, struct.pack("<5I", 0, 0, 0, 0, 256) + bytes(4))
        + record(0xF00D, text(4, "Twelve\rpeople") + text(4, "*"), version=15)
        + record(0xF00D, record(0x0F9E, bytes(4)), version=15)
        + comment,
        version=15,
    )
    notes = record(0x03F0, record(0xF00D, text(2, "Mention the storm"), version=15), version=15)
    listed = record(0x03F3, struct.pack("<IIiII", 2, 0, 1, 256, 0)) + text(0, "The crew")
    noted = record(0x03F3, struct.pack("<IIiII", 3, 0, 0, 256, 0))
    document = record(
        0x03E8, record(0x0FF0, listed, 0, 15) + record(0x0FF0, noted, 2, 15), version=15
    )
    places = [0, len(document), len(document) + len(slide)]
    directory = record(0x1772, struct.pack("<4I", 1 | 3 << 20, *places))
    at = len(document + slide + notes)
    edit = record(0x0FF5, struct.pack("<7I", 0, 0, 0, at, 1, 3, 0))
    user = bytes(12) + struct.pack("<2I", token, at + len(directory))
    return ole(
        {
            ("Current User",): user,
            ("PowerPoint Document",): document + slide + notes + directory + edit,
        }
    )


class TestWord:
    """Documents of Word 97."""

    def test_text_tables_and_headings(self):
        """What its successor gives as well; the header comes last."""
        info, page = read(DATA / "report.doc")
        assert info == DocumentInfo("doc", "Yearly report")
        assert isinstance(page, Page)
        assert page.text.split("\n") == [
            "The harbour", "Ships come\tand go. Grüße, 你好 и привет.", "Ship | Tons | Flag",
            "Ship: Anna; Tons: 900; Flag: DK", "The crew", "Twelve people.", "Port authority",
        ]  # fmt: skip
        assert [(heading.level, heading.text) for heading in page.headings] == [
            (1, "The harbour"), (2, "The crew"),
        ]  # fmt: skip

    def test_encrypted(self, written):
        """A flag says so; the text would be rubbish."""
        data = bytearray((DATA / "report.doc").read_bytes())
        at = data.index(struct.pack("<H", 0xA5EC), 512)
        data[at + 11] |= 1
        with pytest.raises(Unreadable, match="This Word document is encrypted"):
            written("a.doc", bytes(data))

    @pytest.mark.parametrize("end", [600, 5_000, 12_000])
    def test_damaged(self, written, end: int):
        """Half a container is told as such."""
        with pytest.raises(Unreadable, match="This Word document is damaged"):
            written("a.doc", (DATA / "report.doc").read_bytes()[:end])

    def test_what_else_is_called_doc(self, written):
        """Programs save web pages, rich text and plain text under this name."""
        assert text_of(written("a.doc", b"<html><body>Hello</body></html>")) == "Hello"
        assert text_of(written("a.doc", rb"{\rtf1 Hello}")) == "Hello"
        assert text_of(written("a.doc", b"Hello")) == "Hello"
        with pytest.raises(Unsupported, match="older Office"):
            written("a.xls", b"\x09\x04\x06\x00\x00\x00\x10\x00")

    def test_xml_of_word_2003(self, written):
        """It is read as its successor is."""
        xml = (
            '<?xml version="1.0"?><?mso-application progid="Word.Document"?><w:wordDocument '
            'xmlns:w="http://schemas.microsoft.com/office/word/2003/wordml"><w:styles><w:style '
            'w:styleId="x"><w:name w:val="heading 2"/></w:style></w:styles><w:body><w:p><w:pPr>'
            '<w:pStyle w:val="x"/></w:pPr><w:r><w:t>The crew</w:t></w:r></w:p><w:p><w:r><w:t>'
            "Twelve people.</w:t></w:r></w:p></w:body></w:wordDocument>"
        )
        _, page = written("a.doc", xml.encode())
        assert page == Page("The crew\nTwelve people.", None, (Heading(0, 2, "The crew"),))


class TestSlides:
    """Presentations of PowerPoint 97."""

    def test_slides_are_pages(self, written):
        """The title first, then boxes, comments and notes."""
        info, page = written("a.ppt", presentation())
        assert info == DocumentInfo("ppt", None, 1)
        text = "The crew\nTwelve\npeople\nReally?\nMention the storm"
        assert page == Page(text, 1, (Heading(0, 1, "The crew"),))

    def test_encrypted(self, written):
        """Its user stream says so."""
        with pytest.raises(Unreadable, match="This presentation is encrypted"):
            written("a.ppt", presentation(0xF3D1C4DF))

    def test_damaged(self, written):
        """A stream without slides is no presentation."""
        with pytest.raises(Unreadable, match="This presentation is damaged"):
            written("a.ppt", ole({("PowerPoint Document",): bytes(100)}))


class TestSpreadsheet:
    """What calamine reads."""

    def test_sheets_and_rows(self):
        """Rows say what their cells mean; dates are ISO, hidden sheets are read."""
        info, page = read(DATA / "report.xls")
        assert info == DocumentInfo("xls")
        assert isinstance(page, Page)
        assert page.text.split("\n") == [
            "Cargo", "Ship; Arrived; Tons", "Ship: Anna 你好; Arrived: 2024-02-29; Tons: 900.5",
            "Hidden", "below deck",
        ]  # fmt: skip
        assert [heading.text for heading in page.headings] == ["Cargo", "Hidden"]

    def test_damaged(self, written):
        """Half a container is told as such."""
        with pytest.raises(Unreadable, match="This spreadsheet is damaged"):
            written("a.xls", (DATA / "report.xls").read_bytes()[:3_000])


class TestRichText:
    """RTF."""

    def test_everything(self, written):
        """Paragraphs and rows in order; notes after theirs, margins last; hidden text is not."""
        text = (
            rb"{\rtf1\ansi\ansicpg1252{\fonttbl{\f0\fcharset0 A;}{\f1\fcharset134 S;}"
            rb"{\f2\fcharset204 C;}}{\stylesheet{\s3\outlinelevel1 heading 2;}}"
            rb"{\info{\title Yearly report}{\author Me}}{\header Port authority\par}"
            rb"\pard\s3 The crew\par\pard Gr\'fc\'dfe, {\f1\'c4\'e3\'ba\'c3} and "
            rb"{\f2\'ef\'f0\'e8}\u1074?\u-10179?\u-8704?{\v hidden}{\*\unknown gone}"
            rb"{\footnote In {\i May}.}{\pict\bin7 }}}}}}}}.\line on\par"
            rb"\trowd\pard\intbl Ship\cell Tons\cell Flag\cell\row"
            rb"\pard\intbl Anna\par of Oslo\cell 900\cell\cell\row\pard"
            rb"{\field{\*\fldinst HYPERLINK x}{\fldrslt link}}\par}"
        )
        info, page = written("a.rtf", text)
        assert info == DocumentInfo("rtf", "Yearly report")
        assert isinstance(page, Page)
        assert page.text.split("\n") == [
            "The crew", "Grüße, 你好 and прив😀.", "on", "In May.", "Ship | Tons | Flag",
            "Ship: Anna of Oslo; Tons: 900", "link", "Port authority",
        ]  # fmt: skip
        assert page.headings == (Heading(0, 2, "The crew"),)

    def test_cut_off(self, written):
        """What is there is read, and the rest is told."""
        _, page, unread = written("a.rtf", rb"{\rtf1 kept {\b and {\i this {\ul too")
        assert page == Page("kept and this too")
        assert unread == UnreadPage(None, "The rest of this document is damaged.")

    def test_deep_nesting(self, written):
        """A hundred thousand open groups do no harm."""
        items = written("a.rtf", rb"{\rtf1 a" + b"{\\footnote b" * 100_000)
        assert isinstance(items[1], Page)
