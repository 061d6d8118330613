"""Where a quote stands on the picture of its page."""

from __future__ import annotations

from pathlib import Path

import documents
from pdf_pages import TABLE, in_columns, pages_of

from indexer.readers.pdf.page import Box, render_page


class TestMarks:
    """The boxes of a quote on its page."""

    def boxes(self, path: Path, quote: str) -> tuple[Box, ...]:
        """Return where a quote is marked."""
        return render_page(path, 1, 300, quote).boxes

    def test_quote_over_a_gutter(self, write):
        """Read in columns, written in lines: each line of the quote has a box in its column."""
        path = write("a.pdf", documents.placed_pdf([in_columns()]))
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
        path = write("a.pdf", documents.placed_pdf([cells]))
        (page,) = pages_of(path)
        (box,) = self.boxes(path, page.text.split("\n")[1])
        assert box.right * 612 > 72 + 240
        assert 0.1 < box.top < box.bottom < 0.14

    def test_what_is_not_there_has_no_box(self, write):
        """Half a resemblance marks nothing."""
        path = write("a.pdf", documents.placed_pdf([in_columns()]))
        assert self.boxes(path, "In the north the ice melts early in these years") == ()
        assert self.boxes(path, "") == ()
