"""A PDF on a tiny real file, and what is wrong with files."""

from __future__ import annotations

import documents
import pytest
from reader_items import items_of, text_of

from indexer.errors import Unreadable
from indexer.readers.pdf.reader import normalise
from indexer.readers.sheet import real_title
from indexer.types import DocumentInfo, Heading, Page, UnreadPage


class TestPdf:
    """PDF."""

    def test_pages_title_and_outline(self, write):
        """Each page has its number and the outline's entries at their place."""
        path = write(
            "a.pdf",
            documents.pdf(
                ["First page\nThe crew", "Second"], "Report", [("The  crew", 1), ("X", 2)]
            ),
        )
        info, pages = items_of(path)
        assert info == DocumentInfo("pdf", "Report", 2)
        assert pages == [
            Page("First page\nThe crew", 1, (Heading(11, 1, "The crew"),)),
            Page("Second", 2, (Heading(0, 1, "X"),)),
        ]

    @pytest.mark.parametrize(
        ("raw", "text"),
        [
            ("an exam\ufffeple\r\nof  it", "an example\nof it"),
            ("non\ufffeGAAP", "non-GAAP"),
            ("COVID\ufffe19", "COVID-19"),
            ("cash\ufffegenerating, generating cash", "cash-generating, generating cash"),
            ("soft\xad\r\nware", "software"),
            ("state-of-the\ufffeart, back\ufffeto-back", "state-of-the-art, back-to-back"),
            ("a re-\r\nport, Jean-\r\nPaul", "a report, Jean-\nPaul"),
            ("\ufb01nancial", "financial"),
            ("a\n\n\n\nb \x03", "a\n\nb"),
        ],
    )
    def test_normalise(self, raw: str, text: str):
        """Words that a line's end cut are whole again."""
        assert normalise(raw) == text

    def test_usual_and_unusual_text_are_normalised_alike(self):
        """What a text without odd signs is spared would not have changed it, for any sign."""
        for sign in map(chr, range(0x10000)):
            alone = normalise(f"a{sign}b")
            assert normalise(f"a{sign}b\xa0z") == f"{alone} z"

    @pytest.mark.parametrize(
        "title", [None, "", "untitled", "Microsoft Word - draft.doc", "0012-77", "report.pdf"]
    )
    def test_junk_titles(self, title: str | None):
        """What a program wrote into the title is none."""
        assert real_title(title) is None
        assert real_title("Microsoft Word - Yearly report") == "Yearly report"

    def test_encrypted(self, write):
        """A password is asked for in words; an empty one is tried."""
        with pytest.raises(Unreadable, match=r"This PDF is encrypted\."):
            items_of(write("a.pdf", documents.encrypted_pdf(["Secret"], "x")))
        assert text_of(write("b.pdf", documents.encrypted_pdf(["Open"], ""))) == "Open"

    @pytest.mark.parametrize("content", [b"%PDF-1.4\nrubbish", b"no pdf at all", b"%PDF-"])
    def test_damaged(self, write, content: bytes):
        """What neither library can open is said to be damaged."""
        with pytest.raises(Unreadable, match=r"This PDF is damaged\."):
            items_of(write("a.pdf", content))

    def test_lost_table_of_references(self, write):
        """What only tells where things stand is rebuilt."""
        whole = documents.pdf(["First page", "Second page"])
        table = whole.index(b"xref\n"), whole.index(b"trailer")
        _, pages = items_of(write("a.pdf", whole[: table[0]] + whole[table[1] :]))
        assert [page.text for page in pages if isinstance(page, Page)] == [
            "First page", "Second page",
        ]  # fmt: skip

    def test_one_bad_page_is_told(self, write):
        """The others are read."""
        broken = documents.pdf(["One", "Two", "Three"]).replace(b"12 0 obj", b"99 0 obj")
        _, pages = items_of(write("a.pdf", broken))
        assert pages == [Page("One", 1), UnreadPage(2, "This page is damaged."), Page("Three", 3)]
