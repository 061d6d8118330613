"""In which order a PDF's lines, rows and letters are read."""

from __future__ import annotations

from types import SimpleNamespace

import documents
import pytest
from pdf_pages import LEFT, RIGHT, TABLE, in_columns, pages_of

from indexer.readers import read
from indexer.readers.pdf.lines import _Line, _parted
from indexer.readers.pdf.reader import GARBLED
from indexer.types import Heading, UnreadPage


class TestOrder:
    """In which order the pieces of a page are read."""

    @pytest.mark.parametrize("turned", [0, 90])
    def test_columns(self, write, turned: int):
        """Prose that was written across a gutter is read down the columns, and goes on in them."""
        (page,) = pages_of(write("a.pdf", documents.placed_pdf([in_columns(500)], turned)))
        assert page.text.split("\n") == [*LEFT[:3], LEFT[3][:-1] + RIGHT[0], *RIGHT[1:]]

    def test_what_spans_the_columns_stays_where_it_is(self, write):
        """A title above and a note below."""
        title = (72, 740, 10, "About the winters of the north and of the people who live there")
        note = (72, 600, 10, "All of this was told by those who have lived there all their lives.")
        (page,) = pages_of(write("a.pdf", documents.placed_pdf([[title, *in_columns(), note]])))
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
        (page,) = pages_of(write("a.pdf", documents.placed_pdf([cells])))
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
        (page,) = pages_of(write("a.pdf", documents.placed_pdf([cells])))
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
        (page,) = pages_of(write("a.pdf", documents.placed_pdf([lines])))
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
        (read_page,) = pages_of(write("a.pdf", documents.placed_pdf([page])))
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
        (page,) = pages_of(write("a.pdf", documents.placed_pdf([letters])))
        assert page.text == sentence

    def test_what_lies_outside_of_the_page_is_not_read(self, write):
        """It was cut off."""
        texts = [(72, 700, 10, "Inside"), (72, 900, 10, "Above"), (900, 500, 10, "Beside")]
        (page,) = pages_of(write("a.pdf", documents.placed_pdf([texts])))
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
        path = write("a.pdf", documents.mapped_pdf(letters, self.show((72, 700, "0102030405"))))
        (page,) = pages_of(path)
        assert page.text == "\u0627\u0644\u0633\u0644\u0627\u0645"

    def test_letter_before_its_point(self, write):
        """Also where a font gives both for one glyph."""
        letters = ["\u05dd", "\u05d5", "\u05dc", "\u05e9\u05c1"]
        path = write("a.pdf", documents.mapped_pdf(letters, self.show((72, 700, "01020304"))))
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
        (page,) = pages_of(write("a.pdf", documents.drawn_pdf(names, body)))
        assert "".join(page.text.split()) == "harbourclosed" + "harbour" * 3
        numbered = [f"g{number}" for number in range(12)]
        item = list(read(write("a.pdf", documents.drawn_pdf(numbered, body))))[-1]
        assert item == UnreadPage(1, GARBLED)
