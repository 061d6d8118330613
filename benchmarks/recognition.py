"""How many characters OCR reads wrongly of pages that are drawn from texts, clean and spoilt.

The texts are the files of a folder; the font must have their script. Wrong is the edit
distance to what was drawn as a share of it, white space and hyphens at the ends of lines aside.
"""

from __future__ import annotations

import argparse
import io
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from benchmarks.report import Figure, add_json_option, figure, show
from indexer.readers.ocr.process import recognise
from indexer.readers.source import Source
from indexer.text.words import has_cjk
from indexer.types import Page

_LINES = 30  # a page
_MARGIN = 0.1  # of the width


@dataclass(frozen=True, slots=True)
class Sheet:
    """How a page is drawn."""

    points: float = 9
    dpi: int = 200
    columns: int = 1
    degrees: float = 0
    noise: float = 0  # standard deviation of its grey, of 255
    quality: int | None = None  # of a JPEG
    name: str = ""

    def __str__(self) -> str:
        """Return what is special about it."""
        return self.name or f"{self.points} points, {self.dpi} dpi"


SHEETS = (
    *(Sheet(points, dpi) for points in (7, 9, 11) for dpi in (150, 200, 300)),
    Sheet(columns=2, name="two columns"),
    Sheet(degrees=1, name="turned by 1 degree"),
    Sheet(degrees=-2, name="turned by 2 degrees"),
    Sheet(noise=25, name="grey noise"),
    Sheet(quality=30, name="JPEG of quality 30"),
    Sheet(columns=2, degrees=1, noise=25, quality=30, name="all of these"),
)


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, prog="python -m benchmarks.recognition")
    parser.add_argument("folder", type=Path, help="text files in UTF-8")
    parser.add_argument("font", type=Path, help="a font's file")
    parser.add_argument("--index", type=int, default=0, metavar="N", help="of the font in its file")
    parser.add_argument("--pages", type=int, default=2, metavar="N", help="of each kind (2)")
    add_json_option(parser)
    parsed = parser.parse_args(arguments)
    files = sorted(path for path in parsed.folder.rglob("*") if path.is_file())
    # Some from everywhere in it.
    files = files[:: max(1, len(files) // parsed.pages)]
    texts = [" ".join(path.read_text("utf-8").split()) for path in files]
    if not any(texts):
        print("There is no text in this folder.", file=sys.stderr)
        return 1
    figures = [_measure(sheet, texts, parsed.font, parsed.index, parsed.pages) for sheet in SHEETS]
    show("recognition", figures, as_json=parsed.json)
    return 0


def _measure(sheet: Sheet, texts: Sequence[str], font: Path, index: int, pages: int) -> Figure:
    shares = []
    letters = ImageFont.truetype(font, round(sheet.points * sheet.dpi / 72), index)
    for number in range(pages):
        text = texts[number % len(texts)]
        image, drawn = draw(sheet, text, letters)
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "page.png"
            image.save(path)
            _, page = recognise(Source.of(path), None)
        assert isinstance(page, Page)
        found, expected = ("".join(each.split()).replace("-", "") for each in (page.text, drawn))
        shares.append(100 * distance(found, expected) / len(expected))
    return figure(str(sheet), shares, "%", "<= 2")


def draw(sheet: Sheet, text: str, font: ImageFont.FreeTypeFont) -> tuple[Image.Image, str]:
    """Return a page of A4 and the text that fitted on it."""
    width, height = round(8.27 * sheet.dpi), round(11.69 * sheet.dpi)
    image = Image.new("L", (width, height), "white")
    pen = ImageDraw.Draw(image)
    margin = _MARGIN * width
    gap = 2 * font.size if sheet.columns > 1 else 0
    column = (width - 2 * margin - gap * (sheet.columns - 1)) / sheet.columns
    lines = _wrapped(text, font, column)
    drawn = []
    for at in range(sheet.columns):
        for row in range(_LINES):
            line = next(lines, "")
            drawn.append(line)
            place = (margin + at * (column + gap), margin + row * 1.4 * font.size)
            pen.text(place, line, font=font, fill="black")
    if sheet.degrees:
        image = image.rotate(sheet.degrees, Image.Resampling.BICUBIC, fillcolor="white")
    if sheet.noise:
        grey = np.random.default_rng(0).normal(0, sheet.noise, (height, width))
        image = Image.fromarray(np.clip(np.asarray(image) + grey, 0, 255).astype(np.uint8))
    if sheet.quality is not None:
        data = io.BytesIO()
        image.save(data, "JPEG", quality=sheet.quality)
        image = Image.open(data)
    return image, "\n".join(drawn)


def _wrapped(text: str, font: ImageFont.FreeTypeFont, width: float) -> Iterator[str]:
    """Yield lines of at most `width` pixels."""
    gap = "" if has_cjk(text) else " "
    line = ""
    for word in text if not gap else text.split():
        longer = f"{line}{gap}{word}" if line else word
        if line and font.getlength(longer) > width:
            yield line
            longer = word
        line = longer
    if line:
        yield line


def distance(one: str, other: str) -> int:
    """Return how many characters have to be put in, left out or exchanged (Levenshtein)."""
    codes = np.array([ord(sign) for sign in other], np.int64)
    steps = np.arange(len(codes) + 1)
    row = steps
    for number, sign in enumerate(one, 1):
        best = np.append(number, np.minimum(row[1:] + 1, row[:-1] + (codes != ord(sign))))
        row = np.minimum.accumulate(best - steps) + steps  # what is put in costs one a place
    return int(row[-1])


if __name__ == "__main__":
    sys.exit(main())
