"""E-books, XML, JSON, notebooks, subtitles and markup, each on a small real file."""

from __future__ import annotations

import json
import time
from pathlib import Path

import documents
import pytest

from indexer.errors import Unreadable
from indexer.readers import read
from indexer.readers.markup import asciidoc_headings, org_headings, rst_headings, with_accents
from indexer.types import DocumentInfo, Heading, Page, ReaderItem, UnreadPage


@pytest.fixture
def written(tmp_path: Path):
    """Return a function that writes a file, reads it, and returns what is known and its pages."""

    def written(name: str, content: bytes | str) -> tuple[DocumentInfo, list[ReaderItem]]:
        path = tmp_path / name
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        first, *rest = read(path)
        assert isinstance(first, DocumentInfo)
        return first, rest

    return written


def lines_of(items: list[ReaderItem]) -> list[str]:
    """Return the lines of all pages."""
    return [line for page in items if isinstance(page, Page) for line in page.text.split("\n")]


def headings_of(items: list[ReaderItem]) -> list[tuple[int, str]]:
    """Return level and text of all headings."""
    return [(h.level, h.text) for page in items if isinstance(page, Page) for h in page.headings]


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


class TestJson:
    """JSON and notebooks."""

    def test_values_are_written_as_they_are_meant(self, written):
        """Escapes are letters and line ends, numbers keep their digits."""
        value = {"title": "你好\nworld", "tags": ["a", "b"], "of": {"id": 12345678901234567890.5}}
        text = json.dumps(value).replace("1.2345678901234567e+19", "12345678901234567890.5")
        assert "\\u4f60" in text
        info, pages = written("a.json", text)
        assert info == DocumentInfo("json")
        assert lines_of(pages) == [
            *("title: 你好", "world", "tags: a, b", "of:", "  id: 12345678901234567890.5"),
        ]

    def test_lines_of_json_and_what_is_none(self, written):
        """A faulty line stays as it is."""
        _, pages = written("a.ndjson", '{"a": 1, "b": [{"c": true}]}\n{"a": \n\n["x", null]\n')
        assert lines_of(pages)[:8] == [
            "a: 1",
            "b:",
            "  -",
            "    c: true",
            "",
            '{"a": ',
            "",
            "x, null",
        ]

    def test_one_huge_line_is_read_in_pieces(self, written):
        """A database's dump has no line end at all; a picture in it is left out."""
        rows = [{"number": n, "text": f"word{n}"} for n in range(60_000)]
        _, pages = written("a.json", json.dumps([*rows, "QUJD" * 1000], separators=(",", ":")))
        assert len(pages) > 2
        lines = lines_of(pages)
        assert "  text: word59999" in lines
        assert lines[-1] == "- (binary data)"

    @pytest.mark.parametrize("content", ["{not json", "[" * 200_000, "// x\n{"])
    def test_what_is_no_json_is_text(self, written, content: str):
        """Comments, damage and endless nesting are read as they are written."""
        assert "".join(lines_of(written("a.json", content)[1])) == content.replace("\n", "")

    def test_notebook_with_its_outputs(self, written):
        """Headings are those of the texts, not the comments of the code."""
        cells = [
            {"cell_type": "markdown", "source": ["# Waves\n", "They come."]},
            {
                "cell_type": "code",
                "source": "# no heading\nprint(1)",
                "outputs": [
                    {"output_type": "stream", "text": ["\x1b[31m1\x1b[0m\n"]},
                    {"output_type": "display_data", "data": {"image/png": "QUJD" * 500}},
                    {"output_type": "error", "ename": "ValueError", "evalue": "too high"},
                ],
            },
            {"cell_type": "raw", "source": "plain\ud800"},
        ]
        text = json.dumps({"metadata": {"title": "Sea"}, "cells": cells, "nbformat": 4})
        info, pages = written("a.ipynb", text)
        assert info == DocumentInfo("notebook", "Sea")
        assert [line for line in lines_of(pages) if line and line != "```"] == [
            *("# Waves", "They come.", "# no heading", "print(1)", "1", "ValueError: too high"),
            "plain",
        ]
        assert headings_of(pages) == [(1, "Waves")]

    @pytest.mark.parametrize("content", ["{", "[]", '{"cells": [3]}', '{"metadata": {}}', "null"])
    def test_what_is_no_notebook_is_text(self, written, content: str):
        """Nothing is lost for being in the wrong shape."""
        assert lines_of(written("a.ipynb", content)[1]) == [content]


class TestSubtitles:
    """SubRip, WebVTT and SubViewer."""

    def test_passages_have_their_time(self, written):
        """Cues that follow each other are one passage; styles and notes are gone."""
        info, pages = written(
            "a.vtt",
            "WEBVTT - Harbour\n\nSTYLE\n::cue { color: red }\n\nNOTE not\nthis\n\n"
            "1\n00:01.000 --> 00:03.000 align:left\n<v Ada>Ships <i>come</i> &amp;\n\n"
            "2\n00:03.100 --> 00:05.000\n<v Ada>go.\n\n00:05.000 --> 00:06.000\n<v Bo>Yes, go.\n\n"
            "cue-name\n01:02:03.000 --> 01:02:04.000\nLater\n",
        )
        assert info == DocumentInfo("subtitles", "Harbour")
        assert lines_of(pages) == [
            "[00:00:01] Ada: Ships come & go. Bo: Yes, go.",
            "[01:02:03] Later",
        ]

    def test_rolling_captions_and_missing_empty_lines(self, written):
        """A line that is shown again is said once; a cue's number is not said."""
        _, pages = written(
            "a.srt",
            "\ufeff1\r\n00:00:01,000 --> 00:00:02,000\r\nOne\r\n"
            "2\r\n00:00:02,000 --> 00:00:03,000\r\n"
            "One\r\n{\\an8}Two\r\n\r\n3\r\n00:00:59,000 --> 00:01:02,000\r\n1984\r\n",
        )
        assert lines_of(pages) == ["[00:00:01] One Two", "[00:00:59] 1984"]

    def test_subviewer(self, written):
        """Times in one line, line ends as [br]."""
        _, pages = written("a.sbv", "0:00:01.000,0:00:04.000\nOne[br]two\n")
        assert lines_of(pages) == ["[00:00:01] One two"]


class TestMarkup:
    """Markup that is read as it is written."""

    def test_org(self, written):
        """Plans and tags are not part of a heading; a block has none."""
        text = (
            "#+TITLE: Log\n* TODO [#A] Sail  :sea:\ntext\n#+begin_src c\n* no\n#+end_src\n** Home"
        )
        info, (page,) = written("a.org", text)
        assert info == DocumentInfo("org", "Log")
        assert page.text == text
        assert org_headings(text) == (
            Heading(text.index("* TODO"), 1, "Sail"),
            Heading(text.index("** Home"), 2, "Home"),
        )

    def test_rst(self):
        """Levels follow from the order of the signs; tables and transitions are none."""
        text = (
            "=====\nTitle\n=====\n\nOne\n---\n\ntext\n\n====  ====\na     b\n====  ====\n\n"
            "More\n~~~~\n\n-----\n\nTwo\n---\n\ntwo lines of\ntext::\n-----\n"
        )
        assert [(h.level, h.text) for h in rst_headings(text)] == [
            *((1, "Title"), (2, "One"), (3, "More"), (2, "Two")),
        ]
        assert rst_headings(text)[0].start == 0

    def test_asciidoc(self):
        """Listings have no titles."""
        text = "= Title =\n\n== One\n----\n== no\n----\n=== Two\n"
        assert [(h.level, h.text) for h in asciidoc_headings(text)] == [
            *((1, "Title"), (2, "One"), (3, "Two")),
        ]

    def test_tex(self, written):
        """Sections are headings, comments are none; accents are letters."""
        info, (page,) = written(
            "a.tex",
            "\\title{Sur l'\\'{e}t\\'e}\n\\section[short]{The \\emph{sea} \\& I}\n% \\section{no}\n"
            'Gr\\"u\\ss e, na\\"{\\i}ve, \\c{c}a, a\\=b\n\\subsection*{Tides}\\label{t}\n',
        )
        assert info == DocumentInfo("tex", "Sur l'été")
        assert "Grüße, naïve, ça" in page.text
        assert [(h.level, h.text) for h in page.headings] == [(3, "The sea \\& I"), (4, "Tides")]
        assert page.text[page.headings[1].start :].startswith("\\subsection*{Tides}")

    def test_accents_leave_commands_alone(self):
        """A command that begins like an accent is none."""
        assert with_accents(r"\cite{a} \vspace{1em} \omega \i") == r"\cite{a} \vspace{1em} \omega i"
