"""The rich text of Outlook's mails, expanded ([MS-OXRTFCP])."""

from __future__ import annotations

import struct

_COMPRESSED, _STORED = 0x75465A4C, 0x414C454D
_WINDOW = 4096
_MOST = 64_000_000  # bytes
# What both sides have seen before the first byte.
_BEGINNING = (
    rb"{\rtf1\ansi\mac\deff0\deftab720{\fonttbl;}{\f0\fnil \froman \fswiss \fmodern \fscript "
    rb"\fdecor MS Sans SerifSymbolArialTimes New RomanCourier{\colortbl\red0\green0\blue0"
    b"\r\n"
    rb"\par \pard\plain\f0\fs20\b\i\u\tab\tx"
)


def expand(data: bytes) -> bytes:
    """Return the RTF; what a damaged stream still gives; b"" if it is none."""
    if len(data) < 16:
        return b""
    _, size, form, _ = struct.unpack_from("<IIII", data)
    if form == _STORED:
        return data[16 : 16 + size]
    return bytes(_expanded(data)) if form == _COMPRESSED else b""


def _expanded(data: bytes) -> bytearray:
    out = bytearray(_BEGINNING)
    position = 16
    while position < len(data) and len(out) < _MOST:
        control = data[position]
        position += 1
        for bit in range(8):
            if not control >> bit & 1:
                out += data[position : position + 1]
                position += 1
                continue
            reference = int.from_bytes(data[position : position + 2])
            position += 2
            # The window is a ring of what was written last; a reference to its end ends the text.
            back = (len(out) - (reference >> 4)) % _WINDOW
            if not back or position > len(data):
                return out[len(_BEGINNING) :]
            for _ in range((reference & 15) + 2):
                # What lies before the beginning is empty.
                out.append(out[-back] if back <= len(out) else 0)
    return out[len(_BEGINNING) :]
