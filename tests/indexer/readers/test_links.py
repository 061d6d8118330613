"""The address behind a link stands after its text, in each format of Office that has links."""

from __future__ import annotations

import struct
from pathlib import Path

import documents
import pptx
import pytest
from containers import ole
from pptx.util import Inches
from reader_items import text_of

from indexer.readers.office.links import LinkedText

FORM = "https://town.example/form"
SHOWN = f"See the form ({FORM}) first."


def linked(text: str, address: str) -> str:
    """Return a paragraph of one link."""
    paragraph = LinkedText()
    paragraph.add(text, address)
    return paragraph.whole()


def word_95(text: str) -> bytes:
    """Return a document of Word 95, whose text is in one piece."""
    data = text.encode()
    head = struct.pack("<H8xH12x2I", 0xA5DC, 0, 32, 32 + len(data))
    return ole({("WordDocument",): head + data})


class TestAddresses:
    """Which are written, and how."""

    @pytest.mark.parametrize(
        ("address", "shown"),
        [
            (FORM, FORM),
            (" http://a.example/b c ", "http://a.example/b%20c"),
            ("mailto:clerk@town.example?subject=Form", "clerk@town.example"),
            ("tel:+45123", "+45123"),
            ("file:///C:/forms/a.doc", "file:///C:/forms/a.doc"),
            ("https://ru.example/%D0%A1%D1%82_%41", "https://ru.example/Ст_%41"),
            ("https://a.example/%FF%00%0A", "https://a.example/%FF%00%0A"),
            (f"https://a.example/b?{'c' * 200}", "https://a.example/b…"),
        ],
    )
    def test_written(self, address: str, shown: str):
        """Letters instead of bytes, nothing that a line could not hold, and no long tail."""
        assert linked("form", address) == f"form ({shown})"

    @pytest.mark.parametrize(
        "address",
        [
            "",
            "#top",
            "javascript:alert(1)",
            "data:text/html,x",
            "form.doc",
            "https://",
            "mailto:",
            f"https://a.example/{'b' * 200}",
        ],
    )
    def test_not_written(self, address: str):
        """Links inside the document, what a program would run, and what would fill a chunk."""
        assert linked("form", address) == "form"

    @pytest.mark.parametrize(
        "text",
        ["town.example/form", "www.Town.example/form/", f"here: {FORM}", f"<{FORM}?a=b>", " "],
    )
    def test_what_the_text_says_itself(self, text: str):
        """It is not said twice, and a picture has no text to stand behind."""
        assert linked(text, FORM) == text

    def test_runs_of_one_link(self):
        """The address follows the last, before the blank that follows; once in a paragraph."""
        paragraph = LinkedText()
        for text, address in (("See ", ""), ("the ", FORM), ("form ", FORM), ("or ", "")):
            paragraph.add(text, address)
        paragraph.add("this", FORM)
        assert paragraph.whole() == f"See the form ({FORM}) or this"
        assert paragraph.plain() == "See the form or this"


class TestFormats:
    """Where the address is found."""

    @pytest.mark.parametrize(
        "link",
        [
            '<w:hyperlink xmlns:r="r" r:id="r1"><w:r><w:t>the </w:t></w:r><w:r><w:t>form</w:t>'
            "</w:r></w:hyperlink>",
            f'<w:fldSimple w:instr=" HYPERLINK &quot;{FORM}&quot; \\o &quot;Tip&quot; ">'
            "<w:r><w:t>the form</w:t></w:r></w:fldSimple>",
            '<w:r><w:fldChar w:fldCharType="begin"/></w:r><w:r><w:instrText> HYPERLINK '
            f'</w:instrText></w:r><w:r><w:instrText>"{FORM}" </w:instrText></w:r>'
            '<w:r><w:fldChar w:fldCharType="separate"/></w:r><w:r><w:t>the form</w:t></w:r>'
            '<w:r><w:fldChar w:fldCharType="end"/></w:r>',
        ],
        ids=["element", "simple field", "field"],
    )
    def test_word(self, tmp_path: Path, link: str):
        """A relation, or the instruction of a field; a link inside the document has neither.

        A heading stays as it is.
        """
        text = "<w:r><w:t xml:space='preserve'>{}</w:t></w:r>"
        parts = documents.word_parts(
            f"<w:p>{text.format('See ')}{link}{text.format(' first.')}</w:p>"
            f'<w:p><w:hyperlink w:anchor="_Toc1">{text.format("Below")}</w:hyperlink></w:p>'
            f"<w:p><w:pPr><w:outlineLvl w:val='0'/></w:pPr>{link}</w:p>"
            f"<w:p>{text.format('Plain')}</w:p>"
        )
        kind = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/hyperlink"
        parts["word/_rels/document.xml.rels"] = (
            f'<Relationships><Relationship Id="r1" Type="{kind}" Target="{FORM}" '
            'TargetMode="External"/></Relationships>'
        ).encode()
        documents.zipped(tmp_path / "a.docx", parts)
        assert text_of(tmp_path / "a.docx") == f"{SHOWN}\nBelow\nthe form\nPlain"

    def test_word_2003(self, tmp_path: Path):
        """Its XML has the address at the link."""
        (tmp_path / "a.xml").write_text(
            '<?xml version="1.0"?><?mso-application progid="Word.Document"?><w:wordDocument '
            'xmlns:w="http://schemas.microsoft.com/office/word/2003/wordml"><w:body><w:p><w:r>'
            f'<w:t>See </w:t></w:r><w:hlink w:dest="{FORM}"><w:r><w:t>the form</w:t></w:r>'
            "</w:hlink><w:r><w:t> first.</w:t></w:r></w:p></w:body></w:wordDocument>"
        )
        assert text_of(tmp_path / "a.xml") == SHOWN

    def test_word_95(self, tmp_path: Path):
        """A field that does not end is one until its paragraph does."""
        text = (
            f'See \x13HYPERLINK "{FORM}" \\o "Tip"\x14the form\x15 first.\r'
            '\x13HYPERLINK \\l "_Toc1"\x14Below\x15\r'
            f'\x13HYPERLINK "{FORM}"\x14Plain\r Plain\r'
        )
        (tmp_path / "a.doc").write_bytes(word_95(text))
        assert text_of(tmp_path / "a.doc") == f"{SHOWN}\nBelow\nPlain ({FORM})\nPlain"

    def test_rich_text(self, tmp_path: Path):
        """Groups may stand around the instruction and the text."""
        field = (
            r"{{\field{{\*\fldinst{{\f0 HYPERLINK {} }}{{\*\datafield 00}}}}"
            r"{{\fldrslt{{\ul {}}}}}}}"
        )
        form, below = field.format(f'"{FORM}"', "the form"), field.format(r"\\l a", "Below")
        (tmp_path / "a.rtf").write_text(
            rf"{{\rtf1 See {form} first.\par {below}\par\outlinelevel0 {form}}}"
        )
        assert text_of(tmp_path / "a.rtf") == f"{SHOWN}\nBelow\nthe form"

    def test_opendocument(self, tmp_path: Path):
        """A link may have parts that are styled."""
        (tmp_path / "a.fodt").write_text(
            '<office:document xmlns:office="o" xmlns:text="t" xmlns:xlink="x"><office:body>'
            f'<office:text><text:p>See <text:a xlink:href="{FORM}">the <text:span>form</text:span>'
            '</text:a> first.</text:p><text:p><text:a xlink:href="#top">Below</text:a></text:p>'
            f'<text:h><text:a xlink:href="{FORM}">Plain</text:a></text:h></office:text>'
            "</office:body></office:document>"
        )
        assert text_of(tmp_path / "a.fodt") == f"{SHOWN}\nBelow\nPlain"

    def test_slides(self, tmp_path: Path):
        """Each run has a link of its own."""
        deck = pptx.Presentation()
        slide = deck.slides.add_slide(deck.slide_layouts[6])
        frame = slide.shapes.add_textbox(0, 0, Inches(1), Inches(1)).text_frame
        for text, address in (("See ", ""), ("the ", FORM), ("form", FORM), (" first.", "")):
            run = frame.paragraphs[0].add_run()
            run.text = text
            if address:
                run.hyperlink.address = address
        deck.save(str(tmp_path / "a.pptx"))
        assert text_of(tmp_path / "a.pptx") == SHOWN
