"""From the map of where text may stand to the boxes of its lines, however they are inclined.

The way is that of Differentiable Binarization (Liao et al., AAAI 2020) with PaddleOCR's values:
what is likely enough and hangs together is the core of a line, which is grown by what training has
taken away.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from PIL.Image import Image

_LIKELY = 0.3  # of a pixel
_LINE = 0.5  # of all pixels of a line, on average
_GROWN = 1.6  # area by circumference, times this, is what is missing on each side
_THINNEST = 3.0  # pixels of a core; letters of 3 cannot be read
_MOST = 1_000  # lines; a page of newspaper has 600
_LONG = 3  # widths in heights of a line whose angle can be trusted
_ASPECT = 1.5  # height to width of a line that stands upright


@dataclass(frozen=True, slots=True)
class Box:
    """An inclined rectangle: its corners in pixels, clockwise from the top left."""

    corners: NDArray[np.float64]  # (4, 2) of x and y

    @property
    def sides(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """The vectors along its upper and its left side."""
        return self.corners[1] - self.corners[0], self.corners[3] - self.corners[0]

    @property
    def bounds(self) -> tuple[float, float, float, float]:
        """Left, top, right and bottom of the upright rectangle around it."""
        left, top = self.corners.min(axis=0).tolist()
        right, bottom = self.corners.max(axis=0).tolist()
        return left, top, right, bottom

    def turned(self, angle: float) -> Box:
        """Return it turned clockwise by an angle in radians, around the page's origin."""
        cosine, sine = np.cos(angle), np.sin(angle)
        return Box(self.corners @ np.array([[cosine, sine], [-sine, cosine]]))

    def scaled(self, factor: float) -> Box:
        """Return it as it is on a picture that is so many times as large."""
        return Box(self.corners * factor)

    def cut(self, page: Image, height: int) -> Image:
        """Return what is inside of it on a page, level and so many pixels high.

        What stands upright is turned to the left, as a line that is read from the bottom.
        """
        import PIL.Image

        along, down = self.sides
        width = max(1, round(float(np.linalg.norm(along))))
        depth = max(1, round(float(np.linalg.norm(down))))
        (a, d), (b, e), (c, f) = along / width, down / depth, self.corners[0]
        line = page.transform(
            (width, depth),
            PIL.Image.Transform.AFFINE,
            (a, b, c, d, e, f),
            PIL.Image.Resampling.BICUBIC,
            fillcolor="white",
        )
        if depth >= _ASPECT * width:
            line = line.transpose(PIL.Image.Transpose.ROTATE_90)
        width = max(1, round(line.width * height / line.height))
        return line.resize((width, height), PIL.Image.Resampling.BILINEAR)


def find_boxes(heat: NDArray[np.float32]) -> list[Box]:
    """Return the boxes of the lines in a map of (height, width) likelihoods, in its pixels."""
    boxes = []
    for points in _cores(heat > _LIKELY):
        box = _rectangle(points)
        if box is not None and _inside(heat, box.corners) >= _LINE:
            boxes.append(_grown(box))
    return boxes


def inclination(boxes: Sequence[Box]) -> float:
    """Return the angle, in radians clockwise, by which most lines of a page are inclined."""
    sides = [box.sides for box in boxes]
    angles = [
        float(np.arctan2(along[1], along[0]))
        for along, down in sides
        if np.linalg.norm(along) > _LONG * np.linalg.norm(down)
    ]
    return float(np.median(angles)) if angles else 0.0


def _cores(mask: NDArray[np.bool_]) -> Iterator[NDArray[np.float64]]:
    """Yield the left and right ends, (n, 2) of x and y, of what hangs together, largest first."""
    # The rows are walked by their runs; touching ones, at a corner too, are of one core.
    thick = mask.copy()  # what is a pixel apart belongs together
    thick[1:] |= mask[:-1]
    thick[:, 1:] |= thick[:, :-1].copy()
    edges = np.diff(np.pad(thick, ((0, 0), (1, 1))).astype(np.int8), axis=1)
    rows, starts = np.nonzero(edges == 1)
    ends = np.nonzero(edges == -1)[1]
    stride = mask.shape[1] + 2
    first = np.searchsorted(rows * stride + ends, (rows + 1) * stride + starts)
    last = np.searchsorted(rows * stride + starts, (rows + 1) * stride + ends, side="right")
    roots = list(range(len(rows)))

    def root(index: int) -> int:
        while roots[index] != index:
            roots[index] = index = roots[roots[index]]
        return index

    for above, (begin, end) in enumerate(zip(first.tolist(), last.tolist(), strict=True)):
        for below in range(begin, end):
            roots[root(below)] = root(above)
    labels = np.array([root(index) for index in range(len(roots))], np.int64)
    order = np.argsort(labels, kind="stable")
    groups = np.split(order, np.flatnonzero(np.diff(labels[order])) + 1) if len(order) else []
    groups.sort(key=lambda group: -int((ends[group] - starts[group]).sum()))
    for group in groups[:_MOST]:
        # Only a row's outermost points can be corners.
        new = np.flatnonzero(np.diff(rows[group], prepend=-1))
        left = np.minimum.reduceat(starts[group], new)
        right = np.maximum.reduceat(ends[group], new) - 1
        y = np.tile(rows[group][new], 2)
        yield np.stack([np.concatenate([left, right]), y], axis=1).astype(np.float64)


def _rectangle(points: NDArray[np.float64]) -> Box | None:
    """Return the smallest rectangle around points; None if it is too thin for letters."""
    if min(np.ptp(points, axis=0)) < _THINNEST:
        return None  # most are dots and rules; an inclined line is wide and high
    hull = _hull(points)
    sides = np.diff(hull, axis=0, append=hull[:1])
    along = sides / np.linalg.norm(sides, axis=1, keepdims=True)
    across = np.stack([-along[:, 1], along[:, 0]], axis=1)
    u, v = hull @ along.T, hull @ across.T
    best = int(np.argmin(np.ptp(u, axis=0) * np.ptp(v, axis=0)))
    u, v = u[:, best], v[:, best]
    if min(np.ptp(u), np.ptp(v)) < _THINNEST:
        return None
    ends = np.array(
        [(u.min(), v.min()), (u.max(), v.min()), (u.max(), v.max()), (u.min(), v.max())]
    )
    corners = ends @ np.stack([along[best], across[best]])
    # The side that points to the right most becomes the upper one.
    rightward = np.diff(corners[:, 0], append=corners[:1, 0]) / np.linalg.norm(
        np.diff(corners, axis=0, append=corners[:1]), axis=1
    )
    return Box(np.roll(corners, -int(np.argmax(rightward)), axis=0))


def _hull(points: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the convex hull of points, in order (Andrew's monotone chain)."""
    ordered = sorted(set(map(tuple, points.tolist())))

    def half(run: list[tuple[float, float]]) -> list[tuple[float, float]]:
        chain: list[tuple[float, float]] = []
        for x, y in run:
            while len(chain) > 1:
                (ax, ay), (bx, by) = chain[-2:]
                if (bx - ax) * (y - ay) - (by - ay) * (x - ax) > 0:
                    break
                chain.pop()
            chain.append((x, y))
        return chain[:-1]

    return np.array(half(ordered) + half(ordered[::-1]))


def _inside(heat: NDArray[np.float32], corners: NDArray[np.float64]) -> float:
    """Return the mean of the map inside of a box."""
    import PIL.Image
    import PIL.ImageDraw

    left, top = np.maximum(np.floor(corners.min(axis=0)), 0).astype(int)
    right, bottom = np.ceil(corners.max(axis=0)).astype(int) + 1
    part = heat[top:bottom, left:right]
    mask = PIL.Image.new("L", (part.shape[1], part.shape[0]))
    polygon = [(x - left, y - top) for x, y in corners.tolist()]
    PIL.ImageDraw.Draw(mask).polygon(polygon, fill=1)
    return float(part[np.asarray(mask) > 0].mean())


def _grown(box: Box) -> Box:
    """Return a box with what training took from its line; its corners are now between pixels."""
    along, down = box.sides
    width, height = np.linalg.norm(along), np.linalg.norm(down)
    more = width * height * _GROWN / (2 * (width + height))
    u, v = along / width * more, down / height * more
    return Box(box.corners + 0.5 + np.array([-u - v, u - v, u + v, v - u]))
