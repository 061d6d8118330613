"""From bytes to text: byte order marks, UTF-8, UTF-16, what the file declares, then a guess."""

from __future__ import annotations

import codecs
import os
import re

from indexer.readers.kinds import looks_utf16
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

# The encodings that documents are found in; the guess is limited to these, since over all of
# Python's a short text is often taken for an EBCDIC or Mac code page that nobody used.
_PLAUSIBLE = [
    "cp1252", "cp1250", "cp1251", "cp1253", "cp1254", "cp1255", "cp1256", "cp1257", "koi8_r",
    "gb18030", "big5", "cp932", "euc_jp", "cp949", "mac_roman", "cp437", "cp850", "cp866",
]  # fmt: skip

# The characters that every East Asian text is full of; a wrong encoding gives rare ones instead.
_COMMON = frozenset(
    "的一是不了在人有我他这中大来上个国到说们为子和你地出道也时年得就那要下以生会自着去之过家学对可里"
    "后小么心多天而能好都然没日于起还发成事只作当想看文无开手十用主行方又如前所本见经头面公同三已老从"
    "动两长這個來國說們為時會過學對後麼沒於還發當無開見經頭動兩長與月第及其由被等件合同條条款定法部"
    "이다는의에을를가은한고로하지기사도리자인나어서시일그과대해수아정전으들"
    "、。，：；！？「」（）《》・ー"
)
_EAST_ASIAN = ("euc_jp", "cp932", "gb18030", "big5", "cp949")

_SAMPLE = 16_384  # bytes that the guess looks at; it takes some 15 ms
_ISO_2022 = re.compile(rb"\x1b[$(][@BDJI]")
_LATIN_WORD = re.compile(r"[A-Za-z\xc0-\xff]*[\xc0-\xff][A-Za-z\xc0-\xff]*")
_TYPOGRAPHY = frozenset("\x80\x85\x91\x92\x93\x94\x95\x96\x97\xa0\xa7\xa9\xab\xae\xb0\xb7\xbb")


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
        return _lenient(data, "iso2022_jp_2")
    try:
        text = codecs.getincrementaldecoder("utf-8")("strict").decode(data)
    except UnicodeDecodeError:
        pass
    else:
        wide = looks_utf16(data) if "\x00" in text else None
        return _lenient(data, wide) if wide else text
    if declared:
        name = _MEANT.get(declared.lower(), declared)
        try:
            return codecs.getincrementaldecoder(name)("strict").decode(data)
        except (LookupError, ValueError):
            pass  # unknown, or untrue
    return _lenient(data, looks_utf16(data) or _guess(data))


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
    if _is_western(sample):
        return "cp1252"
    if encoding := _east_asian(sample):
        return encoding
    from charset_normalizer import from_bytes

    best = from_bytes(sample, cp_isolation=_PLAUSIBLE, threshold=0.3).best()
    return best.encoding if best else "cp1252"


def _is_western(sample: bytes) -> bool:
    """Tell whether the odd bytes stand alone among ASCII letters, as accents and quotes do.

    A short text has too few of them for statistics; but no Cyrillic, Greek or East Asian text has
    them one by one inside Latin words.
    """
    text = sample.decode("latin-1")
    odd = sum(1 for character in text if character > "\x7f")
    marks = sum(1 for character in text if character in _TYPOGRAPHY)
    good = marks
    for match in _LATIN_WORD.finditer(text):
        word = match.group()
        accents = sum(1 for letter in word if letter > "\x7f")
        if accents * 2 < len(word) and word[1:] == word[1:].lower():
            good += accents
    return good >= 0.9 * odd


def _east_asian(sample: bytes) -> str | None:
    """Return the encoding in which a tenth or more of the odd characters are very common ones.

    The statistics of charset-normalizer give no answer at all for one Chinese article in thirty.
    """
    best, best_share = None, 0.1
    for encoding in _EAST_ASIAN:
        try:
            text = codecs.getincrementaldecoder(encoding)("strict").decode(sample)
        except UnicodeDecodeError:
            continue
        odd = [character for character in text if character > "\x7f"]
        common = sum(character in _COMMON or "\u3041" <= character <= "\u3093" for character in odd)
        share = common / len(odd) if odd else 0.0
        if share > best_share:
            best, best_share = encoding, share
    return best
