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
from indexer.readers.encodings import decode, read_bytes, unify
from indexer.readers.kinds import Kind
from indexer.readers.sheet import TOO_LONG, Sheet
from indexer.readers.source import Source
from indexer.types import DocumentInfo, Page, ReaderItem, UnreadPage

# By a rough count that does not know which tags may stay open: one real page of 68 comes to 1,010.
# A tree 2,000 deep with 20,000 elements at its bottom takes 0.24 s.
_DEEPEST = 3000

_DROPPED = frozenset(
    "script style noscript template nav svg math-error iframe embed canvas audio video "  # noqa: SIM905
    "head datalist".split()
)
_BLOCKS = frozenset(
    "address article aside blockquote body center dd details dialog dir div dl dt fieldset "  # noqa: SIM905
    "figcaption figure footer form header hr html legend li main menu ol optgroup option p pre "
    "search section summary ul table caption tbody thead tfoot tr h1 h2 h3 h4 h5 h6".split()
)
# These end a line even inside a table's cell; the other blocks are only a space there.
_STRONG = frozenset("h1 h2 h3 h4 h5 h6 table tr ul ol li pre caption".split())  # noqa: SIM905
_HEADINGS = {"h1": 1, "h2": 2, "h3": 3, "h4": 4, "h5": 5, "h6": 6}
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
_HIDDEN_STYLE = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.IGNORECASE)


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


class Lines:
    """Turns the events of a parser into lines."""

    def __init__(self) -> None:
        self._pages: list[Page] = []
        self._sheet = Sheet()
        self._line: list[str] = []
        self._dropped = 0  # how many elements deep inside something that is not shown
        self._cells: list[bool] = []  # for each open table whether a cell of a row is open
        self._pre = 0
        self._level = 0
        self._in_title = False
        self._title: list[str] = []

    def enter(self, tag: str, attributes: Any) -> bool:
        """Begin an element; False if its content is not shown and need not be sent."""
        if tag == "title" and self._dropped <= 1:
            self._in_title = True
            return True
        if self._dropped:
            self._dropped += 1
            return True
        if tag in _DROPPED or (attributes and _is_hidden(attributes)):
            self._dropped = 1
            return tag == "head"
        if tag == "br":
            self._break("br")
        elif tag in ("td", "th"):
            if self._line:
                self._line.append(" | ")
            if self._cells:
                self._cells[-1] = True
        elif tag in _BLOCKS:
            self._break(tag)
            if tag == "table":
                self._cells.append(False)
            elif tag == "pre":
                self._pre += 1
            elif tag in _HEADINGS:
                self._level = _HEADINGS[tag]
            elif tag == "li":
                self._line.append("- ")
        return True

    def text(self, data: str) -> None:
        """Take text as it stands in the document."""
        if self._in_title:
            self._title.append(data)
        elif self._dropped:
            return
        elif self._pre:
            first, *rest = data.split("\n")
            self._line.append(first)
            for line in rest:
                self._end_line()
                self._line.append(line)
        else:
            self._line.append(data)

    def leave(self, tag: str) -> None:
        """End an element."""
        if tag == "title" and self._in_title:
            self._in_title = False
            return
        if self._dropped:
            self._dropped -= 1
            return
        if tag in ("td", "th"):
            if self._cells:
                self._cells[-1] = False
        elif tag in _BLOCKS:
            self._break(tag)
            if tag == "table" and self._cells:
                self._cells.pop()
            elif tag == "pre":
                self._pre = max(0, self._pre - 1)
            elif tag in _HEADINGS:
                self._level = 0

    def finish(self) -> tuple[str, list[Page]]:
        """Return the title and the pages."""
        self._end_line()
        pages = [*self._pages, self._sheet.take()]
        return " ".join("".join(self._title).split()), pages

    def _break(self, tag: str) -> None:
        if self._cells and self._cells[-1] and tag not in _STRONG:
            self._line.append(" ")
        else:
            self._end_line()

    def _end_line(self) -> None:
        if not self._line:
            return
        joined = "".join(self._line)
        self._line = []
        line = joined.rstrip() if self._pre else " ".join(joined.split()).strip("| ")
        if line and line != "-":
            self._sheet.add(line, self._level)
            if self._sheet.full:
                self._pages.append(self._sheet.take())


def _is_hidden(attributes: Any) -> bool:
    style = attributes.get("style")
    return "hidden" in attributes or bool(style and _HIDDEN_STYLE.search(style))


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
        elif tag in _DROPPED and tag != "head":
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
