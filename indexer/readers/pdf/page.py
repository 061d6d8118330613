"""A PDF page as a picture, with the boxes of a quote on it. Runs where a crash harms nobody."""

from __future__ import annotations

import ctypes
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from indexer.errors import Unreadable
from indexer.readers import damaged, encrypted
from indexer.readers.pdf.extras import label_of

MOST_PIXELS = 4000 * 6000  # a page of a poster's size must not fill the memory
_PASSWORD = 4
_LEFT_OUT = re.compile(r"[\s\-\u2010]+")
_PARTS = re.compile(r"[\n\t]")
_SHORTEST_RUN = 6  # characters
_MOST = 0.7  # of a quote that is found in runs
_MOST_SIGNS, _MOST_WANTED = 200_000, 5_000  # characters; beyond that runs are not looked for


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle on a page, as shares of its width and height, from the top left."""

    left: float
    top: float
    right: float
    bottom: float


@dataclass(frozen=True, slots=True)
class PagePicture:
    """A rendered page: rows of BGRX pixels, `stride` bytes each."""

    width: int
    height: int
    stride: int
    pixels: bytes
    boxes: tuple[Box, ...]
    pages: int
    label: str = ""  # the number that is printed on it


def render_page(
    path: Path, number: int, width: int, quote: str, password: str | None = None
) -> PagePicture:
    """Render page `number` (from 1) to `width` pixels and find the quote on it. Raises Unreadable.

    A quote that stands over two pages, or was normalised beyond recognition, has no boxes.
    """
    import pypdfium2

    try:
        document = pypdfium2.PdfDocument(path, password=password)
    except pypdfium2.PdfiumError as error:
        raise (encrypted if error.err_code == _PASSWORD else damaged)("PDF", path) from None
    try:
        if not 1 <= number <= len(document):
            raise Unreadable("This page is not in the file any more.", "", path)
        page = document[number - 1]
        page_width, page_height = page.get_size()
        scale = width / max(page_width, 1.0)
        scale = min(scale, (MOST_PIXELS / max(page_width * page_height, 1.0)) ** 0.5)
        bitmap = page.render(scale=scale, rev_byteorder=False, prefer_bgrx=True)
        return PagePicture(
            bitmap.width,
            bitmap.height,
            bitmap.stride,
            bytes(bitmap.buffer),
            _boxes(page, quote),
            len(document),
            label_of(document, number - 1),
        )
    except (pypdfium2.PdfiumError, ValueError, OSError) as error:
        raise damaged("PDF", path) from error
    finally:
        document.close()


def _boxes(page: Any, quote: str) -> tuple[Box, ...]:
    """Return a box a line for the characters of the quote, compared without white space."""
    from pypdfium2 import raw

    text_page = page.get_textpage()
    signs: list[str] = []
    places: list[int] = []
    for index in range(text_page.count_chars()):
        sign = chr(raw.FPDFText_GetUnicode(text_page, index))
        for part in _squeezed(sign):
            signs.append(part)
            places.append(index)
    lines: list[list[float]] = []
    for start, end in _runs("".join(signs), quote):
        for index in dict.fromkeys(places[start:end]):
            left, bottom, right, top = text_page.get_charbox(index)
            if lines and abs(lines[-1][1] - bottom) < max(2.0, (top - bottom) * 0.8):
                line = lines[-1]
                line[:] = [min(line[0], left), min(line[1], bottom),
                           max(line[2], right), max(line[3], top)]  # fmt: skip
            else:
                lines.append([left, bottom, right, top])
    return tuple(_to_box(page, line) for line in lines)


def _runs(signs: str, quote: str) -> list[tuple[int, int]]:
    """Return where a quote stands in a page's characters, as (start, end) in the quote's order.

    The page's characters are in pdfium's order, the quote's in that of reading. What does not
    stand there in one run is looked for by lines and cells, and these by their longest beginnings:
    a word may be cut by the end of a column. Nothing is returned where less than most is found.
    """
    wanted = _squeezed(quote)
    at = signs.find(wanted) if wanted else -1
    if at >= 0:
        return [(at, at + len(wanted))]
    runs: list[tuple[int, int]] = []
    near = 0
    if len(signs) > _MOST_SIGNS or len(wanted) > _MOST_WANTED:
        return []
    for part in _PARTS.split(quote):
        rest = _squeezed(part)
        while rest:
            size = _longest_beginning(signs, rest)
            if size < min(_SHORTEST_RUN, len(rest)):
                rest = rest[1:]
                continue
            near = _nearest(signs, rest[:size], near)
            runs.append((near, near + size))
            near, rest = near + size, rest[size:]
    found = sum(end - start for start, end in runs)
    return runs if found >= _MOST * len(wanted) else []


def _longest_beginning(signs: str, text: str) -> int:
    """Return how many of the first characters of a text stand together in `signs`."""
    least, most = 0, len(text)
    while least < most:
        middle = (least + most + 1) // 2
        if text[:middle] in signs:
            least = middle
        else:
            most = middle - 1
    return least


def _nearest(signs: str, text: str, near: int) -> int:
    """Return the occurrence of a text that begins next to a place."""
    behind, before = signs.find(text, near), signs.rfind(text, 0, near + len(text) - 1)
    if min(behind, before) < 0:
        return max(behind, before)
    return behind if behind - near <= near - before else before


def _to_box(page: Any, line: list[float]) -> Box:
    """Turn points of the page, which may be rotated or cropped, into shares of its picture."""
    from pypdfium2 import raw

    size = 10_000
    corners = []
    for x, y in ((line[0], line[3]), (line[2], line[1])):
        across, down = ctypes.c_int(), ctypes.c_int()
        raw.FPDF_PageToDevice(page, 0, 0, size, size, 0, x, y, across, down)
        corners.append((across.value / size, down.value / size))
    (x0, y0), (x1, y1) = corners
    return Box(min(x0, x1), min(y0, y1), max(x0, x1), max(y0, y1))


def _squeezed(text: str) -> str:
    from indexer.readers.pdf.reader import normalise

    return _LEFT_OUT.sub("", normalise(text)).casefold()
