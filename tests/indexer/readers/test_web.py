"""Web pages, as HTML and saved as one file."""

from __future__ import annotations

from email.message import EmailMessage

from reader_items import items_of

from indexer.readers.markup.web import extract
from indexer.types import DocumentInfo, Heading, Page


class TestWeb:
    """HTML."""

    def test_visible_text_in_lines(self):
        """Blocks are lines, rows are lines; what a browser hides is gone."""
        title, (page,) = extract(
            "<!doctype html><title> The \n port </title><style>p{}</style><nav>menu</nav>"
            "<h1>Ships</h1><p>Come &amp;\n go<br>daily</p><script>evil()</script>"
            "<div hidden>no</div><p style='display: none'>no</p><!-- no -->"
            "<table><tr><th>Ship<th>Tons<tr><td><p>Anna</p></td><td>9<b>00</b></td></table>"
            "<ul><li>one<li>two</ul><pre>  a\n   b</pre>end"
        )
        assert title == "The port"
        lines = page.text.split("\n")
        assert lines == [
            *("Ships", "Come & go", "daily", "Ship | Tons", "Anna | 900", "- one", "- two"),
            *("  a", "   b", "end"),
        ]
        assert page.headings == (Heading(0, 1, "Ships"),)

    def test_declared_encoding(self, write):
        """What the page says of itself is believed where it is not UTF-8."""
        html = '<html><meta charset="windows-1251"><title>Да</title><p>Договор</p>'
        info, (page,) = items_of(write("a.html", html.encode("cp1251")))
        assert info == DocumentInfo("html", "Да")
        assert isinstance(page, Page)
        assert page.text == "Договор"

    def test_absurdly_deep_nesting(self):
        """Two hundred thousand open elements are read in linear time."""
        deep = "<title>T</title><div>" * 1 + "<div>" * 200_000
        title, (page,) = extract(f"{deep}deep<script>x</script>{'</div>' * 200_000}<h2>after</h2>")
        assert title == "T"
        assert page.text == "deep\nafter"
        assert page.headings == (Heading(5, 2, "after"),)

    def test_pdf_that_is_html(self, write):
        """A download that ended in an error page is read as what it is."""
        info, _ = items_of(write("a.pdf", "<html><body>Not found</body></html>"))
        assert info.kind == "html"

    def test_lists_are_counted(self):
        """As their types say; a paragraph or a list inside an item leaves it its number."""
        _, (page,) = extract(
            "<ol><li><p>One<p>more</li><li>Two<ul><li>dot</ul><li value=7>Seven<ol type=a>"
            "<li>sub<li>other</ol><li>Eight</ol><ol start=3 type=I><li>Three<li><b></b><li>Five"
            "</ol><li>loose"
        )
        assert page.text.split("\n") == [
            *("1. One", "more", "2. Two", "- dot", "7. Seven", "a. sub", "b. other", "8. Eight"),
            *("III. Three", "V. Five", "- loose"),
        ]

    def test_a_cell_beside_several_rows_is_said_with_each(self):
        """Unless it is long; what a hostile table repeats is bounded."""
        _, (page,) = extract(
            "<table><tr><th rowspan=3>North<td>1<td rowspan=2>high<tr><td colspan=1>2<tr><td>3"
            f"<tr><td>end<td>4</table><table><tr><td rowspan=2>{'long ' * 40}<td>5<tr><td>6</table>"
        )
        assert page.text.split("\n") == [
            *("North | 1 | high", "North | 2 | high", "North | 3", "end | 4"),
            *(f"{'long ' * 40}| 5", "6"),
        ]
        cell = f"<td rowspan=9999>{'x' * 90}"
        _, pages = extract(f"<table><tr>{cell * 5_000}{'<tr>' * 2_000}</table>")
        assert sum(len(page.text) for page in pages) < 3_000_000


class TestWebArchive:
    """Web pages in one file."""

    def test_the_page_is_read(self, written):
        """Its frames and pictures are not."""
        message = EmailMessage()
        message["From"] = "<Saved by Blink>"
        message["Subject"] = "A page"
        message.make_related()
        for html in ("<title>Harbour</title><h1>Ships</h1><p>Come and go", "<p>advertisement"):
            part = EmailMessage()
            part.set_content(html, subtype="html")
            message.attach(part)
        info, items = written("a.mht", message.as_bytes())
        assert info == DocumentInfo("mhtml", "Harbour")
        assert items == [Page("Ships\nCome and go", None, (Heading(0, 1, "Ships"),))]
