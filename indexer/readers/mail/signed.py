"""The content of a signed message that encloses it (S/MIME): taken out, the signature unchecked.

Only the way to the content is walked (RFC 5652, 5.1): SignedData is a sequence of a version, a set
of algorithms and the content. Whether the signature is right is the business of a mail program.
"""

from __future__ import annotations

from dataclasses import dataclass

_SEQUENCE, _FIRST, _NAME, _OCTETS, _PARTED_OCTETS = 0x30, 0xA0, 0x06, 0x04, 0x24
_SIGNED_DATA = bytes.fromhex("2a864886f70d010702")
_DEEPEST = 16
_END = b"\0\0"


class _Broken(Exception):
    """The bytes are not what they should be."""


@dataclass(frozen=True, slots=True)
class _Element:
    tag: int
    start: int  # of what it holds
    end: int | None  # None if it ends with an element of zeros


def signed_content(data: bytes) -> bytes | None:
    """Return what a SignedData encloses, None if this is none: encrypted, or damaged."""
    try:
        outer = _inside(data, 0, _SEQUENCE)
        name = _element(data, outer)
        if name.tag != _NAME or data[name.start : name.end] != _SIGNED_DATA:
            return None
        signed = _inside(data, _inside(data, _after(data, outer), _FIRST), _SEQUENCE)
        content = _inside(data, _after(data, _after(data, signed)), _SEQUENCE)
        return _octets(data, _inside(data, _after(data, content), _FIRST))
    except (_Broken, IndexError):
        return None


def _element(data: bytes, at: int) -> _Element:
    tag, length = data[at], data[at + 1]
    at += 2
    if length == 0x80:
        return _Element(tag, at, None)
    if length > 0x80:
        size = length & 0x7F
        length = int.from_bytes(data[at : at + size])
        at += size
    if at + length > len(data):
        raise _Broken
    return _Element(tag, at, at + length)


def _inside(data: bytes, at: int, tag: int) -> int:
    """Return where what an element holds begins."""
    element = _element(data, at)
    if element.tag != tag:
        raise _Broken
    return element.start


def _after(data: bytes, at: int, depth: int = 0) -> int:
    """Return where the element behind this one begins."""
    element = _element(data, at)
    if element.end is not None:
        return element.end
    if depth > _DEEPEST:
        raise _Broken
    at = element.start
    while data[at : at + 2] != _END:
        at = _after(data, at, depth + 1)
    return at + 2


def _octets(data: bytes, at: int) -> bytes:
    """Return a string of bytes, which may be in parts."""
    whole = _element(data, at)
    if whole.tag == _OCTETS:
        return data[whole.start : whole.end]
    if whole.tag != _PARTED_OCTETS:
        raise _Broken
    pieces = []
    at = whole.start
    while at != whole.end and data[at : at + 2] != _END:
        part = _element(data, at)
        if part.tag != _OCTETS or part.end is None:
            raise _Broken
        pieces.append(data[part.start : part.end])
        at = part.end
    return b"".join(pieces)
