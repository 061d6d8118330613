"""The language of a document, and of a question."""

from __future__ import annotations

import pytest

from indexer.text.han import forms
from indexer.text.language import asked_in, recognise, recognise_pages

_TEXTS = {
    "en": "The clock of the town hall was built in the year of the great fire.",
    "de": "Die Uhr des Rathauses wurde im Jahr des großen Brandes gebaut und ist noch da.",
    "fr": "L'horloge de la mairie a été construite dans l'année du grand incendie.",
    "es": "El reloj del ayuntamiento se construyó en el año del gran incendio de la ciudad.",
    "it": "L'orologio del municipio è stato costruito nell'anno del grande incendio della città.",
    "pt": "O relógio da câmara municipal foi construído no ano do grande incêndio da cidade.",
    "nl": "De klok van het stadhuis is gebouwd in het jaar van de grote brand.",
    "sv": "Klockan i rådhuset byggdes under det år då den stora branden var.",
    "pl": "Zegar na ratuszu został zbudowany w roku, w którym był wielki pożar, i jest do dziś.",
    "ru": "Часы на ратуше были построены в год большого пожара, и они до сих пор идут.",
    "zh": "市政厅的钟建于大火那一年。",
    "ja": "市庁舎の時計は大火の年に作られました。",
    "ko": "시청의 시계는 큰 화재가 있던 해에 만들어졌다.",
    "ar": "بنيت ساعة البلدية في سنة الحريق الكبير.",
    "": "Miller 4711 ABC-12; Smith 4712 ABC-13; Brown 4713",
}


@pytest.mark.parametrize("language", _TEXTS)
def test_a_text_is_told_by_its_small_words_or_signs(language: str) -> None:
    """A list of names and numbers has no language."""
    assert recognise(_TEXTS[language]) == language


def test_a_document_is_told_by_a_later_page_too() -> None:
    """Its first one may be a title, or empty."""
    assert recognise_pages(["", "Rathaus 1887", _TEXTS["de"]]) == "de"
    assert recognise_pages([]) == ""


def test_a_question_is_of_one_of_the_languages_at_hand() -> None:
    """A single small word decides, if it is of one of them only."""
    assert asked_in("Wann wurde die Uhr gebaut?", ("de", "en")) == "de"
    assert asked_in("Wann wurde die Uhr gebaut?", ("en", "fr")) == ""
    assert asked_in("Uhr", ("de", "en")) == ""


def test_chinese_signs_are_known_in_all_their_forms() -> None:
    """The way that was typed comes first."""
    assert forms("后面")[0] == "后面"
    assert {"後面", "後麵"} <= set(forms("后面"))
    assert "头发" in forms("頭髮")
    assert forms("ab") == ["ab"]
