"""XML of any vocabulary, with outlines (OPML) and FictionBook among them: its text in lines.

The document goes through lxml as a stream of events; no tree is built, no entity of a file or an
address is loaded, and libxml2 ends what expands without measure.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass

from lxml import etree

from indexer.readers.encodings.decoding import decode, read_bytes, unify
from indexer.readers.kinds.names import Kind
from indexer.readers.markup.text import read_text
from indexer.readers.markup.web import extract
from indexer.readers.sheet import TOO_LONG, Sheet, real_title
from indexer.readers.source import Source
from indexer.types import DocumentInfo, ReaderItem, UnreadPage

_BLOCK = 65_536  # characters that are parsed before a full sheet is handed on
_REST_DAMAGED = "The rest of this document is damaged."
_BLANK = "\ufeff \t\n"
_DECLARATION = re.compile(r"<\?xml\s[^>]{0,200}\?>")
_DECLARED = re.compile(rb"""<\?xml[^>]{0,100}encoding\s*=\s*["']([\w.:-]{2,40})""")
# One long run, or ten long lines: words have blanks between them.
_BASE64 = re.compile(
    r"(?<![A-Za-z0-9+/=])(?:[A-Za-z0-9+/=]{1000,}+"
    r"|(?:[A-Za-z0-9+/=]{50,}+\s++){10,}+[A-Za-z0-9+/=]*)"
)
_HTML = re.compile(r"</(?:p|div|a|li|ul|ol|span|b|i|strong|em|td|h[1-6])>|<br ?/?>", re.IGNORECASE)

# What is a heading, and how many elements must be around it: a "head" at the top is none.
_ABOVE_HEADINGS = {"title": 1, "head": 2}
_DOCUMENT_TITLES = frozenset({"title", "book-title"})
_DEEPEST_TITLE = 4  # elements around a document's title: rss > channel, FictionBook > ... > info
_LONGEST_HEADING = 300
_TECHNICAL = frozenset("id ref idref href src type class style lang space".split())  # noqa: SIM905
# Parts of one thing, which stand in one line without any text between them.
_JOINED = frozenset({"first-name", "middle-name", "last-name", "nickname"})


def read_xml(source: Source) -> Iterator[ReaderItem]:
    """Read XML as lines of text; what is no XML at all is read as plain text."""
    data, cut = read_bytes(source)
    declared = _DECLARED.search(data[:1024])
    text = unify(decode(data, declared.group(1).decode("ascii") if declared else None))
    del data
    # The text is not in the declared encoding any more.
    text = text.lstrip(_BLANK)
    if declaration := _DECLARATION.match(text):
        text = text[declaration.end() :].lstrip(_BLANK)
    lines = _Lines()
    parser = etree.XMLParser(
        target=lines, encoding="utf-8", resolve_entities=False, no_network=True, huge_tree=False,
        load_dtd=False, recover=True,
    )  # fmt: skip
    started = False
    for at in range(0, len(text), _BLOCK):
        parser.feed(text[at : at + _BLOCK].encode())
        if lines.sheet.full:
            if not started:
                yield DocumentInfo(lines.kind.value, real_title(lines.title))
                started = True
            yield lines.sheet.take()
    with suppress(etree.XMLSyntaxError):  # not a single element
        parser.close()
    if not lines.seen:
        yield from read_text(source)
        return
    damaged = lines.finish()
    if not started:
        yield DocumentInfo(lines.kind.value, real_title(lines.title))
    yield lines.sheet.take()
    if cut:
        yield UnreadPage(None, TOO_LONG)
    elif damaged:
        yield UnreadPage(None, _REST_DAMAGED)


@dataclass(slots=True)
class _Element:
    """An open element."""

    tag: str
    attributes: Mapping[str, str]
    has_text: bool = False
    has_children: bool = False
    is_heading: bool = False


class _Lines:
    """Turns the events of any XML into lines: an element is a block unless text is beside it."""

    def __init__(self) -> None:
        self.sheet = Sheet()
        self.kind = Kind.XML
        self.title = ""
        self.seen = False
        self._open: list[_Element] = []
        self._line: list[str] = []
        self._level = 0  # of the heading that is open
        self._ended = False  # an element that ends its line unless text follows it

    def start(self, tag: str, attributes: Mapping[str, str]) -> None:
        """Begin an element."""
        name = _local(tag)
        if not self.seen and name == "FictionBook":
            self.kind = Kind.FICTIONBOOK
        self.seen = True
        parent = self._open[-1] if self._open else None
        if parent:
            parent.has_children = True
        if name in _JOINED:
            self._line.append(" ")
        elif self._ended or not (parent and parent.has_text):
            self._end_line()
        self._ended = False
        # lxml leaves this one as it is written.
        given = {key: value.replace("&#38;", "&") for key, value in attributes.items()}
        self._open.append(_Element(name, given))
        if not self._level and len(self._open) > _ABOVE_HEADINGS.get(name, len(self._open)):
            self._level = min(len(self._open) - 1, 6)
            self._open[-1].is_heading = True
        if name == "outline":
            self._outline(given)

    def data(self, text: str) -> None:
        """Take text, all or a part of what stands between two tags."""
        if not self._open:
            return
        if text.strip():
            self._open[-1].has_text = True
            self._ended = False
        self._line.append(text)

    def end(self, _tag: str) -> None:
        """End an element."""
        if not self._open:
            return
        element = self._open.pop()
        if self._ended:
            self._end_line()
        if not element.has_text and not element.has_children and element.tag != "outline":
            self._line.append("; ".join(_readable(element.attributes)))
        if element.tag in _DOCUMENT_TITLES and not self.title and len(self._open) <= _DEEPEST_TITLE:
            self.title = "".join(self._line) or self.title
        if element.is_heading:
            self._end_line()
            self._level = 0
        self._ended = element.tag not in _JOINED and not (self._open and self._open[-1].has_text)

    def close(self) -> None:
        """End the document, as lxml asks for."""

    def finish(self) -> bool:
        """End the last line; return whether the document broke off."""
        self._end_line()
        return bool(self._open)

    def _outline(self, attributes: Mapping[str, str]) -> None:
        depth = sum(element.tag == "outline" for element in self._open) - 1
        text = attributes.get("text") or attributes.get("title") or ""
        address = attributes.get("htmlUrl") or attributes.get("xmlUrl") or attributes.get("url")
        note = attributes.get("_note", "")
        shown = _plain(" ".join(part for part in (text, address and f"({address})") if part))
        self.sheet.add(f"{'  ' * depth}- {shown}")
        if note:
            self.sheet.add(_plain(note))

    def _end_line(self) -> None:
        text = "".join(self._line)
        self._line = []
        if text and not text.isspace():
            # What stands in an element that is open may be a picture of megabytes.
            text = _plain(_BASE64.sub(" ", text) if len(text) > 1000 else text)
        if text.strip():
            level = self._level if len(text) <= _LONGEST_HEADING else 0
            self.sheet.add(" ".join(text.split()) if level else text, level)


def _local(tag: str) -> str:
    return tag[tag.rfind("}") + 1 :]


def _plain(text: str) -> str:
    """Return text without the indentation of the file; HTML inside it as a browser shows it."""
    if _HTML.search(text):
        text = "\n".join(page.text for page in extract(text)[1])
    lines = [" ".join(line.split()) for line in text.strip().split("\n")]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines))


def _readable(attributes: Mapping[str, str]) -> list[str]:
    """Return what an element without any content says by its attributes."""
    named = ((_local(name), value) for name, value in attributes.items())
    return [f"{name}: {value}" for name, value in named if name not in _TECHNICAL and value.strip()]
