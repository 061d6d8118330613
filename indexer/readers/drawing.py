"""What stands in the drawings of Office documents: text boxes, diagrams, charts."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from itertools import islice, zip_longest
from typing import Any

from indexer.readers.package import BROKEN, Parts, attribute, local

log = logging.getLogger(__name__)

_POINTS = 2_000  # of a chart's series; more are measurements, not something to be read
_COUNTED = ("slidenum", "datetime")  # fields that say something else each time


def lines_of_drawings(parts: Parts, name: str) -> Iterator[str]:
    """Yield the text of the charts and diagrams of a part; a damaged one is left out."""
    for relation, lines_of in (("chart", chart_lines), ("diagramData", text_lines)):
        for part in parts.related(name, relation):
            try:
                yield from lines_of(parts, part)
            except BROKEN as error:
                log.info("a drawing could not be read: %s", type(error).__name__)


def text_lines(parts: Parts, name: str) -> Iterator[str]:
    """Yield the paragraphs of a drawing's text boxes. Raises one of BROKEN."""
    for element in parts.parse(name):
        if local(element) == "p":
            if line := paragraph(element):
                yield line
            element.clear()


def paragraph(element: Any) -> str:
    """Return the text of a paragraph."""
    pieces: list[str] = []
    field = None  # one whose text is not taken
    for each in element.iter():
        name = local(each)
        if name == "fld" and attribute(each, "type").startswith(_COUNTED):
            field = each
        elif name == "t" and each.text and (field is None or each.getparent() is not field):
            pieces.append(each.text)
        elif name in ("br", "tab"):
            pieces.append("\n" if name == "br" else "\t")
    return "".join(pieces).strip()


def chart_lines(parts: Parts, name: str) -> Iterator[str]:
    """Yield a chart's titles, and each series as "name: category value; category value".

    Raises one of BROKEN.
    """
    for element in parts.parse(name):
        tag = local(element)
        if tag == "ser":
            label = " ".join(_points(element, "tx"))
            names = _points(element, "cat") or _points(element, "xVal")
            values = _points(element, "val") or _points(element, "yVal")
            pairs = zip_longest(names[: len(values)], values, fillvalue="")
            line = "; ".join(f"{category} {value}".strip() for category, value in pairs)
            if label or line:
                yield f"{label}: {line}" if label and line else label or line
            element.clear()
        elif tag == "p":
            if line := paragraph(element):
                yield line
            element.clear()


def _points(series: Any, role: str) -> list[str]:
    found = (each for child in series if local(child) == role for each in child.iter())
    values = (" ".join((each.text or "").split()) for each in found if local(each) == "v")
    return [_rounded(value) for value in islice(values, _POINTS)]


def _rounded(value: str) -> str:
    """Write a number without the digits that binary fractions add."""
    try:
        return f"{float(value):.10g}" if len(value) > 10 else value
    except ValueError:
        return value
