"""What stands in the drawings of Office documents: text boxes, diagrams, charts."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping
from itertools import islice, zip_longest
from typing import Any

from indexer.readers.office.formulas import linear
from indexer.readers.office.links import LinkedText
from indexer.readers.office.package import BROKEN, Parts, attribute, local

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
            # What older programs show instead, mostly a picture, is a second copy.
            again = any(local(each) == "Fallback" for each in element.iterancestors())
            if not again and (line := paragraph(element)):
                yield line
            element.clear()


def paragraph(element: Any, addresses: Mapping[str, str] | None = None) -> str:
    """Return the text of a paragraph, with the addresses behind its links if they are given."""
    text = LinkedText()
    _add(element, text, addresses or {})
    return text.whole().strip()


def _add(element: Any, text: LinkedText, addresses: Mapping[str, str], address: str = "") -> None:
    for each in element:
        name = local(each)
        if name == "rPr":
            clicked = (attribute(link, "id") for link in each if local(link) == "hlinkClick")
            address = addresses.get(next(clicked, ""), "")
        elif name == "t":
            text.add(each.text or "", address)
        elif name == "oMath":
            text.add(linear(each))
        elif name in ("br", "tab"):
            text.add("\n" if name == "br" else "\t")
        elif name != "fld" or not attribute(each, "type").startswith(_COUNTED):
            _add(each, text, addresses)


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
