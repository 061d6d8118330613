"""What a document says, section by section."""

from __future__ import annotations

from indexer.documents.summarising import sections_of, summarise
from indexer.documents.texts import Place

MILL = (
    "The mill on the river grinds the grain of the whole valley since the year 1887.",
    "Its wheel is driven by the water of the river, which the dam holds back for the mill.",
    "A cat was seen there on Tuesday, sleeping upon an old coat near some window.",
    "Without the dam the river would give the mill too little water for its wheel.",
)


def places(heading: str, page: int, *texts: str) -> list[Place]:
    return [Place(text, page, None, heading) for text in texts]


def test_each_section_is_told_by_what_it_comes_back_to() -> None:
    """With its pages; what is said once beside the subject is left out."""
    bread = [text.replace("mill", "bakery").replace("river", "oven") for text in MILL]
    document = [*places("Mill", 1, *MILL * 3), *places("Bakery", 2, *bread * 3)]
    first, second = summarise(document)
    assert (first.heading, first.first_page, first.last_page) == ("Mill", 1, 1)
    assert second.heading == "Bakery"
    assert all("mill" in each.text for each in first.sentences)
    assert all("bakery" in each.text for each in second.sentences)
    assert not any("cat" in each.text for each in (*first.sentences, *second.sentences))


def test_sections_are_neither_tiny_nor_endless() -> None:
    """Short ones go with the next, long ones are parted; nothing is lost."""
    short = [each for number in range(6) for each in places(f"Part {number}", number, "A line.")]
    assert len(sections_of(short)) == 1
    long = places("One", 1, *MILL * 100)
    parts = sections_of(long)
    assert len(parts) > 3
    assert sum(len(part.sentences) for part in parts) == len(long)


def test_a_document_of_one_section_is_told_by_three_sentences() -> None:
    """Short ones where there are no others, then lines, but no heading, which stands above."""
    lease = ("Lease", "# 1 Rent", "The rent is 900 EUR.", "Heating is extra.", "Keys are kept.")
    (only,) = summarise([*places("Lease", 1, *lease[:1]), *places("1 Rent", 1, *lease[1:])])
    assert [each.text for each in only.sentences] == list(lease[2:])
    bill = ("Invoice 7", "From: Acme Ltd", "Total: 12.50 EUR", "Please pay.")
    (only,) = summarise(places("Invoice 7", 1, *bill))
    assert [each.text for each in only.sentences] == list(bill[1:])
    (only,) = summarise(places("Invoice 7", 1, "Invoice 7"))
    assert [each.text for each in only.sentences] == ["Invoice 7"]


def test_a_document_of_a_line_or_of_none_has_its_summary() -> None:
    """A table without sentences is told by its first line."""
    assert summarise([]) == []
    (only,) = summarise(places("", 1, "Name, Sum"))
    assert [each.text for each in only.sentences] == ["Name, Sum"]


def test_chinese_is_summarised_too() -> None:
    """It has no spaces."""
    text = "河上的磨坊从一八八七年开始为整个山谷磨面粉。"
    (only,) = summarise(places("", 1, text, "水坝为磨坊储存河水并且推动磨坊的水轮。"))
    assert only.sentences


def test_a_document_may_be_of_any_length() -> None:
    """Each of its sections is told."""
    document = [each for page in range(200) for each in places(f"Page {page}", page, *MILL * 4)]
    assert len(summarise(document)) == 200
