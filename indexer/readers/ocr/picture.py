"""Pictures: how many pages a file of pictures has, and one of them as pixels of bounded number.

The reader only counts and measures: what stands in a picture is the business of OCR, which comes
when everything else can be searched.
"""

from __future__ import annotations

import struct
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from indexer.errors import Unreadable, Unsupported
from indexer.readers import damaged
from indexer.readers.kinds.names import BY_SUFFIX, Kind, suffix_of
from indexer.readers.kinds.sniffing import HEAD, kind_of
from indexer.readers.pdf.page import PagePicture
from indexer.readers.source import Source
from indexer.types import DocumentInfo, Page, ReaderItem, UnreadPage

if TYPE_CHECKING:
    from PIL.Image import Image

WHAT = "picture"
NOT_RECOGNISED = "The text of this picture could not be recognised."
TOO_LARGE = "This picture is too large to be read."

# A camera has 100 million pixels at most, and a decoded picture must fit the memory limit twice.
MOST_PIXELS = 120_000_000
_MOST_PAGES = 2_000
_SMALLEST = 32  # pixels: no line of text fits into an icon or a rule
_SMALLEST_INSIDE = 200  # pixels: smaller ones adorn the mail or page that they came with
_FORMATS = ("Png", "Jpeg", "Tiff", "WebP", "Bmp", "Gif")
_ORIENTATION, _LYING = 0x0112, 5  # the tag of EXIF, and from where on the sides are exchanged
_TALLEST = 6  # times its width that a picture is shown; a longer strip becomes narrower
# Formats of several pages; in the others a second picture is the next moment of a film.
_PAGED = ("TIFF",)
# Programs write some ten scans; each of them passes over the whole picture, so that a thousand in
# fifty kilobytes take half a minute.
_MOST_SCANS = 100
_SCAN = b"\xff\xda"
# What Pillow's plugins raise on damage; the last four where tables of several pages are mangled.
_BROKEN = (
    *(OSError, SyntaxError, ValueError, EOFError),
    *(LookupError, TypeError, AssertionError, struct.error),
)


def read_picture(source: Source) -> Iterator[ReaderItem]:
    """Read what a picture is; each of its pages is an UnreadPage. Raises Unreadable."""
    smallest = _SMALLEST_INSIDE if source.depth else _SMALLEST
    with source.open() as file, opened(file, source.path) as image:
        count = _pages(image, source.path)
        if BY_SUFFIX.get(suffix_of(source.name), Kind.PICTURE) is not Kind.PICTURE:
            _check(image, source.path)
        yield DocumentInfo(Kind.PICTURE.value, None, count if count > 1 else None)
        for index in range(count):
            number = index + 1 if count > 1 else None
            try:
                image.seek(index)
            except _BROKEN:
                yield UnreadPage(number, "This page is damaged.")
                return
            width, height = image.size
            if min(width, height) < smallest:
                yield Page("", number)
            elif width * height > MOST_PIXELS:
                yield UnreadPage(number, TOO_LARGE)
            else:
                yield UnreadPage(number, NOT_RECOGNISED)


def _check(image: Image, path: Path) -> None:
    """Raise Unreadable if a file that begins like a picture, but is called otherwise, is none."""
    if image.width * image.height <= MOST_PIXELS:
        try:
            image.load()
        except _BROKEN as error:
            raise damaged(WHAT, path) from error


@contextmanager
def opened(file: BinaryIO, path: Path) -> Iterator[Image]:
    """Open a picture without decoding it. Raises Unreadable."""
    import PIL.Image

    for name in _FORMATS:
        import_module(f"PIL.{name}ImagePlugin")
    # The bound is ours, and holds for each page.
    PIL.Image.MAX_IMAGE_PIXELS = None
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            image = PIL.Image.open(file, formats=_FORMATS)
        except _BROKEN as error:
            raise damaged("picture", path) from error
        with image:
            if "progressive" in image.info and _scans(file) > _MOST_SCANS:
                raise damaged("picture", path)
            yield image


def _scans(file: BinaryIO) -> int:
    """Count the scans of a progressive JPEG; inside of them no sign looks like a beginning."""
    place = file.tell()
    file.seek(0)
    count, last = 0, b""
    while (block := file.read(1 << 20)) and count <= _MOST_SCANS:
        count += (last + block).count(_SCAN)
        last = block[-1:]
    file.seek(place)
    return count


def is_picture(path: Path) -> bool:
    """Tell by its content whether a file is a picture. Raises OSError."""
    source = Source.of(path)
    with source.open() as file:
        head = file.read(HEAD)
    try:
        return kind_of(source, head) is Kind.PICTURE
    except Unsupported:
        return False


def show(path: Path, number: int, width: int) -> PagePicture:
    """Return page `number` (from 1) as it is shown, no wider than `width`. Raises Unreadable."""
    image, pages = decoded(Source.of(path), number, (width, _TALLEST * width))
    pixels = image.tobytes("raw", "BGRX")
    return PagePicture(image.width, image.height, 4 * image.width, pixels, (), pages)


def decoded(source: Source, number: int, most: tuple[int, int]) -> tuple[Image, int]:
    """Return page `number` (from 1) upright as RGB, of `most` pixels in width and height.

    The second value is how many pages there are. Raises Unreadable or OSError.
    """
    import PIL.Image
    import PIL.ImageOps

    path = source.path
    with source.open() as file, opened(file, path) as image:
        count = _pages(image, path)
        if not 1 <= number <= count:
            raise Unreadable("This page is not in the file any more.", "", path)
        try:
            image.seek(number - 1)
            if image.width * image.height > MOST_PIXELS:
                raise Unreadable(TOO_LARGE, "Save a smaller copy to have it read.", path)
            smooth = _smooth(image)
            turned = smooth.getexif().get(_ORIENTATION, 1) >= _LYING
            smooth.thumbnail(most[::-1] if turned else most, PIL.Image.Resampling.LANCZOS)
            return _on_white(PIL.ImageOps.exif_transpose(smooth)), count
        except _BROKEN as error:
            raise damaged("picture", path) from error


def _pages(image: Image, path: Path) -> int:
    if image.format not in _PAGED:
        return 1
    try:
        return min(int(getattr(image, "n_frames", 1)), _MOST_PAGES)
    except _BROKEN as error:
        raise damaged(WHAT, path) from error


def _smooth(image: Image) -> Image:
    """Return it in a mode whose pixels can be mixed when it is made smaller."""
    if image.mode == "P":
        return image.convert("RGBA" if "transparency" in image.info else "RGB")
    if image.mode == "1":
        return image.convert("L")
    if image.mode.startswith("I;16"):
        return image.convert("I").point(lambda value: value / 256).convert("L")
    return image.convert("L") if image.mode in ("I", "F") else image


def _on_white(image: Image) -> Image:
    """Return it as RGB; what is transparent becomes paper."""
    import PIL.Image

    if image.mode not in ("RGBA", "LA", "PA", "La", "RGBa"):
        return image.convert("RGB")
    image = image.convert("RGBA")
    paper = PIL.Image.new("RGBA", image.size, "white")
    return PIL.Image.alpha_composite(paper, image).convert("RGB")
