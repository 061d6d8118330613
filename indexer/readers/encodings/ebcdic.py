"""Texts of mainframes: EBCDIC, mostly records of one length without line ends.

What the fields of a record mean stands in another file, which belongs to a program. The records
become lines, what stands between blanks their cells; packed numbers are no characters and left out.
"""

from __future__ import annotations

import operator
import re

_SAMPLE = 4096  # bytes
_LETTERS = bytes(
    first + place
    for first in (0x81, 0x91, 0xA2, 0xC1, 0xD1, 0xE2)
    for place in range(8 if first in (0xA2, 0xE2) else 9)
)
_DIGITS = bytes(range(0xF0, 0xFA))
_BLANK, _ENDS = 0x40, b"\x15\x25"
_TEXT = _LETTERS + _DIGITS + bytes((_BLANK,)) + _ENDS
_CONTROLS = bytes(set(range(_BLANK)) - set(_ENDS))
# Each byte as one of five classes, by which records are compared.
_CLASSES = bytes(
    0 if byte == _BLANK
    else 1 if byte in _DIGITS
    else 2 if byte in _LETTERS
    else 3 if byte < _BLANK
    else 4
    for byte in range(256)
)  # fmt: skip
_WITHOUT_CONTROLS = bytes(max(byte, _BLANK) for byte in range(256))
_COMPARED = 8_192  # bytes
_SHORTEST, _LONGEST = 16, 32_760  # bytes of a record; the second is the mainframe's own bound
# Of three real files the right length has 0.72 to 0.95 of its bytes in the class of the record
# before, any that is not its multiple 0.85 of that at most; prose has 0.67 at every length.
_ALIKE, _NEAR = 0.7, 0.9
_GAP = re.compile(r" {2,}")


def looks_ebcdic(data: bytes) -> bool:
    """Tell whether a sample is a mainframe's text.

    Nine tenths are letters, digits and its blanks; or many are, and most of the rest are the small
    bytes of packed numbers.
    """
    sample = data[:_SAMPLE]
    blanks = sample.count(_BLANK)
    if blanks <= sample.count(0x20):
        return False  # nearly all other texts, at no cost
    size = len(sample)
    text = size - len(sample.translate(None, _TEXT))
    if text * 10 > size * 9:
        return blanks * 40 > size
    controls = size - len(sample.translate(None, _CONTROLS))
    return text * 2 > size and (text + controls) * 5 > size * 4 and blanks * 10 > size


def holds_records(data: bytes) -> bool:
    """Tell whether a text is a mainframe's records, of which decode_ebcdic leaves something out."""
    return looks_ebcdic(data) and bool(record_length(data))


def decode_ebcdic(data: bytes) -> str:
    """Return the text, a line a record where it has records of one length."""
    length = record_length(data)
    if not length and any(end in data[:_SAMPLE] for end in _ENDS):
        return data.decode("cp037").replace("\x85", "\n")
    length = length or len(data)
    readable = data.translate(_WITHOUT_CONTROLS).decode("cp037")
    records = (readable[at : at + length] for at in range(0, len(readable), length))
    return "\n".join(_GAP.sub("\t", each.strip()) for each in records)


def record_length(data: bytes) -> int:
    """Return the length at which the bytes of a file repeat their classes; 0 if there is none."""
    classes = data[: _COMPARED + _LONGEST].translate(_CLASSES)
    found: list[tuple[float, int]] = []
    for length in range(_SHORTEST, min(_LONGEST, len(data) // 2) + 1):
        count = min(len(classes) - length, _COMPARED)
        if len(data) % length == 0 and count > 0:
            found.append((_alike(classes[:count], classes[length : length + count]), length))
    best = max(found, default=(0.0, 0))[0]
    if best < _ALIKE:
        return 0
    return min(length for score, length in found if score >= best * _NEAR)


def _alike(these: bytes, those: bytes) -> float:
    """Return the share of places with the same class among those that are not blank in both."""
    same: int = sum(map(operator.eq, these, those))
    blank: int = len(these) - sum(map(bool, map(operator.or_, these, those)))
    return (same - blank) / max(1, len(these) - blank)
