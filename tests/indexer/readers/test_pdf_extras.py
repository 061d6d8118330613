"""What a PDF holds beside the text of its pages."""

from __future__ import annotations

import io

import documents
import pypdf
from pdf_pages import pages_of
from pypdf.annotations import Text
from pypdf.generic import NameObject

from indexer.readers import read
from indexer.readers.pdf.attached import LOCKED
from indexer.types import Heading, Page, UnreadPage


class TestExtras:
    """What stands beside the text."""

    def test_fields_comments_and_attached_files(self, write):
        """Filled fields with their names, comments, and the names of files."""
        writer = pypdf.PdfWriter(clone_from=io.BytesIO(documents.pdf(["A form"])))
        writer.add_attachment("costs.txt", b"The mast: 400")
        writer.add_annotation(0, Text(text="Is this right?", rect=(50, 50, 70, 70)))
        documents.add_fields(writer, {"Name": "Ada", "Empty": ""})
        stream = io.BytesIO()
        writer.write(stream)
        page, attached = pages_of(write("a.pdf", stream.getvalue()))
        assert page.text.split("\n\n") == [
            "A form", "Is this right?", "Name: Ada", "Attached files: costs.txt",
        ]  # fmt: skip
        assert attached == Page("costs.txt\nThe mast: 400", None, (Heading(0, 1, "costs.txt"),))

    def test_attached_files_that_cannot_be_read(self, write):
        """One of a kind that is not read, and one that expands to more than is allowed."""
        writer = pypdf.PdfWriter(clone_from=io.BytesIO(documents.pdf(["The letter"])))
        writer.add_attachment("music.mp3", b"ID3")
        writer.add_attachment("zeros.txt", bytes(80_000_000))
        for entry in writer.attachment_list:
            packed = writer._add_object(entry._embedded_file.flate_encode())
            entry.pdf_object["/EF"][NameObject("/F")] = packed
        stream = io.BytesIO()
        writer.write(stream)
        page, large, others = list(read(write("a.pdf", stream.getvalue())))[1:]
        assert isinstance(page, Page)
        assert isinstance(large, UnreadPage)
        assert large.reason.startswith("zeros.txt: It is larger")
        assert isinstance(others, Page)
        assert others.text == "Not read\nmusic.mp3"

    def test_attached_files_that_alone_are_encrypted(self, write):
        """The pages are read, and the files are told."""
        locked = documents.locked_attachments_pdf("The letter", "costs.txt", "secret")
        page, files = list(read(write("a.pdf", locked)))[1:]
        assert isinstance(page, Page)
        assert "The letter" in page.text
        assert files == UnreadPage(None, LOCKED)
