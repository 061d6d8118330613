"""What makes a PDF's text readable: order, rows, running lines; and what is left to OCR."""

from __future__ import annotations

import pytest

from indexer.readers.pdf import is_garbled

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
