"""Word documents, and the zips of parts that they are."""

from __future__ import annotations

import zipfile
from pathlib import Path

import documents
import pytest
from reader_items import items_of, text_of

from indexer.errors import Unreadable
from indexer.readers import read
from indexer.types import DocumentInfo, Heading, Page, UnreadPage


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
        monkeypatch.setattr("indexer.readers.office.package.MAX_EXPANDED", 100_000)
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

        monkeypatch.setattr("indexer.readers.office.package.MAX_EXPANDED", 100_000)
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

    def test_formulas_keep_their_form(self, tmp_path: Path):
        """Fractions, powers, roots and sums can be told from products."""
        part = "<m:{0}><m:r><m:t>{1}</m:t></m:r></m:{0}>".format
        formula = (
            f"<m:f>{part('num', 'a+b')}{part('den', '2')}</m:f><m:r><m:t>=</m:t></m:r>"
            f"<m:sSup>{part('e', 'x')}{part('sup', 'n-1')}</m:sSup>"
            f"<m:rad><m:deg/>{part('e', 'y')}</m:rad>"
            f'<m:nary><m:naryPr><m:chr m:val="∑"/></m:naryPr>{part("sub", "k=0")}'
            f"{part('sup', '9')}{part('e', 'k')}</m:nary>"
            f'<m:d><m:dPr><m:begChr m:val="["/><m:endChr m:val="]"/></m:dPr>'
            f"<m:e><m:m><m:mr>{part('e', '1')}{part('e', '0')}</m:mr></m:m></m:e></m:d>"
            f"<m:acc>{part('e', 'v')}</m:acc><m:limLow>{part('e', 'lim')}{part('lim', 'n→∞')}"
            "</m:limLow>"
        )
        body = (
            "<w:p><w:r><w:t>Let </w:t></w:r>"
            f'<m:oMathPara xmlns:m="m"><m:oMath>{formula}</m:oMath></m:oMathPara></w:p>'
        )
        documents.zipped(tmp_path / "a.docx", documents.word_parts(body))
        assert text_of(tmp_path / "a.docx") == (
            "Let (a+b)/2=x^(n-1)√(y)∑_(k=0)^9 k [[1, 0]]v\u0302lim_(n→∞)"
        )

    def test_a_table_of_one_column_is_a_frame(self, tmp_path: Path):
        """Its lines and headings stay such; beside other cells they are one value."""
        cell = "<w:tc><w:p><w:pPr><w:outlineLvl w:val='0'/></w:pPr><w:r><w:t>{}</w:t></w:r></w:p>"
        cell += "<w:p><w:r><w:t>{}</w:t></w:r></w:p></w:tc>"
        inner = f"<w:tbl><w:tr>{cell.format('c', 'd')}{cell.format('e', 'f')}</w:tr></w:tbl>"
        outer = cell.format("a", "b").removesuffix("</w:tc>") + inner + "</w:tc>"
        table = f"<w:tbl><w:tr>{outer}</w:tr></w:tbl>"
        documents.zipped(tmp_path / "a.docx", documents.word_parts(table))
        _, pages = items_of(tmp_path / "a.docx")
        assert pages == [Page("a\nb\nc d | e f", None, (Heading(0, 1, "a"),))]

    def test_boxes_and_fields_of_forms(self, tmp_path: Path):
        """What is ticked or chosen is said; an arrow taken from a font of signs as well."""
        fields = (
            '<w:checkBox><w:default w:val="0"/><w:checked/></w:checkBox>',
            '<w:checkBox><w:default w:val="0"/></w:checkBox>',
            '<w:ddList><w:result w:val="1"/><w:listEntry w:val="No"/><w:listEntry w:val="Yes"/>'
            "</w:ddList>",
        )
        body = (
            "<w:p><w:r><w:t>☒</w:t></w:r><w:r><w:t> Tea </w:t></w:r><w:r><w:t>☐</w:t></w:r></w:p>"
        )
        for each in fields:
            data = f"<w:r><w:fldChar><w:ffData>{each}</w:ffData></w:fldChar></w:r>"
            body += f'<w:p>{data}<w:r><w:sym w:font="Wingdings" w:char="F0E0"/></w:r></w:p>'
        documents.zipped(tmp_path / "a.docx", documents.word_parts(body))
        assert text_of(tmp_path / "a.docx").split("\n") == ["[x] Tea [ ]", "[x]→", "[ ]→", "Yes→"]
