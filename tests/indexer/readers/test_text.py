"""Plain text, Markdown, source code and tables as text."""

from __future__ import annotations

import pytest
from reader_items import items_of, text_of

from indexer.readers import read
from indexer.readers import sheet as sheet_module
from indexer.readers.sheet import TOO_LONG, bounded
from indexer.types import DocumentInfo, Heading, Page, UnreadPage


class TestText:
    """Plain text, Markdown, code and tables."""

    def test_without_form_feed_one_page_without_number(self, write):
        """Line ends are unified; NUL is dropped."""
        assert items_of(write("a.txt", "one\r\ntwo\rth\x00ree\n")) == (
            DocumentInfo("text"),
            [Page("one\ntwo\nthree\n")],
        )

    def test_form_feeds_number_the_pages(self, write):
        """A form feed at the end opens no further page; an empty page in between counts."""
        info, pages = items_of(write("a.txt", "one\ftwo\f\ffour\f\n"))
        assert info.pages == 4
        assert pages == [Page("one", 1), Page("two", 2), Page("", 3), Page("four", 4)]

    def test_code_keeps_its_form_feeds_out(self, write):
        """In code a form feed is a section mark."""
        assert items_of(write("a.c", "int a;\f\nint b;")) == (
            DocumentInfo("code"),
            [Page("int a;\n\nint b;")],
        )

    @pytest.mark.parametrize("name", ["a.txt", "a.md", "a.csv", "a.html", "a.pdf", "a.docx"])
    def test_empty_file_is_empty(self, write, name: str):
        """An empty file is no error, whatever its name promises."""
        _, pages = items_of(write(name, b""))
        assert pages == [Page("")]

    @pytest.mark.parametrize(
        ("text", "encoding"),
        [
            ("Grüße aus Köln", "utf-8"),
            ("Grüße aus Köln", "utf-8-sig"),
            ("Grüße aus Köln", "utf-16"),
            ("Grüße aus Köln", "utf-16-le"),
            ("Grüße aus Köln", "utf-16-be"),
            ("Grüße aus Köln", "utf-32"),
            ("Pantothensäure", "cp1252"),
            ("“Quoted” – it’s a café, naïve.", "cp1252"),
            ("Привет, это письмо о договоре поставки и оплате товара. " * 4, "cp1251"),
            ("这是一份关于合同的文件，请仔细阅读全部内容。" * 4, "gb18030"),
            ("これは契約に関する文書です。よくお読みください。" * 4, "cp932"),
            ("これは契約に関する文書です。", "iso2022_jp"),
        ],
    )
    def test_encodings(self, write, text: str, encoding: str):
        """Marks, UTF-8, UTF-16 and the common older encodings are told apart."""
        assert text_of(write("a.txt", text.encode(encoding))) == text

    def test_an_escape_without_end(self, write):
        """What an old Japanese text breaks off with costs its own characters only."""
        raw = "契約".encode("iso2022_jp") + b" text \x1b$((((((((((("
        assert text_of(write("a.txt", raw)).startswith("契約 text ")

    def test_one_broken_byte_costs_one_character(self, write):
        """UTF-8 with a fault stays UTF-8."""
        assert text_of(write("a.txt", "Grüße, 你好, ".encode() * 9 + b"\xff!")).endswith("你好, �!")

    def test_markdown_headings(self, write):
        """Headings have their place; what stands in fences and front matter is none."""
        text = '---\ntitle: "Notes"\nx: y\n---\n# One #\n```\n# no\n```\nTwo\n---\n- item\n---\n'
        info, (page,) = items_of(write("a.md", text))
        assert info == DocumentInfo("markdown", "Notes")
        assert isinstance(page, Page)
        assert page.text == text
        assert page.headings == (
            Heading(text.index("# One"), 1, "One"),
            Heading(text.index("Two"), 2, "Two"),
        )

    def test_huge_text_comes_in_pieces_and_ends(self, write, monkeypatch):
        """Nothing is lost between pieces; beyond the limit it is said."""
        line = "a line of forty characters, more or less\n"
        path = write("a.txt", line * 30_000)
        _, pages = items_of(path)
        assert len(pages) == 3
        assert "".join(page.text for page in pages if isinstance(page, Page)) == line * 30_000
        monkeypatch.setattr(sheet_module, "MAX_CHARACTERS", 600_000)
        *_, last, unread = read(path)
        assert isinstance(last, Page)
        assert unread == UnreadPage(None, TOO_LONG)

    def test_bound_counts_all_pages(self, monkeypatch):
        """The last page is cut with its headings."""
        monkeypatch.setattr(sheet_module, "MAX_CHARACTERS", 5)
        long = Page("defg", 2, (Heading(1, 1, "e"), Heading(2, 1, "f")))
        assert list(bounded(iter([Page("abc", 1), long, Page("h", 3)]))) == [
            Page("abc", 1),
            Page("de", 2, (Heading(1, 1, "e"),)),
            UnreadPage(2, TOO_LONG),
        ]

    @pytest.mark.parametrize(
        ("content", "lines"),
        [
            ("name,age\nAda,36\n", ["name; age", "name: Ada; age: 36"]),
            ("name;note\nAda;a, b\n", ["name; note", "name: Ada; note: a, b"]),
            ("name\tage\nAda\t36\n", ["name; age", "name: Ada; age: 36"]),
            ("sep=|\nname|age\nAda|36\n", ["name; age", "name: Ada; age: 36"]),
            ("1,2\n3,4\n", ["1; 2", "3; 4"]),
            ("Crew\nname,age\nAda,36\n", ["Crew", "name; age", "name: Ada; age: 36"]),
            ("a,b\n1\n1,2,3\n\n,5\n", ["a; b", "a: 1", "a: 1; b: 2; 3", "b: 5"]),
            ('a,b\n"x\ny",2\n', ["a; b", "a: x y; b: 2"]),
        ],
    )
    def test_rows_read_by_themselves(self, write, content: str, lines: list[str]):
        """Each row carries its headers, ragged ones too."""
        assert text_of(write("a.csv", content)).split("\n") == lines

    def test_quotation_that_never_closes(self, write):
        """One stray quotation mark does not swallow the table."""
        rows = "".join(f"row{n},{n}\n" for n in range(20_000))
        text = text_of(write("a.csv", 'a,b\nfirst,"1\n' + rows))
        assert "a: row19999; b: 19999" in text
        assert text.count("\n") == 20_001
