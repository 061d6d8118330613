"""Presentations, spreadsheets and OpenDocument files, made by other programs or by hand."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import documents
import pptx
import pytest
import xlsxwriter
from pptx.util import Inches

from indexer.errors import Unreadable
from indexer.readers import read
from indexer.types import DocumentInfo, Heading, Page, UnreadPage

_ODF = (
    'xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" '
    'xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0" '
    'xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0" '
    'xmlns:draw="urn:oasis:names:tc:opendocument:xmlns:drawing:1.0" '
    'xmlns:style="urn:oasis:names:tc:opendocument:xmlns:style:1.0" '
    'xmlns:presentation="urn:oasis:names:tc:opendocument:xmlns:presentation:1.0" '
    'xmlns:dc="http://purl.org/dc/elements/1.1/"'
)


def pages_of(path: Path) -> list[Page]:
    """Return a whole document's pages."""
    first, *rest = read(path)
    assert isinstance(first, DocumentInfo)
    assert all(isinstance(item, Page) for item in rest)
    return rest  # type: ignore[return-value]


def lines_of(path: Path) -> list[str]:
    """Return the lines of a document of one page."""
    (page,) = pages_of(path)
    return page.text.split("\n")


def open_document(path: Path, body: str, **parts: str) -> Path:
    """Write an OpenDocument file around a body; `parts` are further XML files."""
    content = f"<office:document {_ODF}><office:body>{body}</office:body></office:document>"
    documents.zipped(
        path,
        {
            "META-INF/manifest.xml": b"<manifest/>",
            "content.xml": content.encode(),
            **{f"{name}.xml": xml.encode() for name, xml in parts.items()},
        },
    )
    return path


class TestSlides:
    """Presentations."""

    @pytest.fixture
    def deck(self, tmp_path: Path) -> Path:
        """Return a presentation of two slides."""
        deck = pptx.Presentation()
        slide = deck.slides.add_slide(deck.slide_layouts[5])
        group = slide.shapes.add_group_shape()
        inner = group.shapes.add_textbox(0, 0, Inches(1), Inches(1))
        inner.text_frame.text = "grouped"
        slide.shapes.title.text = "The harbour"
        table = slide.shapes.add_table(2, 3, 0, 0, Inches(4), Inches(1)).table
        for row, texts in enumerate((("Ship", "Tons", "Flag"), ("Anna", "900", "DK"))):
            for column, text in enumerate(texts):
                table.cell(row, column).text = text
        slide.notes_slide.notes_text_frame.text = "Mention the storm."
        deck.slides.add_slide(deck.slide_layouts[0]).shapes.title.text = "The crew"
        deck.save(str(tmp_path / "a.pptx"))
        return tmp_path / "a.pptx"

    def test_slides_are_pages_with_their_title_first(self, deck: Path):
        """Groups, tables and notes are read; a row says what its cells mean."""
        first, second = pages_of(deck)
        assert (first.number, second.number) == (1, 2)
        assert first.text.split("\n") == [
            "The harbour", "grouped", "Ship | Tons | Flag", "Ship: Anna; Tons: 900; Flag: DK",
            "Mention the storm.",
        ]  # fmt: skip
        assert first.headings == (Heading(0, 1, "The harbour"),)
        assert second.text == "The crew"

    def test_a_damaged_slide_leaves_the_others(self, deck: Path):
        """It is told by its number."""
        parts = documents.unzipped(deck)
        parts["ppt/slides/slide1.xml"] = b"<p:sld"
        documents.zipped(deck, parts)
        _, damaged, good = read(deck)
        assert damaged == UnreadPage(1, "This slide is damaged.")
        assert isinstance(good, Page)
        assert good.text == "The crew"


class TestWorkbook:
    """Spreadsheets of Excel."""

    def test_rows_say_what_their_cells_mean(self, tmp_path: Path):
        """Dates are ISO, shares in percent, formulas their values; hidden sheets are read."""
        with xlsxwriter.Workbook(tmp_path / "a.xlsx") as book:
            sheet = book.add_worksheet("Cargo")
            sheet.write_row(0, 0, ["Cargo of the year"])
            sheet.write_row(2, 0, ["Ship", "Arrived", "Loss", "Price", "Safe"])
            sheet.write(3, 0, "Anna")
            sheet.write_datetime(
                3, 1, date(2024, 2, 29), book.add_format({"num_format": "dd/mm/yy"})
            )
            sheet.write(3, 2, 0.125, book.add_format({"num_format": "0.0%"}))
            sheet.write_formula(3, 3, "=6*2", book.add_format({"num_format": "0.00"}), 12)
            sheet.write(3, 4, True)
            sheet.write(5, 0, "Total")
            sheet.write_comment(3, 0, "lost her anchor", {"author": "Ole"})
            sheet.insert_textbox(8, 0, "drawn")
            hidden = book.add_worksheet("Crew")
            hidden.write_row(0, 0, ["Name", 2023, 2024])
            hidden.write_row(1, 0, ["Ole", 7, 8.5])
            hidden.hide()
            book.add_worksheet("Empty")
        (page,) = pages_of(tmp_path / "a.xlsx")
        assert page.text.split("\n") == [
            "Cargo", "Cargo of the year", "Ship; Arrived; Loss; Price; Safe",
            "Ship: Anna; Arrived: 2024-02-29; Loss: 12.5%; Price: 12.00; Safe: TRUE", "Total",
            "A4, Ole: lost her anchor", "drawn", "Crew", "Name; 2023; 2024",
            "Name: Ole; 2023: 7; 2024: 8.5", "Empty",
        ]  # fmt: skip
        assert [heading.text for heading in page.headings] == ["Cargo", "Crew", "Empty"]

    def test_tables_beside_each_other(self, tmp_path: Path):
        """Each has its header; an empty sheet is told if somebody gave it a name."""
        with xlsxwriter.Workbook(tmp_path / "a.xlsx") as book:
            sheet = book.add_worksheet("Sheet1")
            for row, texts in enumerate((["Ship", "Tons"], ["Anna", 9], ["Bo", 7], ["Eva", 5])):
                sheet.write_row(row, 0, texts)
            for row, texts in enumerate((["Port", "Flag"], ["Ribe", "DK"], ["Oslo", "NO"]), 1):
                sheet.write_row(row, 3, texts)
            book.add_worksheet("Sheet2")
        assert lines_of(tmp_path / "a.xlsx") == [
            "Sheet1", "Ship; Tons", "Ship: Anna; Tons: 9; Port; Flag",
            "Ship: Bo; Tons: 7; Port: Ribe; Flag: DK", "Ship: Eva; Tons: 5; Port: Oslo; Flag: NO",
        ]  # fmt: skip

    def test_conversations_name_who_speaks(self, tmp_path: Path):
        """The comment that older programs see instead is a copy and left out."""
        with xlsxwriter.Workbook(tmp_path / "a.xlsx") as book:
            sheet = book.add_worksheet()
            sheet.write(0, 0, "cell")
            sheet.write_comment(0, 0, "[Threaded comment] Why?", {"author": "tc={1}"})
            sheet.write_comment(1, 0, "plain", {"author": "Ole"})
        parts = documents.unzipped(tmp_path / "a.xlsx")
        kinds = "http://schemas.microsoft.com/office/2017/10/relationships"
        for name, kind, target in (
            ("xl/worksheets/_rels/sheet1.xml.rels", "threadedComment", "../threads.xml"),
            ("xl/_rels/workbook.xml.rels", "person", "persons.xml"),
        ):
            added = f'<Relationship Id="r9" Type="{kinds}/{kind}" Target="{target}"/>'
            end = b"</Relationships>"
            parts[name] = parts[name].replace(end, added.encode() + end)
        parts["xl/persons.xml"] = b'<l xmlns="x"><person displayName="Ada" id="{A}"/></l>'
        parts["xl/threads.xml"] = (
            b'<l xmlns="x"><threadedComment ref="A1" dT="2026-06-18T17:12:37.41" personId="{A}">'
            b"<text>Why?</text></threadedComment><threadedComment ref='A1'><text>Because.</text>"
            b"</threadedComment></l>"
        )
        documents.zipped(tmp_path / "a.xlsx", parts)
        assert lines_of(tmp_path / "a.xlsx") == [
            *("Sheet1", "cell", "A1, Ada, 2026-06-18: Why?", "A1: Because.", "A2, Ole: plain"),
        ]

    def test_a_stray_cell_costs_nothing(self, tmp_path: Path):
        """The room between the first and the last cell is never made."""
        with xlsxwriter.Workbook(tmp_path / "a.xlsx") as book:
            sheet = book.add_worksheet("S")
            sheet.write(0, 0, "first")
            sheet.write(1_048_575, 16_383, "last")
        assert lines_of(tmp_path / "a.xlsx") == ["S", "first", "last"]

    def test_damaged_strings_and_sheets_are_told(self, tmp_path: Path):
        """What is whole is read."""
        path = tmp_path / "a.xlsx"
        with xlsxwriter.Workbook(path) as book:
            book.add_worksheet("One").write_row(0, 0, ["kept", "too"])
            book.add_worksheet("Two").write(0, 0, "gone")
        parts = documents.unzipped(path)
        parts["xl/worksheets/sheet2.xml"] = b"<worksheet><row>"
        documents.zipped(path, parts)
        _, page, unread = read(path)
        assert page == Page("One\nkept; too", None, (Heading(0, 1, "One"),))
        assert unread == UnreadPage(None, "A part of this spreadsheet is damaged.")


class TestOpenDocument:
    """Texts, presentations and spreadsheets of LibreOffice."""

    def test_text(self, tmp_path: Path):
        """Headings, tables, notes, comments and headers; deleted text is not read."""
        body = (
            "<office:text><text:tracked-changes><text:p>deleted</text:p></text:tracked-changes>"
            '<text:h text:outline-level="2">The <text:span>harbour</text:span></text:h>'
            '<text:p>Ships<text:s text:c="2"/>come<text:note><text:note-citation>1'
            "</text:note-citation><text:note-body><text:p>In May.</text:p></text:note-body>"
            "</text:note> and\n   go.<office:annotation><dc:creator>Me</dc:creator><text:p>Really?"
            "</text:p></office:annotation></text:p>"
            "<table:table><table:table-row><table:table-cell><text:p>Ship</text:p>"
            "</table:table-cell><table:table-cell><text:p>Tons</text:p></table:table-cell>"
            '</table:table-row><table:table-row><table:table-cell table:number-columns-spanned="2">'
            "<table:table><table:table-row><table:table-cell><text:p>Anna</text:p>"
            "</table:table-cell><table:table-cell><text:p>900</text:p></table:table-cell>"
            "</table:table-row></table:table></table:table-cell></table:table-row></table:table>"
            "</office:text>"
        )
        margin = (
            f"<office:document-styles {_ODF}><office:master-styles><style:master-page>"
            "<style:header><text:p>Port authority</text:p></style:header>"
            "<style:footer><text:p>Page <text:page-number>3</text:page-number></text:p>"
            "</style:footer></style:master-page></office:master-styles></office:document-styles>"
        )
        meta = f"<office:meta {_ODF}><dc:title>Yearly report</dc:title></office:meta>"
        path = open_document(tmp_path / "a.odt", body, styles=margin, meta=meta)
        info, page = read(path)
        assert info == DocumentInfo("odf", "Yearly report")
        assert isinstance(page, Page)
        assert page.text.split("\n") == [
            "The harbour", "Ships  come and go.", "In May.", "Really?", "Ship | Tons", "Anna 900",
            "Port authority",
        ]  # fmt: skip
        assert page.headings == (Heading(0, 2, "The harbour"),)

    def test_presentation(self, tmp_path: Path):
        """Pages are numbered, and their titles are headings."""
        page = (
            '<draw:page draw:name="x"><draw:frame presentation:class="title"><draw:text-box>'
            "<text:p>{}</text:p></draw:text-box></draw:frame><draw:frame><draw:text-box><text:list>"
            "<text:list-item><text:p>{}</text:p></text:list-item></text:list></draw:text-box>"
            "</draw:frame><presentation:notes><draw:frame><draw:text-box><text:p>{}</text:p>"
            "</draw:text-box></draw:frame></presentation:notes></draw:page>"
        )
        slides = page.format("One", "first", "say it") + page.format("Two", "second", "")
        body = f"<office:presentation>{slides}</office:presentation>"
        path = open_document(tmp_path / "a.odp", body)
        assert next(iter(read(path))) == DocumentInfo("odf", None, 2)
        assert pages_of(path) == [
            Page("One\nfirst\nsay it", 1, (Heading(0, 1, "One"),)),
            Page("Two\nsecond", 2, (Heading(0, 1, "Two"),)),
        ]

    def test_flat_spreadsheet(self, tmp_path: Path):
        """Repeated cells count as columns and are not multiplied."""
        flat = (
            f"<?xml version='1.0'?><office:document {_ODF}><office:body><office:spreadsheet>"
            '<table:table table:name="Cargo"><table:table-row><table:table-cell '
            'table:number-columns-repeated="2"/><table:table-cell><text:p>Ship</text:p>'
            "</table:table-cell><table:table-cell><text:p>Arrived</text:p></table:table-cell>"
            '</table:table-row><table:table-row table:number-rows-repeated="1048000">'
            '<table:table-cell table:number-columns-repeated="2"/><table:table-cell>'
            "<office:annotation><text:p>sunk</text:p></office:annotation><text:p>Anna</text:p>"
            '</table:table-cell><table:table-cell office:date-value="2024-02-29"><text:p>29.2.'
            '</text:p></table:table-cell><table:table-cell table:number-columns-repeated="16000"/>'
            "</table:table-row></table:table></office:spreadsheet></office:body></office:document>"
        )
        (tmp_path / "a.xml").write_text(flat)
        assert lines_of(tmp_path / "a.xml") == [
            "Cargo", "Ship; Arrived", "Ship: Anna; Arrived: 2024-02-29", "sunk",
        ]  # fmt: skip

    def test_encrypted(self, tmp_path: Path):
        """The manifest says so."""
        path = tmp_path / "a.ods"
        manifest = b"<m><entry><encryption-data/></entry></m>"
        documents.zipped(path, {"META-INF/manifest.xml": manifest, "content.xml": b"\x01\x02"})
        with pytest.raises(Unreadable, match="This OpenDocument file is encrypted"):
            list(read(path))

    def test_damaged(self, tmp_path: Path):
        """What stood before the fault is kept."""
        path = open_document(tmp_path / "a.odt", "<office:text><text:p>kept</text:p><oops>")
        _, page, unread = read(path)
        assert page == Page("kept")
        assert unread == UnreadPage(None, "The rest of this document is damaged.")
