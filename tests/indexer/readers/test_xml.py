"""XML of any vocabulary."""

from __future__ import annotations

import base64
import time
from pathlib import Path

from reader_items import headings_of, lines_of

from indexer.types import DocumentInfo, Page, UnreadPage


class TestXml:
    """XML of any vocabulary."""

    def test_blocks_are_lines_and_text_is_not_torn(self, written):
        """An element beside text stays in its line; titles are headings and name the document."""
        info, pages = written(
            "a.xml",
            '<?xml version="1.0" encoding="ISO-8859-1"?>\n<article><title>The port</title>'
            "<section><title>Ships</title><para>Come <b>and</b>\n   go <i>daily</i>.</para>"
            "<para><b>Anna</b> carries caf\xe9</para><ship name='Anna' id='s1'/></section>"
            "<!-- not this --><name>A</name><name>B</name></article>".encode("latin-1")
            .decode("latin-1")
            .encode("latin-1"),
        )
        assert info == DocumentInfo("xml", "The port")
        assert lines_of(pages) == [
            *("The port", "Ships", "Come and", "go daily.", "Anna carries café", "name: Anna"),
            *("A", "B"),
        ]
        assert headings_of(pages) == [(1, "The port"), (2, "Ships")]

    def test_html_inside_a_feed_is_shown_as_a_browser_does(self, written):
        """Feeds carry escaped HTML."""
        _, pages = written(
            "a.rss",
            "<rss><channel><title>News</title><item><title>One</title><description>"
            "&lt;p&gt;First &amp;amp; best&lt;/p&gt;&lt;p&gt;Second&lt;/p&gt;</description>"
            "</item></channel></rss>",
        )
        assert lines_of(pages) == ["News", "One", "First & best", "Second"]

    def test_outlines_keep_their_depth(self, written):
        """The text of an OPML outline is in attributes."""
        info, pages = written(
            "a.opml",
            "<opml><head><title>Plan</title><ownerName>Ada</ownerName></head><body>"
            '<outline text="One &amp; only"><outline text="Inner" xmlUrl="http://a/b"/></outline>'
            "</body></opml>",
        )
        assert info.title == "Plan"
        assert lines_of(pages) == ["Plan", "Ada", "- One & only", "  - Inner (http://a/b)"]
        assert headings_of(pages) == [(2, "Plan")]

    def test_fictionbook_has_chapters_and_no_pictures(self, written):
        """A picture is megabytes of letters."""
        info, pages = written(
            "a.fb2",
            '<FictionBook xmlns="http://www.gribuser.ru/xml/fictionbook/2.0"><description>'
            "<title-info><author><first-name>Ada</first-name><last-name>Lovelace</last-name>"
            "</author><book-title>Engines</book-title></title-info></description><body><section>"
            "<title><p>Chapter 1</p></title><p>It <emphasis>weaves</emphasis> patterns.</p>"
            f"</section></body><binary id='x'>{'QUJD' * 1000}</binary></FictionBook>",
        )
        assert info == DocumentInfo("fictionbook", "Engines")
        assert lines_of(pages) == ["Ada Lovelace", "Engines", "Chapter 1", "It weaves patterns."]
        assert headings_of(pages) == [(3, "Chapter 1")]

    def test_data_is_no_text(self, written):
        """Base64 is left out, in one line or in many; words without a comma are not."""
        data = base64.b64encode(bytes(range(256)) * 12)
        words = "the marmot sleeps " * 100
        lines = base64.encodebytes(bytes(range(256)) * 12)
        _, items = written(
            "a.xml", b"<x><p>%s</p><p>%s</p><p>%s</p></x>" % (data, words.encode(), lines)
        )
        assert " ".join(lines_of(items)).split() == words.split()

    def test_entities_are_harmless(self, written, tmp_path: Path):
        """Neither a file of this machine nor a billion laughs gets into the text."""
        (tmp_path / "secret").write_text("secret")
        address = (tmp_path / "secret").as_uri()
        _, pages = written(
            "a.xml", f'<!DOCTYPE a [<!ENTITY x SYSTEM "{address}">]><a>is &x; so</a>'
        )
        assert "secret" not in str(pages)
        laughs = "".join(f'<!ENTITY l{n + 1} "{f"&l{n};" * 10}">' for n in range(12))
        bomb = f'<!DOCTYPE a [<!ENTITY l0 "lol">{laughs}]><a>&l12;</a>'
        began = time.process_time()
        assert len(str(written("b.xml", bomb))) < 5_000_000
        assert time.process_time() - began < 5

    def test_damaged_keeps_what_stands_before(self, written):
        """A faulty tag costs nothing, a lost end is told."""
        assert lines_of(written("a.xml", "<a>one &nbsp; two<b>x</c>y</a>")[1]) == ["one twoxy"]
        _, pages = written("b.xml", "<a><b>kept</b><b>lost")
        assert pages == [
            Page("kept\nlost"),
            UnreadPage(None, "The rest of this document is damaged."),
        ]

    def test_deep_nesting_ends(self, written):
        """A hundred thousand open elements are damage, not a crash."""
        _, pages = written("a.xml", "<a>top" + "<a>" * 100_000)
        assert lines_of(pages)[0] == "top"
        assert isinstance(pages[-1], UnreadPage)

    def test_what_is_no_xml_is_text(self, written):
        """A name alone makes no XML."""
        for text in ("just words", "<!-- only this -->", "<", "<!DOCTYPE a [<!ENTITY b"):
            assert written("a.xml", text)[1] == [Page(text)]
