"""A page while it is being written, and the bounds that hold for the text of every format."""

from __future__ import annotations

import re
from collections.abc import Iterator

from indexer.types import DocumentInfo, Heading, Page, ReaderItem, UnreadPage

MAX_CHARACTERS = 50_000_000  # a document; some 25,000 printed pages, and 200 MB at worst in memory

# A format without pages is handed on in pieces of about this many characters, so that a huge file
# needs no step of seconds anywhere and every piece is a sign of life. Ordinary files are one piece.
PIECE = 500_000

_NEVER_STORED = re.compile("[\x00\ud800-\udfff]")

_JUNK_TITLE = re.compile(
    r"untitled|document\s*\d*|title|slide ?\d*|(?:powerpoint )?presentation\s*\d*|microsoft word|"
    r"[\W\d_]*|.*\.(?:docx?|pdf|tex|dvi|indd|qxd|pptx?|xlsx?|odt|rtf|txt|html?|pmd|fm|p65|ps|wpd)",
    re.IGNORECASE | re.DOTALL,
)

TOO_LONG = "The document is too long; the rest of it was not read."


def clean(text: str) -> str:
    """Drop what SQLite and JSON cannot hold: NUL and lone surrogates."""
    if text.isascii() and "\x00" not in text:
        return text
    return _NEVER_STORED.sub("", text)


def real_title(title: str | None) -> str | None:
    """Return the title that a document's metadata gives it, or None if a program made it up."""
    title = " ".join(clean(title or "").split())
    title = title.removeprefix("Microsoft Word - ").removeprefix("Microsoft PowerPoint - ")
    return None if not title or _JUNK_TITLE.fullmatch(title) else title[:300]


class Sheet:
    """Collects lines and headings, and turns them into a Page."""

    def __init__(self) -> None:
        self._lines: list[str] = []
        self._headings: list[Heading] = []
        self.length = 0
        self._announced = ""

    def __bool__(self) -> bool:
        return bool(self._lines)

    @property
    def full(self) -> bool:
        """Whether this is enough for one piece of a format without pages."""
        return self.length >= PIECE

    def add(self, line: str, level: int = 0) -> None:
        """Append a line (which may itself contain line breaks); `level` > 0 makes it a heading."""
        line = clean(line)
        if line:
            self.settle()
        if level and line:
            self._headings.append(Heading(self.length, level, line))
        self._lines.append(line)
        self.length += len(line) + 1

    def announce(self, heading: str) -> None:
        """Let an outermost heading stand before the next line, if there is one before the next."""
        self._announced = " ".join(clean(heading).split())

    def settle(self) -> None:
        """Let the heading stand that was announced, although nothing followed it."""
        name, self._announced = self._announced, ""
        if name:
            self.add(name, 1)

    def take(self, number: int | None = None) -> Page:
        """Return what was collected as a page and begin anew."""
        page = Page("\n".join(self._lines), number, tuple(self._headings))
        self._lines, self._headings, self.length = [], [], 0
        return page


def bounded(items: Iterator[ReaderItem]) -> Iterator[ReaderItem]:
    """Pass a reader's items on until MAX_CHARACTERS are reached; then one UnreadPage says so."""
    left = MAX_CHARACTERS
    for item in items:
        if isinstance(item, DocumentInfo | UnreadPage) or len(item.text) <= left:
            if isinstance(item, Page):
                left -= len(item.text)
            yield item
            continue
        headings = tuple(heading for heading in item.headings if heading.start < left)
        yield Page(item.text[:left], item.number, headings)
        yield UnreadPage(item.number, TOO_LONG)
        return
