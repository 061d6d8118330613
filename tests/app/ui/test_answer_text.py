"""An answer is rendered without loading, opening or believing anything in it."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import QUrl
from PySide6.QtWidgets import QApplication

from app.ui.answer_text import AnswerText, with_citations
from app.ui.theme import LIGHT
from models.grounding import Sentence


def test_what_is_supported_ends_with_its_citations_and_the_rest_is_left_out() -> None:
    """What the model wrote as a citation is taken out; ours are computed."""
    sentences = [Sentence("It is ten [3].", (1, 2), True), Sentence("It is red.", (), False)]
    text = with_citations("It is ten [3]. It is red.", sentences)
    assert text.replace("\ue000", "<").replace("\ue001", ">") == "It is ten. <1> <2>"


def test_a_click_on_a_citation_gives_its_number(application: QApplication) -> None:
    """And a click on anything else gives nothing."""
    view = AnswerText(LIGHT)
    view.show_checked("It is **ten**.", [Sentence("It is **ten**.", (2,), True)])
    assert "2" in view.toPlainText()
    cited: list[int] = []
    view.cited.connect(cited.append)
    view.anchorClicked.emit(QUrl("cite:2"))
    view.anchorClicked.emit(QUrl("file:///etc/passwd"))
    assert cited == [2]


@pytest.mark.parametrize(
    "text",
    [
        "<script>alert(1)</script>",
        "<img src='file:///etc/passwd'>",
        "![x](file:///etc/passwd)",
        "![x](https://example.org/x.png)",
        "[click](https://example.org)",
        "<a href='javascript:x'>y</a>",
        "<style>* {{ color: red }}</style>",
        "[cite](cite:1)",
        "> " * 500 + "deep",
        "\ue0001\ue001",
    ],
)
def test_hostile_markup_is_text(application: QApplication, text: str, tmp_path: Path) -> None:
    """No address survives in the view, whatever the model wrote."""
    view = AnswerText(LIGHT)
    view.show_checked(text, [])
    html = view.toHtml()
    for tag in ("<a ", "<img", "<script"):
        assert tag not in html
