"""From bytes to text: byte order marks, UTF-8, UTF-16, what the file declares, then a guess."""

from __future__ import annotations

import codecs
import os
import re

from indexer.readers.encodings.ebcdic import decode_ebcdic, looks_ebcdic
from indexer.readers.encodings.languages import guess
from indexer.readers.kinds.sniffing import looks_utf16
from indexer.readers.sheet import clean
from indexer.readers.source import Source

MAX_BYTES = 100_000_000  # of a text file; with the decoded text this stays under the memory limit

_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),  # before UTF-16, whose mark it begins with
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)

# What is declared and what is meant (https://encoding.spec.whatwg.org/#names-and-labels).
_MEANT = {
    "iso-8859-1": "cp1252", "latin1": "cp1252", "latin-1": "cp1252", "ascii": "cp1252",
    "us-ascii": "cp1252", "iso-8859-9": "cp1254", "gb2312": "gb18030", "gbk": "gb18030",
    "x-gbk": "gb18030", "shift_jis": "cp932", "shift-jis": "cp932", "x-sjis": "cp932",
    "sjis": "cp932", "ks_c_5601-1987": "cp949", "euc-kr": "cp949", "big5": "big5hkscs",
    "x-mac-roman": "mac_roman", "x-cp1252": "cp1252", "windows-31j": "cp932",
}  # fmt: skip

_SAMPLE = 16_384  # bytes that show whether a text is UTF-8 with a few faults
_ISO_2022 = re.compile(rb"\x1b[$(][@BDJI]")


def read_decoded(source: Source) -> tuple[str, bool]:
    """Return a text file's text with unified line ends, and whether it was cut at MAX_BYTES."""
    data, cut = read_bytes(source)
    return unify(decode(data)), cut


def read_bytes(source: Source) -> tuple[bytes, bool]:
    """Return a file's first MAX_BYTES, and whether there are more."""
    if source.data is not None:
        data = source.data
    else:
        with source.open() as file:
            # Asking for more than there is would make room for it first.
            data = file.read(min(os.fstat(file.fileno()).st_size, MAX_BYTES) + 1)
    return (data[:MAX_BYTES], True) if len(data) > MAX_BYTES else (data, False)


def unify(text: str) -> str:
    """Write every line end as a line feed and drop what cannot be stored."""
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    return clean(text)


def decode(data: bytes, declared: str | None = None) -> str:
    """Decode a whole document (or its beginning: a character cut off at the end is dropped).

    `declared` is what the document says of itself; it is believed after a byte order mark and
    valid UTF-8, because it is wrong more often than they are.
    """
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            return _lenient(data[len(mark) :], encoding)
    if _ISO_2022.search(data[:_SAMPLE]):
        # The incremental decoder gives up at an escape that never ends, even when told to replace.
        return data.decode("iso2022_jp_2", "replace")
    text = _strict(data, "utf-8")
    # A single odd byte at the end of plain letters is not half a character.
    if text is not None and (len(text) == len(data) or not text.isascii()):
        wide = looks_utf16(data) if "\x00" in text else None
        return _lenient(data, wide) if wide else text
    if looks_ebcdic(data):
        return decode_ebcdic(data)
    if declared and (text := _strict(data, _MEANT.get(declared.lower(), declared))) is not None:
        return text
    return _lenient(data, looks_utf16(data) or _guess(data))


def _strict(data: bytes, encoding: str) -> str | None:
    try:
        " ".encode(encoding)  # refuses what is known but no encoding of text, as zip and hex
        return codecs.getincrementaldecoder(encoding)("strict").decode(data)
    except (LookupError, ValueError):
        return None  # unknown, or untrue


def _lenient(data: bytes, encoding: str) -> str:
    return codecs.getincrementaldecoder(encoding)("replace").decode(data)


def _guess(data: bytes) -> str:
    first = re.search(rb"[\x80-\xff]", data)
    start = max(0, first.start() - 512) if first else 0
    sample = data[start : start + _SAMPLE]
    # UTF-8 with a few broken bytes is still UTF-8.
    broken = sample.decode("utf-8", "replace")
    odd = sum(1 for character in broken if character > "\x7f")
    if odd and broken.count("\ufffd") * 10 < odd:
        return "utf-8"
    return guess(data[start:]) or "cp1252"
