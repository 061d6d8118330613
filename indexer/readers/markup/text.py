"""Plain text, Markdown and source code."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from indexer.readers.encodings.decoding import decode, read_bytes, read_decoded, unify
from indexer.readers.encodings.ebcdic import holds_records
from indexer.readers.kinds.names import Kind
from indexer.readers.sheet import PIECE, TOO_LONG
from indexer.readers.source import Source
from indexer.types import DocumentInfo, Heading, Page, ReaderItem, UnreadPage

_FENCE = re.compile(r" {0,3}(```+|~~~+)")
_ATX = re.compile(r" {0,3}(#{1,6})[ \t]+(.*?)(?:[ \t]+#+)?[ \t]*$")
_SETEXT = re.compile(r" {0,3}(=+|-+)[ \t]*$")
_BLOCK_START = re.compile(r"[ \t]*(?:[-*+>|]|\d+[.)][ \t]|$)")
_FRONT_MATTER = re.compile(r"---\n(.*?)\n(?:---|\.\.\.)\n", re.DOTALL)
_FRONT_TITLE = re.compile(r"^title:[ \t]*([\"']?)(.+?)\1[ \t]*$", re.MULTILINE)

_RECORDS = (
    "It holds a mainframe's records: where a field begins is not written in it, so that fields may "
    "stand together, and packed numbers are left out."
)

Headings = Callable[[str], tuple[Heading, ...]]


def read_text(source: Source) -> Iterator[ReaderItem]:
    """Read plain text; a form feed starts a new page, numbered from 1."""
    data, cut = read_bytes(source)
    yield from pages(Kind.TEXT, unify(decode(data)), cut, lambda _: ())
    if holds_records(data):
        yield UnreadPage(None, _RECORDS)


def read_markdown(source: Source) -> Iterator[ReaderItem]:
    """Read Markdown as it is written, with its headings; form feeds as in plain text."""
    text, cut = read_decoded(source)
    front = _FRONT_MATTER.match(text)
    title = _FRONT_TITLE.search(front.group(1)) if front else None
    yield from pages(Kind.MARKDOWN, text, cut, headings_of, title.group(2) if title else None)


def read_code(source: Source) -> Iterator[ReaderItem]:
    """Read source code; its form feeds separate sections, not pages."""
    text, cut = read_decoded(source)
    yield from pages(Kind.CODE, text.replace("\f", "\n"), cut, lambda _: ())


def headings_of(text: str) -> tuple[Heading, ...]:
    """Return the headings of Markdown: `# ATX` and underlined ones, outside fenced code."""
    if "#" not in text and "\n=" not in text and "\n-" not in text:
        return ()
    found: list[Heading] = []
    fence = ""
    start = 0
    before, before_start = "", 0
    front = _FRONT_MATTER.match(text)
    skip = front.end() if front else 0
    for line in text.split("\n"):
        end = start + len(line) + 1
        if start >= skip:
            opened = _FENCE.match(line)
            if opened and (not fence or opened.group(1).startswith(fence)):
                fence = "" if fence else opened.group(1)
            elif not fence:
                if heading := _ATX.match(line):
                    if heading.group(2):
                        found.append(Heading(start, len(heading.group(1)), heading.group(2)))
                elif _SETEXT.match(line) and before and not _BLOCK_START.match(before):
                    level = 1 if "=" in line else 2
                    found.append(Heading(before_start, level, before.strip()))
            before, before_start = line, start
        start = end
    return tuple(found)


def pages(
    kind: Kind, text: str, cut: bool, headings: Headings, title: str | None = None
) -> Iterator[ReaderItem]:
    """Yield a text as a document: pages between form feeds, or pieces where there are none."""
    if "\f" in text:
        parts = text.split("\f")
        if not parts[-1].strip():
            parts.pop()  # a form feed may end a page as well as start one
        yield DocumentInfo(kind.value, title, len(parts))
        for number, part in enumerate(parts, 1):
            yield Page(part, number, headings(part))
    else:
        yield DocumentInfo(kind.value, title)
        for piece in pieces(text):
            yield Page(piece, None, headings(piece))
    if cut:
        yield UnreadPage(None, TOO_LONG)


def pieces(text: str) -> Iterator[str]:
    """Cut a text into pieces of PIECE characters that end at a line's end where there is one."""
    start = 0
    while len(text) - start > PIECE:
        end = text.rfind("\n", start + PIECE // 2, start + PIECE) + 1 or start + PIECE
        yield text[start:end]
        start = end
    yield text[start:] if start else text
