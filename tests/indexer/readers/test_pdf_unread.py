"""What of a PDF is left to OCR, and what is said of it."""

from __future__ import annotations

import io
from pathlib import Path

import documents
import PIL.Image
import pytest
from pdf_pages import pages_of

from indexer.errors import Unreadable
from indexer.readers import read
from indexer.readers.ocr.picture import NOT_RECOGNISED
from indexer.readers.pdf.reader import GARBLED, NO_TEXT, is_garbled
from indexer.types import Page, UnreadPage

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


class TestUnread:
    """What is left to OCR."""

    def test_pictured_and_blank_and_garbled_pages(self, write):
        """A page with a picture only is told; an empty page is empty."""
        picture = documents.pictured_pdf(["", "\x03\x04\x05\x06\x07\x08" * 5])
        assert list(read(write("a.pdf", picture)))[1:] == [
            UnreadPage(1, NO_TEXT), UnreadPage(2, GARBLED),
        ]  # fmt: skip
        assert pages_of(write("a.pdf", documents.pdf([""]))) == [Page("", 1)]

    def test_what_begins_like_a_picture(self, write):
        """A picture under a PDF's name is one if it can be decoded; else the file is damaged."""
        picture = io.BytesIO()
        PIL.Image.effect_noise((300, 300), 50).save(picture, "JPEG")
        assert list(read(write("a.pdf", picture.getvalue())))[1:] == [
            UnreadPage(None, NOT_RECOGNISED)
        ]
        with pytest.raises(Unreadable, match="damaged"):
            list(read(write("a.pdf", picture.getvalue()[:2_000])))

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
