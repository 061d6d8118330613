r"""Rich text (RTF): a small reader of our own.

striprtf finds the same words in the text of real files, but leaves out footnotes, comments, headers
and text boxes, shows what is hidden, and tells nothing of headings and tables' headers.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from indexer.readers.encodings.decoding import read_bytes
from indexer.readers.kinds.names import Kind
from indexer.readers.office.links import address_in
from indexer.readers.office.rich_text_lines import Lines
from indexer.readers.office.rich_text_words import (
    BESIDE,
    CHARSETS,
    CODE_PAGES,
    READ,
    SIGNS,
    SYMBOLS,
    UNREAD,
)
from indexer.readers.sheet import TOO_LONG, real_title
from indexer.readers.source import Source
from indexer.types import DocumentInfo, ReaderItem, UnreadPage

_TOKEN = re.compile(
    rb"\\([A-Za-z]{1,32})(-?\d{1,10})? ?|\\'([0-9A-Fa-f]{2})|\\([^A-Za-z])|([{}])|"
    rb"([^\\{}\r\n]+)|[\r\n]+|\\",
    re.DOTALL,
)
_SKIP_TO = re.compile(rb"[\\{}]")
_HEADING_NAME = re.compile(r"\s*heading (\d)\s*;", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class _Group:
    """What holds until the group ends."""

    role: str = ""  # "stylesheet", "field", "skip" and so on: its text is not the document's
    encoding: str = ""  # of the font; "" is the document's
    unicode_skip: int = 1  # characters after \u for those who don't know it
    hidden: bool = False
    address: str = ""  # of the link whose text this is
    beside: str = ""  # where the text of the group goes that begins here: "after", "margin"


def read_rtf(source: Source) -> Iterator[ReaderItem]:
    """Read rich text as one page without number.

    Paragraphs and table rows are lines; notes, comments and text boxes follow their paragraph,
    headers and footers the text.
    """
    data, cut = read_bytes(source)
    document = _Document()
    told = False
    for _ in document.take(data):
        if document.lines.sheet.full:
            if not told:
                yield DocumentInfo(Kind.RTF.value, document.title)
                told = True
            yield document.lines.sheet.take()
    document.lines.end()
    if not told:
        yield DocumentInfo(Kind.RTF.value, document.title)
    yield document.lines.sheet.take()
    if cut:
        yield UnreadPage(None, TOO_LONG)
    elif document.depth > 2:  # careless programs forget to close one or two
        yield UnreadPage(None, "The rest of this document is damaged.")


class _Document:
    """Follows groups, fonts and styles, and gives the text to lines."""

    def __init__(self) -> None:
        self.lines = Lines()
        self._title: list[str] = []
        self._group = _Group()
        self._outer: list[_Group] = []
        self._code_page = "cp1252"
        self._bytes = bytearray()  # text that is not decoded yet: a character may be two tokens
        self._skip = 0  # characters that stand in for the one before
        self._half = 0  # the first half of a character beyond 16 bits
        self._starred = False
        self._instruction: list[str] = []  # of a field
        self._fonts: dict[int, str] = {}
        self._font = 0
        self._style = 0
        self._style_name = ""

    @property
    def depth(self) -> int:
        """How many groups are open."""
        return len(self._outer)

    @property
    def title(self) -> str | None:
        """The title in the document's properties."""
        return real_title("".join(self._title))

    def take(self, data: bytes) -> Iterator[None]:
        """Take a document; yields after each paragraph."""
        at = 0
        while match := _TOKEN.match(data, at):
            at = match.end()
            word, number, code, symbol, brace, text = match.groups()
            if word:
                name = word.decode("ascii")
                if name == "bin":
                    at += max(0, int(number or 0))
                elif self._word(name, int(number) if number else None):
                    yield
            elif code:
                self._take_bytes(bytes([int(code, 16)]))
            elif symbol:
                self._symbol(symbol)
            elif brace == b"{":
                self._flush()
                self._outer.append(self._group)
                self._group = replace(self._group, beside="")
                self._skip = 0
            elif brace:
                self._close()
            elif text:
                if self._group.role == "skip":
                    end = _SKIP_TO.search(data, at)
                    at = end.start() if end else len(data)
                else:
                    self._take_bytes(text)
        self._flush()

    def _take_bytes(self, data: bytes) -> None:
        self._starred = False
        skipped = min(self._skip, len(data))
        self._skip -= skipped
        if self._group.role != "skip" and not self._group.hidden:
            self._bytes += data[skipped:]

    def _symbol(self, symbol: bytes) -> None:
        if symbol == b"*":
            self._starred = True
        elif symbol in (b"\r", b"\n"):
            self._word("par", None)
        elif symbol in SYMBOLS:
            if self._skip:
                self._skip -= 1
            else:
                self._write(SYMBOLS[symbol])

    def _write(self, text: str) -> None:
        self._flush()
        group = self._group
        if group.role == "title":
            self._title.append(text)
        elif group.role == "stylesheet":
            self._style_name += text
            if match := _HEADING_NAME.match(self._style_name):
                self.lines.styles[self._style] = int(match.group(1))
        elif group.role == "field":
            self._instruction.append(text)
        elif not group.role and not group.hidden:
            self.lines.write(text, group.address)

    def _flush(self) -> None:
        if self._bytes:
            data, self._bytes = bytes(self._bytes), bytearray()
            try:
                text = data.decode(self._group.encoding or self._code_page, "replace")
            except LookupError:
                text = data.decode("cp1252", "replace")
            self._write(text)

    def _close(self) -> None:
        self._flush()
        if self._group.beside:
            self.lines.close()
        if self._outer:
            self._group = self._outer.pop()
        self._skip = 0

    def _word(self, name: str, number: int | None) -> bool:
        """Obey a control word; tell whether it ended a paragraph."""
        starred, self._starred = self._starred, False
        if name == "u" and number is not None:
            self._unicode(number)
            return False
        self._flush()
        if self._group.role == "skip" or self._began(name, starred):
            return False
        if name in SIGNS:
            self._write(SIGNS[name])
        elif name in _FORMATS:
            _FORMATS[name](self, number)
        elif not self._group.role:
            return self.lines.obey(name, number)
        return False

    def _began(self, name: str, starred: bool) -> bool:
        """Tell whether a word says what the group is for, and note it."""
        group = self._group
        if name in UNREAD or (starred and name not in READ and name not in BESIDE):
            self._group = replace(group, role="skip")
        elif name in ("fonttbl", "stylesheet", "info"):
            self._group = replace(group, role=name)
        elif group.role == "info":
            self._group = replace(group, role="title" if name == "title" else "skip")
        elif name == "fldinst" and not group.role:
            self._group, self._instruction = replace(group, role="field"), []
        elif name == "fldrslt" and not group.role:
            address = address_in("".join(self._instruction))
            self._group, self._instruction = replace(group, address=address or group.address), []
        elif name in BESIDE:
            self._group = replace(group, beside=BESIDE[name])
            self.lines.open(BESIDE[name])
        else:
            return False
        return True

    def _set_code_page(self, number: int | None) -> None:
        if number:
            self._code_page = CODE_PAGES.get(number, f"cp{number}")

    def _set_skip(self, number: int | None) -> None:
        self._group = replace(self._group, unicode_skip=max(0, min(number or 0, 9)))

    def _hide(self, number: int | None) -> None:
        self._group = replace(self._group, hidden=number != 0)

    def _set_plain(self, _: int | None) -> None:
        self._group = replace(self._group, hidden=False, encoding="")

    def _set_font(self, number: int | None) -> None:
        self._font = number or 0
        if self._group.role != "fonttbl":
            self._group = replace(self._group, encoding=self._fonts.get(self._font, ""))

    def _name_font(self, encoding: str) -> None:
        if encoding and self._group.role == "fonttbl":
            self._fonts[self._font] = encoding

    def _set_style(self, number: int | None) -> None:
        if self._group.role == "stylesheet":
            self._style, self._style_name = number or 0, ""
        elif not self._group.role:
            self.lines.obey("s", number)

    def _set_outline(self, number: int | None) -> None:
        if self._group.role == "stylesheet" and 0 <= (number or 0) < 9:
            self.lines.styles[self._style] = (number or 0) + 1
        elif not self._group.role:
            self.lines.obey("outlinelevel", number)

    def _unicode(self, number: int) -> None:
        if self._skip or self._group.role == "skip":
            return
        unit = number & 0xFFFF
        if 0xD800 <= unit < 0xDC00:
            self._half = unit
        elif 0xDC00 <= unit < 0xE000:
            if self._half:
                self._write(chr(0x10000 + ((self._half - 0xD800) << 10) + unit - 0xDC00))
            self._half = 0
        else:
            self._write(chr(unit))
        self._skip = self._group.unicode_skip


_FORMATS: dict[str, Callable[[_Document, int | None], None]] = {
    "ansi": lambda document, _: document._set_code_page(1252),
    "mac": lambda document, _: document._set_code_page(10000),
    "pc": lambda document, _: document._set_code_page(437),
    "pca": lambda document, _: document._set_code_page(850),
    "ansicpg": _Document._set_code_page,
    "uc": _Document._set_skip,
    "v": _Document._hide,
    "deleted": _Document._hide,
    "plain": _Document._set_plain,
    "f": _Document._set_font,
    "fcharset": lambda document, number: document._name_font(CHARSETS.get(number or 0, "")),
    "cpg": lambda document, number: document._name_font(f"cp{number}"),
    "s": _Document._set_style,
    "outlinelevel": _Document._set_outline,
}
