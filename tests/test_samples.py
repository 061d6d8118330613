"""The sample documents: they are there, and they say what their questions ask for."""

from __future__ import annotations

import re
from importlib import resources

import docx
import pypdfium2
import pytest

from app.demo import Question, holds, questions, samples

FOLDER = resources.files("resources") / "samples"


def text_of(question: Question) -> str:
    """Read a sample by the plainest means, not by our own readers."""
    with resources.as_file(FOLDER / question.file) as path:
        if path.suffix == ".pdf":
            assert question.page is not None
            with pypdfium2.PdfDocument(path) as pdf:
                page = pdf[question.page - 1]
                textpage = page.get_textpage()
                text: str = textpage.get_text_range()
                textpage.close()
                page.close()
            return text
        if path.suffix == ".docx":
            document = docx.Document(str(path))
            cells = [c.text for table in document.tables for row in table.rows for c in row.cells]
            return "\n".join([paragraph.text for paragraph in document.paragraphs] + cells)
        text = path.read_text(encoding="utf-8")
        if question.page:
            text = text.split("\f")[question.page - 1]
        return re.sub(r"<[^>]+>", "", text) if path.suffix == ".html" else text


@pytest.mark.parametrize("question", questions(), ids=lambda question: question.file)
def test_facts_stand_in_their_file(question: Question) -> None:
    """Each fact occurs in the file, and on the page, that the question names."""
    assert holds(text_of(question), question.facts)


def test_every_format_and_both_languages_are_there() -> None:
    """A dozen documents, one at least of each format that is read."""
    names = [sample.name for sample in samples()]
    assert len(names) == 12
    suffixes = {name.rpartition(".")[2] for name in names}
    assert suffixes == {"md", "txt", "html", "csv", "docx", "pdf", "py"}
    assert sum(not name.isascii() for name in names) == 4


def test_every_document_has_a_question() -> None:
    """No sample is idle, and no question names a file that is not there."""
    assert {question.file for question in questions()} == {sample.name for sample in samples()}


def test_demo_asks_three_one_in_chinese() -> None:
    """The demo is short and not in English alone."""
    asked = [question for question in questions() if question.demo]
    assert len(asked) == 3
    assert any(not question.text.isascii() for question in asked)
