"""From a picture to its text: layout, formats, and what OCR reads of rendered pages."""

from __future__ import annotations

import io
import struct
import time
import zipfile
import zlib
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFont

from indexer.errors import Unreadable
from indexer.readers import read
from indexer.readers.ocr import picture
from indexer.readers.ocr.boxes import find_boxes, inclination
from indexer.readers.ocr.layout import Recognised, to_page
from indexer.readers.ocr.networks import models_folder
from indexer.readers.ocr.process import recognise
from indexer.readers.source import Source
from indexer.types import DocumentInfo, Heading, Page, UnreadPage

CJK = Path("/usr/share/fonts/opentype/noto/NotoSerifCJK-Regular.ttc")
ENGLISH = [
    "The river trust met in the town hall on 14 March 2024, and forty-two",
    "members came. The accounts showed an income of $48,915.60; the surplus",
    "goes into the repair of the old sluice gate at Millbrook. Was the new",
    "footbridge (1.40 m) open to cyclists? It was agreed, by 31 votes to 9,",
    "that a second survey may cost no more than 5% of the yearly budget.",
]
CHINESE = [
    "河流基金会于三月十四日在镇公所举行会议，四十二名会员出席。",
    "账目显示收入为48915元，结余将用于修复磨坊溪的旧水闸。",
    "一位会员询问新的人行桥是否向骑自行车的人开放。",
    "会议以三十一票对九票通过，进行第二次勘测。",
]


def line(text: str, left: float, top: float, width: float = 400, height: float = 20) -> Recognised:
    return Recognised(text, left, top, left + width, top + height)


class TestLayout:
    """From lines to a page."""

    def test_columns_are_read_one_after_the_other(self) -> None:
        """Below a title that stands across both."""
        lines = [line("Title", 50, 0, 900)]
        for row in range(5):
            lines += [
                line(f"left {row}", 50, 40 + row * 25),
                line(f"right {row}", 520, 41 + row * 25),
            ]
        text = to_page(lines, 1000, 1000, 1).text
        assert text.split("\n\n") == [
            "Title",
            "\n".join(f"left {row}" for row in range(5)),
            "\n".join(f"right {row}" for row in range(5)),
        ]

    def test_cells_of_a_table_stay_in_their_rows(self) -> None:
        """They are short, whatever gap is between them."""
        lines = [
            line(f"{cell}{row}", 50 + 300 * cell, row * 25, 60)
            for cell in (0, 1)
            for row in range(6)
        ]
        assert to_page(lines, 1000, 1000, 1).text.splitlines()[:2] == ["00 10", "01 11"]

    def test_what_a_line_end_cut_is_joined(self) -> None:
        """A word at its hyphen, Chinese without a space; a gap begins a paragraph."""
        lines = [
            line("a new foot-", 0, 0), line("bridge of wood", 0, 25),
            line("磨坊溪的旧", 0, 80), line("水闸。", 0, 105, 60),
        ]  # fmt: skip
        page = to_page(lines, 400, 200, 7)
        assert page.text == "a new footbridge of wood\n\n磨坊溪的旧水闸。"
        assert page.number == 7
        assert [page.text[each.start : each.end] for each in page.lines] == [
            "a new foot", "bridge of wood", "磨坊溪的旧", "水闸。",
        ]  # fmt: skip
        assert (page.lines[1].left, page.lines[1].top, page.lines[1].right) == (0, 0.125, 1)

    def test_nothing_makes_an_empty_page(self) -> None:
        """As of a photograph of the sky."""
        assert to_page([], 10, 10, None) == Page("")


def saved(path: Path, image: Image.Image, **options: Any) -> Path:
    image.save(path, **options)
    return path


class TestPictures:
    """What the reader says of them."""

    @pytest.mark.parametrize("suffix", ["png", "jpg", "tif", "webp", "bmp", "gif"])
    def test_a_picture_is_a_document_that_waits_for_ocr(self, tmp_path: Path, suffix: str) -> None:
        """Of one page without a number, whatever its name."""
        path = saved(tmp_path / f"a.{suffix}", Image.new("RGB", (90, 60), "white"))
        expected = [DocumentInfo("picture"), UnreadPage(None, picture.NOT_RECOGNISED)]
        assert list(read(path)) == expected
        if suffix != "bmp":
            assert list(read(path.rename(tmp_path / "a.unknown"))) == expected

    def test_a_tiff_has_pages_and_a_film_has_one(self, tmp_path: Path) -> None:
        """The pages of a fax are all read."""
        frames = [Image.new("L", (90, 60), 50 * number) for number in range(3)]
        fax = saved(tmp_path / "a.tif", frames[0], save_all=True, append_images=frames[1:])
        film = saved(tmp_path / "a.gif", frames[0], save_all=True, append_images=frames[1:])
        info, *pages = read(fax)
        assert info == DocumentInfo("picture", None, 3)
        assert [page.number for page in pages if isinstance(page, UnreadPage)] == [1, 2, 3]
        assert len(list(read(film))) == 2

    def test_an_icon_has_no_text(self, tmp_path: Path) -> None:
        """OCR is not troubled with it."""
        path = saved(tmp_path / "a.png", Image.new("RGB", (16, 16)))
        assert list(read(path)) == [DocumentInfo("picture"), Page("")]

    def test_a_bomb_is_not_decoded(self, tmp_path: Path) -> None:
        """A few kilobytes may say that they are a billion pixels."""
        path = saved(tmp_path / "a.png", Image.new("1", (16, 16)))
        data = bytearray(path.read_bytes())
        data[16:24] = struct.pack(">II", 40_000, 30_000)
        data[29:33] = struct.pack(">I", zlib.crc32(data[12:29]))
        path.write_bytes(data)
        assert list(read(path))[1:] == [UnreadPage(None, picture.TOO_LARGE)]
        with pytest.raises(Unreadable, match="too large"):
            picture.decoded(Source.of(path), 1, (100, 100))

    def test_a_damaged_picture_says_so(self, tmp_path: Path) -> None:
        """When it is opened, or when it is decoded."""
        path = saved(tmp_path / "a.png", Image.effect_noise((300, 300), 90))
        path.write_bytes(path.read_bytes()[:5000])
        with pytest.raises(Unreadable, match="damaged"):
            picture.decoded(Source.of(path), 1, (100, 100))
        path.write_bytes(b"\x89PNG\r\n\x1a\n")
        with pytest.raises(Unreadable, match="damaged"):
            list(read(path))

    @pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGBA", "CMYK", "I;16", "F"])
    def test_every_mode_becomes_paper(self, tmp_path: Path, mode: str) -> None:
        """Transparent and grey pictures as well, turned as the camera was held."""
        image = Image.new("RGBA", (80, 40), (255, 255, 255, 0)) if "A" in mode else None
        made = (image or Image.new("L", (80, 40), 255)).convert(mode.replace("I;16", "I"))
        made = made.point(lambda value: value * 256).convert("I;16") if mode == "I;16" else made
        exif = Image.Exif()
        exif[274] = 6
        path = saved(tmp_path / "a.tif", made, exif=exif)
        shown, pages = picture.decoded(Source.of(path), 1, (20, 20))
        assert (shown.mode, shown.size, pages) == ("RGB", (10, 20), 1)
        assert min(shown.getpixel((5, 5))) > 240  # type: ignore[type-var]


def drawn(lines: list[str], font: ImageFont.FreeTypeFont) -> Image.Image:
    """Draw a page of A4 at 150 dpi."""
    image = Image.new("RGB", (1240, 1754), "white")
    draw = ImageDraw.Draw(image)
    for index, text in enumerate(lines):
        draw.text((100, 120 + index * font.size * 1.5), text, font=font, fill="black")
    return image


def wrong(found: str, expected: str) -> float:
    """Return the edit distance as a share of the expected characters, white space aside."""
    found, expected = "".join(found.split()), "".join(expected.split())
    row = list(range(len(expected) + 1))
    for i, one in enumerate(found, 1):
        above, row = row, [i]
        for j, other in enumerate(expected, 1):
            row.append(min(above[j] + 1, row[-1] + 1, above[j - 1] + (one != other)))
    return row[-1] / len(expected)


class TestBoxes:
    """From a map of likelihoods to the boxes of lines."""

    def heat(self, degrees: float) -> Any:
        image = Image.new("L", (400, 300))
        draw = ImageDraw.Draw(image)
        draw.rectangle((50, 100, 349, 109), fill=255)
        draw.rectangle((50, 200, 149, 209), fill=255)
        draw.point((10, 10), fill=255)
        turned = image.rotate(degrees, Image.Resampling.BILINEAR, center=(0, 0))
        return np.asarray(turned, np.float32) / 255

    def test_each_core_is_a_line_and_dots_are_none(self) -> None:
        """The box is larger than the core, by what training takes away."""
        long, short = find_boxes(self.heat(0))
        grown = 300 * 10 * 1.6 / (2 * (300 + 10))
        assert long.bounds == pytest.approx(
            (50 - grown, 100 - grown, 350 + grown, 110 + grown), abs=1
        )
        assert short.bounds[:2] == pytest.approx((50 - 7, 200 - 7), abs=2)

    @pytest.mark.parametrize("degrees", [-20, -2, 2, 5])
    def test_inclined_lines_are_known_by_their_angle(self, degrees: float) -> None:
        """Level again, they stand where they stood."""
        boxes = find_boxes(self.heat(degrees))
        angle = inclination(boxes)
        assert angle == pytest.approx(-np.radians(degrees), abs=0.005)
        assert boxes[0].turned(-angle).bounds == pytest.approx((42, 92, 358, 118), abs=3)

    def test_a_hostile_map_takes_a_moment(self) -> None:
        """Be it one core of half a million runs, or more lines than any page has."""
        y, x = np.mgrid[:1280, :1280]
        began = time.monotonic()
        assert find_boxes(((x % 4 == 0) | (y > 1275)).astype(np.float32)) == []
        assert len(find_boxes(((x % 6 < 3) & (y % 6 < 3)).astype(np.float32))) <= 1_000
        assert time.monotonic() - began < 30

    def test_nothing_has_no_lines(self) -> None:
        """Nor an inclination."""
        assert find_boxes(np.zeros((40, 30), np.float32)) == []
        assert inclination([]) == 0


class TestRecognition:
    """With the real models."""

    @pytest.fixture(autouse=True)
    def _installed(self) -> None:
        if models_folder() is None:
            pytest.skip("needs the models of OCR")

    def recognised(self, path: Path, number: int | None = None) -> Page:
        _, page = recognise(Source.of(path), number)
        assert isinstance(page, Page)
        return page

    @pytest.mark.parametrize("turns", [0, 1, 2, 3])
    def test_english_in_all_directions(self, tmp_path: Path, turns: int) -> None:
        """No more than 2 % wrong characters, and each line stands where it was drawn."""
        image = drawn(ENGLISH, ImageFont.load_default(26)).rotate(90 * turns, expand=True)
        page = self.recognised(saved(tmp_path / "a.png", image))
        assert wrong(page.text, "".join(ENGLISH)) <= 0.02
        first = page.lines[0]
        middle = ((first.left + first.right) / 2, (first.top + first.bottom) / 2)
        across, down = 520 / 1240, 135 / 1754
        expected = [(across, down), (down, 1 - across), (1 - across, 1 - down), (1 - down, across)]
        assert middle == pytest.approx(expected[turns], abs=0.05)

    def test_an_inclined_page(self, tmp_path: Path) -> None:
        """Its lines stay in their order; their places are those on the page as it is."""
        image = drawn(ENGLISH, ImageFont.load_default(26)).rotate(-3, fillcolor="white")
        page = self.recognised(saved(tmp_path / "a.png", image))
        assert wrong(page.text, "".join(ENGLISH)) <= 0.02
        line = page.lines[0]
        assert (line.bottom - line.top) * 1754 > 0.05 * (line.right - line.left) * 1240

    @pytest.mark.skipif(not CJK.exists(), reason="needs the font Noto Serif CJK")
    def test_chinese(self, tmp_path: Path) -> None:
        """No more than 2 % wrong characters, and no space where a line ends."""
        page = self.recognised(
            saved(tmp_path / "a.jpg", drawn(CHINESE, ImageFont.truetype(CJK, 30, index=2)))
        )
        assert wrong(page.text, "".join(CHINESE)) <= 0.02

    def test_a_picture_in_an_archive(self, tmp_path: Path) -> None:
        """It stands below its name, as other members do, and has no place to be shown at."""
        path, data = tmp_path / "a.zip", io.BytesIO()
        drawn(ENGLISH, ImageFont.load_default(26)).save(data, "PDF", resolution=150)
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr("letters/scan.pdf", data.getvalue())
        _, page = recognise(Source.of(path), 1, (0,))
        assert isinstance(page, Page)
        first, _, rest = page.text.partition("\n")
        assert first == "letters/scan.pdf, page 1"
        assert wrong(rest, "".join(ENGLISH)) <= 0.02
        assert (page.number, page.headings, page.lines) == (None, (Heading(0, 1, first),), ())

    def test_a_page_of_a_pdf(self, tmp_path: Path) -> None:
        """By its number; another has nothing to say."""
        path = tmp_path / "scan.pdf"
        pages = [
            Image.new("RGB", (1240, 1754), "white"),
            drawn(ENGLISH, ImageFont.load_default(26)),
        ]
        data = io.BytesIO()
        pages[0].save(data, "PDF", save_all=True, append_images=pages[1:], resolution=150)
        path.write_bytes(data.getvalue())
        assert wrong(self.recognised(path, 2).text, "".join(ENGLISH)) <= 0.02
        assert self.recognised(path, 1).text == ""
