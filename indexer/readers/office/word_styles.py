"""What the styles of a Word document say of its paragraphs: what is a heading, what is counted."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator
from typing import Any

from indexer.readers.office.numbering import Numbering
from indexer.readers.office.package import BROKEN, Parts, attribute, local

log = logging.getLogger(__name__)

_HEADING_NAME = re.compile(r"heading ?(\d)", re.IGNORECASE)
_RING = 20  # styles that may be based on each other; a ring of them must not hold us


class Styles:
    """The styles of a document, and the state of its lists."""

    def __init__(self) -> None:
        self.numbering = Numbering()
        self._levels: dict[str, int] = {}
        self._based: dict[str, str] = {}
        self._lists: dict[str, str] = {}
        self._places: dict[str, str] = {}  # levels in these lists

    @staticmethod
    def of(parts: Parts, main: str) -> Styles:
        """Read the styles and lists of a document; damaged ones are left out."""
        styles = Styles()
        for relation, take in (("styles", styles.define), ("numbering", styles.numbering.define)):
            for part in parts.related(main, relation):
                try:
                    take(parts.parse(part))
                except BROKEN as error:
                    log.info("styles could not be read: %s", type(error).__name__)
        return styles

    def define(self, elements: Iterator[Any]) -> None:
        """Take the elements of the part that defines styles."""
        for element in elements:
            if local(element) == "style":
                self._define_style(element)
            if local(element) in ("style", "p"):
                element.clear()

    def _define_style(self, element: Any) -> None:
        identity = attribute(element, "styleId")
        level = 0
        for child in element.iter():
            name, value = local(child), attribute(child, "val")
            if name == "name":
                match = _HEADING_NAME.fullmatch(value)
                level = int(match.group(1)) if match else int(value.lower() == "title")
            elif name == "basedOn":
                self._based[identity] = value
            elif name == "outlineLvl" and not level:
                level = outline_level(value)
            elif name == "numId":
                self._lists[identity] = value
            elif name == "ilvl":
                self._places[identity] = value
        if level:
            self._levels[identity] = level

    def level(self, style: str) -> int:
        """Return the level of a style's headings; 0 if they are none."""
        return next((self._levels[each] for each in self._line(style) if each in self._levels), 0)

    def label(self, style: str, identity: str, place: str) -> str:
        """Count a paragraph of a style, in a list if it says so itself; return its number."""
        for each in self._line(style):
            identity = identity or self._lists.get(each, "")
            place = place or self._places.get(each, "")
        return self.numbering.label(identity, place) if identity else ""

    def _line(self, style: str) -> Iterator[str]:
        """Yield a style and those that it is based on."""
        for _ in range(_RING):
            if not style:
                return
            yield style
            style = self._based.get(style, "")


def outline_level(value: str) -> int:
    """Return the heading level of an outline level; 0 for that of ordinary text."""
    return int(value) + 1 if value.isdecimal() and int(value) < 9 else 0
