"""The OCR process: one page at a time becomes text with the places of its lines.

It speaks as the readers do, with `page` in each request, and is confined as they are, with more
memory.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from indexer.readers import damaged, encrypted
from indexer.readers.archives.members import find_member, headed
from indexer.readers.kinds.names import Kind
from indexer.readers.ocr.layout import Recognised, to_page
from indexer.readers.service import Message
from indexer.readers.service import serve as serve_reader
from indexer.readers.source import Source
from indexer.types import DocumentInfo, Line, Page, ReaderItem

if TYPE_CHECKING:
    from PIL.Image import Image

    from indexer.readers.ocr.boxes import Box

MEMORY = 2 << 30  # bytes of data; it holds 1.2 GB, of which 0.7 are in memory
RESIDENT = 3 << 29  # bytes in memory, seen from outside
RECYCLE = 200  # pages
PAGE_SECONDS = 180.0  # a full page takes 2 to 5; on a slow machine beside other work ten times that

_DPI = 200
# Of the picture. A page of A4 at 200 dpi has 2,339; letters of 7 points are 19 pixels high then.
_LONGEST = 2_600
# Of the picture in which lines are looked for. At 1,280 no line of 7 points is missed and the
# search takes a third of what it takes at 2,000.
_LONGEST_SEARCHED = 1_280
_LEAST = 0.5  # confidence, below which a line is none
_PASSWORD = 4  # pdfium's error code for a wrong one
# A page whose lines are read with less confidence than this is tried in other directions.
_SURE = 0.8
_UPENDED = 1.5  # height to width of a line that stands upright; a single letter has 1.5 at most
_FEW = 4  # lines: photographs are full of what might be a letter


@dataclass(frozen=True, slots=True)
class _Reading:
    """What was read of a page that was turned left by so many quarters."""

    turns: int
    lines: tuple[Recognised, ...]
    confidence: float  # weighted by characters
    upended: bool  # most lines stand upright


def serve(messages: Iterable[Message], send: Callable[[Message], None]) -> None:
    """Recognise the pages that are asked for, until the messages end."""
    from indexer.readers.ocr.networks import networks

    # A broken installation ends the process before any page can be blamed for it.
    serve_reader(messages, send, items=_items, memory=MEMORY, prepare=networks)


def recognise(
    source: Source, number: int | None, member: tuple[int, ...] = ()
) -> Iterator[ReaderItem]:
    """Yield a page of a PDF or picture, or of a `member` of it, as OCR reads it.

    Raises Unreadable, Unsupported or OSError.
    """
    yield DocumentInfo(Kind.PICTURE.value)
    if member:
        inner, names = find_member(source, member)
        page, _ = _recognised(inner, number)
        # Its lines have no place that could be shown: the viewer draws what is a file.
        yield headed(page.text, names, number) if page.text else Page("")
        return
    page, turns = _recognised(source, number)
    yield replace(page, lines=tuple(_turned_back(line, turns) for line in page.lines))


def _recognised(source: Source, number: int | None) -> tuple[Page, int]:
    """Return a page as it is read, and by how many quarters it had to be turned left for that."""
    picture = _picture(source, number or 1)
    reading = _upright(picture)
    width, height = picture.size
    if reading.turns % 2:
        height, width = width, height
    return to_page(reading.lines, width, height, number), reading.turns


def _items(message: Message) -> Iterator[ReaderItem]:
    source = Source.of(Path(message["path"]), message.get("password"))
    return recognise(source, message.get("page"), tuple(message.get("member", ())))


def _picture(source: Source, number: int) -> Image:
    """Return a page in red, green, blue, upright as its file has it."""
    with source.open() as file:
        is_pdf = b"%PDF-" in file.read(1024)
    if is_pdf:
        return _rendered(source, number)
    from indexer.readers.ocr.picture import decoded

    return decoded(source, number, (_LONGEST, _LONGEST))[0]


def _rendered(source: Source, number: int) -> Image:
    import pypdfium2

    try:
        document = pypdfium2.PdfDocument(source.file, password=source.password)
    except pypdfium2.PdfiumError as error:
        why = encrypted if error.err_code == _PASSWORD else damaged
        raise why("PDF", source.path) from error
    try:
        page = document[number - 1]
        scale = min(_DPI / 72, _LONGEST / max(*page.get_size(), 1.0))
        picture: Image = page.render(scale=scale).to_pil().convert("RGB")
    except (pypdfium2.PdfiumError, ValueError, IndexError) as error:
        raise damaged("PDF", source.path) from error
    finally:
        document.close()
    return picture


def _upright(page: Image) -> _Reading:
    """Read a page in the direction in which it is written."""
    first = _read(page, 0)
    if len(first.lines) < _FEW:
        return first
    if first.upended:
        return max(_read(page, 1), _read(page, 3), key=lambda each: each.confidence)
    if first.confidence < _SURE:
        return max(first, _read(page, 2), key=lambda each: each.confidence)
    return first


def _read(page: Image, turns: int) -> _Reading:
    from indexer.readers.ocr.boxes import inclination
    from indexer.readers.ocr.networks import LINE_HEIGHT, networks

    page = _turned(page, turns)
    boxes = _find_lines(page)
    angle = inclination(boxes)
    found = [networks().read(box.cut(page, LINE_HEIGHT)) for box in boxes]
    lines = tuple(
        Recognised(text, *box.turned(-angle).bounds, box.bounds)
        for box, (text, sure) in zip(boxes, found, strict=True)
        if text.strip() and sure >= _LEAST
    )
    weight = sum(len(text) + 1 for text, _ in found)
    confidence = sum(sure * (len(text) + 1) for text, sure in found) / max(1, weight)
    upended = sum(line.height > _UPENDED * line.width for line in lines)
    return _Reading(turns, lines, confidence, upended * 2 > len(lines))


def _turned(page: Image, turns: int) -> Image:
    import PIL.Image

    names = PIL.Image.Transpose
    how = (None, names.ROTATE_90, names.ROTATE_180, names.ROTATE_270)[turns]
    return page if how is None else page.transpose(how)


def _find_lines(page: Image) -> list[Box]:
    import PIL.Image

    from indexer.readers.ocr.boxes import find_boxes
    from indexer.readers.ocr.networks import networks

    scale = min(1.0, _LONGEST_SEARCHED / max(page.size))
    size = (max(1, round(page.width * scale)), max(1, round(page.height * scale)))
    small = page.resize(size, PIL.Image.Resampling.BOX)
    return [box.scaled(1 / scale) for box in find_boxes(networks().find(small))]


def _turned_back(line: Line, turns: int) -> Line:
    """Return where a line stands on the page as it was before it was turned left."""
    left, top, right, bottom = line.left, line.top, line.right, line.bottom
    for _ in range(turns):
        left, top, right, bottom = 1 - bottom, left, 1 - top, right
    return Line(line.start, line.end, left, top, right, bottom)
