"""Markup that is read as it is written, and subtitles."""

from __future__ import annotations

from reader_items import lines_of

from indexer.readers.markup.markup import (
    asciidoc_headings,
    org_headings,
    rst_headings,
    with_accents,
)
from indexer.types import DocumentInfo, Heading


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
