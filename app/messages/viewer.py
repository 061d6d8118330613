"""What the viewer is asked, and what it says."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True, slots=True)
class RenderPage:
    """Render a page of a PDF or a picture; answered by PageRendered or Failed."""

    id: str
    path: Path
    page: int
    width: int  # pixels
    quote: str  # to be found on the page
    password: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class PageBox:
    """A rectangle on a page, as shares of its width and height, from the top left."""

    left: float
    top: float
    right: float
    bottom: float


@dataclass(frozen=True, slots=True)
class PageRendered:
    """A page as a picture: zlib-compressed rows of BGRX pixels in base64."""

    id: str
    width: int
    height: int
    stride: int
    pages: int
    pixels: str
    boxes: tuple[PageBox, ...]  # one a line of the quote
    label: str = ""  # the number that is printed on the page
