"""The OCR process: one page at a time becomes text with the places of its lines.

It speaks as the readers do, with `page` in each request, and is confined as they are, with more
memory. Its models are in the package `rapidocr`; nothing is fetched.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from indexer.readers import damaged
from indexer.readers.kinds import Kind
from indexer.readers.ocr_layout import Recognised, to_page
from indexer.readers.service import Message
from indexer.readers.service import serve as serve_reader
from indexer.types import DocumentInfo, Line, ReaderItem

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

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
# OpenVINO compiles and keeps a graph for every shape that it meets: with sides of any length 36
# pages took 5 GB of data and 1.4 GB of memory, so 1.2 and 0.7.
_STEP = 160
_LINE_HEIGHT = 48  # as the model was trained
_GREY = 127  # what it takes for nothing
_LEAST = 0.5  # confidence, below which a line is none
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
    # A broken installation ends the process before any page can be blamed for it.
    serve_reader(messages, send, items=_items, memory=MEMORY, prepare=_engine)


def recognise(path: Path, number: int | None) -> Iterator[ReaderItem]:
    """Yield a page of a PDF or picture as OCR reads it. Raises Unreadable or OSError."""
    yield DocumentInfo(Kind.PICTURE.value)
    pixels = _pixels(path, number or 1)
    reading = _upright(pixels)
    height, width = pixels.shape[:2]
    if reading.turns % 2:
        height, width = width, height
    page = to_page(reading.lines, width, height, number)
    yield replace(page, lines=tuple(_turned_back(line, reading.turns) for line in page.lines))


def _items(message: Message) -> Iterator[ReaderItem]:
    return recognise(Path(message["path"]), message.get("page"))


def _pixels(path: Path, number: int) -> NDArray[np.uint8]:
    """Return a page as (height, width, 3) in blue, green, red."""
    import numpy as np

    with path.open("rb") as file:
        is_pdf = b"%PDF-" in file.read(1024)
    if not is_pdf:
        from indexer.readers.picture import decoded

        image, _ = decoded(path, number, (_LONGEST, _LONGEST))
        return np.asarray(image)[:, :, ::-1]
    return _rendered(path, number)


def _rendered(path: Path, number: int) -> NDArray[np.uint8]:
    import pypdfium2

    try:
        document = pypdfium2.PdfDocument(path)
        try:
            page = document[number - 1]
            scale = min(_DPI / 72, _LONGEST / max(*page.get_size(), 1.0))
            pixels: NDArray[np.uint8] = page.render(scale=scale).to_numpy().copy()
        finally:
            document.close()
    except (pypdfium2.PdfiumError, ValueError, IndexError) as error:
        raise damaged("PDF", path) from error
    return pixels[:, :, :3]


def _upright(pixels: NDArray[np.uint8]) -> _Reading:
    """Read a page in the direction in which it is written."""
    first = _read(pixels, 0)
    if len(first.lines) < _FEW:
        return first
    if first.upended:
        return max(_read(pixels, 1), _read(pixels, 3), key=lambda each: each.confidence)
    if first.confidence < _SURE:
        return max(first, _read(pixels, 2), key=lambda each: each.confidence)
    return first


def _read(pixels: NDArray[np.uint8], turns: int) -> _Reading:
    import numpy as np

    page = np.ascontiguousarray(np.rot90(pixels, turns))
    boxes = _find_lines(page)
    if not len(boxes):
        return _Reading(turns, (), 0.0, False)
    texts, scores = _read_lines(page, boxes)
    corners = np.concatenate([boxes.min(axis=1), boxes.max(axis=1)], axis=1).tolist()
    lines = tuple(
        Recognised(text, *corner)
        for text, score, corner in zip(texts, scores, corners, strict=True)
        if text.strip() and score >= _LEAST
    )
    weights = [len(text) + 1 for text in texts]
    upended = sum(line.height > _UPENDED * line.width for line in lines)
    return _Reading(
        turns, lines, float(np.average(scores, weights=weights)), upended * 2 > len(lines)
    )


def _find_lines(page: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Return the corners of each line, (n, 4, 2)."""
    import cv2
    import numpy as np

    scale = min(1.0, _LONGEST_SEARCHED / max(page.shape))
    small = cv2.resize(page, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    height, width = (_STEP * math.ceil(side / _STEP) for side in small.shape[:2])
    paper = np.full((height, width, 3), 255, np.uint8)
    paper[: small.shape[0], : small.shape[1]] = small
    boxes = getattr(_engine()(paper, use_det=True, use_rec=False), "boxes", None)
    if boxes is None:
        return np.empty((0, 4, 2), np.float32)
    found: NDArray[np.float32] = (np.asarray(boxes) / scale).astype(np.float32)
    return found


def _read_lines(
    page: NDArray[np.uint8], boxes: NDArray[np.float32]
) -> tuple[list[str], list[float]]:
    """Return what stands in each line, and how sure that is."""
    import cv2
    import numpy as np
    from rapidocr.utils.process_img import get_rotate_crop_image

    strips = []
    for corners in boxes:
        line = get_rotate_crop_image(page, corners)
        width = max(1, round(line.shape[1] * _LINE_HEIGHT / max(1, line.shape[0])))
        strip = np.full((_LINE_HEIGHT, _STEP * math.ceil(width / _STEP), 3), _GREY, np.uint8)
        strip[:, :width] = cv2.resize(line, (width, _LINE_HEIGHT))
        strips.append(strip)
    found = _engine().recognize_txt(strips)
    return list(found.txts), list(found.scores)


def _turned_back(line: Line, turns: int) -> Line:
    """Return where a line stands on the page as it was before it was turned left."""
    left, top, right, bottom = line.left, line.top, line.right, line.bottom
    for _ in range(turns):
        left, top, right, bottom = 1 - bottom, left, 1 - top, right
    return Line(line.start, line.end, left, top, right, bottom)


@cache
def _engine() -> Any:
    from rapidocr import EngineType, RapidOCR

    # No angle classifier: it turned one upright line in ten of 9 points on its head.
    return RapidOCR(
        params={
            "Global.log_level": "critical",  # it would log what it reads
            "Global.use_cls": False,
            "Det.engine_type": EngineType.OPENVINO,
            "Det.limit_type": "max",
            "Det.limit_side_len": _LONGEST_SEARCHED,
            "Rec.engine_type": EngineType.OPENVINO,
            "Rec.rec_batch_num": 1,
            "Cls.engine_type": EngineType.OPENVINO,
            "EngineConfig.openvino.performance_hint": "LATENCY",
        }
    )
