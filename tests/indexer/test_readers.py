"""Each reader on a tiny real file, and on what is wrong with files."""

from __future__ import annotations

import codecs
import zipfile
from pathlib import Path

import documents
import pytest

from indexer.errors import Unreadable, Unsupported
from indexer.readers import Kind, Source, kind_of, may_be_read, read, why_not
from indexer.readers import sheet as sheet_module
from indexer.readers.pdf import normalise
from indexer.readers.sheet import TOO_LONG, bounded, real_title
from indexer.readers.web import extract
from indexer.types import DocumentInfo, Heading, Page, ReaderItem, UnreadPage


@pytest.fixture
def write(tmp_path: Path):
    """Return a function that writes a file and returns its path."""

    def write(name: str, content: bytes | str) -> Path:
        path = tmp_path / name
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    return write


def items_of(path: Path) -> tuple[DocumentInfo, list[ReaderItem]]:
    """Read a file to its end: what is known of it, and its pages."""
    first, *rest = read(path)
    assert isinstance(first, DocumentInfo)
    return first, rest


def text_of(path: Path) -> str:
    """Return the text of a document of one page."""
    _, (page,) = items_of(path)
    assert isinstance(page, Page)
    return page.text


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
        for name in ("a.MP4", "a.exe", "b.mp3", "~$Report.docx", "a.numbers"):
            assert not may_be_read(name)
        for name in ("a.pdf", "README", "a.unknown", "Report v1.2", ".bashrc", "你好.txt"):
            assert may_be_read(name)
        assert why_not("a.jpg") is None
        assert why_not("a.jpg", inside=True) == "This kind of file is not read. It is a picture."

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


class TestWord:
    """Word documents."""

    def test_paragraphs_tables_and_headings_in_order(self, tmp_path: Path):
        """Rows are lines; the header follows."""
        documents.word(tmp_path / "a.docx")
        info, (page,) = items_of(tmp_path / "a.docx")
        assert info == DocumentInfo("docx", "Yearly report")
        assert isinstance(page, Page)
        assert page.text.split("\n") == [
            "The harbour", "Ships come\tand go.", "Ship | Tons", "Anna | 900", "The crew",
            "Twelve people.", "Port authority",
        ]  # fmt: skip
        assert page.headings == (
            Heading(0, 1, "The harbour"),
            Heading(page.text.index("The crew"), 2, "The crew"),
        )

    def test_what_stands_in_containers(self, tmp_path: Path):
        """Content controls and text boxes are read, once; deleted text is not."""
        body = (
            "<w:sdt><w:sdtContent><w:p><w:r><w:t>control</w:t></w:r></w:p></w:sdtContent></w:sdt>"
            "<w:p><w:r><mc:AlternateContent><mc:Choice><w:txbxContent><w:p><w:r><w:t>box</w:t></w:r>"
            "</w:p></w:txbxContent></mc:Choice><mc:Fallback><w:p><w:r><w:t>box</w:t></w:r></w:p>"
            "</mc:Fallback></mc:AlternateContent><w:t>around</w:t></w:r>"
            "<w:del><w:r><w:t>gone</w:t></w:r></w:del></w:p>"
        )
        documents.zipped(tmp_path / "a.docm", documents.word_parts(body))
        assert text_of(tmp_path / "a.docm") == "control\nbox\naround"

    def test_numbers_that_word_counts(self, tmp_path: Path):
        """Headings and items stand with their number; a bullet is none."""
        kind = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/numbering"
        place = '<w:pPr><w:numPr><w:ilvl w:val="{}"/><w:numId w:val="{}"/></w:numPr></w:pPr>'
        items = ((0, 1, "One"), (1, 1, "Sub"), (1, 1, "Sub"), (0, 1, "Two"), (0, 2, "Dot"))
        body = "".join(
            f"<w:p>{place.format(level, number)}<w:r><w:t>{text}</w:t></w:r></w:p>"
            for level, number, text in (*items, (1, 1, "Sub"), (0, 3, "Anew"))
        )
        parts = documents.word_parts(body)
        parts["word/_rels/document.xml.rels"] = (
            f'<Relationships><Relationship Id="r" Type="{kind}" Target="numbering.xml"/>'
            "</Relationships>"
        ).encode()
        parts["word/numbering.xml"] = (
            b'<w:numbering xmlns:w="w"><w:abstractNum w:abstractNumId="7"><w:lvl w:ilvl="0">'
            b'<w:start w:val="3"/><w:numFmt w:val="upperRoman"/><w:lvlText w:val="%1."/></w:lvl>'
            b'<w:lvl w:ilvl="1"><w:start w:val="1"/><w:numFmt w:val="lowerLetter"/>'
            b'<w:lvlText w:val="%1%2)"/></w:lvl></w:abstractNum><w:abstractNum '
            b'w:abstractNumId="8"><w:lvl w:ilvl="0"><w:numFmt w:val="bullet"/>'
            b'<w:lvlText w:val="o"/></w:lvl></w:abstractNum>'
            b'<w:num w:numId="1"><w:abstractNumId w:val="7"/></w:num>'
            b'<w:num w:numId="2"><w:abstractNumId w:val="8"/></w:num>'
            b'<w:num w:numId="3"><w:abstractNumId w:val="7"/><w:lvlOverride w:ilvl="0">'
            b'<w:startOverride w:val="1"/></w:lvlOverride></w:num></w:numbering>'
        )
        documents.zipped(tmp_path / "a.docx", parts)
        assert text_of(tmp_path / "a.docx").split("\n") == [
            "III. One", "IIIa) Sub", "IIIb) Sub", "IV. Two", "Dot", "IVa) Sub", "I. Anew",
        ]  # fmt: skip

    def test_not_a_zip(self, write):
        """A renamed text is not a Word document."""
        with pytest.raises(Unreadable, match=r"This is not a Word document\."):
            items_of(write("a.docx", "just text"))

    def test_encrypted_and_damaged(self, write):
        """The old container holds an encrypted document; without one it is damaged."""
        ole = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600)
        with pytest.raises(Unreadable, match="encrypted"):
            items_of(write("a.docx", ole + "EncryptedPackage".encode("utf-16-le")))
        with pytest.raises(Unreadable, match="damaged"):
            items_of(write("b.docx", ole))

    def test_bomb_is_refused_by_its_declared_size(self, tmp_path: Path, monkeypatch):
        """Nothing is expanded."""
        monkeypatch.setattr("indexer.readers.package.MAX_EXPANDED", 100_000)
        documents.zipped(tmp_path / "a.docx", documents.word_parts("<w:p/>" * 100_000))
        with pytest.raises(Unreadable, match="expands to more"):
            items_of(tmp_path / "a.docx")

    def test_bomb_that_lies_about_its_size(self, tmp_path: Path, monkeypatch):
        """What is expanded is counted as well."""
        documents.zipped(tmp_path / "a.docx", documents.word_parts("<w:p/>" * 100_000))
        real = zipfile.ZipFile.infolist

        def lying(self: zipfile.ZipFile) -> list[zipfile.ZipInfo]:
            small = zipfile.ZipInfo("word/document.xml")
            return [small for _ in real(self)]

        monkeypatch.setattr("indexer.readers.package.MAX_EXPANDED", 100_000)
        monkeypatch.setattr(zipfile.ZipFile, "infolist", lying)
        with pytest.raises(Unreadable, match="expands to more"):
            items_of(tmp_path / "a.docx")

    def test_entities_are_not_expanded(self, tmp_path: Path):
        """Neither a file of this machine nor a billion laughs gets into the text."""
        (tmp_path / "secret").write_text("secret")
        parts = documents.word_parts("<w:p><w:r><w:t>a&x;b</w:t></w:r></w:p>")
        entity = f'<!DOCTYPE w [<!ENTITY x SYSTEM "{(tmp_path / "secret").as_uri()}">]>'.encode()
        parts["word/document.xml"] = entity + parts["word/document.xml"]
        documents.zipped(tmp_path / "a.docx", parts)
        assert "secret" not in str(list(read(tmp_path / "a.docx")))

    def test_damaged_in_the_middle_keeps_the_beginning(self, tmp_path: Path):
        """What was read stays, and the rest is told."""
        parts = documents.word_parts("<w:p><w:r><w:t>kept</w:t></w:r></w:p><w:p></w:q>")
        documents.zipped(tmp_path / "a.docx", parts)
        assert items_of(tmp_path / "a.docx")[1] == [
            Page("kept"), UnreadPage(None, "The rest of this document is damaged."),
        ]  # fmt: skip
