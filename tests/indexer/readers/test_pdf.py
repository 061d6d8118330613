"""What makes a PDF's text readable: order, rows, running lines; and what is left to OCR."""

from __future__ import annotations

import io
from pathlib import Path
from types import SimpleNamespace

import documents
import PIL.Image
import pypdf
import pytest
from documents import Placed
from pypdf.annotations import Text
from pypdf.generic import NameObject

from indexer.errors import Unreadable
from indexer.readers import read
from indexer.readers.ocr.picture import NOT_RECOGNISED
from indexer.readers.pdf.attached import LOCKED
from indexer.readers.pdf.lines import _Line, _parted
from indexer.readers.pdf.page import Box, render_page
from indexer.readers.pdf.reader import GARBLED, NO_TEXT, is_garbled
from indexer.types import DocumentInfo, Heading, Page, UnreadPage

ORDINALS = (
    "first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth",
)  # fmt: skip
ENGLISH = "The yearly report says how the harbour was run, and which ships came and went. "


class TestGarbled:
    """Text that is not what is seen."""

    @pytest.mark.parametrize(
        "text",
        [
            "\ufffd" * 30,
            "".join(map(chr, range(1, 9))) * 5,
            "\uf041\uf042\uf043" * 9,
            "/g18/g24/g3 /g7" * 9,
            "(cid:12)(cid:3)" * 9,
            "Договор поставки и оплаты".encode("cp1251").decode("latin-1"),
            "".join(chr(ord(sign) + 0x200 - 0x3E0) for sign in "договорпоставкииоплаты"),
            "".join(chr(ord(sign) - 29) for sign in ENGLISH * 5 if sign.isalpha()),
        ],
    )
    def test_garbled(self, text: str):
        """Codes and names of glyphs, and letters of a wrong alphabet, are no text."""
        assert is_garbled(text)

    @pytest.mark.parametrize(
        "text",
        [
            "",
            ENGLISH,
            "\uf0b7 Ships that come\n\uf0b7 Ships that go\n" * 5,
            "exam\ufffeple of a cut word, COVID\x0219 " * 9,
            "ZXK-4453B 12 99.80 TRQ-1190 14 12.05\n" * 40,
            "Look at /etc/b1/c2 and at https://example.org/a12\n" * 9,
            "Tất cả mọi người sinh ra đều được tự do và bình đẳng về nhân phẩm và quyền lợi. " * 4,
            "Все люди рождаются свободными и равными в своём достоинстве и правах. " * 4,
            "人人生而自由，在尊严和权利上一律平等。" * 9,
        ],
    )
    def test_text(self, text: str):
        """Bullets, part numbers, addresses and other languages are."""
        assert not is_garbled(text)


LEFT = [
    "In the north the ice lasts long, and",
    "no ship can leave the harbour before",
    "the first weeks of May. The fishermen",
    "mend their nets meanwhile and wait un-",
]
RIGHT = [
    "til the wind turns. Then all boats go",
    "out in one night, and the town is so",
    "quiet that one hears the water under",
    "the planks of the long wooden bridge.",
]
TABLE = [("Ship", "2021", "2022"), ("Anna", "1,200", "900"), ("Berta", "850", "1,300"),
         ("Clara", "40", "77")]  # fmt: skip


def pages_of(path: Path) -> list[Page]:
    """Return the pages of a PDF, all of which must be readable."""
    pages = [item for item in read(path) if not isinstance(item, DocumentInfo)]
    assert all(isinstance(page, Page) for page in pages)
    return pages  # type: ignore[return-value]


def in_columns(top: float = 700) -> list[Placed]:
    """Return two columns of prose as a careless program writes them: line by line across both."""
    return [
        (left, top - 12 * row, 10, text)
        for row, pair in enumerate(zip(LEFT, RIGHT, strict=True))
        for left, text in zip((72, 320), pair, strict=True)
    ]


@pytest.fixture
def write(tmp_path: Path):
    """Return a function that writes a PDF and returns its path."""

    def write(content: bytes) -> Path:
        path = tmp_path / "a.pdf"
        path.write_bytes(content)
        return path

    return write


class TestOrder:
    """In which order the pieces of a page are read."""

    @pytest.mark.parametrize("turned", [0, 90])
    def test_columns(self, write, turned: int):
        """Prose that was written across a gutter is read down the columns, and goes on in them."""
        (page,) = pages_of(write(documents.placed_pdf([in_columns(500)], turned)))
        assert page.text.split("\n") == [*LEFT[:3], LEFT[3][:-1] + RIGHT[0], *RIGHT[1:]]

    def test_what_spans_the_columns_stays_where_it_is(self, write):
        """A title above and a note below."""
        title = (72, 740, 10, "About the winters of the north and of the people who live there")
        note = (72, 600, 10, "All of this was told by those who have lived there all their lives.")
        (page,) = pages_of(write(documents.placed_pdf([[title, *in_columns(), note]])))
        lines = [line for line in page.text.split("\n") if line]
        assert lines[0] == title[3]
        assert lines[1:3] == LEFT[:2]
        assert lines[-1] == note[3]

    @pytest.mark.parametrize("by_row", [True, False])
    def test_rows_of_a_table(self, write, by_row: bool):
        """Numbers stay apart and beside what they are of, also if written column by column."""
        cells = [
            (72 + 120 * column, 700 - 14 * row, 10, text)
            for row, texts in enumerate(TABLE)
            for column, text in enumerate(texts)
        ]
        if not by_row:
            cells.sort()
            cells.sort(key=lambda cell: (cell[0], -cell[1]))
        (page,) = pages_of(write(documents.placed_pdf([cells])))
        assert page.text.split("\n") == ["\t".join(row) for row in TABLE]

    def test_cells_of_wrapped_words_stay_whole(self, write):
        """What was written cell by cell, and is no number, is left in that order."""
        words = [["The crew", "of the Anna", "has twelve", "members"],
                 ["They sail", "in the spring", "and come back", "in autumn"]]  # fmt: skip
        cells = [
            (72 + 120 * column, 700 - 12 * row, 10, text)
            for column, texts in enumerate(words)
            for row, text in enumerate(texts)
        ]
        (page,) = pages_of(write(documents.placed_pdf([cells])))
        assert page.text.split() == " ".join(words[0] + words[1]).split()

    def test_paragraphs(self, write):
        """A wider distance or an indent begins one; a line that begins small goes on."""
        lines = [
            (72, 700, 10, "The first paragraph has a line that is"),
            (72, 688, 10, "as long as this one. It ends."),
            (92, 676, 10, "The second is set in. It has another line"),
            (72, 664, 10, "and a third line, and ends here."),
            (72, 640, 10, "The third one stands alone, and it goes"),
            (72, 622, 10, "on after a picture that is not shown."),
        ]
        (page,) = pages_of(write(documents.placed_pdf([lines])))
        starts = [part.split()[1] for part in page.text.split("\n\n")]
        assert starts == ["first", "second", "third"]

    def test_large_lines_are_headings(self, write):
        """Of levels by their size, where there is no outline."""
        page = [
            (72, 740, 20, "The harbour"),
            *((72, 700 - 12 * row, 10, text) for row, text in enumerate(LEFT)),
            (72, 640, 13, "The crew, its work"),
            (72, 625, 13, "and its pay"),
            *((72, 600 - 12 * row, 10, text) for row, text in enumerate(RIGHT)),
        ]
        (read_page,) = pages_of(write(documents.placed_pdf([page])))
        assert read_page.headings == (
            Heading(0, 1, "The harbour"),
            Heading(read_page.text.index("The crew"), 3, "The crew, its work and its pay"),
        )

    def test_letters_set_apart_are_words(self, write):
        """Wide tracking, or a font with wrong widths, puts no spaces into words."""
        sentence = "The harbour of the north was closed until the ice had gone"
        widths = {"i": 2.7, "l": 2.7, "t": 3.3, "f": 3.3, "r": 4, "s": 6, "c": 6, "w": 8.7,
                  "T": 7.3, " ": 3.3}  # fmt: skip
        letters, left = [], 50.0
        for sign in sentence:
            if sign != " ":
                letters.append((left, 700, 12, sign))
            left += widths.get(sign, 6.7) + 2
        (page,) = pages_of(write(documents.placed_pdf([letters])))
        assert page.text == sentence

    def test_what_lies_outside_of_the_page_is_not_read(self, write):
        """It was cut off."""
        texts = [(72, 700, 10, "Inside"), (72, 900, 10, "Above"), (900, 500, 10, "Beside")]
        (page,) = pages_of(write(documents.placed_pdf([texts])))
        assert page.text == "Inside"


class TestLetters:
    """Which letters a font holds, and in which order they are read."""

    def show(self, *places: tuple[float, float, str]) -> bytes:
        """Return what shows codes, given in hexadecimal, at places from the left and bottom."""
        shown = [b"1 0 0 1 %g %g Tm <%s> Tj " % (x, y, codes.encode()) for x, y, codes in places]
        return b"BT /F1 20 Tf " + b"".join(shown) + b"ET"

    @pytest.mark.parametrize("ligature", ["\u0644\u0627", "\ufefb"])
    def test_ligature_of_two_letters(self, write, ligature: str):
        """Arabic, as it is painted from the left, is read from the right: the peace."""
        letters = ["\u0645", ligature, "\u0633", "\u0644", "\u0627"]
        path = write(documents.mapped_pdf(letters, self.show((72, 700, "0102030405"))))
        (page,) = pages_of(path)
        assert page.text == "\u0627\u0644\u0633\u0644\u0627\u0645"

    def test_letter_before_its_point(self, write):
        """Also where a font gives both for one glyph."""
        letters = ["\u05dd", "\u05d5", "\u05dc", "\u05e9\u05c1"]
        path = write(documents.mapped_pdf(letters, self.show((72, 700, "01020304"))))
        (page,) = pages_of(path)
        assert page.text == "\u05e9\u05c1\u05dc\u05d5\u05dd"

    def test_lines_that_pdfium_took_for_one(self):
        """What stands far below is another line; what is written upwards is one."""
        places = {
            "below": [(85, 367, 142, 485), (85, 619, 144, 737)],
            "upwards": [(85, 300, 97, 312), (85, 307, 97, 319)],
        }
        for name, count in (("below", 2), ("upwards", 1)):
            boxes = dict(enumerate(places[name]))
            line = _Line(0, 2, boxes[0], boxes[1])
            parts = _parted("\u0644\u05d0", line, SimpleNamespace(box=boxes.__getitem__))
            assert len(parts) == count
            assert parts[0].first[1] == max(part.first[1] for part in parts)

    def test_letters_that_are_drawn(self, write):
        """They are read by their names, if these say what they are."""
        names = [*"harbou", "space", *"clsed"]
        words = ((72, 700, "01020304050603"), (72, 600, "0809050a0b0c"))
        body = self.show(*words, (72, 500, words[0][2] * 3))
        (page,) = pages_of(write(documents.drawn_pdf(names, body)))
        assert "".join(page.text.split()) == "harbourclosed" + "harbour" * 3
        numbered = [f"g{number}" for number in range(12)]
        item = list(read(write(documents.drawn_pdf(numbered, body))))[-1]
        assert item == UnreadPage(1, GARBLED)


class TestRunningLines:
    """Headers and footers."""

    def book(self, count: int, head: str = "The harbour of the north") -> bytes:
        """Return pages with a running title, their number and two lines of their own."""
        return documents.placed_pdf(
            [
                [
                    (72, 700, 10, f"Words that only the {name} page has, at its top"),
                    (72, 688, 10, f"and {name} words below."),
                    (72, 760, 9, head),
                    (300, 30, 9, f"Page {number} of {count}"),
                ]
                for number, name in enumerate(ORDINALS[:count], 1)
            ]
        )

    @pytest.mark.parametrize("count", [2, 4, 10])
    def test_they_are_left_out(self, write, count: int):
        """The title stays where it stands first; the page's own words stay everywhere."""
        pages = pages_of(write(self.book(count)))
        assert pages[0].text.count("The harbour of the north") == 1
        for page, name in zip(pages, ORDINALS, strict=False):
            own = f"Words that only the {name} page has, at its top\nand {name} words below."
            assert own in page.text
            assert page.number == 1 or page.text == own

    def test_printed_numbers_label_their_pages(self, write):
        """Where they are not the pages' own: the file begins with an unnumbered cover."""
        texts = [[(72, 700, 10, f"Words of the {name} page")] for name in ORDINALS[:6]]
        for number, page in enumerate(texts):
            if number:
                page.append((72, 30, 9, f"Report 2024, page {number}"))
        pages = pages_of(write(documents.placed_pdf(texts)))
        assert [page.label for page in pages] == [None, "1", "2", "3", "4", "5"]
        own = pages_of(write(self.book(6)))
        assert [page.label for page in own] == [None] * 6

    def test_rows_that_only_look_alike_stay(self, write):
        """Numbers that do not count pages are content."""
        sums = (100, 250, 90, 1200, 13)
        pages = pages_of(
            write(
                documents.placed_pdf(
                    [[(72, 700, 10, "Sums"), (72, 30, 10, f"Total {each}")] for each in sums]
                )
            )
        )
        assert [page.text.split()[-1] for page in pages] == [str(each) for each in sums]

    def test_what_stands_alone_on_its_page_stays(self, write):
        """It is not beside the content, it is the content."""
        pages = pages_of(
            write(documents.placed_pdf([[(72, 700, 10, f"Exhibit {n}")] for n in range(5)]))
        )
        assert [page.text for page in pages] == [f"Exhibit {n}" for n in range(5)]

    def test_title_of_a_chapter_stays(self, write):
        """Only what stands on most pages of the whole document is left out."""
        pages = pages_of(
            write(
                documents.placed_pdf(
                    [
                        [
                            (72, 760, 9, f"Chapter on {ORDINALS[number // 8]} things"),
                            (72, 700, 10, f"Words of page {chr(97 + number) * 3}"),
                        ]
                        for number in range(40)
                    ]
                )
            )
        )
        assert all("Chapter on" in page.text for page in pages[24:])

    def test_number_signs_are_no_numbers(self, write):
        """Lines that only look alike once their numbers are taken out are compared by them."""
        texts = ["Item # 5", "Item 5 6", "Item # 7", "Item 7 8"]
        pages = pages_of(
            write(
                documents.placed_pdf(
                    [[(72, 700, 10, "Own words"), (72, 30, 10, text)] for text in texts]
                )
            )
        )
        assert [page.text.split("\n")[-1] for page in pages] == texts

    def test_a_page_alone_keeps_everything(self, write):
        """Nothing can be said to repeat."""
        (page,) = pages_of(write(self.book(1)))
        assert "Page 1 of 1" in page.text
        assert "The harbour of the north" in page.text


class TestExtras:
    """What stands beside the text."""

    def test_fields_comments_and_attached_files(self, write):
        """Filled fields with their names, comments, and the names of files."""
        writer = pypdf.PdfWriter(clone_from=io.BytesIO(documents.pdf(["A form"])))
        writer.add_attachment("costs.txt", b"The mast: 400")
        writer.add_annotation(0, Text(text="Is this right?", rect=(50, 50, 70, 70)))
        documents.add_fields(writer, {"Name": "Ada", "Empty": ""})
        stream = io.BytesIO()
        writer.write(stream)
        page, attached = pages_of(write(stream.getvalue()))
        assert page.text.split("\n\n") == [
            "A form", "Is this right?", "Name: Ada", "Attached files: costs.txt",
        ]  # fmt: skip
        assert attached == Page("costs.txt\nThe mast: 400", None, (Heading(0, 1, "costs.txt"),))

    def test_attached_files_that_cannot_be_read(self, write):
        """One of a kind that is not read, and one that expands to more than is allowed."""
        writer = pypdf.PdfWriter(clone_from=io.BytesIO(documents.pdf(["The letter"])))
        writer.add_attachment("music.mp3", b"ID3")
        writer.add_attachment("zeros.txt", bytes(80_000_000))
        for entry in writer.attachment_list:
            packed = writer._add_object(entry._embedded_file.flate_encode())
            entry.pdf_object["/EF"][NameObject("/F")] = packed
        stream = io.BytesIO()
        writer.write(stream)
        page, large, others = list(read(write(stream.getvalue())))[1:]
        assert isinstance(page, Page)
        assert isinstance(large, UnreadPage)
        assert large.reason.startswith("zeros.txt: It is larger")
        assert isinstance(others, Page)
        assert others.text == "Not read\nmusic.mp3"

    def test_attached_files_that_alone_are_encrypted(self, write):
        """The pages are read, and the files are told."""
        locked = documents.locked_attachments_pdf("The letter", "costs.txt", "secret")
        page, files = list(read(write(locked)))[1:]
        assert isinstance(page, Page)
        assert "The letter" in page.text
        assert files == UnreadPage(None, LOCKED)


class TestUnread:
    """What is left to OCR."""

    def test_pictured_and_blank_and_garbled_pages(self, write):
        """A page with a picture only is told; an empty page is empty."""
        picture = documents.pictured_pdf(["", "\x03\x04\x05\x06\x07\x08" * 5])
        assert list(read(write(picture)))[1:] == [
            UnreadPage(1, NO_TEXT), UnreadPage(2, GARBLED),
        ]  # fmt: skip
        assert pages_of(write(documents.pdf([""]))) == [Page("", 1)]

    def test_what_begins_like_a_picture(self, write):
        """A picture under a PDF's name is one if it can be decoded; else the file is damaged."""
        picture = io.BytesIO()
        PIL.Image.effect_noise((300, 300), 50).save(picture, "JPEG")
        assert list(read(write(picture.getvalue())))[1:] == [UnreadPage(None, NOT_RECOGNISED)]
        with pytest.raises(Unreadable, match="damaged"):
            list(read(write(picture.getvalue()[:2_000])))

    def test_a_picture_of_a_thousand_scans(self, tmp_path: Path):
        """It would take half a minute to decode, and no program writes one."""
        picture = io.BytesIO()
        PIL.Image.effect_noise((300, 300), 50).save(picture, "JPEG", progressive=True)
        path = tmp_path / "a.jpg"
        path.write_bytes(picture.getvalue())
        assert list(read(path))[1:] == [UnreadPage(None, NOT_RECOGNISED)]
        scan = picture.getvalue()[picture.getvalue().index(b"\xff\xda") : -2]
        path.write_bytes(picture.getvalue()[:-2] + scan * 200 + b"\xff\xd9")
        with pytest.raises(Unreadable, match="damaged"):
            list(read(path))


class TestMarks:
    """The boxes of a quote on its page."""

    def boxes(self, path: Path, quote: str) -> tuple[Box, ...]:
        """Return where a quote is marked."""
        return render_page(path, 1, 300, quote).boxes

    def test_quote_over_a_gutter(self, write):
        """Read in columns, written in lines: each line of the quote has a box in its column."""
        path = write(documents.placed_pdf([in_columns()]))
        (page,) = pages_of(path)
        start = page.text.index("mend their nets")
        boxes = self.boxes(path, page.text[start : page.text.index("and the town")])
        assert [round(box.left * 612) // 100 for box in boxes] == [0, 3, 3]

    def test_row_of_a_table(self, write):
        """The cells are one line on the page, in whatever order they were written."""
        cells = [
            (72 + 120 * column, 700 - 14 * row, 10, text)
            for column in range(3)
            for row, text in enumerate([texts[column] for texts in TABLE])
        ]
        path = write(documents.placed_pdf([cells]))
        (page,) = pages_of(path)
        (box,) = self.boxes(path, page.text.split("\n")[1])
        assert box.right * 612 > 72 + 240
        assert 0.1 < box.top < box.bottom < 0.14

    def test_what_is_not_there_has_no_box(self, write):
        """Half a resemblance marks nothing."""
        path = write(documents.placed_pdf([in_columns()]))
        assert self.boxes(path, "In the north the ice melts early in these years") == ()
        assert self.boxes(path, "") == ()
