"""HTML: the text that a browser would show, in lines, with its headings.

Nothing is fetched, run or rendered. The document arrives as a stream of events (enter, text,
leave) that both parsers can give: the fast one builds a tree as browsers do, which takes time
quadratic in the depth of the nesting (272 s for 200,000 divs (measured)); so a document that is
nested absurdly goes through the standard library's tokenizer, which builds nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from html.parser import HTMLParser
from typing import Any

from indexer.errors import Unreadable
from indexer.readers.encodings.decoding import decode, read_bytes, unify
from indexer.readers.kinds.names import Kind
from indexer.readers.markup.web_lines import DROPPED, Lines
from indexer.readers.sheet import TOO_LONG
from indexer.readers.source import Source
from indexer.types import DocumentInfo, Page, ReaderItem, UnreadPage

# By a rough count that does not know which tags may stay open: one real page of 68 comes to 1,010.
# A tree 2,000 deep with 20,000 elements at its bottom takes 0.24 s.
_DEEPEST = 3000

_VOID = frozenset(
    "area base br col embed hr img input link meta param source track wbr".split()  # noqa: SIM905
)
# These close by themselves where the next one begins.
_IMPLIED = frozenset("p li td th tr dt dd option tbody thead tfoot".split())  # noqa: SIM905

_DECLARED = re.compile(
    rb"""<meta[^>]{0,200}?charset\s*=\s*["']?\s*([\w.:-]{2,40})|<\?xml[^>]{0,100}encoding\s*=\s*"""
    rb"""["']([\w.:-]{2,40})""",
    re.IGNORECASE,
)
_TAG = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9-]*)")


def read_html(source: Source) -> Iterator[ReaderItem]:
    """Read an HTML file as a page without number (a huge one as several)."""
    data, cut = read_bytes(source)
    html = unify(decode(data, declared_encoding(data)))
    title, pages = extract(html)
    yield DocumentInfo(Kind.HTML.value, title or None)
    yield from pages
    if cut:
        yield UnreadPage(None, TOO_LONG)


def declared_encoding(data: bytes) -> str | None:
    """Return the encoding that HTML says of itself that it is in."""
    declared = _DECLARED.search(data[:4096])
    return (declared.group(1) or declared.group(2)).decode("ascii") if declared else None


def extract(html: str) -> tuple[str, list[Page]]:
    """Return the title and the visible text of HTML, one page unless it is huge.

    Other formats that contain HTML use it too. Raises Unreadable.
    """
    lines = Lines()
    if _is_deep(html):
        flat = _Flat(lines)
        flat.feed(html)
        flat.close()
    else:
        _walk(html, lines)
    return lines.finish()


def _is_deep(html: str) -> bool:
    if html.count("<") < _DEEPEST:
        return False
    depth = deepest = 0
    for match in _TAG.finditer(html):
        closing, tag = match.groups()
        if closing:
            depth = max(0, depth - 1)
        elif tag.lower() not in _VOID and tag.lower() not in _IMPLIED:
            depth += 1
            deepest = max(deepest, depth)
    return deepest > _DEEPEST


def _walk(html: str, lines: Lines) -> None:
    """Send the tree of a document as events, without recursion."""
    from selectolax.lexbor import LexborHTMLParser

    node = LexborHTMLParser(html).root
    if node is None:
        raise Unreadable("This web page is damaged.", "Open it in a browser and save it again.")
    open_nodes: list[tuple[Any, str]] = []
    current: Any = node
    while True:
        tag = current.tag or ""
        child = None
        if tag == "-text":
            lines.text(current.text_content or "")
        elif not tag.startswith(("-", "!", "_")):
            if lines.enter(tag, current.attributes):
                child = current.child
            if child is not None:
                open_nodes.append((current, tag))
                current = child
                continue
            lines.leave(tag)
        following = current.next
        while following is None:
            if not open_nodes:
                return
            current, tag = open_nodes.pop()
            lines.leave(tag)
            following = current.next
        current = following


class _Flat(HTMLParser):
    """Sends the tags of a document as events, in constant memory and without a tree."""

    def __init__(self, lines: Lines) -> None:
        super().__init__(convert_charrefs=True)
        self._lines = lines
        self._hidden = ""  # the dropped element that is open; others inside do not count
        self._depth = 0

    def handle_starttag(self, tag: str, attrs: object) -> None:  # noqa: ARG002
        """Begin an element."""
        if self._hidden:
            self._depth += tag == self._hidden
        elif tag in _VOID:
            if tag in ("br", "hr"):
                self._lines.enter("br", None)
        elif tag in DROPPED and tag != "head":
            self._hidden, self._depth = tag, 1
        elif tag not in ("head", "html"):
            self._lines.enter(tag, None)

    def handle_endtag(self, tag: str) -> None:
        """End an element."""
        if self._hidden:
            self._depth -= tag == self._hidden
            if not self._depth:
                self._hidden = ""
        elif tag not in ("head", "html") and tag not in _VOID:
            self._lines.leave(tag)

    def handle_data(self, data: str) -> None:
        """Take text."""
        if not self._hidden:
            self._lines.text(data)
