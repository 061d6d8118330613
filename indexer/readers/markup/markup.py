"""Markup that is read as it is written, with its headings: Org, reStructuredText, AsciiDoc, TeX.

Nothing is rendered: what stands in the file is what its writer knows. Headings are found by the
line, outside of the blocks in which a line of the same look means something else.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

from indexer.readers.encodings.decoding import read_decoded
from indexer.readers.kinds.names import Kind
from indexer.readers.markup.text import Headings, pages
from indexer.readers.source import Source
from indexer.types import Heading, ReaderItem

_ORG_HEADING = re.compile(r"(\*+)[ \t]+(.*)")
_ORG_MARKS = re.compile(r"^(?:TODO|DONE|NEXT|WAITING|CANCELLED)[ \t]+|\[#[A-Z]\][ \t]*")
_ORG_TAGS = re.compile(r"[ \t]+:[\w@#%:]+:[ \t]*$")
_ORG_TITLE = re.compile(r"^#\+title:[ \t]*(.+?)[ \t]*$", re.MULTILINE | re.IGNORECASE)
_ORG_BLOCK = re.compile(r"[ \t]*#\+(begin|end)_", re.IGNORECASE)

_RST_LINE = re.compile(r"([!-/:-@\[-`{-~])\1{2,}[ \t]*$")

_ADOC_HEADING = re.compile(r"(={1,6}|#{1,6})[ \t]+(\S.*?)(?:[ \t]+\1)?[ \t]*$")
_ADOC_BLOCK = re.compile(r"(-{4,}|\.{4,}|\+{4,}|/{4,}|`{3,})[ \t]*$")

_TEX_LEVELS = {
    "part": 1, "chapter": 2, "section": 3, "subsection": 4, "subsubsection": 5, "paragraph": 6,
}  # fmt: skip
_TEX_HEADING = re.compile(
    r"^[^%\n]*?\\(part|chapter|section|subsection|subsubsection|paragraph)\*?[ \t]*"
    r"(?:\[[^\]\n]{0,300}\])?[ \t]*\{([^{}]{0,300}(?:\{[^{}]{0,300}\}[^{}]{0,300}){0,8})\}",
    re.MULTILINE,
)
_TEX_TITLE = re.compile(r"\\title(?:\[[^\]\n]{0,300}\])?\s*\{([^{}]{1,300})\}")
_TEX_COMMAND = re.compile(r"\\[a-zA-Z]+\*?[ \t]*|[{}~]")
_TEX_ACCENT = re.compile(
    r"\\([`'^\"~=.]|[uvHckrd](?![a-zA-Z]))[ \t]*(?:\{\\?([a-zA-Z])\}|([a-zA-Z]))"
)
_TEX_LETTER = re.compile(r"\\(ss|ae|AE|oe|OE|aa|AA|o|O|l|L|i|j)(?:\{\}|[ ]|(?![a-zA-Z]))")
_COMBINING = {
    "`": "\u0300", "'": "\u0301", "^": "\u0302", "~": "\u0303", '"': "\u0308", "=": "\u0304",
    ".": "\u0307", "u": "\u0306", "v": "\u030c", "H": "\u030b", "c": "\u0327", "k": "\u0328",
    "r": "\u030a", "d": "\u0323",
}  # fmt: skip
_LETTERS = {
    "ss": "ß", "ae": "æ", "AE": "Æ", "oe": "œ", "OE": "Œ", "aa": "å", "AA": "Å", "o": "ø",
    "O": "Ø", "l": "ł", "L": "Ł", "i": "i", "j": "j",
}  # fmt: skip


def read_org(source: Source) -> Iterator[ReaderItem]:
    """Read Org with its outline."""
    text, cut = read_decoded(source)
    title = _ORG_TITLE.search(text[:4096])
    yield from _as_written(Kind.ORG, text, cut, org_headings, title.group(1) if title else None)


def read_rst(source: Source) -> Iterator[ReaderItem]:
    """Read reStructuredText with its section titles."""
    text, cut = read_decoded(source)
    yield from _as_written(Kind.RST, text, cut, rst_headings)


def read_asciidoc(source: Source) -> Iterator[ReaderItem]:
    """Read AsciiDoc with its section titles."""
    text, cut = read_decoded(source)
    yield from _as_written(Kind.ASCIIDOC, text, cut, asciidoc_headings)


def read_tex(source: Source) -> Iterator[ReaderItem]:
    """Read TeX with its sections; accents that are written as commands become letters."""
    text, cut = read_decoded(source)
    text = with_accents(text)
    title = _TEX_TITLE.search(text[:20_000])
    plain = _tex_plain(title.group(1)) if title else None
    yield from _as_written(Kind.TEX, text, cut, tex_headings, plain)


def _as_written(
    kind: Kind, text: str, cut: bool, headings: Headings, title: str | None = None
) -> Iterator[ReaderItem]:
    # A form feed is white space in these, not the end of a page.
    yield from pages(kind, text.replace("\f", "\n"), cut, headings, title)


def _lines(text: str) -> Iterator[tuple[int, str]]:
    start = 0
    for line in text.split("\n"):
        yield start, line
        start += len(line) + 1


def org_headings(text: str) -> tuple[Heading, ...]:
    """Return the outline of Org, without what only plans: keywords, priorities, tags."""
    found: list[Heading] = []
    in_block = False
    for start, line in _lines(text):
        if block := _ORG_BLOCK.match(line):
            in_block = block.group(1).lower() == "begin"
        elif not in_block and (match := _ORG_HEADING.match(line)):
            name = _ORG_MARKS.sub("", _ORG_TAGS.sub("", match.group(2))).strip()
            if name:
                found.append(Heading(start, len(match.group(1)), name))
    return tuple(found)


def rst_headings(text: str) -> tuple[Heading, ...]:
    """Return the section titles of reStructuredText.

    Which sign stands for which level is decided by the order in which they occur
    (https://docutils.sourceforge.io/docs/ref/rst/restructuredtext.html#sections).
    """
    found: list[Heading] = []
    styles: list[str] = []
    before = [(0, ""), (0, "")]  # the two lines above
    for start, line in _lines(text):
        under = _RST_LINE.match(line)
        (above_start, above), (title_start, title) = before
        if under and title.strip() and not _RST_LINE.match(title):
            over = _RST_LINE.match(above)
            # A title is not indented (under an overline it may be) and stands alone.
            alone = not above.strip() and not title[0].isspace()
            if (over and above.rstrip() == line.rstrip()) or alone:
                enough = len(line.rstrip()) >= min(len(title.rstrip()), 4)
                if enough:
                    style = under.group(1) * (2 if over else 1)
                    if style not in styles:
                        styles.append(style)
                    at = above_start if over else title_start
                    found.append(Heading(at, styles.index(style) + 1, title.strip()))
        before = [before[1], (start, line)]
    return tuple(found)


def asciidoc_headings(text: str) -> tuple[Heading, ...]:
    """Return the titles of AsciiDoc; what stands in listings and literal blocks is none."""
    found: list[Heading] = []
    fence = ""
    for start, line in _lines(text):
        if block := _ADOC_BLOCK.match(line):
            mark = block.group(1)
            if not fence:
                fence = mark
            elif fence == mark:
                fence = ""
        elif not fence and (match := _ADOC_HEADING.match(line)):
            found.append(Heading(start, len(match.group(1)), match.group(2)))
    return tuple(found)


def tex_headings(text: str) -> tuple[Heading, ...]:
    """Return the sections of TeX."""
    found = []
    for match in _TEX_HEADING.finditer(text):
        if name := _tex_plain(match.group(2)):
            command = match.start(1) - 1
            found.append(Heading(command, _TEX_LEVELS[match.group(1)], name))
    return tuple(found)


def _tex_plain(text: str) -> str:
    return " ".join(_TEX_COMMAND.sub(" ", text.replace("\\\\", " ")).split())


def with_accents(text: str) -> str:
    r"""Return TeX with letters for accents as in \"o, \'{e} and \ss: it is searched as it looks."""
    if "\\" not in text:
        return text

    def letter(match: re.Match[str]) -> str:
        joined = (match.group(2) or match.group(3)) + _COMBINING[match.group(1)]
        composed = unicodedata.normalize("NFC", joined)
        # A tabbing command (\=a, \'a in tables of columns) composes to nothing and stays.
        return composed if len(composed) == 1 else match.group()

    return _TEX_LETTER.sub(lambda match: _LETTERS[match.group(1)], _TEX_ACCENT.sub(letter, text))
