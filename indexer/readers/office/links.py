"""The addresses behind links, written after their text.

On the page nobody sees them, yet they are what somebody looks for who asks where a form is to be
had. Links inside the document are none, nor is what a program would run.
"""

from __future__ import annotations

import re
from itertools import groupby
from operator import itemgetter
from urllib.parse import unquote

_SCHEME = re.compile(r"(?:(?:https?|ftp|file)://|(mailto|tel):)(?=.)", re.IGNORECASE)
_WHITE = re.compile(r"[\x00-\x20\x7f]+")
_FOREIGN = re.compile(r"(?:%[89A-Fa-f][0-9A-Fa-f])+")  # letters beyond ASCII, byte by byte
_INSTRUCTION = re.compile(r'\s*HYPERLINK\s+(?:"([^"]+)"|([^\s"\\]\S*))', re.IGNORECASE)
_LONGEST = 150  # characters; 0.3 to 0.7 tokens each, and a chunk has 200


class LinkedText:
    """The text of a paragraph as it comes in."""

    def __init__(self) -> None:
        self._runs: list[tuple[str, str]] = []

    def add(self, text: str, address: str = "") -> None:
        """Take text and the address behind it, "" where it is no link."""
        self._runs.append((text, address))

    def plain(self) -> str:
        """Return the text alone, as of a heading: each chunk below it would carry the address."""
        return "".join(text for text, _ in self._runs)

    def whole(self) -> str:
        """Return the text with each address once, in round brackets.

        Neighbours with one address are one link, as some programs make a link of each run.
        """
        pieces: list[str] = []
        told = {""}
        for address, runs in groupby(self._runs, key=itemgetter(1)):
            text = "".join(text for text, _ in runs)
            if address not in told and text.strip():
                told.add(address)
                text = _with_address(text, address)
            pieces.append(text)
        return "".join(pieces)


def address_in(instruction: str) -> str:
    r"""Return the address that a field's instruction has, as in `HYPERLINK "ADDRESS" \o "TIP"`."""
    match = _INSTRUCTION.match(instruction)
    return (match[1] or match[2]).replace("\\\\", "\\") if match else ""


def _with_address(text: str, target: str) -> str:
    address = _written(target)
    shown = text.rstrip()
    if not address or _bare(address) in _bare("".join(shown.split())):
        return text
    return f"{shown} ({address}){text[len(shown) :]}"


def _written(target: str) -> str:
    """Return an address as it is written; "" for one inside the document or of a program."""
    address = _WHITE.sub("%20", target[: 100 * _LONGEST].strip())
    match = _SCHEME.match(address)
    if not match:
        return ""
    if match[1]:  # what is written to or called; the subject of a mail is none of it
        address = address[match.end() :].partition("?")[0]
    address = _FOREIGN.sub(_decoded, address)
    if len(address) > _LONGEST:
        address = re.split(r"[?#]", address, maxsplit=1)[0]
        address = f"{address}…" if len(address) <= _LONGEST else ""
    return address


def _decoded(match: re.Match[str]) -> str:
    letters = unquote(match[0], errors="replace")
    return letters if letters.isalnum() else match[0]


def _bare(address: str) -> str:
    """Return an address without what people leave out when they write it."""
    bare = _FOREIGN.sub(_decoded, address)
    return _SCHEME.sub("", bare).casefold().removeprefix("www.").rstrip("/")
