"""Headers and footers, which stand on page after page of a PDF."""

from __future__ import annotations

import documents
import pytest
from pdf_pages import pages_of

ORDINALS = (
    "first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth",
)  # fmt: skip


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
        pages = pages_of(write("a.pdf", self.book(count)))
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
        pages = pages_of(write("a.pdf", documents.placed_pdf(texts)))
        assert [page.label for page in pages] == [None, "1", "2", "3", "4", "5"]
        own = pages_of(write("a.pdf", self.book(6)))
        assert [page.label for page in own] == [None] * 6

    def test_rows_that_only_look_alike_stay(self, write):
        """Numbers that do not count pages are content."""
        sums = (100, 250, 90, 1200, 13)
        pages = pages_of(
            write(
                "a.pdf",
                documents.placed_pdf(
                    [[(72, 700, 10, "Sums"), (72, 30, 10, f"Total {each}")] for each in sums]
                ),
            )
        )
        assert [page.text.split()[-1] for page in pages] == [str(each) for each in sums]

    def test_what_stands_alone_on_its_page_stays(self, write):
        """It is not beside the content, it is the content."""
        pages = pages_of(
            write(
                "a.pdf", documents.placed_pdf([[(72, 700, 10, f"Exhibit {n}")] for n in range(5)])
            )
        )
        assert [page.text for page in pages] == [f"Exhibit {n}" for n in range(5)]

    def test_title_of_a_chapter_stays(self, write):
        """Only what stands on most pages of the whole document is left out."""
        pages = pages_of(
            write(
                "a.pdf",
                documents.placed_pdf(
                    [
                        [
                            (72, 760, 9, f"Chapter on {ORDINALS[number // 8]} things"),
                            (72, 700, 10, f"Words of page {chr(97 + number) * 3}"),
                        ]
                        for number in range(40)
                    ]
                ),
            )
        )
        assert all("Chapter on" in page.text for page in pages[24:])

    def test_number_signs_are_no_numbers(self, write):
        """Lines that only look alike once their numbers are taken out are compared by them."""
        texts = ["Item # 5", "Item 5 6", "Item # 7", "Item 7 8"]
        pages = pages_of(
            write(
                "a.pdf",
                documents.placed_pdf(
                    [[(72, 700, 10, "Own words"), (72, 30, 10, text)] for text in texts]
                ),
            )
        )
        assert [page.text.split("\n")[-1] for page in pages] == texts

    def test_a_page_alone_keeps_everything(self, write):
        """Nothing can be said to repeat."""
        (page,) = pages_of(write("a.pdf", self.book(1)))
        assert "Page 1 of 1" in page.text
        assert "The harbour of the north" in page.text
