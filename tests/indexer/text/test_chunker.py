"""Pages become chunks."""

from __future__ import annotations

from indexer.text.chunker import (
    CHUNK_CHARACTERS,
    CHUNK_TOKENS,
    ApproximateTokens,
    Chunker,
)
from indexer.types import Heading, Page


def chunk(text: str, *headings: Heading) -> list[str]:
    chunks = Chunker(ApproximateTokens()).chunk(Page(text, None, headings))
    return [text[item.start : item.end] for item in chunks]


def test_a_short_page_is_one_chunk_without_the_white_space_around_it() -> None:
    """Offsets are exact: the text between them is what was chunked."""
    assert chunk("\n  The clock strikes ten.  \n") == ["The clock strikes ten."]


def test_nothing_but_white_space_has_no_chunks() -> None:
    """An empty page is no passage."""
    assert chunk(" \n\t ") == []


def test_every_character_that_is_no_white_space_is_in_exactly_one_chunk() -> None:
    """Nothing is lost and nothing said twice."""
    text = "\n\n".join(f"Sentence {n} of a long text, here. And more of it!" for n in range(400))
    assert "".join("".join(piece.split()) for piece in chunk(text)) == "".join(text.split())


def test_chunks_end_at_paragraphs_where_they_can() -> None:
    """A paragraph that fits stays whole."""
    paragraph = "word " * 140 + "end."
    assert chunk(f"{paragraph}\n\n{paragraph}\n\n{paragraph}") == [paragraph] * 3


def test_a_long_paragraph_is_cut_at_sentences() -> None:
    """No sentence is torn while one ends in reach."""
    text = " ".join(f"This is sentence number {n} of the paragraph." for n in range(100))
    assert all(piece.endswith(".") for piece in chunk(text))


def test_chunks_stay_within_the_encoder() -> None:
    """A tail may join the chunk before it, so a little more than the limit is allowed."""
    text = " ".join("abcdef" for _ in range(5000))
    counts = [len(ApproximateTokens().token_offsets(piece)) for piece in chunk(text)]
    assert max(counts) <= CHUNK_TOKENS * 1.15


def test_an_endless_word_is_bounded_by_characters() -> None:
    """A megabyte of base64 must not become one chunk."""
    assert max(map(len, chunk("x" * 100_000))) <= CHUNK_CHARACTERS


def test_a_heading_starts_its_own_chunk_and_gives_its_path() -> None:
    """The path says where a chunk stands; it reaches over pages."""
    first = "Chapter one\n\n" + "word " * 100 + "\n\nSection two\n\n" + "more " * 100
    chunker = Chunker(ApproximateTokens())
    headings = (Heading(0, 1, "Chapter one"), Heading(first.index("Section"), 2, "Section two"))
    chunks = chunker.chunk(Page(first, 1, headings))
    assert [item.heading for item in chunks] == ["Chapter one", "Chapter one > Section two"]
    following = chunker.chunk(Page("On the next page.", 2))
    assert following[0].heading == "Chapter one > Section two"
    assert following[0].page == 1


def test_chinese_paragraphs_are_not_cut_by_the_sign() -> None:
    """A sign counts as half a token for an encoder that doesn't know it."""
    paragraph = "这是一个关于保修期的句子。" * 25
    assert chunk(f"{paragraph}\n\n{paragraph}") == [paragraph, paragraph]
